package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"obelus/app"
	"obelus/call"
	"obelus/dialplan/syntax"
	"obelus/event"
	"obelus/function"
	"obelus/media"
	"obelus/message"
	"obelus/pbx"
)

// simulation is one run of the dialplan on a channel without a phone.
type simulation struct {
	plan     *syntax.Plan
	context  string
	exten    string
	callerID string
	vars     map[string]string
	digits   string // pressed a second after the start
	dial     string // answer, busy, noanswer or unavailable: what phones do
	out      io.Writer
	log      *slog.Logger
}

// list collects a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func runSimulate(args []string) int {
	fs := flag.NewFlagSet("simulate", flag.ContinueOnError)
	config := fs.String("config", "", "directory of extensions.conf")
	s := simulation{out: os.Stdout, vars: make(map[string]string)}
	fs.StringVar(&s.callerID, "callerid", "", "number of the caller")
	fs.StringVar(&s.digits, "dtmf", "", "keys pressed a second after the start")
	fs.StringVar(&s.dial, "dial", "answer", "what phones do that are dialled: answer, busy, noanswer, unavailable")
	var set list
	fs.Var(&set, "set", "NAME=VALUE, a channel variable; may be given several times")
	if err := fs.Parse(args); err != nil || fs.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: obelus simulate [--config DIR] [--callerid N] [--set NAME=VALUE]... [--dtmf DIGITS] [--dial answer|busy|noanswer|unavailable] CONTEXT EXTEN")
		return 2
	}
	for _, v := range set {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			fmt.Fprintf(os.Stderr, "obelus: --set %s: it is not of the form NAME=VALUE\n", v)
			return 2
		}
		s.vars[name] = value
	}
	if _, ok := phoneCauses[s.dial]; !ok {
		fmt.Fprintf(os.Stderr, "obelus: --dial %s: it is not one of answer, busy, noanswer, unavailable\n", s.dial)
		return 2
	}
	dirs, _, err := findDirs(*config, "", "")
	var c *configuration
	if err == nil {
		c, _, err = readConfig(dirs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "obelus:", err)
		return 2
	}
	s.plan, s.context, s.exten = c.plan, fs.Arg(0), fs.Arg(1)
	s.log = slog.New(newLogHandler(os.Stderr, slog.LevelWarn))
	if s.plan.Context(s.context) == nil {
		fmt.Fprintf(os.Stderr, "obelus: there is no context '%s' in extensions.conf\n", s.context)
		return 1
	}
	s.run()
	return 0
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
	deps := &app.Deps{
		Dialers: dialers, Senders: message.Senders{"sip": printer{say}}, Sounds: printer{say},
	}
	p := pbx.New(pbx.Config{
		Applications: app.Table(deps), Functions: function.Table(), Registry: registry, Dialers: dialers, Log: s.log,
		OnStep: func(e event.Step) {
			say("%s,%s,%d:%s(%s)", e.Context, e.Exten, e.Priority, e.App, e.Data)
		},
	})
	p.Load(s.plan)
	dialers["Local"] = &call.Local{Registry: registry, Run: p.Run, Exists: p.Exists}
	for _, tech := range []string{"SIP", "IAX2", "PJSIP", "DAHDI"} {
		dialers[tech] = &phones{tech: tech, does: s.dial, registry: registry, say: say}
	}
	leg := &noPhone{}
	ch := registry.New(call.Spec{
		Name: "Simulate/" + s.exten, Leg: leg, State: call.StateRing, Place: call.Place{Context: s.context, Exten: s.exten, Priority: 1},
		Identity: call.Identity{Caller: call.Party{Number: s.callerID}, DNID: s.exten}, Vars: s.vars,
	})
	if s.digits != "" {
		timer := time.AfterFunc(time.Second, func() {
			for i := range len(s.digits) {
				ch.Notify(call.Event{Kind: call.EventDigit, Indication: call.Digit{Key: s.digits[i]}})
			}
		})
		defer timer.Stop()
	}
	ch.Start(p.Run(s.context, s.exten, 1))
	<-ch.Done()
	registry.HangupAll(call.CauseNormalClearing)
	if err := registry.Wait(context.Background()); err != nil {
		s.log.Warn("a channel did not end", "why", err)
	}
	say("HANGUP cause=%d", int(ch.Cause()))
}

// noPhone is a leg with nobody behind it.
type noPhone struct{}

func (*noPhone) Ring() error                    { return nil }
func (*noPhone) Progress([]media.Format) error  { return nil }
func (*noPhone) Answer([]media.Format) error    { return nil }
func (*noPhone) Indicate(call.Indication) error { return nil }
func (*noPhone) Hangup(call.Cause)              {}
func (*noPhone) Formats() []media.Format        { return []media.Format{media.Ulaw} }
func (*noPhone) Media() call.Media              { return silence{} }

// silence is the sound of a leg with nobody behind it.
type silence struct{}

func (silence) Join(call.Media) error                            { return nil }
func (silence) Part()                                            {}
func (silence) Echo(bool)                                        {}
func (silence) Digit(call.Digit) error                           { return nil }
func (silence) Play(ctx context.Context, src media.Source) error { return nil }

// printer prints what would have gone out.
type printer struct{ say func(string, ...any) }

// Send prints a message that would have been sent.
func (p printer) Send(_ context.Context, m *message.Message) error {
	p.say("  (a message to %s from %s: %q)", m.To, m.From, m.Body)
	return nil
}

// Open prints a sound that would have been played.
func (p printer) Open(name, _ string, _ []media.Format) (app.SoundSource, error) {
	p.say("  (sound %s)", name)
	return nothing{}, nil
}

// nothing is a sound that is over at once.
type nothing struct{}

func (nothing) Rate() int                 { return 8000 }
func (nothing) Read([]int16) (int, error) { return 0, io.EOF }
func (nothing) Close() error              { return nil }

// phoneCauses are why a phone can't be had, by the words of --dial.
var phoneCauses = map[string]call.Cause{
	"answer": call.CauseNone, "busy": call.CauseUserBusy, "noanswer": call.CauseNoAnswer, "unavailable": call.CauseSubscriberAbsent,
}

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
		Name: fmt.Sprintf("%s/%s-%08x", p.tech, q.Target, n), Leg: &noPhone{}, State: call.StateDialing, Requestor: q.From, Vars: q.Vars,
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
