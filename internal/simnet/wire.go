package simnet

import (
	"net/netip"
	"slices"
	"time"
)

const (
	// retransmit is what a stream loses in time when a packet of it is lost,
	// and how often it tries a line that is down.
	retransmit = 200 * time.Millisecond
	// giveUp is how long a stream tries a line that is down.
	giveUp = 2 * time.Minute
)

// path is how a dial goes from host to host: hop by hop through NAT boxes.
type path struct {
	from   netip.AddrPort // the dialler as seen at the far end
	dst    netip.AddrPort // the address that answers
	hops   []hop
	routed bool // somebody has the address, whether or not a listener
}

// hop is one network on the way of a stream.
type hop struct {
	net      *Network
	from, to netip.Addr
}

func (p *path) reversed() []hop {
	back := slices.Clone(p.hops)
	slices.Reverse(back)
	for i, h := range back {
		back[i].from, back[i].to = h.to, h.from
	}
	return back
}

// find walks from this network to the listener at dst. The lock is held.
func (n *Network) find(p *path, dst netip.AddrPort) *Listener {
	p.hops = append(p.hops, hop{n, p.from.Addr(), dst.Addr()})
	p.dst = dst
	to := n.next(dst.Addr())
	if to == nil {
		return nil
	}
	if _, out := to.(insideOf); !out {
		p.routed = true
	}
	return to.accept(p, dst)
}

// wire is one direction of a stream: what is written arrives in order, once,
// late when the line is bad.
type wire struct {
	w      *world
	hops   []hop
	queue  []segment
	armed  bool   // head is going to be called
	unread int    // bytes on their way
	lost   func() // the line stayed down; nil before there is a stream
}

type segment struct {
	at     time.Time
	tried  time.Duration
	arrive func() // runs with the lock held
}

func newWire(w *world, hops []hop) *wire { return &wire{w: w, hops: hops} }

// send puts a segment on the wire. The lock is held.
func (s *wire) send(g segment) {
	g.at = time.Now().Add(s.transit())
	s.queue = append(s.queue, g)
	if !s.armed {
		s.armed = true
		s.w.at(g.at, s.head)
	}
}

// transit rolls the dice for the time a segment takes over all hops.
func (s *wire) transit() time.Duration {
	var total time.Duration
	for _, h := range s.hops {
		rule, k := h.net.rule(h.from, h.to), h.net.linkFor(h.from, h.to)
		total += rule.Delay + k.jitter(rule)
		for lost := rule.Loss; k.roll(lost) && total < giveUp; {
			total += retransmit
		}
	}
	return total
}

// down says whether a hop of the way is cut.
func (s *wire) down() bool {
	return slices.ContainsFunc(s.hops, func(h hop) bool { return h.net.rule(h.from, h.to).Down })
}

// head is the time of the first segment in the queue. The lock is held.
func (s *wire) head() {
	for len(s.queue) > 0 {
		first := &s.queue[0]
		now := time.Now()
		if first.at.After(now) {
			s.w.at(first.at, s.head)
			return
		}
		if s.down() {
			s.retry(first, now)
			return
		}
		arrive := first.arrive
		s.queue = s.queue[1:]
		arrive()
	}
	s.armed = false
}

func (s *wire) retry(first *segment, now time.Time) {
	if first.tried += retransmit; first.tried >= giveUp {
		s.queue, s.armed = nil, false
		if s.lost != nil {
			s.lost()
		}
		return
	}
	first.at = now.Add(retransmit)
	s.w.at(first.at, s.head)
}
