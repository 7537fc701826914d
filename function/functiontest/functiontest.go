// Package functiontest is what the tests of functions share: a channel that
// carries nothing, and what was warned of.
package functiontest

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"obelus/call"
	"obelus/media"
	"obelus/message"
	"obelus/pbx"
)

// Leg is a leg that carries nothing, but may hold a message, and knows things.
type Leg struct {
	Text  *message.Message
	Items map[string]string // what Tell answers
}

// The verbs of [call.Leg] do nothing.

func (*Leg) Ring() error                    { return nil }
func (*Leg) Progress([]media.Format) error  { return nil }
func (*Leg) Answer([]media.Format) error    { return nil }
func (*Leg) Indicate(call.Indication) error { return nil }
func (*Leg) Hangup(call.Cause)              {}
func (*Leg) Media() call.Media              { return nil }

// Formats are two for sound and one for pictures.
func (*Leg) Formats() []media.Format { return []media.Format{media.Ulaw, media.Alaw, media.H264} }

// Message is the text it holds.
func (l *Leg) Message() *message.Message { return l.Text }

// Tell answers from Items.
func (l *Leg) Tell(item string) (string, bool) {
	v, ok := l.Items[item]
	return v, ok
}

// Warnings collects what is logged at level warning.
type Warnings struct {
	mu    sync.Mutex
	texts []string
}

// Enabled, Handle, WithAttrs and WithGroup make it a [slog.Handler].

func (w *Warnings) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }
func (w *Warnings) Handle(_ context.Context, r slog.Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, r.Message)
	return nil
}
func (w *Warnings) WithAttrs([]slog.Attr) slog.Handler { return w }
func (w *Warnings) WithGroup(string) slog.Handler      { return w }

// Take returns what was warned of since it was last asked.
func (w *Warnings) Take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	texts := w.texts
	w.texts = nil
	return texts
}

// New makes a channel like that of the facts, at the first of the two steps of
// extension s in context agi.
func New(t testing.TB, leg call.Leg, functions []pbx.Function) (*pbx.Exec, *Warnings) {
	t.Helper()
	return NewIn(t, leg, functions, "[agi]\nexten => s,1,NoOp\nsame => n(second),NoOp\n")
}

// NewIn is New in another dialplan, which has agi,s,1 as well.
func NewIn(t testing.TB, leg call.Leg, functions []pbx.Function, dialplan string) (*pbx.Exec, *Warnings) {
	t.Helper()
	w := &Warnings{}
	reg := call.NewRegistry(slog.New(w), nil)
	p := pbx.New(pbx.Config{Functions: functions, Registry: reg, Log: slog.New(w)})
	p.Load(plan(t, dialplan))
	ch := reg.New(call.Spec{Name: "Local/s@agi-00000000;2", Leg: leg, State: call.StateRing, Language: "en", UniqueID: "1700000000.1"})
	return p.NewExec(ch, call.Place{Context: "agi", Exten: "s", Priority: 1}), w
}

// Cases are templates that are filled in on one channel, in order; the result and
// the first warning, if there is one, are compared.
type Cases []struct{ Template, Want, Warned string }

// Run tries them.
func (cs Cases) Run(t *testing.T, x *pbx.Exec, w *Warnings) {
	t.Helper()
	for _, c := range cs {
		w.Take()
		got := x.Expand(c.Template)
		first := ""
		if texts := w.Take(); len(texts) > 0 {
			first = texts[0]
		}
		if got != c.Want || first != c.Warned {
			t.Errorf("%s is %q, warned %q; want %q, %q", c.Template, got, first, c.Want, c.Warned)
		}
	}
}

// Must sets what a test begins with: NAME=VALUE.
func Must(t testing.TB, x *pbx.Exec, assignments ...string) {
	t.Helper()
	for _, a := range assignments {
		name, value, _ := strings.Cut(a, "=")
		if err := x.Assign(name, value); err != nil {
			t.Fatalf("%s: %v", a, err)
		}
	}
}
