// Package learn decides who may send to a port: whom signalling named, and where a
// phone may be behind NAT whoever proves to be it.
package learn

import (
	"net/netip"
	"time"

	"obelus/media/packet"
)

const (
	// Silence is how long a learned source must be quiet before another may
	// take its place.
	Silence = 5 * time.Second
	// freshSilence is the same after a new offer and answer, when a phone may
	// have moved.
	freshSilence = 200 * time.Millisecond
	// movedSilence is the same for one that goes on with the very stream that
	// the learned source has sent, as after a NAT has given the phone another
	// port: who does not see the stream can't guess its number and place.
	movedSilence = 300 * time.Millisecond
	// movedNearSilence is the same from the very address: a NAT that changes the
	// port only, which is what most do. Five packets are more than a network with
	// the jitter of a call holds back.
	movedNearSilence = 100 * time.Millisecond
	// movedPackets is how many packets of the stream may have been lost by then.
	movedPackets = 3000
	// settling is how long after it was learned a source gives way to one
	// that fits the description better.
	settling = 3 * time.Second
)

// How well a source fits what signalling said.
const (
	fitsNot     = iota // not at all; believed only where the phone may be behind NAT
	fitsAddress        // the address of the description or of the signalling
	fitsAll            // address and port of the description
)

// RTP decides who may send to a stream.
//
//	unknown ──Negotiate──▶ learning ──a source fits, or──▶ locked
//	                          ▲        a run of packets      │
//	                          └── Negotiate, other address ──┘
//
// Locked, it turns to another source only when that one fits better and the
// lock is young, or when the present source has gone silent; each time only for
// a run of consistent packets (one SSRC, sequence numbers in a row). How long it
// must be silent depends on who tries:
//
//	anybody                                       5 s
//	anybody, after a new description            200 ms
//	the same stream, from another address       300 ms
//	the same stream, from another port only     100 ms
//
// The same stream is the SSRC of the last packet accepted and a sequence number
// that goes on from there: a NAT that gives a phone another port in mid-call
// does not change them, and who can't see the stream can't know them. While the
// present source is heard nobody takes its place, whatever he knows. With SRTP a
// packet is authentic before it is looked at here.
type RTP struct {
	Lenient   bool // strictrtp=no: a packet from elsewhere is heard all the same
	Need      int  // packets in a run of a source that is to be believed
	symmetric bool
	offer     netip.AddrPort // of the description
	signal    netip.Addr

	locked   netip.AddrPort // zero while learning
	fit      int            // of locked
	lockedAt time.Time
	last     time.Time // of locked
	ssrc     uint32    // of the last packet from locked
	seq      uint16    // likewise
	fresh    int       // packets until locked has proved itself since Negotiate
	runs     *[4]run   // nil where nobody tries to be learned
}

// run is a source that tries to be learned. Several are watched, or a stranger
// who sends in between would keep the phone from ever being heard.
type run struct {
	from  netip.AddrPort
	ssrc  uint32
	next  uint16
	count int
	fit   int
	last  time.Time
}

// Outcome is what a packet's source came to.
type Outcome uint8

// What a packet's source may come to.
const (
	Foreign Outcome = iota // may not send
	Waiting                // may come to be learned
	Known                  // may send
	Learned                // may send, as of this packet
)

// Negotiate takes a new description. The source learned stays where the
// address is that of before.
func (l *RTP) Negotiate(offer netip.AddrPort, symmetric bool, signal netip.Addr) {
	l.symmetric, l.signal = symmetric, signal
	l.runs = nil
	l.fresh = l.Need
	if offer != l.offer {
		l.offer, l.locked = offer, netip.AddrPort{}
	}
}

// Source is who is learned, zero while nobody is.
func (l *RTP) Source() netip.AddrPort { return l.locked }

func (l *RTP) fits(from netip.AddrPort) int {
	switch {
	case from == l.offer:
		return fitsAll
	case from.Addr() == l.offer.Addr(), l.signal.IsValid() && from.Addr() == l.signal:
		return fitsAddress
	}
	return fitsNot
}

// Packet judges a packet by its source.
func (l *RTP) Packet(from netip.AddrPort, h *packet.Header, now time.Time) Outcome {
	if from == l.locked {
		l.last, l.ssrc, l.seq = now, h.SSRC, h.Seq
		l.fresh = max(l.fresh-1, 0)
		return Known
	}
	fit := l.fits(from)
	switch {
	case fit == fitsNot && !l.symmetric, !l.open(fit, now) && !l.moved(from, h, now):
		return l.or(Foreign)
	case l.run(from, h, fit, now) < l.needed(fit):
		return l.or(Waiting)
	case fit == fitsNot && l.better():
		return l.or(Waiting)
	}
	l.lock(from, fit, now)
	l.ssrc, l.seq = h.SSRC, h.Seq
	return Learned
}

// Deaf says whether a source can't be learned now, whatever it says.
func (l *RTP) Deaf(from netip.AddrPort, now time.Time) bool {
	fit := l.fits(from)
	shut := !l.open(fit, now) && now.Sub(l.last) <= l.leaves(from)
	return !l.Lenient && from != l.locked && (fit == fitsNot && !l.symmetric || shut)
}

// or is the outcome where the source is not learned: with strictrtp=no a
// packet is heard all the same.
func (l *RTP) or(o Outcome) Outcome {
	if l.Lenient {
		return Known
	}
	return o
}

// open says whether a source that fits so well may be learned now.
func (l *RTP) open(fit int, now time.Time) bool {
	quiet := now.Sub(l.last)
	switch {
	case !l.locked.IsValid(), quiet > Silence, l.fresh > 0 && quiet > freshSilence:
		return true
	}
	return fit > l.fit && now.Sub(l.lockedAt) < settling
}

// moved says whether the packet goes on with the stream of the learned source,
// which has fallen silent.
func (l *RTP) moved(from netip.AddrPort, h *packet.Header, now time.Time) bool {
	ahead := h.Seq - l.seq // around the clock (RFC 3550 section 5.1)
	return h.SSRC == l.ssrc && ahead > 0 && ahead <= movedPackets && now.Sub(l.last) > l.leaves(from)
}

// leaves is how long the learned source must be quiet before its stream may go on
// from another.
func (l *RTP) leaves(from netip.AddrPort) time.Duration {
	if from.Addr() == l.locked.Addr() {
		return movedNearSilence
	}
	return movedSilence
}

func (l *RTP) needed(fit int) int {
	if fit == fitsAll && !l.locked.IsValid() {
		return 1
	}
	return l.Need
}

// run counts the packet to its source's run.
func (l *RTP) run(from netip.AddrPort, h *packet.Header, fit int, now time.Time) int {
	r := l.find(from, fit)
	if r == nil {
		return 0
	}
	if r.from != from || r.ssrc != h.SSRC || r.next != h.Seq {
		*r = run{from: from, ssrc: h.SSRC, fit: fit}
	}
	r.next, r.last = h.Seq+1, now
	r.count++
	return r.count
}

// find returns the run of a source, or the one that it may take the place of:
// the oldest of those that fit worst, but none that fits better than itself.
func (l *RTP) find(from netip.AddrPort, fit int) *run {
	if l.runs == nil {
		l.runs = new([4]run)
	}
	var worst *run
	for i := range l.runs {
		r := &l.runs[i]
		switch {
		case r.from == from:
			return r
		case worst == nil, r.fit < worst.fit, r.fit == worst.fit && r.last.Before(worst.last):
			worst = r
		}
	}
	if worst.from.IsValid() && worst.fit > fit {
		return nil
	}
	return worst
}

// better says that a source that fits is trying too.
func (l *RTP) better() bool {
	if l.runs == nil {
		return false
	}
	for i := range l.runs {
		if l.runs[i].fit > fitsNot {
			return true
		}
	}
	return false
}

func (l *RTP) lock(from netip.AddrPort, fit int, now time.Time) {
	l.locked, l.fit, l.lockedAt, l.last, l.fresh = from, fit, now, now, 0
	l.runs = nil
}

// BelievesRTCP says whether reports may come from the address: the port is
// another than RTP's, so only the address counts.
func (l *RTP) BelievesRTCP(from netip.AddrPort) bool {
	if l.Lenient {
		return true
	}
	if l.locked.IsValid() {
		return from.Addr() == l.locked.Addr()
	}
	return l.fits(from) > fitsNot
}
