package wire

import (
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// Rest is how long a closed port stays closed, so that the last packets of
// one call are not the first of another.
const Rest = 3 * time.Second

// Range hands out even ports, each of which brings the next one along
// (RFC 3550 §11). It goes round from a random start, so a port that was given
// back comes last.
type Range struct {
	mu    sync.Mutex
	first int
	slots []rangeSlot // a pair each
	next  int
}

// rangeSlot is since when, or from when on, a pair is free: nanoseconds of the
// Unix epoch.
type rangeSlot int64

const taken rangeSlot = math.MaxInt64

// EvenUp is the number, or the next one where it is odd.
func EvenUp(n int) int { return n + n&1 }

// Init sets the range anew, with no port taken. There must be room for a pair: an
// even port and the next.
func (p *Range) Init(start, end int) {
	p.first = EvenUp(start)
	p.slots = make([]rangeSlot, (end+1-p.first)/2)
	p.next = rand.IntN(len(p.slots))
}

// Move changes the range. What is taken or rests stays so where both ranges have
// it; a port of the old range that is given back later is forgotten.
func (p *Range) Move(start, end int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, first := p.slots, p.first
	p.Init(start, end)
	for i := range p.slots {
		if k := i + (p.first-first)/2; k >= 0 && k < len(before) {
			p.slots[i] = before[k]
		}
	}
}

// Take returns a free even port, and false when all are taken or resting.
func (p *Range) Take(now time.Time) (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range p.slots {
		i := p.next
		p.next = (p.next + 1) % len(p.slots)
		if p.slots[i] <= rangeSlot(now.UnixNano()) {
			p.slots[i] = taken
			return p.first + 2*i, true
		}
	}
	return 0, false
}

// Elsewhere has Take go on at another place of the range: whoever else has a port
// here likely has those beside it.
func (p *Range) Elsewhere() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = rand.IntN(len(p.slots))
}

// Give lets a port rest and then be used again.
func (p *Range) Give(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := (port - p.first) / 2; port >= p.first && i < len(p.slots) {
		p.slots[i] = rangeSlot(time.Now().Add(Rest).UnixNano())
	}
}

// Pairs is how many there are in all.
func (p *Range) Pairs() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.slots)
}
