package outbox

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"obelus/store"
)

// Sink is a place that ended records are shipped to. One goroutine calls it.
type Sink interface {
	// Name is its own among the sinks, and the same after a restart.
	Name() string

	// Ship has the records, in their order, in the place when it returns nil: durably, as far as the place can. note is what Ship last returned,
	// or intend was last given; what it returns now is kept together with how far the records went. Should the server die, or Ship fail, in between, the
	// next call begins with the same record, and finds by the note what is there already. intend makes a note durable at once.
	Ship(ctx context.Context, records []store.CallRecord, note string, intend func(note string) error) (string, error)
}

const (
	load       = 500 // records in one Ship
	firstPause = time.Second
	longPause  = time.Minute
	partTime   = 2 * time.Second // how long a sink that was told to end has for it when the server stops
)

// runner ships to one sink.
type runner struct {
	cfg   Config
	sink  Sink
	batch Batch
	name  string

	ctx    context.Context
	cancel context.CancelFunc
	due    chan struct{} // there is something to ship, and it has waited enough
	again  chan struct{} // try at once, also in the pause after a failure
	drain  chan struct{} // closed: ship what there is, and end
	ended  chan struct{}
	last   bool // the goroutine's: this is the last round

	mu      sync.Mutex
	known   bool // upTo and note were read
	upTo    int64
	note    string
	waiting int // since the last poke that was due
	armed   *time.Timer
	armedTo time.Time // when it fires
	sentAt  time.Time // when records last went
	shipped uint64
	err     error
	since   time.Time // err
}

func newRunner(ctx context.Context, cfg Config, batch Batch, s Sink) *runner {
	r := &runner{cfg: cfg, sink: s, batch: batch, name: s.Name(), due: make(chan struct{}, 1), again: make(chan struct{}, 1), drain: make(chan struct{}), ended: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	// Here, so that a sink that is new misses no call that ends from now on. Where it can't be read, it is read later.
	r.trouble(r.find(ctx))
	return r
}

// find reads how far the sink has come.
func (r *runner) find(ctx context.Context) error {
	upTo, note, err := r.cfg.Store.Shipped(ctx, r.name)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.upTo, r.note, r.known = upTo, note, true
	return nil
}

// poke says that n records more have ended.
func (r *runner) poke(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting += n
	wait := r.batch.Every
	if wait <= 0 {
		wait = r.cfg.Gather - time.Since(r.sentAt)
	}
	switch {
	case wait <= 0 || r.batch.Size > 0 && r.waiting >= r.batch.Size:
		r.signal()
	case r.armed == nil:
		r.armed, r.armedTo = time.AfterFunc(wait, r.now), time.Now().Add(wait)
	}
}

// now says that what there is has waited enough.
func (r *runner) now() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.signal()
}

// retry has the next try made at once.
func (r *runner) retry() {
	r.now()
	select {
	case r.again <- struct{}{}:
	default:
	}
}

// signal wakes the goroutine. Callers hold the mutex.
func (r *runner) signal() {
	r.waiting = 0
	if r.armed != nil {
		r.armed.Stop()
		r.armed = nil
	}
	select {
	case r.due <- struct{}{}:
	default:
	}
}

// run is the runner's goroutine.
func (r *runner) run() {
	defer close(r.ended)
	var pause time.Duration // after a failure
	for {
		switch more, err := r.ship(); {
		case r.ctx.Err() != nil:
			return
		case err != nil:
			pause = min(max(2*pause, firstPause), longPause)
		case more:
			pause = 0
			continue
		default:
			pause = 0
		}
		if !r.wait(pause) {
			return
		}
	}
}

// wait waits until there is something to do: a record, or after a failure the end of the pause. It is false when the runner is to end, which
// is after one more try when it is drained.
func (r *runner) wait(pause time.Duration) bool {
	if r.last {
		return false
	}
	due := r.due
	var over <-chan time.Time
	if pause > 0 {
		t := time.NewTimer(pause)
		defer t.Stop()
		due, over = nil, t.C
	}
	select {
	case <-r.ctx.Done():
		return false
	case <-r.drain:
		r.last = true
	case <-r.again:
	case <-due:
	case <-over:
	}
	return true
}

// ship ships the next records, and says whether there may be more.
func (r *runner) ship() (more bool, err error) {
	n, err := r.next()
	r.trouble(err)
	return n == load, err
}

func (r *runner) next() (int, error) {
	r.mu.Lock()
	known := r.known
	r.mu.Unlock()
	if !known {
		if err := r.find(r.ctx); err != nil {
			return 0, err
		}
	}
	r.mu.Lock()
	upTo, note := r.upTo, r.note
	r.mu.Unlock()
	records, err := r.cfg.Store.Ended(r.ctx, upTo, load)
	if err != nil || len(records) == 0 {
		return 0, err
	}
	intend := func(note string) error {
		if err := r.cfg.Store.Ship(r.ctx, r.name, upTo, note); err != nil {
			return err
		}
		r.moved(upTo, note, 0)
		return nil
	}
	note, err = r.sink.Ship(r.ctx, records, note, intend)
	if err != nil {
		return 0, err
	}
	upTo = records[len(records)-1].Number
	// The records are there: that must be known, also when the runner is told to end now.
	if err := r.cfg.Store.Ship(context.WithoutCancel(r.ctx), r.name, upTo, note); err != nil {
		return 0, fmt.Errorf("they are there, but that could not be noted: %w", err)
	}
	r.moved(upTo, note, len(records))
	return len(records), nil
}

// moved notes in memory what the store has.
func (r *runner) moved(upTo int64, note string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.upTo, r.note = upTo, note
	if r.shipped += uint64(n); n > 0 {
		r.sentAt = time.Now()
	}
}

// trouble says when a sink begins to fail and when that is over.
func (r *runner) trouble(err error) {
	if r.ctx.Err() != nil {
		return // told to end
	}
	r.mu.Lock()
	was, since := r.err, r.since
	r.err = err
	if err != nil && was == nil {
		r.since = time.Now()
	}
	r.mu.Unlock()
	switch {
	case err != nil && was == nil:
		r.cfg.Log.Error("cdr: call records can't be shipped; they wait, and it is tried again", "to", r.name, "why", err)
	case err == nil && was != nil:
		r.cfg.Log.Info("cdr: call records are shipped again", "to", r.name, "after", time.Since(since).Round(time.Second))
	}
}

// reached is the Number of the last record the sink has.
func (r *runner) reached() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.upTo
}

// stop ends the runner at once; what it was about to ship is shipped another time.
func (r *runner) stop() {
	r.quit()
	<-r.ended
	r.close()
}

// quit tells the goroutine to end.
func (r *runner) quit() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.armed != nil {
		r.armed.Stop()
	}
	r.cancel()
}

// close gives the sink back.
func (r *runner) close() {
	if c, ok := r.sink.(io.Closer); ok {
		if err := c.Close(); err != nil {
			r.cfg.Log.Warn("cdr: a place of call records could not be closed", "which", r.name, "why", err)
		}
	}
}

// finish ends the runner, when it has shipped what there is where it was told to (drain), and at the latest when ctx ends.
func (r *runner) finish(ctx context.Context) {
	if !r.batch.Leave {
		select {
		case <-r.ended:
		case <-ctx.Done():
		}
	}
	r.quit()
	select {
	case <-r.ended:
		r.close()
	case <-time.After(partTime):
		r.cfg.Log.Error("cdr: a place of call records does not return; what it was writing is looked for at the next start", "which", r.name)
	}
}

// SinkStatus is how one sink does.
type SinkStatus struct {
	Name    string
	Waiting int       // records that have ended and are not there yet
	Shipped uint64    // since the start
	Err     error     // why the last try failed; nil: it did not
	Since   time.Time // that it fails
	Next    time.Time // when what waits for company is shipped; zero: nothing does
}

func (r *runner) status(ctx context.Context) SinkStatus {
	r.mu.Lock()
	s := SinkStatus{Name: r.name, Shipped: r.shipped, Err: r.err, Since: r.since}
	if r.armed != nil {
		s.Next = r.armedTo
	}
	upTo := r.upTo
	r.mu.Unlock()
	n, err := r.cfg.Store.Waiting(ctx, upTo)
	if err != nil && s.Err == nil {
		s.Err, s.Since = err, time.Now()
	}
	s.Waiting = n
	return s
}
