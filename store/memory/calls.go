package memory

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"obelus/store"
)

// ErrFull says that as many ended records are kept as may be.
var ErrFull = errors.New("too many call records wait in memory")

// Calls keeps call records as long as the process lives. The zero Calls is ready.
type Calls struct {
	Most int // ended records that are kept, or a few more; 0: no bound

	mu    sync.Mutex
	begun map[store.CallKey]begun
	ended []store.CallRecord // by Number
	known map[store.CallKey]bool
	last  int64 // Number of the last that has ended
	ups   int   // that have begun
	sinks map[string]shipped
	alive time.Time
}

type begun struct {
	place  int
	record store.CallRecord
}

type shipped struct {
	upTo int64
	note string
}

var _ store.Calls = (*Calls)(nil)

// WriteCalls implements store.Calls.
func (c *Calls) WriteCalls(ctx context.Context, ops []store.CallOp) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ends := func(o store.CallOp) bool { return o.Kind == store.CallEnd }
	if c.Most > 0 && len(c.ended) >= c.Most && slices.ContainsFunc(ops, ends) {
		return ErrFull
	}
	if c.begun == nil {
		c.begun, c.known = make(map[store.CallKey]begun), make(map[store.CallKey]bool)
	}
	for _, o := range ops {
		c.apply(o)
	}
	return nil
}

func (c *Calls) apply(o store.CallOp) {
	r := rounded(o.Record)
	k := o.Key()
	up, wasUp := c.begun[k]
	switch {
	case o.Kind == store.CallDrop:
		delete(c.begun, k)
	case o.Kind == store.CallBegin && !c.known[k]:
		if !wasUp {
			c.ups++
			up.place = c.ups
		}
		up.record = r
		c.begun[k] = up
	case o.Kind == store.CallEnd:
		delete(c.begun, k)
		if !c.known[k] {
			c.last++
			r.Number = c.last
			c.known[k] = true
			c.ended = append(c.ended, r)
		}
	}
}

// rounded is a record as a file would keep it.
func rounded(r store.CallRecord) store.CallRecord {
	for _, t := range []*time.Time{&r.Start, &r.Answer, &r.End} {
		if !t.IsZero() {
			*t = time.UnixMicro(t.UnixMicro())
		}
	}
	r.Number, r.Variables = 0, slices.Clone(r.Variables)
	return r
}

// Begun implements store.Calls.
func (c *Calls) Begun(ctx context.Context, yield func(store.CallRecord) error) error {
	c.mu.Lock()
	all := slices.SortedFunc(maps.Values(c.begun), func(a, b begun) int { return cmp.Compare(a.place, b.place) })
	c.mu.Unlock()
	for _, b := range all {
		if err := errors.Join(ctx.Err(), yield(b.record)); err != nil {
			return err
		}
	}
	return nil
}

// after is the ended records with a greater Number. Callers hold the mutex.
func (c *Calls) after(n int64) []store.CallRecord {
	i, there := slices.BinarySearchFunc(c.ended, n, func(r store.CallRecord, n int64) int { return cmp.Compare(r.Number, n) })
	if there {
		i++
	}
	return c.ended[i:]
}

// Ended implements store.Outbox.
func (c *Calls) Ended(_ context.Context, after int64, max int) ([]store.CallRecord, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.after(after)
	return slices.Clone(all[:min(max, len(all))]), nil
}

// Shipped implements store.Outbox.
func (c *Calls) Shipped(ctx context.Context, sink string) (int64, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.sinks[sink]
	if !ok {
		s.upTo = c.last
		c.ship(sink, s)
	}
	return s.upTo, s.note, nil
}

// Ship implements store.Outbox.
func (c *Calls) Ship(ctx context.Context, sink string, upTo int64, note string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ship(sink, shipped{upTo, note})
	return nil
}

func (c *Calls) ship(sink string, s shipped) {
	if c.sinks == nil {
		c.sinks = make(map[string]shipped)
	}
	c.sinks[sink] = s
}

// Waiting implements store.Outbox.
func (c *Calls) Waiting(_ context.Context, after int64) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.after(after)), nil
}

// Prune implements store.Outbox.
func (c *Calls) Prune(_ context.Context, before time.Time, upTo int64, max int) (pruned int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	oldest := min(max, len(c.ended)-len(c.after(upTo)))
	kept := c.ended[:0:0]
	for _, r := range c.ended[:oldest] {
		if r.End.Before(before) {
			delete(c.known, r.CallKey)
			pruned++
		} else {
			kept = append(kept, r)
		}
	}
	if pruned > 0 {
		c.ended = append(kept, c.ended[oldest:]...)
	}
	return pruned, nil
}

// Alive implements store.Life.
func (c *Calls) Alive(_ context.Context, at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alive = time.UnixMicro(at.UnixMicro())
	return nil
}

// LastAlive implements store.Life.
func (c *Calls) LastAlive(context.Context) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := c.alive
	see := func(r store.CallRecord) {
		for _, t := range []time.Time{r.Start, r.Answer, r.End} {
			if t.After(last) {
				last = t
			}
		}
	}
	for _, b := range c.begun {
		see(b.record)
	}
	for _, r := range c.ended[max(0, len(c.ended)-100):] {
		see(r)
	}
	return last, nil
}

// LastSequence implements store.Life.
func (c *Calls) LastSequence(context.Context) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := int64(-1)
	for k := range c.begun {
		last = max(last, k.Sequence)
	}
	for _, r := range c.ended[max(0, len(c.ended)-1000):] {
		last = max(last, r.Sequence)
	}
	return last, nil
}
