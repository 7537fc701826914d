package rtp

import (
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// portRest is how long a closed port stays closed, so that the last packets of
// one call are not the first of another.
const portRest = 3 * time.Second

// ports hands out even ports, each of which brings the next one along
// (RFC 3550 §11). It goes round from a random start, so a port that was given
// back comes last.
type ports struct {
	mu    sync.Mutex
	first int
	slots []portSlot // a pair each
	next  int
}

// portSlot is since when, or from when on, a pair is free: nanoseconds of the
// Unix epoch.
type portSlot int64

const portTaken portSlot = math.MaxInt64

func evenUp(n int) int { return n + n&1 }

func (p *ports) init(start, end int) {
	p.first = evenUp(start)
	p.slots = make([]portSlot, (end+1-p.first)/2)
	p.next = rand.IntN(len(p.slots))
}

// move changes the range. What is taken or rests stays so where both ranges have
// it; a port of the old range that is given back later is forgotten.
func (p *ports) move(start, end int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, first := p.slots, p.first
	p.init(start, end)
	for i := range p.slots {
		if k := i + (p.first-first)/2; k >= 0 && k < len(before) {
			p.slots[i] = before[k]
		}
	}
}

// take returns a free even port, and false when all are taken or resting.
func (p *ports) take(now time.Time) (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range p.slots {
		i := p.next
		p.next = (p.next + 1) % len(p.slots)
		if p.slots[i] <= portSlot(now.UnixNano()) {
			p.slots[i] = portTaken
			return p.first + 2*i, true
		}
	}
	return 0, false
}

// give lets a port rest and then be used again.
func (p *ports) give(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := (port - p.first) / 2; port >= p.first && i < len(p.slots) {
		p.slots[i] = portSlot(time.Now().Add(portRest).UnixNano())
	}
}

// pairs is how many there are in all.
func (p *ports) pairs() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.slots)
}
