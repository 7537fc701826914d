package batch

import (
	"context"
	"time"
)

// run is the writer's goroutine: take what waits, commit it, tell the callers.
func (w *Writer[K, T]) run() {
	defer close(w.ended)
	for {
		batch, early, closed := w.take()
		switch {
		case early > 0:
			w.pause(early)
		case len(batch) > 0:
			if !w.commit(batch) {
				w.putBack(batch)
				return
			}
			w.release(batch)
		case closed:
			return
		default:
			<-w.wake
		}
	}
}

// take removes the oldest operations from what waits: they fly now. It takes none while they may linger, and says for how long.
func (w *Writer[K, T]) take() (batch []*entry[T], early time.Duration, closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.order), w.cfg.Max)
	if w.cfg.Linger > 0 && n > 0 && n < w.cfg.Max && !w.closed {
		if early = time.Until(w.order[0].since.Add(w.cfg.Linger)); early > 0 {
			return nil, early, false
		}
	}
	batch = append(batch, w.order[:n]...)
	clear(w.order[:n])
	if w.order = w.order[n:]; len(w.order) == 0 {
		w.order = nil
	}
	for _, e := range batch {
		delete(w.pending, w.cfg.Key(e.op))
	}
	w.flying = n
	return batch, 0, w.closed
}

// commit commits a batch, again and again until the engine takes it: a later state of the same keys must not overtake it. It is false when the
// writer was told to give up.
func (w *Writer[K, T]) commit(batch []*entry[T]) bool {
	ops := make([]T, len(batch))
	for i, e := range batch {
		ops[i] = e.op
	}
	wait := w.cfg.Retry
	for {
		err := w.cfg.Commit(w.ctx, ops)
		w.committed(len(ops), err)
		if err == nil {
			return true
		}
		if !w.pause(wait) {
			return false
		}
		wait = min(2*wait, 64*w.cfg.Retry)
	}
}

// putBack has a batch that could not be committed wait again, before all others.
func (w *Writer[K, T]) putBack(batch []*entry[T]) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.order, w.flying = append(batch, w.order...), 0
}

// committed counts a commit, and says when trouble begins and ends.
func (w *Writer[K, T]) committed(n int, err error) {
	w.mu.Lock()
	was := w.troubled
	w.troubled = err != nil
	if err == nil {
		w.stats.Commits++
		w.stats.Ops += uint64(n)
	} else {
		w.stats.Failures++
	}
	w.mu.Unlock()
	switch {
	case err != nil && !was:
		w.cfg.Log.Error("store: commit failed, going on from memory and trying again", "err", err, "operations", n)
	case err == nil && was:
		w.cfg.Log.Info("store: commits succeed again")
	}
}

// release tells the callers of a committed batch.
func (w *Writer[K, T]) release(batch []*entry[T]) {
	var told []func(error)
	w.mu.Lock()
	w.flying = 0
	for _, e := range batch {
		for _, wt := range e.waiters {
			if wt.left--; wt.left == 0 && wt.done != nil {
				told = append(told, wt.done)
				wt.done = nil
			}
		}
	}
	w.late.prune()
	w.mu.Unlock()
	for _, done := range told {
		done(nil)
	}
}

// pause waits; false means that the writer was told to give up.
func (w *Writer[K, T]) pause(d time.Duration) bool {
	ctx, cancel := context.WithTimeout(w.ctx, d)
	defer cancel()
	<-ctx.Done()
	return w.ctx.Err() == nil
}

// expire tells the callers whose deadline has passed.
func (w *Writer[K, T]) expire() {
	w.mu.Lock()
	told := w.late.due(time.Now(), w.expire)
	w.stats.Late += uint64(len(told))
	w.mu.Unlock()
	for _, done := range told {
		done(ErrLate)
	}
}

// deadlines is the queue of callers that wait, in the order of their deadlines, and the one timer for it. The writer's mutex guards it.
type deadlines struct {
	queue []*waiter
	armed bool
}

func (d *deadlines) add(wt *waiter, delay time.Duration, expire func()) {
	d.queue = append(d.queue, wt)
	if !d.armed {
		d.armed = true
		time.AfterFunc(delay, expire)
	}
}

// prune drops callers already told from the front.
func (d *deadlines) prune() {
	for len(d.queue) > 0 && d.queue[0].done == nil {
		d.queue[0] = nil
		d.queue = d.queue[1:]
	}
	if len(d.queue) == 0 {
		d.queue = nil
	}
}

// due takes out who must be told now, and sets the timer for the next.
func (d *deadlines) due(now time.Time, expire func()) (told []func(error)) {
	for d.prune(); len(d.queue) > 0 && !d.queue[0].at.After(now); d.prune() {
		told = append(told, d.queue[0].done)
		d.queue[0].done = nil
	}
	if d.armed = len(d.queue) > 0; d.armed {
		time.AfterFunc(d.queue[0].at.Sub(now), expire)
	}
	return told
}

// all takes out everybody.
func (d *deadlines) all() (told []func(error)) {
	for d.prune(); len(d.queue) > 0; d.prune() {
		told = append(told, d.queue[0].done)
		d.queue[0].done = nil
	}
	return told
}
