// Package packet reads and writes RTP and RTCP packets (RFC 3550) and counts what
// arrives of a source. It knows no ports and no calls.
package packet

import "encoding/binary"

// HeaderLen is the fixed part of an RTP header.
const HeaderLen = 12

// MaxLen is the length of the largest packet that is read; what is longer is cut, and
// longer than any link we meet.
const MaxLen = 2048

// Header is what a relay needs of an RTP header (RFC 3550 §5.1). A relay
// rewrites packets where they lie, so Start and End index the packet.
type Header struct {
	Marker     bool
	PT         uint8
	Seq        uint16
	TS, SSRC   uint32
	Start, End int // of the payload
}

// Parse reads an RTP header. Nothing outside of b is looked at, whatever
// the counts in it say.
func Parse(b []byte) (h Header, ok bool) {
	if len(b) < HeaderLen || b[0]>>6 != 2 {
		return h, false
	}
	h.Marker, h.PT = b[1]&0x80 != 0, b[1]&0x7f
	h.Seq = binary.BigEndian.Uint16(b[2:])
	h.TS = binary.BigEndian.Uint32(b[4:])
	h.SSRC = binary.BigEndian.Uint32(b[8:])
	h.Start = HeaderLen + 4*int(b[0]&0x0f)
	h.End = len(b)
	if b[0]&0x10 != 0 { // header extension, §5.3.1
		if h.Start+4 > len(b) {
			return h, false
		}
		h.Start += 4 + 4*int(binary.BigEndian.Uint16(b[h.Start+2:]))
	}
	if b[0]&0x20 != 0 { // padding: the last byte counts itself
		pad := int(b[len(b)-1])
		if pad == 0 {
			return h, false
		}
		h.End -= pad
	}
	return h, h.Start <= h.End
}

// Payload is what the packet carries.
func (h *Header) Payload(b []byte) []byte { return b[h.Start:h.End] }

// Rewrite puts the fields back into the packet.
func (h *Header) Rewrite(b []byte) {
	b[1] = h.PT
	if h.Marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], h.Seq)
	binary.BigEndian.PutUint32(b[4:], h.TS)
	binary.BigEndian.PutUint32(b[8:], h.SSRC)
}

// IsRTCP tells RTCP from RTP on a shared port by the second byte (RFC 5761
// §4): RTCP's packet types 192 to 223.
func IsRTCP(b []byte) bool { return len(b) >= 2 && b[1] >= 192 && b[1] <= 223 }

// Newer says whether sequence number a comes after b, around the turn.
func Newer(a, b uint16) bool { return int16(a-b) > 0 }
