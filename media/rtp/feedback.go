package rtp

import (
	"encoding/binary"
	"time"
)

// Kinds of feedback, by the five bits behind the version.
const (
	feedbackNACK  = 1  // packets missed (RFC 4585 §6.2.1)
	feedbackTMMBR = 3  // a limit of the rate (RFC 5104 §4.2.1)
	feedbackTMMBN = 4  // its answer
	feedbackTWCC  = 15 // arrival times of packets by a count that ends here
	pictureFIR    = 4  // a fresh picture (RFC 5104 §4.3.1)
	pictureTSTR   = 5  // sharpness against speed
	pictureTSTN   = 6  // its answer
)

// passFeedback hands what the phone asks of whoever sends it pictures to that
// phone, under the names and numbers used there.
func (st *Stream) passFeedback(b []byte) {
	to := st.route.Load()
	if to == nil || len(b) > maxPacket/2 {
		return
	}
	if b[1] == typeRTPFB {
		switch b[0] & 0x1f {
		case feedbackTWCC:
			return
		case feedbackNACK:
			if !st.out.renumberNACK(to, b) {
				return
			}
		}
	}
	to.in.mu.Lock()
	source, begun := to.in.ssrc, to.in.begun
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
	b := o.appendName(o.appendReport(o.scratch()[:0], reportBlock{}, false, time.Now()))
	start := len(b)
	b = append(b, feedback...)
	address(b[start:], o.ssrc, source)
	o.sendRTCP(b)
}

// address writes into feedback who asks and whom.
func address(b []byte, sender, source uint32) {
	if b[1] == typeFIR || b[1] == typeNACK {
		binary.BigEndian.PutUint32(b[4:], source) // only whom
		return
	}
	binary.BigEndian.PutUint32(b[4:], sender)
	if len(b) < 12 {
		return
	}
	if !listsSources(b) {
		binary.BigEndian.PutUint32(b[8:], source)
		return
	}
	for i := 12; i+8 <= len(b); i += 8 {
		binary.BigEndian.PutUint32(b[i:], source)
	}
}

// listsSources says whether feedback names whom it is for in each of its entries
// of eight bytes (RFC 5104 §4.2 and §4.3) rather than once before them.
func listsSources(b []byte) bool {
	kind := b[0] & 0x1f
	if b[1] == typePSFB {
		return kind == pictureFIR || kind == pictureTSTR || kind == pictureTSTN
	}
	return kind == feedbackTMMBR || kind == feedbackTMMBN
}
