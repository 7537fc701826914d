package rtp

import (
	"encoding/binary"
	"time"

	"obelus/media/packet"
)

// passFeedback hands what the phone asks of whoever sends it pictures to that
// phone, under the names and numbers used there.
func (st *Stream) passFeedback(b []byte) {
	to := st.route.Load()
	if to == nil || len(b) > packet.MaxLen/2 {
		return
	}
	if b[1] == packet.TypeRTPFB {
		switch b[0] & 0x1f {
		case packet.FeedbackTWCC:
			return
		case packet.FeedbackNACK:
			if !st.out.renumberNACK(to, b) {
				return
			}
		}
	}
	to.in.mu.Lock()
	source, begun := to.in.SSRC, to.in.Begun
	to.in.mu.Unlock()
	if begun {
		to.out.feedback(b, source)
	}
}

// renumberNACK turns the sequence numbers that the phone misses, which are
// ours, into those of their sender. It is false where somebody else speaks now,
// who can't send them again.
func (o *sender) renumberNACK(from *Stream, b []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.src.from != from {
		return false
	}
	for i := 12; i+4 <= len(b); i += 4 { // a number and a mask of those behind it
		seq := binary.BigEndian.Uint16(b[i:])
		binary.BigEndian.PutUint16(b[i:], seq-o.seqOff)
	}
	return true
}

// feedback sends feedback in our name about source, behind a report without
// blocks (RFC 4585 §3.1 wants one first).
func (o *sender) feedback(feedback []byte, source uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || !listens(o.control) || !o.spend() {
		return
	}
	b := packet.AppendName(o.appendReport(o.scratch()[:0], packet.ReportBlock{}, false, time.Now()), o.ssrc)
	start := len(b)
	b = append(b, feedback...)
	packet.Address(b[start:], o.ssrc, source)
	o.sendRTCP(b)
}
