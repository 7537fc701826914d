package scenario

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"obelus/store"
	"obelus/store/memory"
)

// engine keeps what outlives a house.
type engine interface {
	store.Location
	store.Messages
}

// mortal is an engine that dies, is full or away, and lives again: it takes nothing
// meanwhile.
type mortal struct {
	engine
	dead  atomic.Bool
	fails atomic.Pointer[error]
	takes atomic.Int64 // nanoseconds for a commit of texts
}

func newMortal() *mortal { return &mortal{engine: new(memory.Engine)} }

var errDead = errors.New("nobody is there to write it down")

func (m *mortal) dies()  { m.dead.Store(true) }
func (m *mortal) lives() { m.dead.Store(false) }

// failing has the engine refuse texts with an error, nil for no more.
func (m *mortal) failing(err error) {
	if err == nil {
		m.fails.Store(nil)
		return
	}
	m.fails.Store(&err)
}

func (m *mortal) trouble() error {
	time.Sleep(time.Duration(m.takes.Load()))
	if m.dead.Load() {
		return errDead
	}
	if err := m.fails.Load(); err != nil {
		return *err
	}
	return nil
}

func (m *mortal) Commit(ctx context.Context, ops []store.BindingOp) error {
	if m.dead.Load() {
		return errDead
	}
	return m.engine.Commit(ctx, ops)
}

func (m *mortal) Append(ctx context.Context, messages []store.Message) error {
	if err := m.trouble(); err != nil {
		return err
	}
	return m.engine.Append(ctx, messages)
}

func (m *mortal) Mark(ctx context.Context, ops []store.MessageOp) error {
	if err := m.trouble(); err != nil {
		return err
	}
	return m.engine.Mark(ctx, ops)
}

func (m *mortal) Claim(ctx context.Context, c store.Claim) ([]store.Message, error) {
	if err := m.fails.Load(); err != nil {
		return nil, *err
	}
	return m.engine.Claim(ctx, c)
}
