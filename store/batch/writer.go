// Package batch turns many small writes into few large commits.
//
// While one commit is on its way to the disk, the operations that come in are collected and joined by key; they are the next commit. The slower
// the disk, the larger the batches, without a setting. A caller is told when its operation is safe, or after a deadline that it is not
// yet: then it goes on from memory, and the operation is committed later all the same.
package batch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// What a caller may be told instead of "it is safe".
var (
	// ErrLate says that the deadline passed first. The operation has not failed: it is committed when the engine can.
	ErrLate = errors.New("the store is late")
	// ErrFull says that too much waits already; the operation was not taken.
	ErrFull = errors.New("too many writes waiting")
	// ErrClosed says that the writer was closed before the operation was committed.
	ErrClosed = errors.New("store writer closed")
)

// Config is what a Writer is made of. Commit and Key must be set; the rest has defaults.
type Config[K comparable, T any] struct {
	Commit func(context.Context, []T) error // all or nothing; durable on nil
	Key    func(T) K                        // operations of one key are joined
	Merge  func(old, next T) T              // the one that does both; nil: next alone

	Max    int           // operations in a commit; 500
	Limit  int           // keys that may wait; 1,000,000
	Linger time.Duration // how long an operation waits for company; 0: only as long as the commit before takes
	Delay  time.Duration // how long a caller waits; 400 ms
	Retry  time.Duration // pause after a failed commit, doubled up to 64 times of it; 50 ms
	GaveUp func([]T)     // told by Close of what could not be committed, oldest first; may be nil
	Log    *slog.Logger
}

// Stats is a writer's state at one moment, and what it has done since it began.
type Stats struct {
	Waiting  int    // operations not yet committed
	Commits  uint64 // that succeeded
	Ops      uint64 // in them
	Joined   uint64 // operations joined with one that waited
	Failures uint64 // commits that failed
	Late     uint64 // callers told ErrLate
}

// Writer collects operations and commits them from one goroutine. Its methods may be called from any goroutine.
type Writer[K comparable, T any] struct {
	cfg    Config[K, T]
	wake   chan struct{} // there is work, or the writer closes
	ended  chan struct{} // the goroutine has ended
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	pending  map[K]*entry[T]
	order    []*entry[T] // the pending ones, oldest first
	flying   int         // in the commit under way
	late     deadlines
	closed   bool
	stats    Stats
	troubled bool // the last commit failed
}

type entry[T any] struct {
	op      T
	since   time.Time // kept only with Linger
	waiters []*waiter
}

// waiter is a caller that wants to know. It is told once: when all of its operations are committed, or at its deadline.
type waiter struct {
	left int // operations still to be committed
	at   time.Time
	done func(error) // nil once told
}

// New starts a writer. Close ends it.
func New[K comparable, T any](cfg Config[K, T]) *Writer[K, T] {
	cfg = cfg.withDefaults()
	w := &Writer[K, T]{cfg: cfg, wake: make(chan struct{}, 1), ended: make(chan struct{}), pending: make(map[K]*entry[T])}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	go w.run()
	return w
}

func (c Config[K, T]) withDefaults() Config[K, T] {
	if c.Merge == nil {
		c.Merge = func(_, next T) T { return next }
	}
	if c.Max <= 0 {
		c.Max = 500
	}
	if c.Limit <= 0 {
		c.Limit = 1_000_000
	}
	if c.Delay <= 0 {
		c.Delay = 400 * time.Millisecond
	}
	if c.Retry <= 0 {
		c.Retry = 50 * time.Millisecond
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Put takes operations to be committed, and never waits for it. When all of them are safe, or the deadline has passed, done is
// called once, in a goroutine of the writer: it must not block. done may be nil. When Put returns an error nothing was taken and done
// is not called.
func (w *Writer[K, T]) Put(done func(error), ops ...T) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return ErrClosed
	case len(w.pending)+len(ops) > w.cfg.Limit && !w.knows(ops):
		return ErrFull
	}
	var wt *waiter
	if done != nil && len(ops) > 0 {
		wt = &waiter{left: len(ops), done: done, at: time.Now().Add(w.cfg.Delay)}
		w.late.add(wt, w.cfg.Delay, w.expire)
	}
	for _, op := range ops {
		w.put(op, wt)
	}
	w.poke()
	return nil
}

// knows says whether all the operations can be joined with ones that wait.
func (w *Writer[K, T]) knows(ops []T) bool {
	for _, op := range ops {
		if w.pending[w.cfg.Key(op)] == nil {
			return false
		}
	}
	return true
}

func (w *Writer[K, T]) put(op T, wt *waiter) {
	k := w.cfg.Key(op)
	e := w.pending[k]
	if e == nil {
		e = &entry[T]{op: op}
		if w.cfg.Linger > 0 {
			e.since = time.Now()
		}
		w.pending[k] = e
		w.order = append(w.order, e)
	} else {
		e.op = w.cfg.Merge(e.op, op)
		w.stats.Joined++
	}
	if wt != nil {
		e.wait(wt)
	}
}

// wait adds a caller. Where the place for them is used up, those who were told that it is late are forgotten first: one phone comes again and again
// while the disk is away.
func (e *entry[T]) wait(wt *waiter) {
	if len(e.waiters) == cap(e.waiters) {
		e.waiters = slices.DeleteFunc(e.waiters, func(w *waiter) bool { return w.done == nil })
	}
	e.waiters = append(e.waiters, wt)
}

func (w *Writer[K, T]) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Stats tells how the writer does.
func (w *Writer[K, T]) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.stats
	s.Waiting = len(w.pending) + w.flying
	return s
}

// Close takes no more operations, commits what waits and ends the writer. When ctx ends first, what is left is given up: its callers
// are told ErrClosed, and Close says how much it was.
func (w *Writer[K, T]) Close(ctx context.Context) error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.poke()
	select {
	case <-w.ended:
	case <-ctx.Done():
		w.cancel()
		<-w.ended
	}
	w.cancel()
	return w.abandon()
}

// abandon tells everybody that still waits that it will not be.
func (w *Writer[K, T]) abandon() error {
	w.mu.Lock()
	var left []T
	for _, e := range w.order {
		left = append(left, e.op)
	}
	told := w.late.all()
	w.pending, w.order, w.flying = make(map[K]*entry[T]), nil, 0
	w.mu.Unlock()
	for _, done := range told {
		done(ErrClosed)
	}
	if len(left) == 0 {
		return nil
	}
	if w.cfg.GaveUp != nil {
		w.cfg.GaveUp(left)
	}
	return fmt.Errorf("%w: %d writes given up", ErrClosed, len(left))
}
