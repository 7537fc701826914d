package simnet

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Link says how packets travel one way. The zero Link is perfect: nothing
// lost, no delay.
type Link struct {
	Delay  time.Duration // every packet takes this long
	Jitter time.Duration // and up to this much more; order is kept

	Loss      float64 // share of packets lost, 0 to 1
	Duplicate float64 // share of packets that arrive twice
	Reorder   float64 // share of packets held back so that later ones overtake

	// HoldBack is how long a reordered packet is held; 0 means 20 ms, the
	// distance of two sound packets.
	HoldBack time.Duration

	// Down cuts the line: datagrams vanish, streams stall and try again.
	Down bool
}

const defaultHoldBack = 20 * time.Millisecond

func (l Link) check() {
	for _, p := range [...]float64{l.Loss, l.Duplicate, l.Reorder} {
		if !(p >= 0 && p <= 1) {
			panic(fmt.Sprintf("simnet: a share of packets of %v; it must be from 0 to 1", p))
		}
	}
	if l.Delay < 0 || l.Jitter < 0 || l.HoldBack < 0 {
		panic("simnet: a link with a negative time")
	}
}

// link is the memory of one direction between two addresses: its own dice,
// so that traffic elsewhere doesn't change what is lost here, and when the
// last packet arrives, so that jitter keeps the order.
type link struct {
	dice *rand.Rand
	last time.Time
}

// linkFor returns the memory of a direction. The lock is held.
func (n *Network) linkFor(from, to netip.Addr) *link {
	p := pair{from, to}
	l, ok := n.links[p]
	if !ok {
		h := fnv.New64a()
		fmt.Fprint(h, from, to)
		l = &link{dice: rand.New(rand.NewPCG(n.w.seed, h.Sum64()))}
		n.links[p] = l
	}
	return l
}

// fates rolls the dice for a datagram: the times at which it arrives (none,
// one or two) and a word on what befell it.
func (k *link) fates(l Link, now time.Time) (times []time.Time, fate string) {
	switch {
	case l.Down:
		return nil, "link down"
	case k.roll(l.Loss):
		return nil, "lost"
	case k.roll(l.Reorder):
		hold := l.HoldBack
		if hold == 0 {
			hold = defaultHoldBack
		}
		return []time.Time{now.Add(l.Delay + k.jitter(l) + hold)}, "held back"
	}
	times = append(times, k.inOrder(now.Add(l.Delay+k.jitter(l))))
	if k.roll(l.Duplicate) {
		return append(times, k.inOrder(now.Add(l.Delay+k.jitter(l)))), "twice"
	}
	return times, ""
}

func (k *link) inOrder(at time.Time) time.Time {
	if at.Before(k.last) {
		return k.last
	}
	k.last = at
	return at
}

func (k *link) roll(share float64) bool { return share > 0 && k.dice.Float64() < share }

func (k *link) jitter(l Link) time.Duration {
	if l.Jitter == 0 {
		return 0
	}
	return time.Duration(k.dice.Int64N(int64(l.Jitter)))
}
