package learn

import (
	"net/netip"
	"time"
)

// FaxRun is how many packets in a row, by their numbers, a source must send
// that no description names.
const FaxRun = 4

// Fax decides who may send to a fax's port, as [RTP] does for RTP: a
// source that fits the description at once, one that does not only where the
// machine may be behind NAT, and then for a run of packets. Who was learned gives
// way only when it has gone silent.
type Fax struct {
	Lenient   bool // strictrtp=no: a packet from elsewhere is taken all the same
	Symmetric bool // the machine may be behind NAT
	offer     netip.AddrPort
	signal    netip.Addr

	locked netip.AddrPort
	last   time.Time // of locked
	trying netip.AddrPort
	next   uint16
	count  int
}

// Negotiate takes a new description. The source learned stays where the address is
// that of before.
func (l *Fax) Negotiate(offer netip.AddrPort, symmetric bool, signal netip.Addr) {
	if offer != l.offer {
		l.locked = netip.AddrPort{}
	}
	l.offer, l.Symmetric, l.signal, l.count = offer, symmetric, signal, 0
}

// Source is who is learned, zero while nobody is.
func (l *Fax) Source() netip.AddrPort { return l.locked }

// Packet judges a packet by its source and its number.
func (l *Fax) Packet(from netip.AddrPort, number uint16, now time.Time) Outcome {
	switch {
	case from == l.locked:
		l.last = now
		return Known
	case l.locked.IsValid() && now.Sub(l.last) < Silence, !l.fits(from) && !l.Symmetric:
		return l.or(Foreign)
	case !l.fits(from) && l.run(from, number) < FaxRun:
		return l.or(Waiting)
	}
	l.locked, l.last, l.count = from, now, 0
	return Learned
}

// or is the outcome where the source is not learned: with strictrtp=no a packet
// is taken all the same.
func (l *Fax) or(o Outcome) Outcome {
	if l.Lenient {
		return Known
	}
	return o
}

func (l *Fax) fits(from netip.AddrPort) bool {
	return from.Addr() == l.offer.Addr() || l.Symmetric && l.signal.IsValid() && from.Addr() == l.signal
}

// run counts the packet to its source's run. UDPTL repeats nothing of its own
// accord, so that numbers go up by one.
func (l *Fax) run(from netip.AddrPort, number uint16) int {
	if from != l.trying || number != l.next || l.count == 0 {
		l.trying, l.count = from, 0
	}
	l.next = number + 1
	l.count++
	return l.count
}
