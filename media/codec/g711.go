// Package codec turns samples into coded sound and back. What it has is small and
// exact; formats that it lacks pass through the server as they came.
package codec

// G.711 (ITU-T): 8,000 samples a second, one byte each, in two laws. The tables
// are worked out once, when the program starts.
var (
	fromUlaw = decoded(decodeUlaw)
	fromAlaw = decoded(decodeAlaw)
	toUlaw   = encodedUlaw()
	toAlaw   = encodedAlaw()
	ulawAlaw = translated(decodeUlaw, EncodeAlaw)
	alawUlaw = translated(decodeAlaw, EncodeUlaw)
)

func decoded(f func(byte) int16) (t [256]int16) {
	for i := range t {
		t[i] = f(byte(i))
	}
	return t
}

// encodedUlaw is indexed by the upper 14 bits of a sample: the law looks at no
// more.
func encodedUlaw() (t [1 << 14]byte) {
	for i := range t {
		t[i] = encodeUlaw(int16(i << 2))
	}
	return t
}

// encodedAlaw is indexed by the upper 13 bits of a sample.
func encodedAlaw() (t [1 << 13]byte) {
	for i := range t {
		t[i] = encodeAlaw(int16(i << 3))
	}
	return t
}

func translated(from func(byte) int16, to func(int16) byte) (t [256]byte) {
	for i := range t {
		t[i] = to(from(byte(i)))
	}
	return t
}

// DecodeUlaw is the sample that a byte of µ-law stands for.
func DecodeUlaw(b byte) int16 { return fromUlaw[b] }

// DecodeAlaw is the sample that a byte of A-law stands for.
func DecodeAlaw(b byte) int16 { return fromAlaw[b] }

// EncodeUlaw is a sample in µ-law.
func EncodeUlaw(s int16) byte { return toUlaw[uint16(s)>>2] }

// EncodeAlaw is a sample in A-law.
func EncodeAlaw(s int16) byte { return toAlaw[uint16(s)>>3] }

// UlawToAlaw turns µ-law into A-law where it lies.
func UlawToAlaw(b []byte) {
	for i, x := range b {
		b[i] = ulawAlaw[x]
	}
}

// AlawToUlaw turns A-law into µ-law where it lies.
func AlawToUlaw(b []byte) {
	for i, x := range b {
		b[i] = alawUlaw[x]
	}
}

// decodeUlaw follows G.711 table 2: sign, three bits of segment, four of step,
// all inverted; the bias is 33 in 14-bit units.
func decodeUlaw(b byte) int16 {
	b = ^b
	segment := b >> 4 & 7
	v := (int32(b&0x0f)<<3 + 0x84) << segment
	v -= 0x84
	if b&0x80 != 0 {
		return int16(-v)
	}
	return int16(v)
}

// encodeUlaw rounds down in magnitude to the step that the sample lies in.
func encodeUlaw(s int16) byte {
	v, sign := int32(s)>>2, byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, 8159) + 33
	segment := byte(0)
	for x := v >> 6; x > 0; x >>= 1 {
		segment++
	}
	if segment > 7 {
		return ^(sign | 0x7f)
	}
	return ^(sign | segment<<4 | byte(v>>(segment+1))&0x0f)
}

// decodeAlaw follows G.711 table 1: the even bits are inverted.
func decodeAlaw(b byte) int16 {
	b ^= 0x55
	segment := b >> 4 & 7
	v := int32(b&0x0f)<<4 + 8
	if segment > 0 {
		v = (v + 0x100) << (segment - 1)
	}
	if b&0x80 == 0 {
		return int16(-v)
	}
	return int16(v)
}

func encodeAlaw(s int16) byte {
	v, sign := int32(s)>>3, byte(0x80)
	if v < 0 {
		v, sign = -v-1, 0
	}
	segment := byte(0)
	for x := v >> 5; x > 0; x >>= 1 {
		segment++
	}
	step := byte(v >> 1)
	if segment > 1 {
		step = byte(v >> segment)
	}
	return (sign | segment<<4 | step&0x0f) ^ 0x55
}
