package call

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"obelus/media"
)

// fakeLeg is a phone that notes what it is told.
type fakeLeg struct {
	mu    sync.Mutex
	told  []string
	sound *fakeMedia
	cause Cause
}

func (l *fakeLeg) note(s string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, s)
	return nil
}

func (l *fakeLeg) has(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Contains(l.told, s)
}

func (l *fakeLeg) Ring() error                   { return l.note("ring") }
func (l *fakeLeg) Progress([]media.Format) error { return l.note("progress") }
func (l *fakeLeg) Answer([]media.Format) error   { return l.note("answer") }
func (l *fakeLeg) Formats() []media.Format       { return []media.Format{media.Ulaw} }
func (l *fakeLeg) Media() Media                  { return l.sound }

func (l *fakeLeg) Hangup(c Cause) {
	l.note("hangup")
	l.mu.Lock()
	l.cause = c
	l.mu.Unlock()
}

func (l *fakeLeg) Indicate(i Indication) error {
	switch x := i.(type) {
	case Digit:
		return l.note("digit " + string(x.Key))
	case Text:
		return l.note("text " + string(x.Body))
	case Hold:
		return l.note("hold")
	case Unhold:
		return l.note("unhold")
	case Tone:
		return l.note("tone")
	}
	return nil
}

// fakeMedia notes whom it is joined with.
type fakeMedia struct {
	mu   sync.Mutex
	peer *fakeMedia
}

func (m *fakeMedia) Join(other Media) error {
	o, ok := other.(*fakeMedia)
	if !ok {
		return other.Join(m)
	}
	m.set(o)
	o.set(m)
	return nil
}

func (m *fakeMedia) set(o *fakeMedia) {
	m.mu.Lock()
	m.peer = o
	m.mu.Unlock()
}

func (m *fakeMedia) joined() *fakeMedia {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.peer
}

func (m *fakeMedia) Part() {
	if o := m.joined(); o != nil && o.joined() == m {
		o.set(nil)
	}
	m.set(nil)
}

func (m *fakeMedia) Echo(bool)                                {}
func (m *fakeMedia) Digit(Digit) error                        { return nil }
func (m *fakeMedia) Play(context.Context, media.Source) error { return nil }

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func newChannel(t *testing.T, r *Registry, name string) (*Channel, *fakeLeg) {
	t.Helper()
	leg := &fakeLeg{sound: &fakeMedia{}}
	return r.New(Spec{Name: name, Leg: leg, State: StateRing}), leg
}
