package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"obelus/store"
)

// Status is how an engine does.
type Status struct {
	Where string    // host and database
	Node  string    // this server's name
	Lost  time.Time // since when the database can't be reached; zero while it can
	Why   error     // the latest reason
	Times int       // how often it was lost since the start
}

// Status tells how the engine does.
func (e *Engine) Status() Status {
	e.reach.mu.Lock()
	defer e.reach.mu.Unlock()
	s := Status{Where: e.where, Node: e.node, Times: e.reach.times}
	if e.reach.why != nil {
		s.Lost, s.Why = e.reach.since, e.reach.why
	}
	return s
}

// Ready is closed when the database could be reached for the first time.
func (e *Engine) Ready() <-chan struct{} { return e.reach.ready }

// reach knows whether the database can be reached.
type reach struct {
	ctx    context.Context // of the goroutine that tries
	cancel context.CancelFunc
	trying sync.WaitGroup
	ready  chan struct{}

	mu    sync.Mutex
	once  bool // ready is closed
	ended bool
	why   error // why it can't; nil while it can
	since time.Time
	times int
}

func (r *reach) start() {
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.ready = make(chan struct{})
}

func (r *reach) stop() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.cancel()
	r.trying.Wait()
}

// found says that the database can be reached, and tells for how long it could not.
func (r *reach) found() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.why = nil
	if !r.once {
		r.once = true
		close(r.ready)
	}
	return time.Since(r.since)
}

// lose notes that it can't; true for who notices first.
func (r *reach) lose(err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := r.why == nil && !r.ended
	if r.why = err; first {
		r.since = time.Now()
		r.times++
		r.trying.Add(1)
	}
	return first
}

// lost says once that the database can't be reached, and has a goroutine try until it can.
func (e *Engine) lost(err error) {
	if !e.reach.lose(err) {
		return
	}
	e.log.Error("store: PostgreSQL can't be reached, going on from memory; texts that would have to wait are refused", "at", e.where, "err", err)
	e.pool.Reset()
	go e.tryUntilFound()
}

func (e *Engine) tryUntilFound() {
	defer e.reach.trying.Done()
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		err := e.prepare(e.reach.ctx)
		if e.reach.ctx.Err() != nil {
			return
		}
		if err == nil {
			e.log.Info("store: PostgreSQL is back", "at", e.where, "after", e.reach.found().Round(time.Millisecond))
			return
		}
		e.reach.lose(err)
		pause(e.reach.ctx, wait)
	}
}

// do carries out one operation in a bounded time: at once with an error while the database can't be reached.
func (e *Engine) do(ctx context.Context, what string, op func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.reach.mu.Lock()
	why := e.reach.why
	e.reach.mu.Unlock()
	if why != nil {
		if !errors.Is(why, store.ErrUnavailable) {
			why = fmt.Errorf("%w: %w", store.ErrUnavailable, why)
		}
		return fmt.Errorf("%s: %w", what, why)
	}
	bounded, cancel := context.WithTimeout(ctx, opTime)
	defer cancel()
	err := op(bounded)
	for tries := 0; again(err) && tries < 3 && bounded.Err() == nil; tries++ {
		err = op(bounded)
	}
	if err == nil || ctx.Err() != nil {
		return err // who asked has gone
	}
	if err = e.explain(err); errors.Is(err, store.ErrUnavailable) {
		e.lost(err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
