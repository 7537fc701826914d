// Package outbox keeps call records on the local disk and ships them, each exactly once and in the order in which calls ended, to the
// places that cdr.conf and its kin name: a sink for each, with a cursor of its own in the store.
//
// Nothing here makes a call wait. A record is handed over in memory and committed with its neighbours; from then on it survives a power cut.
// While the disk refuses, records wait in memory: [Config.Limit] of them. Beyond that a call that ends has its record written to the log, whole,
// and counted: it is in no table, but a person can still find it. Calls that begin are no longer noted when half of that waits.
//
// A sink that fails is tried again with growing pauses, for ever; the records wait in the store, also across restarts. A call that was up
// when the server died has its record ended at the next start: disposition FAILED, until the last sign of life.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"obelus/store"
	"obelus/store/batch"
)

// Config is what a Box is made of. Store and Log must be set.
type Config struct {
	Store store.Calls
	Log   *slog.Logger
	Keep  time.Duration // how long records are kept that every sink has; 0: for ever
	Limit int           // records that wait in memory for the disk; 50,000
	// Gather is the time from one Ship to the next where no batch is asked for, so that the records of a busy server have company; 0 is 100 ms.
	Gather time.Duration
}

// Batch says how long records wait for company before they are shipped. The zero Batch ships at once.
type Batch struct {
	Every time.Duration // at the latest
	Size  int           // or when so many wait; 0: only then
	Leave bool          // what waits when the server stops is shipped after the next start
}

// Box takes the records of calls. Its methods may be called from any goroutine.
type Box struct {
	cfg    Config
	writer *batch.Writer[store.CallKey, store.CallOp]
	cancel context.CancelFunc
	next   int64         // Sequence of the first record to come
	kept   chan struct{} // the goroutine that keeps house has ended

	up      atomic.Int64 // calls noted as under way
	lost    atomic.Uint64
	unbegun atomic.Uint64
	crowded atomic.Bool // it has been said that begun calls are not noted

	mu      sync.Mutex
	runners []*runner
	placed  bool // SetSinks has said where records go
}

// group is how long a record waits for others to be committed with. Nobody waits for it; at 200 calls a second a commit then has a dozen.
const group = 20 * time.Millisecond

// Open ends the records of calls that were up when the server last stopped, and begins to take new ones.
func Open(ctx context.Context, cfg Config) (*Box, error) {
	if cfg.Limit <= 0 {
		cfg.Limit = 50_000
	}
	if cfg.Gather <= 0 {
		cfg.Gather = 100 * time.Millisecond
	}
	if err := endBegun(ctx, cfg); err != nil {
		return nil, fmt.Errorf("end the records of calls that were up: %w", err)
	}
	last, err := cfg.Store.LastSequence(ctx)
	if err != nil {
		return nil, fmt.Errorf("read where the records were: %w", err)
	}
	b := &Box{cfg: cfg, next: last + 1, kept: make(chan struct{})}
	known := make(map[store.CallKey]struct{})
	b.writer = batch.New(batch.Config[store.CallKey, store.CallOp]{
		Key: store.CallOp.Key, Merge: store.CallOp.Merge, Limit: cfg.Limit, Linger: group, Log: cfg.Log,
		Commit: func(ctx context.Context, ops []store.CallOp) error { return b.commit(ctx, ops, known) },
		GaveUp: func(ops []store.CallOp) {
			for _, op := range ops {
				b.lose(op, batch.ErrClosed)
			}
		},
	})
	living, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	go b.keepHouse(living)
	return b, nil
}

// NextSequence is what the sequence of records goes on with, so that none has that of one before the start.
func (b *Box) NextSequence() int64 { return b.next }

// Begin notes that a call is under way.
func (b *Box) Begin(r store.CallRecord) {
	if b.writer.Stats().Waiting >= b.cfg.Limit/2 {
		b.unbegun.Add(1)
		if !b.crowded.Swap(true) {
			b.cfg.Log.Error("cdr: so many records wait for the disk that calls under way are not noted any more: a crash now loses theirs")
		}
		return
	}
	b.crowded.Store(false)
	b.put(store.CallOp{Kind: store.CallBegin, Record: r})
}

// End keeps complete records.
func (b *Box) End(records ...store.CallRecord) {
	for _, r := range records {
		b.put(store.CallOp{Kind: store.CallEnd, Record: r})
	}
}

// Drop forgets a record that was begun.
func (b *Box) Drop(k store.CallKey) {
	b.put(store.CallOp{Kind: store.CallDrop, Record: store.CallRecord{CallKey: k}})
}

func (b *Box) put(op store.CallOp) {
	if err := b.writer.Put(nil, op); err != nil {
		b.lose(op, err)
	}
}

// lose leaves what the disk does not get to a person who reads the log.
func (b *Box) lose(op store.CallOp, why error) {
	switch op.Kind {
	case store.CallEnd:
		b.lost.Add(1)
		b.cfg.Log.Error("cdr: a call record could not be kept; here it is", "why", why, "record", op.Record)
	case store.CallBegin:
		b.unbegun.Add(1)
	}
}

// commit writes a batch. Only the writer's goroutine calls it; known are the calls it has noted as under way.
func (b *Box) commit(ctx context.Context, ops []store.CallOp, known map[store.CallKey]struct{}) error {
	if err := b.cfg.Store.WriteCalls(ctx, ops); err != nil {
		return err
	}
	ended := 0
	for _, o := range ops {
		if o.Kind == store.CallBegin {
			known[o.Key()] = struct{}{}
			continue
		}
		delete(known, o.Key())
		if o.Kind == store.CallEnd {
			ended++
		}
	}
	b.up.Store(int64(len(known)))
	if ended > 0 {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, r := range b.runners {
			r.poke(ended)
		}
	}
	return nil
}

// SetSinks replaces the sinks. One that is new begins with the next record; one that was there before goes on where it was. A sink that is an
// io.Closer is closed when it is replaced.
func (b *Box) SetSinks(ctx context.Context, batch Batch, sinks ...Sink) {
	b.mu.Lock()
	old := b.runners // they stay until there are others: what they have not shipped must not be forgotten
	b.mu.Unlock()
	for _, r := range old {
		r.stop()
	}
	var all []*runner
	for _, s := range sinks {
		all = append(all, newRunner(ctx, b.cfg, batch, s))
	}
	b.mu.Lock()
	b.runners, b.placed = all, true
	b.mu.Unlock()
	for _, r := range all {
		r.now()
		go r.run()
	}
}

// Submit ships what waits for company, and tries again at once where a sink had failed.
func (b *Box) Submit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.runners {
		r.retry()
	}
}

// Status is how the records do on their way.
type Status struct {
	Writing batch.Stats // to the local disk
	Up      int         // calls noted as under way
	Unbegun uint64      // calls not noted because too much waited
	Lost    uint64      // records that are only in the log
	Sinks   []SinkStatus
}

// Status tells how the records do.
func (b *Box) Status(ctx context.Context) Status {
	b.mu.Lock()
	runners := b.runners
	b.mu.Unlock()
	s := Status{Writing: b.writer.Stats(), Up: int(b.up.Load()), Unbegun: b.unbegun.Load(), Lost: b.lost.Load()}
	for _, r := range runners {
		s.Sinks = append(s.Sinks, r.status(ctx))
	}
	return s
}

// shipTime is how long Close waits for the last records to be shipped.
const shipTime = 3 * time.Second

// Close commits what waits, ships what can be shipped in three seconds, and ends. What is not shipped then, or when ctx ends, is shipped after the next start.
func (b *Box) Close(ctx context.Context) error {
	b.cancel()
	<-b.kept
	err := b.writer.Close(ctx)
	b.mu.Lock()
	runners := b.runners
	b.runners = nil
	b.mu.Unlock()
	shipping, cancel := context.WithTimeout(ctx, shipTime)
	defer cancel()
	for _, r := range runners {
		if !r.batch.Leave {
			close(r.drain) // all at once: one that hangs takes no time from another
		}
	}
	for _, r := range runners {
		r.finish(shipping)
	}
	if err != nil {
		return errors.Join(errors.New("call records were not kept"), err)
	}
	return nil
}
