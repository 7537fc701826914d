package transaction

import (
	"sync"
	"time"
)

// Repeat sends bytes again and again, at growing pauses, until it is stopped: a
// 2xx to an INVITE until its ACK has come (RFC 3261 section 13.3.1.4), a reliable
// 1xx until its PRACK has (RFC 3262 section 3).
type Repeat struct {
	layer *Layer
	send  func()
	over  func()
	slow  time.Duration // the longest pause
	end   time.Time

	mu    sync.Mutex
	gap   time.Duration
	done  bool
	timer Timer
}

// Repeat begins: send is called after t1, then at pauses that double up to
// longest (T2 for a 2xx, no bound where it is 0), and over once when 64*t1 have
// passed. Neither may block.
func (l *Layer) Repeat(t1, slowest time.Duration, send, over func()) *Repeat {
	if t1 <= 0 {
		t1 = timerT1
	}
	r := &Repeat{layer: l, send: send, over: over, slow: slowest, gap: t1, end: time.Now().Add(64 * t1)}
	r.mu.Lock()
	l.wheel.Set(&r.timer, r, r.gap)
	r.mu.Unlock()
	return r
}

// Stop ends it; nothing is called afterwards but what is under way.
func (r *Repeat) Stop() {
	r.mu.Lock()
	r.done = true
	r.layer.wheel.Stop(&r.timer)
	r.mu.Unlock()
}

// Ring is called by the wheel.
func (r *Repeat) Ring(t *Timer, turn uint32) {
	r.mu.Lock()
	if r.done || !t.Due(turn) {
		r.mu.Unlock()
		return
	}
	left := time.Until(r.end)
	if left <= 0 {
		r.done = true
		r.mu.Unlock()
		r.over()
		return
	}
	r.gap *= 2
	if r.slow > 0 {
		r.gap = min(r.gap, r.slow)
	}
	r.layer.wheel.Set(&r.timer, r, min(r.gap, left))
	r.mu.Unlock()
	r.send()
}
