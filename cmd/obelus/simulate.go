package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"obelus/app"
	"obelus/astdb"
	"obelus/call"
	"obelus/cdr"
	"obelus/dialplan/syntax"
	"obelus/event"
	"obelus/function"
	"obelus/media"
	"obelus/message"
	"obelus/pbx"
	"obelus/prompt"
)

// simulation is one run of the dialplan on a channel without a phone.
type simulation struct {
	plan     *syntax.Plan
	context  string
	exten    string
	callerID string
	vars     map[string]string
	digits   string  // pressed a second after the start
	dial     string  // answer, busy, noanswer or unavailable: what phones do
	text     *string // nil for a call; else the text message that comes in
	out      io.Writer
	log      *slog.Logger
}

func runSimulate(args []string) int {
	set := flags("simulate")
	config := set.String("config", "", "directory of extensions.conf")
	s := simulation{out: os.Stdout, vars: make(map[string]string)}
	set.StringVar(&s.callerID, "callerid", "", "number of the caller")
	set.StringVar(&s.digits, "dtmf", "", "keys pressed a second after the start")
	set.StringVar(&s.dial, "dial", "answer", "what phones do that are dialled: answer, busy, noanswer, unavailable")
	set.Func("text", "a text message instead of a call", func(body string) error { s.text = &body; return nil })
	set.Func("set", "NAME=VALUE, a channel variable; may be given several times", s.set)
	words, code, ok := parse(set, args, 2, 2)
	if !ok {
		return code
	}
	if !slices.Contains([]string{"answer", "busy", "noanswer", "unavailable"}, s.dial) {
		fmt.Fprintf(os.Stderr, "obelus: --dial %s: it is not one of answer, busy, noanswer, unavailable\n", s.dial)
		return 2
	}
	c, err := readFrom(*config)
	if err != nil {
		failed(err)
		return 2
	}
	s.plan, s.context, s.exten = c.Plan, words[0], words[1]
	s.log = slog.New(newLogHandler(os.Stderr, slog.LevelWarn))
	if s.plan.Context(s.context) == nil {
		return failed(fmt.Errorf("there is no context '%s' in extensions.conf", s.context))
	}
	s.run()
	return 0
}

// set takes one --set.
func (s *simulation) set(v string) error {
	name, value, ok := strings.Cut(v, "=")
	if !ok || name == "" {
		return errors.New("it is not of the form NAME=VALUE")
	}
	s.vars[name] = value
	return nil
}

// run runs the dialplan and prints every step, then the cause of the hang-up.
func (s *simulation) run() {
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(s.out, format+"\n", args...)
	}
	dialers := call.Dialers{}
	registry := call.NewRegistry(s.log, nil)
	db := &astdb.DB{} // empty, and forgotten in the end
	records := cdr.New(cdr.Defaults(), nil)
	registry.Record(records)
	deps := &app.Deps{
		Dialers: dialers, Senders: message.Senders{"sip": printer{say, s.dial}}, Voice: &prompt.Voice{Sounds: printer{say, s.dial}}, DB: db, Records: records,
	}
	p := pbx.New(pbx.Config{
		Applications: app.Table(deps), Functions: function.Table(&function.Deps{DB: db, Records: records}), Registry: registry, Dialers: dialers, Log: s.log,
		OnStep: func(e event.Step) {
			say("%s,%s,%d:%s(%s)", e.Context, e.Exten, e.Priority, e.App, e.Data)
		},
	})
	p.Load(s.plan)
	dialers["Local"] = &call.Local{Registry: registry, Run: p.Run, Exists: p.Exists}
	for _, tech := range []string{"SIP", "IAX2", "PJSIP", "DAHDI"} {
		dialers[tech] = &phones{tech: tech, does: s.dial, registry: registry, say: say}
	}
	ch := s.begin(registry, say)
	if s.digits != "" {
		timer := time.AfterFunc(time.Second, func() {
			for i := range len(s.digits) {
				ch.Notify(call.Event{Kind: call.EventDigit, Indication: call.Digit{Key: s.digits[i]}})
			}
		})
		defer timer.Stop()
	}
	if s.text != nil {
		ch.Start(p.RunText(s.context, s.exten))
	} else {
		ch.Start(p.Run(s.context, s.exten, 1))
	}
	<-ch.Done()
	registry.HangupAll(call.CauseNormalClearing)
	if err := registry.Wait(context.Background()); err != nil {
		s.log.Warn("a channel did not end", "why", err)
	}
	say("HANGUP cause=%d", int(ch.Cause()))
}

// begin makes the channel of a call, or of a text.
func (s *simulation) begin(registry *call.Registry, say func(string, ...any)) *call.Channel {
	spec := call.Spec{
		Name: "Simulate/" + s.exten, Leg: &noPhone{say}, State: call.StateRing, Place: call.Place{Context: s.context, Exten: s.exten, Priority: 1},
		Identity: call.Identity{Caller: call.Party{Number: s.callerID}, DNID: s.exten}, Vars: s.vars,
	}
	if s.text != nil {
		spec.State, spec.Internal = call.StateUp, true
		spec.Leg = &textPhone{noPhone{say}, &message.Message{
			From: "<sip:" + s.callerID + "@127.0.0.1>", To: "sip:" + s.exten + "@127.0.0.1", ContentType: "text/plain;charset=UTF-8",
			Body: []byte(*s.text), Context: s.context, Exten: s.exten, Peer: s.callerID, At: time.Now(),
		}}
	}
	return registry.New(spec)
}

// textPhone is the leg of a text.
type textPhone struct {
	noPhone
	m *message.Message
}

// Message is the text.
func (l *textPhone) Message() *message.Message { return l.m }

// noPhone is a leg with nobody behind it: what it would be told is printed.
type noPhone struct{ say func(string, ...any) }

func (*noPhone) Ring() error                   { return nil }
func (*noPhone) Progress([]media.Format) error { return nil }
func (*noPhone) Answer([]media.Format) error   { return nil }
func (*noPhone) Hangup(call.Cause)             {}
func (*noPhone) Formats() []media.Format       { return []media.Format{media.Ulaw} }
func (*noPhone) Media() call.Media             { return silence{} }

func (l *noPhone) Indicate(i call.Indication) error {
	switch x := i.(type) {
	case call.Text:
		l.say("  (text in the call: %q)", x.Body)
	case call.Tone:
		l.say("  (the caller is told: %s)", x.Cause)
	case call.Digit:
		l.say("  (key %c)", x.Key)
	}
	return nil
}

// silence is the sound of a leg with nobody behind it.
type silence struct{}

func (silence) Join(call.Media) error                            { return nil }
func (silence) Part()                                            {}
func (silence) Echo(bool)                                        {}
func (silence) Digit(call.Digit) error                           { return nil }
func (silence) Play(ctx context.Context, src media.Source) error { return nil }

// printer prints what would have gone out.
type printer struct {
	say  func(string, ...any)
	does string // what phones do
}

// Send prints a message that would have been sent.
func (p printer) Send(_ context.Context, m *message.Message) error {
	p.say("  (a message to %s from %s: %q)", m.To, m.From, m.Body)
	if p.does == "unavailable" {
		return fmt.Errorf("%s is away: %w", m.To, message.ErrFailed)
	}
	return nil
}

// Open prints a sound that would have been played.
func (p printer) Open(name, _ string, _ []media.Format) (prompt.Sound, error) {
	p.say("  (sound %s)", name)
	return nothing{}, nil
}

// Exists says that every sound is there.
func (printer) Exists(string, string) bool { return true }

// nothing is a sound that is over at once.
type nothing struct{}

func (nothing) Rate() int                 { return 8000 }
func (nothing) Read([]int16) (int, error) { return 0, io.EOF }
func (nothing) Close() error              { return nil }

// phones stand for those of a technology: all do the same.
type phones struct {
	tech, does string
	registry   *call.Registry
	say        func(string, ...any)

	mu     sync.Mutex
	serial int
}

// Dial makes a channel that does what --dial says.
func (p *phones) Dial(_ context.Context, q call.Request) ([]*call.Channel, error) {
	p.say("  (%s/%s is called: %s)", p.tech, q.Target, p.does)
	if p.does == "unavailable" {
		return nil, &call.DialError{Cause: call.CauseSubscriberAbsent, Text: p.tech + "/" + q.Target + " is away"}
	}
	p.mu.Lock()
	p.serial++
	n := p.serial
	p.mu.Unlock()
	ch := p.registry.New(call.Spec{
		Name: fmt.Sprintf("%s/%s-%08x", p.tech, q.Target, n), Leg: &noPhone{p.say}, State: call.StateDialing, Requestor: q.From, Vars: q.Vars,
	})
	if q.Inbox != nil {
		ch.Listen(q.Inbox)
	}
	ch.Start(call.Await)
	switch p.does {
	case "answer":
		ch.Notify(call.Event{Kind: call.EventRinging})
		ch.Notify(call.Event{Kind: call.EventAnswered})
		// Whoever was called hangs up after a second.
		time.AfterFunc(time.Second, func() { ch.Gone(call.CauseNormalClearing) })
	case "busy":
		ch.Notify(call.Event{Kind: call.EventBusy, Cause: call.CauseUserBusy})
	default:
		ch.Notify(call.Event{Kind: call.EventRinging})
	}
	return []*call.Channel{ch}, nil
}
