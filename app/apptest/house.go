// Package apptest is a house with a switchboard and phones that do as they are told,
// for the tests of applications. It lives in a synctest bubble.
package apptest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"obelus/call"
	"obelus/event"
	"obelus/media"
	"obelus/message"
	"obelus/pbx"
	"obelus/prompt"
)

// House is a switchboard and its phones.
type House struct {
	*pbx.PBX
	Caller *Phone
	Ch     *call.Channel   // the caller's, SIP/caller-0
	Voice  *prompt.Voice   // what the house speaks with
	Dial   call.Dialers    // SIP: the phones of Config; Local
	Text   message.Senders // "sip": the house, which keeps what is sent in Sent

	Mu     sync.Mutex // guards what follows, while channels run
	Steps  []string   // exten,priority:App(data) of the caller's channel
	Others []string   // of all other channels, with their names
	Log    bytes.Buffer
	Phones map[string]*Phone // dialled phones by name
	Sent   []*message.Message
	Played []string          // of every sound that was opened: name, or language:name
	Vars   map[string]string // of the caller's channel, at its end

	t     *testing.T
	lacks map[string]bool
}

// Config is what a house is made of.
type Config struct {
	// Plan is extensions.conf. The call begins at c,s,1.
	Plan string
	// Phones are those that can be dialled: SIP/name.
	Phones map[string]Script
	// Missing are names of sounds that are not there, beside "missing"; any other
	// sound is, and takes a second.
	Missing []string
	// Applications and Functions are the tables under test, made with what the
	// house has: Voice, Dial, Text.
	Applications func(h *House) []pbx.Application
	Functions    func(h *House) []pbx.Function
	Builtins     map[string]string
	Bus          *event.Bus // may be nil
}

// New makes a house.
func New(t *testing.T, c Config) *House {
	t.Helper()
	h := &House{t: t, Phones: make(map[string]*Phone), Vars: make(map[string]string), lacks: map[string]bool{"missing": true}}
	for _, name := range c.Missing {
		h.lacks[name] = true
	}
	log := slog.New(slog.NewTextHandler(lockedLog{h}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	registry := call.NewRegistry(log, c.Bus)
	h.Dial = call.Dialers{"SIP": &scripted{h, c.Phones}}
	h.Text = message.Senders{"sip": h}
	h.Voice = &prompt.Voice{Sounds: sounds{h}}
	set := pbx.Config{Registry: registry, Dialers: h.Dial, Log: log, OnStep: h.step, Builtins: c.Builtins, Bus: c.Bus}
	if c.Applications != nil {
		set.Applications = c.Applications(h)
	}
	if c.Functions != nil {
		set.Functions = c.Functions(h)
	}
	h.PBX = pbx.New(set)
	h.Dial["Local"] = &call.Local{Registry: registry, Run: h.Run, Exists: h.Exists}
	h.Load(plan(t, c.Plan))
	return h
}

type lockedLog struct{ h *House }

func (l lockedLog) Write(b []byte) (int, error) {
	l.h.Mu.Lock()
	defer l.h.Mu.Unlock()
	return l.h.Log.Write(b)
}

func (h *House) step(e event.Step) {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	line := fmt.Sprintf("%s,%d:%s(%s)", e.Exten, e.Priority, e.App, e.Data)
	if e.Name == "SIP/caller-0" {
		h.Steps = append(h.Steps, line)
	} else {
		h.Others = append(h.Others, e.Name+" "+line)
	}
}

// Incoming makes the caller's channel; Call does so where it has not been called.
func (h *House) Incoming() *call.Channel {
	h.Caller = NewPhone()
	h.Ch = h.Registry().New(call.Spec{
		Name: "SIP/caller-0", Leg: h.Caller, State: call.StateRing, Place: call.Place{Context: "c", Exten: "s", Priority: 1},
		Identity: call.Identity{Caller: call.Party{Name: "Ann", Number: "100"}},
	})
	h.Ch.AtEnd(func() {
		h.Ch.Vars.Each(func(name, value string) bool { h.Vars[name] = value; return true })
	})
	return h.Ch
}

// Press has the caller press keys at a time from now, all at once.
func (h *House) Press(at time.Duration, keys string) {
	ch := h.Ch
	time.AfterFunc(max(at, 1), func() {
		for i := range len(keys) {
			ch.Notify(call.Event{Kind: call.EventDigit, Indication: call.Digit{Key: keys[i], Duration: 100 * time.Millisecond}})
		}
	})
}

// Call runs the caller through c,s,1 to the end of everybody, and returns how
// long that took.
func (h *House) Call() time.Duration {
	h.t.Helper()
	if h.Ch == nil {
		h.Incoming()
	}
	began := time.Now()
	h.Ch.Start(h.Run("c", "s", 1))
	<-h.Ch.Done()
	took := time.Since(began)
	h.End()
	return took
}

// End waits for every channel.
func (h *House) End() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := h.Registry().Wait(ctx); err != nil {
		h.t.Errorf("a channel did not end: %v", err)
	}
}

// List is the caller's steps without their places.
func (h *House) List() string {
	var out []string
	for _, s := range h.Steps {
		_, s, _ = strings.Cut(s, ":")
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// scripted dials phones by their names.
type scripted struct {
	h       *House
	scripts map[string]Script
}

func (s *scripted) Dial(_ context.Context, q call.Request) ([]*call.Channel, error) {
	sc, ok := s.scripts[q.Target]
	if !ok {
		return nil, &call.DialError{Cause: call.CauseSubscriberAbsent, Text: "SIP/" + q.Target + " is away"}
	}
	if sc.Refuse != call.CauseNone {
		return nil, &call.DialError{Cause: sc.Refuse, Text: "SIP/" + q.Target + " refuses"}
	}
	p := NewPhone()
	p.Identity, p.Vars = q.Identity, maps.Clone(q.Vars)
	ch := s.h.Registry().New(call.Spec{Name: "SIP/" + q.Target + "-1", Leg: p, State: call.StateDialing, Requestor: q.From, Identity: q.Called(), Vars: q.Vars})
	ch.Listen(q.Inbox)
	s.h.Mu.Lock()
	s.h.Phones[q.Target] = p
	s.h.Mu.Unlock()
	q.Begin(ch, func() {
		for _, e := range sc.Events {
			time.AfterFunc(max(e.At, 1), func() {
				if e.Kind == call.EventGone {
					ch.Gone(e.Cause)
					return
				}
				ch.Notify(e.Event)
			})
		}
	})
	return []*call.Channel{ch}, nil
}

// Send takes a text, or refuses it: one to whom "away" is in the name of.
func (h *House) Send(_ context.Context, m *message.Message) error {
	if strings.Contains(m.To, "away") && m.Store {
		return message.ErrStored
	}
	if strings.Contains(m.To, "away") {
		return fmt.Errorf("nobody there: %w", message.ErrFailed)
	}
	h.Mu.Lock()
	h.Sent = append(h.Sent, m)
	h.Mu.Unlock()
	return nil
}

// sounds are those of a house.
type sounds struct{ h *House }

// Exists says whether there is a sound.
func (s sounds) Exists(name, _ string) bool { return !s.h.lacks[name] }

// Open opens any sound but those that are missing: a second of silence.
func (s sounds) Open(name, language string, _ []media.Format) (prompt.Sound, error) {
	h := s.h
	if h.lacks[name] {
		return nil, fmt.Errorf("there is no sound %s: %w", name, fs.ErrNotExist)
	}
	h.Mu.Lock()
	h.Played = append(h.Played, strings.TrimPrefix(language+":"+name, ":"))
	h.Mu.Unlock()
	left := second(8000)
	return &left, nil
}

// second is what is left of a second of silence, in samples.
type second int

func (*second) Rate() int    { return 8000 }
func (*second) Close() error { return nil }

func (s *second) Read(b []int16) (int, error) {
	n := min(len(b), int(*s))
	clear(b[:n])
	if *s -= second(n); *s == 0 {
		return n, io.EOF
	}
	return n, nil
}
