// Package wheel has workers turn things every 20 ms: a goroutine a core, however many
// things there are.
package wheel

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"obelus/media"
)

// Workers turn what they were given. Each has a wheel of 20 slots, a millisecond
// apart, and a goroutine while there is anything on it. The zero value serves; the
// methods are safe from any goroutine.
type Workers struct {
	once    sync.Once
	wheels  []*wheel
	running sync.WaitGroup
}

// Turner is what a worker turns.
type Turner interface {
	// Turn does what there is to do every 20 ms; it is false when the worker has no
	// more to do with it. It returns at once and does not panic.
	Turn() (stays bool)
}

// wheelSlots is how many milliseconds a turn has.
const wheelSlots = int(media.Frame / time.Millisecond)

// crowd is how many share a slot before the next slot is used: a wake-up
// costs as much as turning several.
const crowd = 4

// wheel is one worker.
type wheel struct {
	all *Workers

	mu      sync.Mutex
	slots   [wheelSlots][]Turner
	count   int
	running bool
}

// open makes the wheels.
func (w *Workers) open() {
	w.once.Do(func() {
		for range runtime.GOMAXPROCS(0) {
			w.wheels = append(w.wheels, &wheel{all: w})
		}
	})
}

// Add gives one to the worker who has the fewest.
func (w *Workers) Add(l Turner) {
	w.open()
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

// Count is how many are turned now.
func (w *Workers) Count() int {
	w.open()
	n := 0
	for _, one := range w.wheels {
		one.mu.Lock()
		n += one.count
		one.mu.Unlock()
	}
	return n
}

// Close waits until nobody works: until nothing stays.
func (w *Workers) Close() { w.running.Wait() }

func (w *wheel) add(l Turner) {
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

func (w *wheel) remove(slot int, l Turner) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.slots[slot], l); i >= 0 {
		w.slots[slot] = slices.Delete(w.slots[slot], i, i+1)
		w.count--
	}
}

// next is the first slot from n on with something on it, and how far it is; false when the
// wheel is empty, and its worker ends.
func (w *wheel) next(n int, list []Turner) (slot, ahead int, _ []Turner, ok bool) {
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
	return slot, ahead, append(list[:0], w.slots[slot]...), true
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
	var list []Turner
	for n := 0; ; n = (n + 1) % wheelSlots {
		slot, ahead, now, ok := w.next(n, list)
		if !ok {
			return
		}
		list, n = now, slot
		due = due.Add(time.Duration(ahead) * time.Millisecond)
		if wait := time.Until(due); wait > 0 {
			timer.Reset(wait)
			<-timer.C
		} else if -wait > behind {
			due = due.Add(-wait)
		}
		for _, l := range list {
			if !l.Turn() {
				w.remove(slot, l)
			}
		}
		due = due.Add(time.Millisecond)
	}
}
