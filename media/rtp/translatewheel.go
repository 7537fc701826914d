package rtp

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"obelus/media"
	"obelus/media/jitter"
)

// workers turn the lanes of a plane. Each has a wheel of 20 slots, a millisecond
// apart, and a goroutine while there are lanes on it.
type workers struct {
	once    sync.Once
	wheels  []*wheel
	running sync.WaitGroup
}

// wheelSlots is how many milliseconds a turn has.
const wheelSlots = int(media.Frame / time.Millisecond)

// crowd is how many lanes share a slot before the next slot is used: a wake-up
// costs as much as translating several.
const crowd = 4

// wheel is one worker.
type wheel struct {
	all *workers

	mu      sync.Mutex
	slots   [wheelSlots][]*lane
	count   int
	running bool
}

// add gives a lane to the worker who has the fewest.
func (w *workers) add(l *lane) {
	w.once.Do(func() {
		for range runtime.GOMAXPROCS(0) {
			w.wheels = append(w.wheels, &wheel{all: w})
		}
	})
	best, least := w.wheels[0], -1
	for _, one := range w.wheels {
		one.mu.Lock()
		n := one.count
		one.mu.Unlock()
		if least < 0 || n < least {
			best, least = one, n
		}
	}
	best.add(l)
}

// close waits until nobody works. All lanes have been closed.
func (w *workers) close() { w.running.Wait() }

func (w *wheel) add(l *lane) {
	w.mu.Lock()
	defer w.mu.Unlock()
	best := 0
	for i := range w.slots {
		// Slots that are far from each other come first.
		n := i * 7 % wheelSlots
		if len(w.slots[n]) < len(w.slots[best]) && len(w.slots[best]) >= crowd {
			best = n
		}
	}
	w.slots[best] = append(w.slots[best], l)
	w.count++
	if !w.running {
		w.running = true
		w.all.running.Go(w.run)
	}
}

func (w *wheel) remove(slot int, l *lane) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.slots[slot], l); i >= 0 {
		w.slots[slot] = slices.Delete(w.slots[slot], i, i+1)
		w.count--
	}
}

// next is the first slot with lanes from n on, and how far it is; false when the
// wheel is empty, and its worker ends.
func (w *wheel) next(n int, lanes []*lane) (slot, ahead int, _ []*lane, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count == 0 {
		w.running = false
		return 0, 0, nil, false
	}
	for len(w.slots[(n+ahead)%wheelSlots]) == 0 {
		ahead++
	}
	slot = (n + ahead) % wheelSlots
	return slot, ahead, append(lanes[:0], w.slots[slot]...), true
}

// behind is how late a worker may be before it lets the time go instead of
// making up for it.
const behind = 200 * time.Millisecond

// run turns the wheel: a slot each millisecond by an absolute clock, empty ones
// slept over.
func (w *wheel) run() {
	due := time.Now()
	timer := time.NewTimer(time.Hour) // set below, each time it is waited for
	defer timer.Stop()
	var lanes []*lane
	for n := 0; ; n = (n + 1) % wheelSlots {
		slot, ahead, now, ok := w.next(n, lanes)
		if !ok {
			return
		}
		lanes, n = now, slot
		due = due.Add(time.Duration(ahead) * time.Millisecond)
		if wait := time.Until(due); wait > 0 {
			timer.Reset(wait)
			<-timer.C
		} else if -wait > behind {
			due = due.Add(-wait)
		}
		for _, l := range lanes {
			if !l.turnSafely() {
				w.remove(slot, l)
			}
		}
		due = due.Add(time.Millisecond)
	}
}

// turnSafely keeps a fault of ours from ending the sound of all other calls.
func (l *lane) turnSafely() (stays bool) {
	defer func() {
		if r := recover(); r != nil {
			l.st.session.plane.options.Log.Error("translation stopped by a fault", "port", l.st.Port(), "fault", r)
			l.fail()
		}
	}()
	return l.turn(time.Now())
}

// mostFaults is how often a lane may fail before it is given up.
const mostFaults = 3

// fail parks a lane in whatever state it is in, and starts it from nothing.
func (l *lane) fail() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running, l.begun = false, false
	if l.faults++; l.faults >= mostFaults {
		l.closed = true
	}
	l.hear, l.speak, l.keys, l.jitter = hearing{}, speaking{}, keySeeker{}, jitter.Buffer{}
}
