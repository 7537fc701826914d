package rtp

import "encoding/binary"

// headerLen is the fixed part of an RTP header.
const headerLen = 12

// maxPacket is the largest packet that is read; what is longer is cut, and
// longer than any link we meet.
const maxPacket = 2048

// header is what the relay needs of an RTP header (RFC 3550 §5.1). The relay
// rewrites packets where they lie, so start and end index the packet.
type header struct {
	marker     bool
	pt         uint8
	seq        uint16
	ts, ssrc   uint32
	start, end int // of the payload
}

// parseHeader reads an RTP header. Nothing outside of b is looked at, whatever
// the counts in it say.
func parseHeader(b []byte) (h header, ok bool) {
	if len(b) < headerLen || b[0]>>6 != 2 {
		return h, false
	}
	h.marker, h.pt = b[1]&0x80 != 0, b[1]&0x7f
	h.seq = binary.BigEndian.Uint16(b[2:])
	h.ts = binary.BigEndian.Uint32(b[4:])
	h.ssrc = binary.BigEndian.Uint32(b[8:])
	h.start = headerLen + 4*int(b[0]&0x0f)
	h.end = len(b)
	if b[0]&0x10 != 0 { // header extension, §5.3.1
		if h.start+4 > len(b) {
			return h, false
		}
		h.start += 4 + 4*int(binary.BigEndian.Uint16(b[h.start+2:]))
	}
	if b[0]&0x20 != 0 { // padding: the last byte counts itself
		pad := int(b[len(b)-1])
		if pad == 0 {
			return h, false
		}
		h.end -= pad
	}
	return h, h.start <= h.end
}

// payload is what the packet carries.
func (h *header) payload(b []byte) []byte { return b[h.start:h.end] }

// rewrite puts the fields back into the packet.
func (h *header) rewrite(b []byte) {
	b[1] = h.pt
	if h.marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], h.seq)
	binary.BigEndian.PutUint32(b[4:], h.ts)
	binary.BigEndian.PutUint32(b[8:], h.ssrc)
}

// isRTCP tells RTCP from RTP on a shared port by the second byte (RFC 5761
// §4): RTCP's packet types 192 to 223.
func isRTCP(b []byte) bool { return len(b) >= 2 && b[1] >= 192 && b[1] <= 223 }

// newer says whether sequence number a comes after b, around the turn.
func newer(a, b uint16) bool { return int16(a-b) > 0 }
