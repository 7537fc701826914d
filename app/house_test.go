package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"obelus/call"
	"obelus/conf"
	"obelus/dialplan/syntax"
	"obelus/event"
	"obelus/media"
	"obelus/message"
	"obelus/pbx"
)

// house is a switchboard with the real applications, and phones that do as they
// are told. It lives in a synctest bubble.
type house struct {
	*pbx.PBX
	t      *testing.T
	caller *phone
	ch     *call.Channel

	mu     sync.Mutex
	steps  []string // exten,priority:App(data) of the caller's channel
	others []string // of all other channels
	log    bytes.Buffer
	phones map[string]*phone // dialled phones by name
	sent   []*message.Message
	played []string
	vars   map[string]string // of the caller's channel
}

// script is what a phone does that is dialled; at is the time from the call on.
type script struct {
	refuse call.Cause
	events []event_
}

// event_ is something that a phone does some time after it was called.
type event_ struct {
	at time.Duration
	call.Event
}

// phone is a leg that writes down what it is told.
type phone struct {
	mu       sync.Mutex
	told     []string
	identity call.Identity
	sound    *ear
	failText bool
}

func (p *phone) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, fmt.Sprintf(format, args...))
}

func (p *phone) heard() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.told, " ")
}

func (p *phone) Ring() error                   { p.say("ring"); return nil }
func (p *phone) Progress([]media.Format) error { p.say("progress"); return nil }
func (p *phone) Answer([]media.Format) error   { p.say("answer"); return nil }
func (p *phone) Hangup(c call.Cause)           { p.say("hangup:%d", int(c)) }
func (p *phone) Formats() []media.Format       { return []media.Format{media.Ulaw} }

func (p *phone) Media() call.Media {
	if p.sound == nil {
		return nil
	}
	return p.sound
}

func (p *phone) Indicate(i call.Indication) error {
	switch x := i.(type) {
	case call.Digit:
		p.say("digit:%c", x.Key)
	case call.Text:
		if p.failText {
			return errors.New("the phone takes no texts")
		}
		p.say("text:%s:%s", x.ContentType, x.Body)
	case call.Tone:
		p.say("tone:%d", int(x.Cause))
	default:
		p.say("%T", i)
	}
	return nil
}

// ear is a phone's sound.
type ear struct{ p *phone }

func (e *ear) Join(call.Media) error    { e.p.say("joined"); return nil }
func (e *ear) Part()                    { e.p.say("parted") }
func (e *ear) Echo(on bool)             { e.p.say("echo:%v", on) }
func (e *ear) Digit(d call.Digit) error { return nil }

// Play plays for a second.
func (e *ear) Play(ctx context.Context, _ media.Source) error {
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// scripted dials phones by their names.
type scripted struct {
	h       *house
	scripts map[string]script
}

func (s *scripted) Dial(_ context.Context, q call.Request) ([]*call.Channel, error) {
	sc, ok := s.scripts[q.Target]
	if !ok {
		return nil, &call.DialError{Cause: call.CauseSubscriberAbsent, Text: "SIP/" + q.Target + " is away"}
	}
	if sc.refuse != call.CauseNone {
		return nil, &call.DialError{Cause: sc.refuse, Text: "SIP/" + q.Target + " refuses"}
	}
	p := &phone{identity: q.Identity}
	p.sound = &ear{p}
	ch := s.h.Registry().New(call.Spec{Name: "SIP/" + q.Target + "-1", Leg: p, State: call.StateDialing, Requestor: q.From, Vars: q.Vars})
	ch.Listen(q.Inbox)
	s.h.mu.Lock()
	s.h.phones[q.Target] = p
	s.h.mu.Unlock()
	ch.Start(call.Await)
	for _, e := range sc.events {
		time.AfterFunc(e.at, func() {
			if e.Kind == call.EventGone {
				ch.Gone(e.Cause)
				return
			}
			ch.Notify(e.Event)
		})
	}
	return []*call.Channel{ch}, nil
}

// Send takes a text, or refuses it.
func (h *house) Send(_ context.Context, m *message.Message) error {
	if strings.Contains(m.To, "away") && m.Store {
		return message.ErrStored
	}
	if strings.Contains(m.To, "away") {
		return fmt.Errorf("nobody there: %w", message.ErrFailed)
	}
	h.mu.Lock()
	h.sent = append(h.sent, m)
	h.mu.Unlock()
	return nil
}

// Open opens any sound but those called missing.
func (h *house) Open(name, language string, _ []media.Format) (SoundSource, error) {
	if name == "missing" {
		return nil, fmt.Errorf("there is no sound %s", name)
	}
	h.mu.Lock()
	h.played = append(h.played, strings.TrimPrefix(language+":"+name, ":"))
	h.mu.Unlock()
	return noSound{}, nil
}

type noSound struct{}

func (noSound) Rate() int                 { return 8000 }
func (noSound) Read([]int16) (int, error) { return 0, io.EOF }
func (noSound) Close() error              { return nil }

// newHouse makes a switchboard with a dialplan.
func newHouse(t *testing.T, plan string, scripts map[string]script) *house {
	t.Helper()
	h := &house{t: t, phones: make(map[string]*phone), vars: make(map[string]string)}
	log := slog.New(slog.NewTextHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	registry := call.NewRegistry(log, nil)
	dialers := call.Dialers{"SIP": &scripted{h, scripts}}
	deps := &Deps{Dialers: dialers, Senders: message.Senders{"sip": h}, Sounds: h}
	h.PBX = pbx.New(pbx.Config{
		Applications: Table(deps), Registry: registry, Dialers: dialers, Log: log, OnStep: h.step,
	})
	dialers["Local"] = &call.Local{Registry: registry, Run: h.Run, Exists: h.Exists}
	f, _, err := new(conf.Loader).Parse("extensions.conf", []byte(plan))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := syntax.Read(f)
	h.Load(p)
	return h
}

func (h *house) step(e event.Step) {
	h.mu.Lock()
	defer h.mu.Unlock()
	line := fmt.Sprintf("%s,%d:%s(%s)", e.Exten, e.Priority, e.App, e.Data)
	if e.Name == "SIP/caller-0" {
		h.steps = append(h.steps, line)
	} else {
		h.others = append(h.others, e.Name+" "+line)
	}
}

// incoming makes the caller's channel.
func (h *house) incoming() *call.Channel {
	h.caller = &phone{}
	h.caller.sound = &ear{h.caller}
	h.ch = h.Registry().New(call.Spec{
		Name: "SIP/caller-0", Leg: h.caller, State: call.StateRing, Place: call.Place{Context: "c", Exten: "s", Priority: 1},
		Identity: call.Identity{Caller: call.Party{Name: "Ann", Number: "100"}},
	})
	h.ch.AtEnd(func() {
		h.ch.Vars.Each(func(name, value string) bool { h.vars[name] = value; return true })
	})
	return h.ch
}

// call runs the caller through c,s,1 to the end of everybody, and returns how
// long that took.
func (h *house) call() time.Duration {
	h.t.Helper()
	if h.ch == nil {
		h.incoming()
	}
	began := time.Now()
	h.ch.Start(h.Run("c", "s", 1))
	<-h.ch.Done()
	took := time.Since(began)
	h.end()
	return took
}

// end waits for every channel.
func (h *house) end() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := h.Registry().Wait(ctx); err != nil {
		h.t.Errorf("a channel did not end: %v", err)
	}
}

// list is the caller's steps without their places.
func (h *house) list() string {
	var out []string
	for _, s := range h.steps {
		_, s, _ = strings.Cut(s, ":")
		out = append(out, s)
	}
	return strings.Join(out, " ")
}
