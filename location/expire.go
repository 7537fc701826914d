package location

import (
	"math"
	"time"
)

// Expiry: every contact sits in its shard's heap under a time when it is looked at. A refresh that gives it longer leaves that time alone: the
// look finds it alive and puts it back under its new expiry. So a refresh costs nothing here.

// breath is the least time between two looks, so that a crowd of contacts that end one after the other is met in groups.
const breath = 10 * time.Millisecond

// expirer is the registrar's one goroutine: it removes contacts when their time has come.
func (r *Registrar) expirer() {
	defer close(r.stopped)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(r.look())
		select {
		case <-timer.C:
		case <-r.wake:
		case <-r.stop:
			return
		}
	}
}

// look removes what has expired and returns how long to sleep. While it looks, next is endless, so that whoever adds a contact behind
// its back wakes it again.
func (r *Registrar) look() time.Duration {
	r.next.Store(math.MaxInt64)
	now := time.Now()
	for i := range r.shards {
		if due, ok := r.reap(&r.shards[i], now); ok {
			r.lower(due)
		}
	}
	at := r.next.Load()
	if at == math.MaxInt64 {
		return time.Hour // nobody is registered
	}
	return max(r.start.Add(time.Duration(at)).Sub(now), breath)
}

// lower makes the expirer's time earlier if due is; false if it isn't.
func (r *Registrar) lower(due time.Time) bool {
	at := int64(due.Sub(r.start))
	for {
		old := r.next.Load()
		if at >= old {
			return false
		}
		if r.next.CompareAndSwap(old, at) {
			return true
		}
	}
}

// wakeBy sees to it that the expirer looks at due at the latest.
func (r *Registrar) wakeBy(due time.Time) {
	if r.lower(due) {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// reap removes the shard's expired contacts and returns when it must be looked at next.
func (r *Registrar) reap(s *shard, now time.Time) (next time.Time, ok bool) {
	for {
		s.mu.Lock()
		c := s.due.first()
		if c == nil || c.due.After(now) {
			s.mu.Unlock()
			break
		}
		if c.Expires.After(now) {
			c.due = c.Expires
			s.due.fix(c.pos)
			s.mu.Unlock()
			continue
		}
		ch := change{r: r, s: s, aor: c.AOR, now: now}
		ch.finish(ch.begin(), nil)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.due.first(); c != nil {
		return c.due, true
	}
	return time.Time{}, false
}

// dueHeap is a binary heap of contacts, the earliest due first. Each knows its place, so that it can be taken out.
type dueHeap []*contact

func (h dueHeap) first() *contact {
	if len(h) == 0 {
		return nil
	}
	return h[0]
}

func (h *dueHeap) push(c *contact) {
	c.pos = len(*h)
	*h = append(*h, c)
	h.fix(c.pos)
}

func (h *dueHeap) remove(i int) {
	n := len(*h) - 1
	h.swap(i, n)
	(*h)[n] = nil
	*h = (*h)[:n]
	if i < n {
		h.fix(i)
	}
}

// fix restores the order after the contact at i changed its time.
func (h *dueHeap) fix(i int) {
	a := *h
	for i > 0 && a[i].due.Before(a[(i-1)/2].due) {
		a.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(a); child++ {
			if a[child].due.Before(a[least].due) {
				least = child
			}
		}
		if least == i {
			return
		}
		a.swap(i, least)
		i = least
	}
}

func (h dueHeap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].pos, h[j].pos = i, j
}
