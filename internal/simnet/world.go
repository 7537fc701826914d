package simnet

import (
	"container/heap"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// world is what networks that hang together share: the lock, what is on its
// way, and who captures it. No goroutine belongs to it: timers drive it.
type world struct {
	mu       sync.Mutex
	seed     uint64
	start    time.Time
	queue    arrivals
	seq      uint64
	running  bool
	captures []*Capture
	filter   atomic.Pointer[func(Packet) bool]
}

// arrival is something that happens at a time; equal times keep their order.
type arrival struct {
	at  time.Time
	seq uint64
	do  func() // runs with the lock held
}

// at makes do happen at a time, now if that is not in the future. The lock
// is held.
func (w *world) at(when time.Time, do func()) {
	w.seq++
	heap.Push(&w.queue, arrival{when, w.seq, do})
	if wait := time.Until(when); wait > 0 {
		time.AfterFunc(wait, w.wake)
		return
	}
	w.runDue()
}

func (w *world) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runDue()
}

// runDue lets all that is due happen, in order. What happens may add to the
// queue; the outermost call takes care of that too. The lock is held.
func (w *world) runDue() {
	if w.running {
		return
	}
	w.running = true
	defer func() { w.running = false }()
	for len(w.queue) > 0 && !w.queue[0].at.After(time.Now()) {
		heap.Pop(&w.queue).(arrival).do()
	}
}

// record notes a packet for everybody who captures. The lock is held.
func (w *world) record(proto, fromName, toName string, src, dst netip.AddrPort, data []byte) *Packet {
	if len(w.captures) == 0 {
		return nil
	}
	p := &Packet{
		At: time.Since(w.start), Proto: proto,
		FromName: fromName, ToName: toName,
		From: src, To: dst, Data: data,
	}
	for _, c := range w.captures {
		c.packets = append(c.packets, p)
	}
	return p
}

// arrivals is a heap, the earliest on top.
type arrivals []arrival

func (q arrivals) Len() int { return len(q) }
func (q arrivals) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].seq < q[j].seq
	}
	return q[i].at.Before(q[j].at)
}
func (q arrivals) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *arrivals) Push(x any)   { *q = append(*q, x.(arrival)) }
func (q *arrivals) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = arrival{}
	*q = old[:len(old)-1]
	return last
}
