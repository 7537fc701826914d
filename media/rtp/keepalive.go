package rtp

import (
	"math/rand/v2"
	"time"

	"obelus/media/packet"
)

// comfortNoise is its static payload type (RFC 3551 §6).
const comfortNoise = 13

// silentNoise is comfort noise that can't be heard: -127 dB (RFC 3389 §3.1).
const silentNoise = 127

// keeper keeps a NAT open for a stream that says nothing.
type keeper struct {
	every time.Duration // 0 for not at all
	seen  uint64        // packets sent when it was last looked at
	since time.Time     // and since when there were no more
}

// KeepAlive has a packet sent on every stream that sent nothing for so long, also
// on hold, so that NATs in between stay open; 0 ends it. As the original does for
// rtpkeepalive it is comfort noise that can't be heard. A phone that agreed to
// comfort noise plays silence (RFC 6263 §4.2), any other ignores the unknown payload
// type (§4.6, RFC 3550 §5.1). It is sent within the plane's tick of 200 ms.
func (s *Session) KeepAlive(every time.Duration) {
	for _, st := range s.Streams() {
		st.out.mu.Lock()
		st.out.keep = keeper{every: max(every, 0), seen: st.out.packets, since: time.Now()}
		st.out.mu.Unlock()
	}
}

// keepAlive sends the packet if it is time.
func (o *sender) keepAlive(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	k := &o.keep
	switch {
	case k.every == 0:
		return
	case k.seen != o.packets || o.elsewhere:
		k.seen, k.since = o.packets, now
		return
	case now.Sub(k.since) < k.every:
		return
	}
	k.since = now
	if o.closed || !o.known || !listens(o.target) {
		return
	}
	clock := uint32(8000)
	for _, p := range o.payloads {
		if p.Format.IsCodec() {
			clock = uint32(p.clock())
			break
		}
	}
	// It is nobody's packet: whoever speaks next is laid behind it.
	o.src = origin{}
	o.turnTo(origin{ssrc: rand.Uint32()}, 0, 0, clock, now)
	h := packet.Header{PT: comfortNoise, Seq: o.seqOff, TS: o.tsOff, SSRC: o.ssrc}
	b := o.scratch()[:packet.HeaderLen+1]
	b[0], b[packet.HeaderLen] = 0x80, silentNoise
	h.Rewrite(b)
	o.advance(h.Seq, h.TS, clock, now)
	o.transmit(b, 1)
	o.src, k.seen = origin{}, o.packets
	if len(o.floor) == 0 {
		o.buf = nil
	}
}
