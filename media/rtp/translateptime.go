package rtp

import (
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/packet"
)

// cutter cuts packets of one length into those of another, where an account asks
// for a length (allow=ulaw:30) and the other phone sends another. It works on
// codings that can be cut without being understood, in the order in which packets
// come: what is late is left out.
type cutter struct {
	src  origin
	next uint16 // the sequence number that follows
	ts   uint32 // of the source, behind the last byte that waits
	data []byte // waits for the rest of a packet
	seq  uint16 // our last packet's; another one since means that the rest is too late
}

// pieces is how many bytes of a coding a packet of so much sound has, 0 where it
// can't be cut, and how many belong together.
func pieces(f media.Format, d time.Duration) (size, unit int) {
	switch f {
	case media.Ulaw, media.Alaw, media.G722, media.G726, media.G726AAL2:
		return codec.Bytes(f, d), 1
	case media.GSM:
		n := codec.Bytes(f, media.Frame)
		if d%media.Frame == 0 {
			return codec.Bytes(f, d), n
		}
	case media.G729: // 10 bytes for 10 ms (RFC 3551 §4.5.6)
		return int(d / time.Millisecond / 10 * 10), 10
	case media.Slin, media.Slin12, media.Slin16, media.Slin24, media.Slin32, media.Slin44, media.Slin48:
		return codec.Bytes(f, d), 2
	}
	return 0, 1
}

// cutTo is the size to which a packet has to be cut; 0 where it goes as it is.
func (o *sender) cutTo(pt uint8, h *packet.Header) int {
	var p Payload
	for _, one := range o.payloads {
		if one.Type == pt {
			p = one
			break
		}
	}
	if p.Ptime <= 0 || !p.Format.IsCodec() {
		return 0
	}
	size, unit := pieces(p.Format, packetTime(p, 0))
	n := h.End - h.Start
	if size <= 0 || n%unit != 0 || n == 0 || n == size && len(o.cut.data) == 0 {
		return 0
	}
	return size
}

// recut takes a packet in and sends those that are full; o.mu is held.
func (o *sender) recut(src origin, b []byte, h *packet.Header, pt uint8, size int, p payload, now time.Time) {
	c := &o.cut
	if c.src == src && o.src == src && len(c.data) > 0 && !packet.Newer(h.Seq, c.next-1) {
		return // late
	}
	units := func(bytes int) uint32 { return uint32(bytes) * p.clock / bytesPerSecond(p.format) }
	marker := o.turnTo(src, h.Seq, h.TS, p.clock, now) || h.Marker
	switch {
	case c.src != src || c.seq != o.seq:
		c.data = c.data[:0]
	case len(c.data) > 0 && (h.Seq != c.next || h.TS != c.ts):
		o.cutOff(pt, len(c.data), c.ts-units(len(c.data)), false, p, now)
		c.data = c.data[:0]
	}
	c.seq = o.seq
	c.src, c.next = src, h.Seq+1
	c.data = append(c.data, h.Payload(b)...)
	c.ts = h.TS + units(h.End-h.Start)
	for ; len(c.data) >= size; c.data = c.data[:copy(c.data, c.data[size:])] {
		o.cutOff(pt, size, c.ts-units(len(c.data)), marker, p, now)
		marker = false
	}
	o.srcSeq, o.seqOff = h.Seq, o.seq-h.Seq
}

// cutOff sends the first bytes that wait, ts by the count of their source.
func (o *sender) cutOff(pt uint8, size int, ts uint32, marker bool, p payload, now time.Time) {
	if size > packet.MaxLen-packet.HeaderLen {
		return
	}
	h := packet.Header{Marker: marker, PT: pt, Seq: o.seq + 1, TS: ts + o.tsOff, SSRC: o.ssrc}
	out := o.scratch()[:packet.HeaderLen+size]
	out[0] = 0x80
	h.Rewrite(out)
	copy(out[packet.HeaderLen:], o.cut.data)
	o.advance(h.Seq, h.TS, p.clock, now)
	o.transmit(out, size)
	o.cut.seq = o.seq
}

// bytesPerSecond is how much a second of a coding that can be cut takes.
func bytesPerSecond(f media.Format) uint32 {
	n, _ := pieces(f, time.Second)
	return uint32(n)
}
