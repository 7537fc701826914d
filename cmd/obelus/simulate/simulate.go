// Package simulate runs the real dialplan on a channel without a phone, and prints
// what happens: obelus simulate, and the examples of the manual.
package simulate

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"obelus/agi"
	"obelus/astdb"
	"obelus/call"
	"obelus/cdr"
	"obelus/cmd/obelus/switchboard"
	"obelus/device"
	"obelus/dialplan/syntax"
	"obelus/event"
	"obelus/features"
	"obelus/media"
	"obelus/media/sound"
	"obelus/message"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/tones"
	"obelus/voicemail/mailbox"
)

// Call is one run of the dialplan.
type Call struct {
	Plan     *syntax.Plan
	Context  string
	Exten    string
	CallerID string // number of the caller
	Vars     map[string]string
	Keys     string  // pressed a second after the start; those behind a comma a second later, and so on
	Dial     string  // what phones do that are dialled: answer, busy, noanswer or unavailable
	Text     *string // nil for a call; else the text message that comes in
	Out      io.Writer
	Log      *slog.Logger

	Voicemail *mailbox.Settings // nil: there are no mailboxes
}

// Answers lists what phones can do that are dialled.
func Answers() []string { return []string{"answer", "busy", "noanswer", "unavailable"} }

// Run runs the dialplan and prints every step, then the cause of the hang-up.
func (s *Call) Run() {
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(s.Out, format+"\n", args...)
	}
	dialers := call.Dialers{}
	registry := call.NewRegistry(s.Log, nil)
	db := &astdb.DB{} // empty, and forgotten in the end
	records := cdr.New(cdr.Defaults(), nil)
	registry.Record(records)
	p := printer{say, s.Dial}
	voice := &prompt.Voice{Sounds: p}
	var board *pbx.PBX
	lamps := device.New(device.Config{Log: s.Log, DB: db, Expand: func(context, exten, text string) string { return board.Fill(context, exten, text) }})
	deps := &switchboard.Deps{
		Board:   lamps,
		Dialers: dialers, Senders: message.Senders{"sip": p}, Voice: voice, DB: db, Records: records, Tones: tones.Builtin(),
		Features: features.New(features.Deps{Dialers: dialers, Voice: voice}),
		Shell: func(_ context.Context, line string) (int, error) {
			say("  (the shell would run: %s)", line)
			return 0, nil
		},
		AGI: agi.Deps{Pretend: func(what string) { say("  (AGI would run: %s)", what) }},
		Capture: func(_ context.Context, line string, _ io.Writer) (int, error) {
			say("  (the shell would run: %s)", line)
			return 0, nil
		},
		Resolver: nobody{say},
		Web: func(_ context.Context, _, address string) (net.Conn, error) {
			say("  (a web server would be asked: %s)", address)
			return nil, errAsksNobody
		},
	}
	boxes, forget := s.boxes(say)
	defer forget()
	deps.Boxes = boxes
	board = pbx.New(pbx.Config{
		Applications: switchboard.Applications(deps), Functions: switchboard.Functions(deps), Registry: registry, Dialers: dialers, Log: s.Log,
		OnStep: func(e event.Step) {
			say("%s,%s,%d:%s(%s)", e.Context, e.Exten, e.Priority, e.App, e.Data)
		},
	})
	board.Load(s.Plan)
	lamps.Load(s.Plan)
	dialers["Local"] = &call.Local{Registry: registry, Run: board.Run, Exists: board.Exists}
	for _, tech := range []string{"SIP", "IAX2", "PJSIP", "DAHDI"} {
		dialers[tech] = &phones{tech: tech, does: s.Dial, registry: registry, say: say}
	}
	ch := s.begin(registry, say)
	defer s.press(ch)()
	if s.Text != nil {
		ch.Start(board.RunText(s.Context, s.Exten))
	} else {
		ch.Start(board.Run(s.Context, s.Exten, 1))
	}
	<-ch.Done()
	registry.HangupAll(call.CauseNormalClearing)
	if err := registry.Wait(context.Background()); err != nil {
		s.Log.Warn("a channel did not end", "why", err)
	}
	say("HANGUP cause=%d", int(ch.Cause()))
}

// longestMessage is how long a voice message is recorded.
const longestMessage = 5 * time.Second

// boxes are the mailboxes, empty and forgotten in the end.
func (s *Call) boxes(say func(string, ...any)) (b *mailbox.Boxes, forget func()) {
	set := s.Voicemail
	forget = func() {}
	c := mailbox.Config{Log: s.Log, Run: func(_ context.Context, c mailbox.Command) ([]byte, error) {
		say("  (the shell would run: %s)", strings.Join(append([]string{c.Line}, c.Args...), " "))
		return []byte("VALID"), nil
	}}
	if set == nil {
		return mailbox.New(c, mailbox.Defaults()), forget
	}
	dir, err := os.MkdirTemp("", "obelus-simulate-")
	if err != nil {
		s.Log.Warn("mailboxes can't be simulated", "why", err)
		return mailbox.New(c, mailbox.Defaults()), forget
	}
	c.Spool, c.Etc = dir, dir
	for _, box := range set.Boxes { // the caller of a simulation says nothing, and for ever
		if box.Longest == 0 || box.Longest > longestMessage {
			box.Longest = longestMessage
		}
	}
	b = mailbox.New(c, set)
	return b, func() {
		if err := b.Close(context.Background()); err != nil {
			s.Log.Warn("mails of a simulation", "why", err)
		}
		os.RemoveAll(dir) // what stays is in the temporary directory
	}
}

// press has the keys pressed, and returns what calls it off.
func (s *Call) press(ch *call.Channel) (stop func()) {
	var timers []*time.Timer
	for i, keys := range strings.Split(s.Keys, ",") {
		timers = append(timers, time.AfterFunc(time.Duration(i+1)*time.Second, func() {
			for k := range len(keys) {
				ch.Notify(call.Event{Kind: call.EventDigit, Indication: call.Digit{Key: keys[k], Duration: 100 * time.Millisecond}})
			}
		}))
	}
	return func() {
		for _, t := range timers {
			t.Stop()
		}
	}
}

// begin makes the channel of a call, or of a text.
func (s *Call) begin(registry *call.Registry, say func(string, ...any)) *call.Channel {
	spec := call.Spec{
		Name: "Simulate/" + s.Exten, Leg: &noPhone{say}, State: call.StateRing, Place: call.Place{Context: s.Context, Exten: s.Exten, Priority: 1},
		Identity: call.Identity{Caller: call.Party{Number: s.CallerID}, DNID: s.Exten}, Vars: s.Vars,
	}
	if s.Text != nil {
		spec.State, spec.Internal = call.StateUp, true
		spec.Leg = &textPhone{noPhone{say}, &message.Message{
			From: "<sip:" + s.CallerID + "@127.0.0.1>", To: "sip:" + s.Exten + "@127.0.0.1", ContentType: "text/plain;charset=UTF-8",
			Body: []byte(*s.Text), Context: s.Context, Exten: s.Exten, Peer: s.CallerID, At: time.Now(),
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

func (silence) Join(call.Media) error  { return nil }
func (silence) Part()                  {}
func (silence) Echo(bool)              {}
func (silence) Digit(call.Digit) error { return nil }

// endlessly is how long a tone without an end is played.
const endlessly = 10 * time.Second

// Play takes no time, but for a tone that goes on for ever: somebody may press a key while it is heard.
func (silence) Play(ctx context.Context, src media.Source) error {
	if e, ok := src.(interface{ Endless() bool }); !ok || !e.Endless() {
		return nil
	}
	timer := time.NewTimer(endlessly)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Hear hands f silence.
func (silence) Hear(rate int, f func(in, out []int16)) (stop func(), err error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(media.Frame)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				f(make([]int16, rate/50), make([]int16, rate/50))
			}
		}
	}()
	return func() { cancel(); <-done }, nil
}

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

// Exists says that every sound is there, but for greetings that nobody has recorded.
func (printer) Exists(name, _ string) bool {
	return !filepath.IsAbs(name) || sound.Library{}.Exists(name, "")
}

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
	q.Begin(ch, func() {
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
	})
	return []*call.Channel{ch}, nil
}
