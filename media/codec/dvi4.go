package codec

import "encoding/binary"

// DVI4 (RFC 3551 §4.5.1): the IMA's ADPCM of four bits a sample, 8,000 samples a
// second. Each packet begins with the state that its first sample follows from,
// so that a lost one is over with the next.

const dvi4Head = 4 // bytes: the last sample, the step's number, a zero

var (
	dvi4Steps = [89]int32{
		7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130, 143,
		157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552,
		1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487,
		12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
	}
	dvi4Moves = [8]int32{-1, -1, -1, -1, 2, 4, 6, 8}
)

// dvi4 is the last sample and the number of the step.
type dvi4 struct{ sample, step int32 }

// take follows a code word: sign and three bits of the step's halves.
func (d *dvi4) take(code int32) {
	step := dvi4Steps[d.step]
	move := step >> 3
	for bit, part := int32(4), step; bit > 0; bit, part = bit>>1, part>>1 {
		if code&bit != 0 {
			move += part
		}
	}
	if code&8 != 0 {
		move = -move
	}
	d.sample = sat(d.sample + move)
	d.step = min(max(d.step+dvi4Moves[code&7], 0), int32(len(dvi4Steps))-1)
}

func (d *dvi4) code(sample int32) (code int32) {
	diff := sample - d.sample
	if diff < 0 {
		code, diff = 8, -diff
	}
	for bit, part := int32(4), dvi4Steps[d.step]; bit > 0; bit, part = bit>>1, part>>1 {
		if diff >= part {
			code |= bit
			diff -= part
		}
	}
	d.take(code)
	return code
}

// DVI4Encoder makes DVI4.
type DVI4Encoder struct{ s dvi4 }

// NewDVI4Encoder returns an encoder at rest.
func NewDVI4Encoder() *DVI4Encoder { return &DVI4Encoder{} }

// Encode appends one packet: its head, and a byte for every two samples; one that
// is left over gets silence beside it.
func (e *DVI4Encoder) Encode(dst []byte, pcm []int16) []byte {
	if len(pcm) == 0 {
		return dst
	}
	dst = append(dst, byte(e.s.sample>>8), byte(e.s.sample), byte(e.s.step), 0)
	for ; len(pcm) > 0; pcm = pcm[min(2, len(pcm)):] {
		var second int16
		if len(pcm) > 1 {
			second = pcm[1]
		}
		one := e.s.code(int32(pcm[0]))
		dst = append(dst, byte(one<<4|e.s.code(int32(second))))
	}
	return dst
}

// DVI4Decoder reads DVI4.
type DVI4Decoder struct{}

// Decode appends two samples for every byte behind the head of a packet; nothing
// for one that has none, or names a step that there is not.
func (DVI4Decoder) Decode(dst []int16, b []byte) []int16 {
	if len(b) < dvi4Head || int(b[2]) >= len(dvi4Steps) {
		return dst
	}
	s := dvi4{int32(int16(binary.BigEndian.Uint16(b))), int32(b[2])}
	for _, x := range b[dvi4Head:] {
		s.take(int32(x >> 4))
		dst = append(dst, int16(s.sample))
		s.take(int32(x & 15))
		dst = append(dst, int16(s.sample))
	}
	return dst
}
