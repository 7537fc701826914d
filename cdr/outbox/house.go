package outbox

import (
	"context"
	"math"
	"time"

	"obelus/store"
)

const (
	signOfLife = 15 * time.Second // how often it is noted while calls are up
	piece      = 500              // records in one transaction of the housekeeping
	breath     = 100 * time.Millisecond
)

// causeTemporaryFailure is Q.850's 41: the record of a call whose server died.
const causeTemporaryFailure = 41

// endBegun ends the records of calls that were up when the server died.
func endBegun(ctx context.Context, cfg Config) error {
	alive, err := cfg.Store.LastAlive(ctx)
	if err != nil {
		return err
	}
	var ops []store.CallOp
	err = cfg.Store.Begun(ctx, func(r store.CallRecord) error {
		ops = append(ops, store.CallOp{Kind: store.CallEnd, Record: cutOff(r, alive)})
		return nil
	})
	if err != nil {
		return err
	}
	for rest := ops; len(rest) > 0; {
		n := min(piece, len(rest))
		if err := cfg.Store.WriteCalls(ctx, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	if len(ops) > 0 {
		cfg.Log.Warn("cdr: calls were up when the server last stopped: their records end there", "calls", len(ops), "end", alive.Local().Format(time.DateTime),
			"disposition", "FAILED")
	}
	return nil
}

// cutOff is the record of a call that ended with its server, which was last known to live at alive.
func cutOff(r store.CallRecord, alive time.Time) store.CallRecord {
	r.End = alive
	for _, t := range []time.Time{r.Start, r.Answer} {
		if t.After(r.End) {
			r.End = t
		}
	}
	r.Duration, r.BillSec = int(r.End.Sub(r.Start)/time.Second), 0
	if !r.Answer.IsZero() {
		r.BillSec = int(r.End.Sub(r.Answer) / time.Second)
	}
	r.Disposition = "FAILED"
	if r.Cause == 0 {
		r.Cause = causeTemporaryFailure
	}
	return r
}

// keepHouse notes signs of life, and forgets what is old.
func (b *Box) keepHouse(ctx context.Context) {
	defer close(b.kept)
	life := time.NewTicker(signOfLife)
	defer life.Stop()
	var old <-chan time.Time
	if b.cfg.Keep > 0 {
		t := time.NewTicker(min(max(b.cfg.Keep/24, time.Minute), time.Hour))
		defer t.Stop()
		old = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-life.C:
			if b.up.Load() > 0 {
				if err := b.cfg.Store.Alive(ctx, time.Now()); err != nil {
					b.cfg.Log.Debug("cdr: no sign of life could be noted", "why", err)
				}
			}
		case <-old:
			b.prune(ctx)
		}
	}
}

// prune forgets records older than Keep that every sink has, in pieces with a pause between them so that no commit waits long.
func (b *Box) prune(ctx context.Context) {
	for {
		n, err := b.cfg.Store.Prune(ctx, time.Now().Add(-b.cfg.Keep), b.everywhere(), piece)
		if err != nil {
			b.cfg.Log.Warn("cdr: old records could not be forgotten", "why", err)
			return
		}
		if n < piece {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(breath):
		}
	}
}

// everywhere is the Number up to which every sink has the records; 0 until it is known which sinks there are.
func (b *Box) everywhere() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.placed {
		return 0
	}
	upTo := int64(math.MaxInt64)
	for _, r := range b.runners {
		upTo = min(upTo, r.reached())
	}
	return upTo
}
