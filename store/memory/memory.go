// Package memory is the engine that forgets: for tests, and for a server told to keep nothing.
package memory

import (
	"context"
	"sync"

	"obelus/store"
)

// Engine keeps state as long as the process lives. The zero Engine is ready.
type Engine struct {
	mu       sync.Mutex
	bindings map[store.BindingKey]store.Binding
	texts    texts
	keys     map[string]string
}

var _ store.Location = (*Engine)(nil)

// Load implements store.Location.
func (e *Engine) Load(ctx context.Context, yield func(store.Binding) error) error {
	e.mu.Lock()
	all := make([]store.Binding, 0, len(e.bindings))
	for _, b := range e.bindings {
		all = append(all, b)
	}
	e.mu.Unlock()
	for _, b := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := yield(b); err != nil {
			return err
		}
	}
	return nil
}

// Commit implements store.Location.
func (e *Engine) Commit(ctx context.Context, ops []store.BindingOp) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.bindings == nil {
		e.bindings = make(map[store.BindingKey]store.Binding)
	}
	for _, o := range ops {
		e.apply(o)
	}
	return nil
}

func (e *Engine) apply(o store.BindingOp) {
	old, found := e.bindings[o.Key()]
	b := o.Binding
	switch {
	case found && old.Node != b.Node && old.RegisteredAt.After(b.RegisteredAt):
		return // another node knows better
	case o.Kind == store.Delete:
		delete(e.bindings, o.Key())
		return
	case found && o.Kind == store.Refresh:
		old.CSeq, old.RegisteredAt, old.Expires = b.CSeq, b.RegisteredAt, b.Expires
		b = old
	}
	e.bindings[o.Key()] = b
}
