package storetest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"obelus/store"
)

// calls is the course of call records.
type calls struct {
	rnd     *rand.Rand
	started int
	begun   []store.CallRecord // in the order they were first begun
	ended   []store.CallRecord
	numbers int64
	sinks   map[string]string // "up to, note" of those that have shipped
	alive   time.Time
}

func newCalls(seed uint64) *calls {
	return &calls{rnd: rand.New(rand.NewPCG(seed, 4)), sinks: make(map[string]string)}
}

func (c *calls) next() func(context.Context, *State) error {
	switch c.rnd.IntN(10) {
	case 0:
		return c.prune()
	case 1:
		return c.ship()
	case 2:
		c.alive = record(c.started + 60).Start
		at := c.alive
		return func(ctx context.Context, s *State) error { return s.Calls.Alive(ctx, at) }
	}
	ops := make([]store.CallOp, 1+c.rnd.IntN(12))
	for i := range ops {
		ops[i] = c.op()
		c.apply(ops[i])
	}
	return func(ctx context.Context, s *State) error { return s.Calls.WriteCalls(ctx, ops) }
}

// op is an operation on one of the latest calls.
func (c *calls) op() store.CallOp {
	c.started++
	r := record(max(0, c.started-c.rnd.IntN(25)))
	r.LastData = fmt.Sprint(c.rnd.IntN(1000))
	kind := [...]store.CallOpKind{store.CallBegin, store.CallBegin, store.CallEnd, store.CallDrop}[c.rnd.IntN(4)]
	if kind == store.CallBegin {
		r.End = time.Time{}
	}
	return store.CallOp{Kind: kind, Record: r}
}

func (c *calls) apply(o store.CallOp) {
	same := func(r store.CallRecord) bool { return r.CallKey == o.Key() }
	up, over := slices.IndexFunc(c.begun, same), slices.ContainsFunc(c.ended, same)
	switch {
	case o.Kind == store.CallBegin && !over && up >= 0:
		c.begun[up] = o.Record
	case o.Kind == store.CallBegin && !over:
		c.begun = append(c.begun, o.Record)
	case o.Kind == store.CallEnd && !over:
		c.numbers++
		o.Record.Number = c.numbers
		c.ended = append(c.ended, o.Record)
	}
	if o.Kind != store.CallBegin {
		c.begun = slices.DeleteFunc(c.begun, same)
	}
}

// prune forgets some of the records that are so old that nothing more happens to their calls.
func (c *calls) prune() func(context.Context, *State) error {
	before, upTo, most := record(c.started-40).End, max(0, c.numbers-int64(c.rnd.IntN(40))), 1+c.rnd.IntN(30)
	kept, seen, want := c.ended[:0:0], 0, 0
	for _, r := range c.ended {
		if r.Number <= upTo && seen < most {
			if seen++; r.End.Before(before) {
				want++
				continue
			}
		}
		kept = append(kept, r)
	}
	c.ended = kept
	return func(ctx context.Context, s *State) error {
		n, err := s.Calls.Prune(ctx, before, upTo, most)
		if err == nil && n != want {
			err = fmt.Errorf("pruned %d, want %d", n, want)
		}
		return err
	}
}

func (c *calls) ship() func(context.Context, *State) error {
	name, upTo, note := fmt.Sprint("sink ", c.rnd.IntN(2)), c.numbers-int64(c.rnd.IntN(5)), fmt.Sprint(c.rnd.IntN(1000))
	c.sinks[name] = fmt.Sprint(upTo, ", ", note)
	return func(ctx context.Context, s *State) error { return s.Calls.Ship(ctx, name, upTo, note) }
}

func (c *calls) check(ctx context.Context, s *State) string {
	for name, want := range c.sinks {
		upTo, note, err := s.Calls.Shipped(ctx, name)
		if got := fmt.Sprint(upTo, ", ", note); err != nil || got != want {
			return fmt.Sprintf("%s has shipped %s, %v; want %s", name, got, err, want)
		}
	}
	return cmp.Or(compareCalls(ctx, s.Calls, c.begun, c.ended), c.checkAlive(ctx, s))
}

func (c *calls) checkAlive(ctx context.Context, s *State) string {
	last := c.alive
	for _, r := range slices.Concat(c.begun, c.ended) {
		for _, at := range []time.Time{r.Answer, r.End} {
			if at.After(last) {
				last = at
			}
		}
	}
	if at, err := s.Calls.LastAlive(ctx); err != nil || at.UnixMicro() != last.UnixMicro() && !last.IsZero() {
		return fmt.Sprintf("the last sign of life is of %v, %v; want %v", at, err, last)
	}
	return ""
}

func (c *calls) some() bool { return len(c.begun) > 0 && len(c.ended) > 0 }
