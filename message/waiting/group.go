package waiting

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errClosed says that a group is closed: what it was given was not committed.
var errClosed = errors.New("the store is being closed")

// group commits what several goroutines want committed, all that has come together
// while the commit before was under way. It has a goroutine only while something
// waits.
type group[T any] struct {
	commit func(context.Context, []T) error
	// stubborn groups try again until the engine takes it; others tell each caller
	// why not.
	stubborn bool
	failed   func(error) // of a stubborn group: told of each try that failed
	// linger is how long a commit waits for company where nobody waits for it. Where
	// somebody does it is 0: then it waits a moment if the commit before had company.
	linger time.Duration

	mu      sync.Mutex
	waiting []wanted[T]
	before  int // how many the last commit had
	busy    bool
	closed  bool
	idle    chan struct{} // closed when there is nothing left, once closed
	life    context.Context
	end     context.CancelFunc
}

// wanted is one thing to be committed, and who is told.
type wanted[T any] struct {
	what T
	done func(error)
}

const (
	groupMost   = 500              // in a commit
	commitTime  = 10 * time.Second // for a commit that fails rather than waits
	crowdLinger = 2 * time.Millisecond
	retryFirst  = time.Second      // pause after a commit that failed
	retryLonger = 30 * time.Second // the longest
)

func newGroup[T any](commit func(context.Context, []T) error) *group[T] {
	g := &group[T]{commit: commit, idle: make(chan struct{})}
	g.life, g.end = context.WithCancel(context.Background())
	return g
}

// put has something committed. done is told once, in order, in a goroutine of the
// group: nil when it is durable. It may be nil, and must not block for long.
func (g *group[T]) put(what T, done func(error)) {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		if done != nil {
			done(errClosed)
		}
		return
	}
	g.waiting = append(g.waiting, wanted[T]{what, done})
	begin := !g.busy
	g.busy = true
	g.mu.Unlock()
	if begin {
		go g.run()
	}
}

// marksMost is how many marks may wait before no more texts are taken. Each text that the
// store refuses leaves one, so that it can't turn up later.
const marksMost = 10_000

// errBehind says that the store has been in trouble for long.
var errBehind = errors.New("the store is behind: too much waits to be written down")

// backlog is how many wait for a commit to begin.
func (g *group[T]) backlog() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

// wait is put that returns when it is durable, or with why it is not. When ctx ends
// first the commit goes on.
func (g *group[T]) wait(ctx context.Context, what T) error {
	done := make(chan error, 1)
	g.put(what, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (g *group[T]) run() {
	for {
		g.await()
		g.mu.Lock()
		n := min(len(g.waiting), groupMost)
		if n == 0 {
			g.waiting, g.busy = nil, false
			if g.closed {
				close(g.idle)
			}
			g.mu.Unlock()
			return
		}
		g.before = n
		now := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		g.mu.Unlock()
		err := g.commitAll(now)
		if err != nil && !g.stubborn { // nobody else is kept waiting for an engine that is in trouble
			g.mu.Lock()
			now = append(now, g.waiting...)
			g.waiting = nil
			g.mu.Unlock()
		}
		for _, w := range now {
			if w.done != nil {
				w.done(err)
			}
		}
	}
}

// await gives others the time to join a commit. A crowd that comes one by one would
// else be committed two by two.
func (g *group[T]) await() {
	g.mu.Lock()
	linger := g.linger
	if linger == 0 && g.before > 1 {
		linger = crowdLinger
	}
	if len(g.waiting) == 0 || g.closed {
		linger = 0
	}
	g.mu.Unlock()
	if linger > 0 {
		ctx, cancel := context.WithTimeout(g.life, linger)
		defer cancel()
		<-ctx.Done()
	}
}

func (g *group[T]) commitAll(all []wanted[T]) error {
	what := make([]T, len(all))
	for i := range all {
		what[i] = all[i].what
	}
	for pause := retryFirst; ; pause = min(2*pause, retryLonger) {
		ctx, cancel := context.WithTimeout(g.life, commitTime)
		err := g.commit(ctx, what)
		cancel()
		if err == nil || !g.stubborn {
			return err
		}
		if g.failed != nil {
			g.failed(err)
		}
		ctx, cancel = context.WithTimeout(g.life, pause)
		<-ctx.Done()
		cancel()
		if g.life.Err() != nil {
			return err
		}
	}
}

// close takes nothing more, and returns when what waits is committed, or given up
// because ctx has ended.
func (g *group[T]) close(ctx context.Context) error {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		if !g.busy {
			close(g.idle)
		}
	}
	g.mu.Unlock()
	var err error
	select {
	case <-g.idle:
	case <-ctx.Done():
		err = context.Cause(ctx)
		g.end()
		<-g.idle
	}
	g.end()
	return err
}
