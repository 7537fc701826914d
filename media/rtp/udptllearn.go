package rtp

import (
	"net/netip"
	"time"
)

// udptlRun is how many packets in a row, by their numbers, a source must send
// that no description names.
const udptlRun = 4

// udptlLearner decides who may send to a fax's port, as [learner] does for RTP: a
// source that fits the description at once, one that does not only where the
// machine may be behind NAT, and then for a run of packets. Who was learned gives
// way only when it has gone silent.
type udptlLearner struct {
	lenient   bool
	symmetric bool
	offer     netip.AddrPort
	signal    netip.Addr

	locked netip.AddrPort
	last   time.Time // of locked
	trying netip.AddrPort
	next   uint16
	count  int
}

func (l *udptlLearner) negotiate(offer netip.AddrPort, symmetric bool, signal netip.Addr) {
	if offer != l.offer {
		l.locked = netip.AddrPort{}
	}
	l.offer, l.symmetric, l.signal, l.count = offer, symmetric, signal, 0
}

// packet judges a packet by its source and its number.
func (l *udptlLearner) packet(from netip.AddrPort, number uint16, now time.Time) outcome {
	switch {
	case from == l.locked:
		l.last = now
		return known
	case l.locked.IsValid() && now.Sub(l.last) < silence, !l.fits(from) && !l.symmetric:
		return l.or(foreign)
	case !l.fits(from) && l.run(from, number) < udptlRun:
		return l.or(waiting)
	}
	l.locked, l.last, l.count = from, now, 0
	return learned
}

// or is the outcome where the source is not learned: with strictrtp=no a packet
// is taken all the same.
func (l *udptlLearner) or(o outcome) outcome {
	if l.lenient {
		return known
	}
	return o
}

func (l *udptlLearner) fits(from netip.AddrPort) bool {
	return from.Addr() == l.offer.Addr() || l.symmetric && l.signal.IsValid() && from.Addr() == l.signal
}

// run counts the packet to its source's run. UDPTL repeats nothing of its own
// accord, so that numbers go up by one.
func (l *udptlLearner) run(from netip.AddrPort, number uint16) int {
	if from != l.trying || number != l.next || l.count == 0 {
		l.trying, l.count = from, 0
	}
	l.next = number + 1
	l.count++
	return l.count
}
