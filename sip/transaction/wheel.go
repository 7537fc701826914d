package transaction

import (
	"log/slog"
	"math/bits"
	"runtime/debug"
	"sync"
	"time"
)

const (
	wheelSlots = 4096                  // 41 s a turn: every timer of RFC 3261 fits in one
	wheelTick  = 10 * time.Millisecond // finest step
	coarseFrom = 450                   // ticks (4.5 s: above T2) from where a timer may ring up to coarseStep ticks late
	coarseStep = 16                    // long timers share slots, so that a busy server wakes seldom
)

// Wheel rings timers for thousands of transactions and dialogs without a goroutine or a time.Timer of their own.
// It sleeps until the next slot that holds a timer, and not at all when there is none: an idle server never wakes.
// It takes its time from package time, so that it works inside a testing/synctest bubble.
//
// All methods may be called from any goroutine. A timer rings on the wheel's goroutine, with no lock of the wheel held.
type Wheel struct {
	log     *slog.Logger
	mu      sync.Mutex
	start   time.Time
	at      int64 // last tick that was rung
	count   int
	slots   [wheelSlots]*Timer
	used    [wheelSlots / 64]uint64 // a bit for each slot that holds a timer
	alarm   *time.Timer
	next    int64 // tick that alarm is set for; 0 when asleep
	ringing bool
	closed  bool
}

// Ringer is what owns a timer. Ring is told which timer it was and the turn (see [Timer.Due]); it is called with no lock
// held and must not block.
type Ringer interface {
	Ring(t *Timer, turn uint32)
}

// Timer is one alarm; its owner embeds it. The zero value is ready.
// The owner calls Set and Stop of the wheel under its own lock, and asks Due in Ring under the same lock.
type Timer struct {
	prev, next *Timer
	owner      Ringer
	tick       int64
	turn       uint32
	set        bool
}

// Due reports whether this ring is the one last asked for: a timer that was stopped or set anew while its ring was on
// the way is not due. To be called under the lock under which the owner sets and stops the timer.
func (t *Timer) Due(turn uint32) bool { return t.turn == turn }

// NewWheel returns a wheel that stands still until the first timer is set. A panic in a Ring is told to log; the wheel
// goes on.
func NewWheel(log *slog.Logger) *Wheel { return &Wheel{start: time.Now(), log: log} }

// Set has t ring its owner after d; a t that is already set is moved.
func (w *Wheel) Set(t *Timer, owner Ringer, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unlink(t)
	t.turn++
	if w.closed {
		return
	}
	now := w.now()
	if w.count == 0 && !w.ringing {
		w.at = now // nothing was waiting: don't walk the ticks that passed
	}
	t.owner, t.tick, t.set = owner, w.tickFor(d), true
	w.link(t)
	if w.next == 0 || t.tick < w.next {
		w.sleep(t.tick)
	}
}

// Stop takes t off the wheel. A ring that is already on its way is no longer Due.
func (w *Wheel) Stop(t *Timer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unlink(t)
	t.turn++
}

// Close stops the wheel for good: no timer rings any more.
func (w *Wheel) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.alarm != nil {
		w.alarm.Stop()
	}
}

// Len returns how many timers are set.
func (w *Wheel) Len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

func (w *Wheel) now() int64 { return int64(time.Since(w.start) / wheelTick) }

// tickFor rounds up, never down: a timer may ring late by a step, never early.
func (w *Wheel) tickFor(d time.Duration) int64 {
	since := time.Since(w.start) + max(d, 0)
	tick := int64((since + wheelTick - 1) / wheelTick)
	if d >= coarseFrom*wheelTick {
		tick = (tick + coarseStep - 1) / coarseStep * coarseStep
	}
	return max(tick, w.at+1)
}

func (w *Wheel) link(t *Timer) {
	i := t.tick % wheelSlots
	t.prev, t.next = nil, w.slots[i]
	if t.next != nil {
		t.next.prev = t
	}
	w.slots[i] = t
	w.used[i/64] |= 1 << (i % 64)
	w.count++
}

func (w *Wheel) unlink(t *Timer) {
	if !t.set {
		return
	}
	i := t.tick % wheelSlots
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		w.slots[i] = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	if w.slots[i] == nil {
		w.used[i/64] &^= 1 << (i % 64)
	}
	t.prev, t.next, t.set = nil, nil, false
	w.count--
}

// sleep sets the alarm for tick; the ringing goroutine does that itself when it is done.
func (w *Wheel) sleep(tick int64) {
	if w.ringing || w.closed {
		return
	}
	w.next = tick
	d := time.Until(w.start.Add(time.Duration(tick) * wheelTick))
	if w.alarm == nil {
		w.alarm = time.AfterFunc(d, w.ring)
		return
	}
	w.alarm.Reset(d)
}

// following returns the first tick after w.at whose slot is used; w.mu is held and the wheel isn't empty.
func (w *Wheel) following() int64 {
	from := w.at + 1
	for tick := from; tick < from+wheelSlots; {
		i := tick % wheelSlots
		word := w.used[i/64] >> (i % 64)
		if word != 0 {
			return tick + int64(bits.TrailingZeros64(word))
		}
		tick += 64 - i%64
	}
	return from + wheelSlots
}

// rung is a timer taken off the wheel, with the turn it had.
type rung struct {
	t     *Timer
	owner Ringer
	turn  uint32
}

// ring rings every timer that is due and sets the alarm for the next.
func (w *Wheel) ring() {
	var due []rung
	w.mu.Lock()
	if w.ringing || w.closed {
		w.mu.Unlock()
		return
	}
	w.ringing, w.next = true, 0
	for w.count > 0 && !w.closed {
		tick := w.following()
		if now := w.now(); tick > now {
			break
		}
		w.at = tick
		due = w.take(tick, due[:0])
		w.mu.Unlock()
		for i := range due {
			w.tell(due[i])
		}
		clear(due)
		w.mu.Lock()
	}
	w.ringing = false
	if w.count > 0 {
		w.sleep(w.following())
	}
	w.mu.Unlock()
}

// tell rings one owner; what it panics with stops here.
func (w *Wheel) tell(r rung) {
	defer func() {
		if p := recover(); p != nil {
			w.log.Error("a timer panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	r.owner.Ring(r.t, r.turn)
}

// take unlinks the timers of this tick; those of a later turn of the wheel stay.
func (w *Wheel) take(tick int64, due []rung) []rung {
	for t := w.slots[tick%wheelSlots]; t != nil; {
		after := t.next
		if t.tick <= tick {
			w.unlink(t)
			due = append(due, rung{t, t.owner, t.turn})
		}
		t = after
	}
	return due
}
