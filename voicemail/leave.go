package voicemail

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/voicemail/mailbox"
)

// leaveOptions are the options of VoiceMail.
const leaveOptions = "bdegsStuUP"

func leaveMessage(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "VoiceMail",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			l := d.line(x)
			args := expand.Args(data, 2)
			opts, err := pbx.ParseOptions(expand.Arg(args, 1), leaveOptions)
			if err != nil {
				x.Warnf("VoiceMail: %v", err)
			}
			if !opts.Has('e') {
				if err := l.answer(); err != nil {
					return err
				}
			}
			boxes := expand.Arg(args, 0)
			if boxes == "" {
				r, err := d.Voice.Ask(ctx, l.ch, prompt.Question{Sounds: []string{"vm-whichbox"}, Max: 79, First: firstKey, Next: nextKey, End: "#"})
				if err != nil {
					return err
				}
				if boxes = r.Digits; boxes == "" {
					return nil
				}
			}
			return l.leave(ctx, boxes, opts)
		},
		Check: func(data string) []string { return unknownOptions("VoiceMail", data, leaveOptions) },
	}
}

// unknownOptions names option letters that an application has not.
func unknownOptions(app, data, known string) (out []string) {
	args := expand.RawArgs(data, 8)
	s := expand.Arg(args, 1)
	if strings.Contains(s, "$") {
		return nil
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '(' {
			end := pbx.ClosingParenthesis(s, i)
			if end < 0 {
				return append(out, app+" option lacks its closing parenthesis")
			}
			i = end
			continue
		}
		if strings.IndexByte(known, s[i]) < 0 && s[i] != ' ' {
			out = append(out, fmt.Sprintf("%s has no option %c", app, s[i]))
		}
	}
	return out
}

// visit is somebody who leaves a message.
type visit struct {
	*line
	opts   pbx.Options
	box    *mailbox.Box // the first, whose greeting is heard
	others []*mailbox.Box
	silent bool // no instructions are played

	operator  call.Place // where 0 leads; the zero place: nowhere
	assistant call.Place // where * leads
	keys      string     // that end the greeting
}

// leave takes a message for mailboxes with & between them. VMSTATUS says what came of it.
func (l *line) leave(ctx context.Context, names string, opts pbx.Options) error {
	v := &visit{line: l, opts: opts, silent: opts.Has('s')}
	for i, name := range strings.Split(names, "&") {
		b := l.Boxes.Find(strings.TrimSpace(name))
		switch {
		case b == nil:
			l.x.Warnf("No entry in voicemail config file for '%s'", name)
			if i == 0 {
				l.x.Set("VMSTATUS", "FAILED")
				return nil
			}
		case i == 0:
			v.box = b
		default:
			v.others = append(v.others, b)
		}
	}
	v.exits()
	key, err := v.greet(ctx)
	if err != nil {
		l.x.Set("VMSTATUS", "FAILED")
		return err
	}
	if key != 0 {
		return v.leaveBy(key)
	}
	return v.take(ctx)
}

// exits finds where keys lead during the greeting.
func (v *visit) exits() {
	v.keys = "#"
	find := func(exten string) call.Place {
		contexts := []string{v.x.Place().Context, v.x.Get("MACRO_CONTEXT")}
		if v.box.ExitContext != "" {
			contexts = []string{v.box.ExitContext}
		}
		for _, c := range contexts {
			if v.hasExten(c, exten) {
				return call.Place{Context: c, Exten: exten, Priority: 1}
			}
		}
		return call.Place{}
	}
	if v.box.Operator {
		if v.operator = find("o"); v.operator != (call.Place{}) {
			v.keys += "0"
		}
	}
	if v.assistant = find("a"); v.assistant != (call.Place{}) {
		v.keys += "*"
	}
	if context, ok := v.opts.Get('d'); ok {
		if context == "" {
			context = v.x.Place().Context
		}
		for _, c := range prompt.AnyKey {
			if !strings.ContainsRune(v.keys, c) && v.x.PBX().CanMatch(context, string(c), v.x.CallerNumber()) {
				v.keys += string(c)
			}
		}
	}
}

// greet plays the greeting and the instructions, until a key that leads elsewhere, which it returns.
func (v *visit) greet(ctx context.Context) (byte, error) {
	if v.opts.Has('e') && v.ch.State() != call.StateUp {
		if err := v.ch.Leg().Progress(nil); err != nil {
			return 0, err
		}
	}
	key, err := v.greeting(ctx)
	if key == 0 && err == nil && !v.silent {
		key, err = v.play(ctx, v.keys, "vm-intro")
	}
	if key == '#' {
		key = 0
	}
	return key, err
}

// greeting plays the greeting: the temporary one if there is one, the one that the options name, or one that is made up. With neither u nor b there is none, as in the
// original, but for a temporary one.
func (v *visit) greeting(ctx context.Context) (byte, error) {
	name := ""
	switch {
	case v.opts.Has('b'):
		name = "busy"
	case v.opts.Has('u'):
		name = "unavail"
	}
	if temp := v.line.greeting(v.box, "temp"); v.there(temp) {
		name = "temp"
	}
	if name == "" {
		return 0, nil
	}
	sounds := []string{v.line.greeting(v.box, name)}
	switch {
	case v.there(sounds[0]):
		v.silent = v.silent || v.opts.Has('S')
	default:
		sounds = v.invented(name == "busy")
	}
	key, err := v.play(ctx, v.keys, sounds...)
	if key == '#' {
		v.silent = true
	}
	return key, err
}

// invented is the greeting of a mailbox without one.
func (v *visit) invented(busy bool) []string {
	var sounds []string
	if name := v.line.greeting(v.box, "greet"); v.there(name) {
		sounds = []string{name}
	} else {
		sounds = append([]string{"vm-theperson"}, v.digits(v.box.Name)...)
	}
	if busy {
		return append(sounds, "vm-isonphone")
	}
	return append(sounds, "vm-isunavail")
}

// leaveBy goes where a key leads.
func (v *visit) leaveBy(key byte) error {
	v.x.Set("VMSTATUS", "USEREXIT")
	switch {
	case key == '0' && v.operator != (call.Place{}):
		v.x.Jump(v.operator)
		return nil
	case key == '*' && v.assistant != (call.Place{}):
		v.x.Jump(v.assistant)
		return nil
	}
	if context, _ := v.opts.Get('d'); context != "" {
		v.x.Jump(call.Place{Context: context, Exten: string(key), Priority: 1})
	}
	return &pbx.Dialled{Digits: string(key)}
}

// take records the message and delivers it, also when the caller hangs up.
func (v *visit) take(ctx context.Context) error {
	v.x.Set("VMSTATUS", "FAILED")
	if err := v.answer(); err != nil {
		return err
	}
	draft, err := v.Boxes.Begin(v.box, v.message())
	if errors.Is(err, mailbox.ErrFull) {
		v.x.Warn("No more messages possible")
		_, err = v.play(ctx, "", "vm-mailboxfull")
		return err
	}
	if err != nil {
		return err
	}
	g := v.general()
	r := review{line: v.line, box: v.box, outside: true, urgent: v.opts.Has('U'), recording: recording{
		stem: draft.Stem, longest: v.box.Longest, maxSilence: g.MaxSilence, level: g.SilenceLevel, gain: v.gain(), accept: "#", beep: v.beep(),
	}}
	if v.box.Operator {
		r.cancel = "0"
	}
	key, err := r.run(ctx)
	if !r.exists {
		if e := draft.Drop(); e != nil {
			v.x.Warnf("a message that is not kept: %v", e)
		}
	} else if e := v.deliver(draft, &r); e != nil {
		return errors.Join(err, e)
	}
	if err == nil && key == '0' && v.operator != (call.Place{}) {
		return v.leaveBy('0')
	}
	return err
}

func (v *visit) deliver(draft *mailbox.Draft, r *review) error {
	draft.Message.Duration = r.taken.length
	switch {
	case r.urgent:
		draft.Message.Flag = "Urgent"
	case v.opts.Has('P'):
		draft.Message.Flag = "PRIORITY"
	}
	if err := draft.Deliver(v.others...); err != nil {
		return err
	}
	v.x.Set("VM_MESSAGEFILE", draft.At())
	v.x.Set("VMSTATUS", "SUCCESS")
	return nil
}

// message is what is known of the message before it is recorded.
func (v *visit) message() mailbox.Message {
	id := v.ch.Identity()
	at := v.x.Place()
	m := mailbox.Message{
		OrigMailbox: v.box.Name, Context: at.Context, MacroContext: v.x.Get("MACRO_CONTEXT"), Exten: at.Exten, RDNIS: id.Redirecting.Number, Priority: at.Priority,
		CallerChan: v.ch.Name(), CallerID: "Unknown", Category: v.x.Get("VM_CATEGORY"),
	}
	if s := id.Caller.String(); s != "" {
		m.CallerID = s
	}
	if m.RDNIS == "" {
		m.RDNIS = "unknown"
	}
	return m
}

// beep is the tone before the recording: option t(name), or t for none.
func (v *visit) beep() string {
	if name, ok := v.opts.Get('t'); ok {
		return name
	}
	return "beep"
}

// gain is option g, in decibels.
func (v *visit) gain() float64 { return gainOf(v.line, v.opts) }

func gainOf(l *line, opts pbx.Options) float64 {
	s, ok := opts.Get('g')
	if !ok {
		return 0
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || n < -100 || n > 100 {
		l.x.Warnf("Invalid value '%s' provided for record gain option", s)
		return 0
	}
	return n
}
