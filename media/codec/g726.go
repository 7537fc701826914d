package codec

import "math/bits"

// G.726 at 32 kbit/s (ITU-T G.726): 8,000 samples a second, four bits each. The
// names of the blocks, signals and tables are the Recommendation's. The two
// formats differ in which half of a byte comes first: the lower one in
// G726-32 (RFC 3551 §4.5.4), the upper one in AAL2-G726-32 (I.366.2, Annex E).

// The tables of 32 kbit/s, by the magnitude of a code word.
var (
	g726Decisions = [7]int32{-124, 80, 178, 246, 300, 349, 400}               // QUAN
	g726Levels    = [8]int32{-2048, 4, 135, 213, 273, 323, 373, 425}          // RECONST
	g726Scale     = [8]int32{-12, 18, 41, 64, 112, 198, 355, 1122}            // FUNCTW
	g726Speed     = [8]int32{0, 0, 0, 1 << 9, 1 << 9, 1 << 9, 3 << 9, 7 << 9} // FUNCTF
)

// g726Float is a number as the predictor multiplies it: a sign, four bits of
// exponent and six of mantissa.
type g726Float struct {
	negative  bool
	exp, mant int32
}

func toFloat(negative bool, mag int32) g726Float {
	exp := int32(bits.Len32(uint32(mag)))
	if mag == 0 {
		return g726Float{negative, 0, 32}
	}
	return g726Float{negative, exp, mag << 6 >> exp}
}

// times is FMULT.
func (f g726Float) times(coefficient int32) int32 {
	c := coefficient >> 2
	g := toFloat(c < 0, abs32(c)&0x1fff)
	exp := f.exp + g.exp
	mant := (f.mant*g.mant + 48) >> 4
	mag := mant << 7
	if exp <= 26 {
		mag >>= 26 - exp
	} else {
		mag = mag << (exp - 26) & 0x7fff
	}
	if f.negative != g.negative {
		return -mag
	}
	return mag
}

func abs32(v int32) int32 {
	if v < 0 {
		return -v
	}
	return v
}

// g726 is what both ends keep.
type g726 struct {
	yl, yu   int32 // slow and fast scale of the quantizer
	dms, dml int32 // how much the code moves, shortly and over long
	ap       int32 // how fast the scale follows
	a        [2]int32
	b        [6]int32
	dq       [6]g726Float
	sr       [2]g726Float
	pk       [2]bool // signs of the difference with the zeros' part
	td       bool    // a tone, or data
}

func newG726() g726 {
	s := g726{yl: 34816, yu: 544}
	rest := toFloat(false, 0)
	for i := range s.dq {
		s.dq[i] = rest
	}
	s.sr = [2]g726Float{rest, rest}
	return s
}

// estimate is ACCUM: the signal by the zeros alone and whole.
func (s *g726) estimate() (sez, se int32) {
	var sum int32
	for i, dq := range s.dq {
		sum += dq.times(s.b[i])
	}
	sum = int32(int16(sum))
	all := int32(int16(sum + s.sr[0].times(s.a[0]) + s.sr[1].times(s.a[1])))
	return sum >> 1, all >> 1
}

// scale is MIX.
func (s *g726) scale() int32 {
	slow := s.yl >> 6
	return slow + (s.yu-slow)*(min(s.ap, 256)>>2)/64
}

// quantize is LOG, SUBTB and QUAN.
func g726Quantize(d, y int32) int32 {
	mag := abs32(d)
	exp := int32(max(bits.Len32(uint32(mag))-1, 0))
	dln := exp<<7 + mag<<7>>exp&0x7f - y>>2
	if mag == 0 {
		dln = -y >> 2
	}
	i := int32(0)
	for i < 7 && dln >= g726Decisions[i] {
		i++
	}
	if d < 0 || i == 0 { // there is no positive zero
		return ^i & 15
	}
	return i
}

// magnitudeOf is the part of a code word that the tables are indexed by.
func magnitudeOf(code int32) int32 {
	if code&8 != 0 {
		return ^code & 7
	}
	return code & 7
}

// reconstruct is ADDA and ANTILOG: the magnitude of the difference.
func reconstruct(i, y int32) int32 {
	dql := g726Levels[i] + y>>2
	if dql < 0 {
		return 0
	}
	return (128 + dql&127) << 7 >> (14 - dql>>7&15)
}

// take adapts everything to a code word, and returns the sample it stands for,
// in 14 bits.
func (s *g726) take(code int32, sez, se, y int32) int32 {
	i, negative := magnitudeOf(code), code&8 != 0
	mag := reconstruct(i, y)
	dq := mag
	if negative {
		dq = -mag
	}
	sr := int32(int16(se + dq))
	transition := s.transition(mag)
	s.adaptPredictor(negative, mag, sez+dq, sr, transition)
	s.td = !transition && s.a[1] < -11776 // TONE
	s.adaptScale(i, y)
	s.adaptSpeed(i, y, transition)
	return sr
}

// transition is TRANS: a tone or data have changed at once.
func (s *g726) transition(mag int32) bool {
	whole, part := s.yl>>15, s.yl>>10&31
	limit := (32 + part) << whole
	if whole > 9 {
		limit = 31 << 10
	}
	return s.td && mag > (limit+limit>>1)>>1
}

// adaptPredictor is UPA1, UPA2, UPB and what goes with them.
func (s *g726) adaptPredictor(negative bool, mag, dqsez, sr int32, transition bool) {
	below := dqsez < 0
	if transition {
		s.a, s.b = [2]int32{}, [6]int32{}
	} else {
		s.poles(below, dqsez == 0)
		for i := range s.b {
			s.b[i] -= s.b[i] >> 8
			switch {
			case mag == 0:
			case s.dq[i].negative == negative:
				s.b[i] += 128
			default:
				s.b[i] -= 128
			}
		}
	}
	copy(s.dq[1:], s.dq[:5])
	s.dq[0] = toFloat(negative, mag)
	s.sr[1] = s.sr[0]
	s.sr[0] = toFloat(sr < 0, abs32(sr)&0x7fff)
	s.pk[1], s.pk[0] = s.pk[0], below
}

func (s *g726) poles(below, still bool) {
	a2 := s.a[1] - s.a[1]>>7
	a1 := s.a[0] - s.a[0]>>8
	if !still {
		turn := s.a[0]
		step := int32(-192)
		if below == s.pk[0] {
			turn, step = -turn, 192
		}
		a1 += step
		switch {
		case turn < -8191:
			a2 -= 256
		case turn > 8191:
			a2 += 255
		default:
			a2 += turn >> 5
		}
		if below == s.pk[1] {
			a2 += 128
		} else {
			a2 -= 128
		}
		a2 = min(max(a2, -12288), 12288) // LIMC
	}
	limit := 15360 - a2 // LIMD
	s.a = [2]int32{min(max(a1, -limit), limit), a2}
}

// adaptScale is FILTD, LIMB and FILTE.
func (s *g726) adaptScale(i, y int32) {
	s.yu = min(max(y+(g726Scale[i]<<5-y)>>5, 544), 5120)
	s.yl += s.yu + -s.yl>>6
}

// adaptSpeed is FILTA, FILTB, SUBTC, FILTC and TRIGA.
func (s *g726) adaptSpeed(i, y int32, transition bool) {
	s.dms += (g726Speed[i] - s.dms) >> 5
	s.dml += (g726Speed[i]<<2 - s.dml) >> 7
	switch {
	case transition:
		s.ap = 256
	case y < 1536 || s.td || abs32(s.dms<<2-s.dml) >= s.dml>>3:
		s.ap += (512 - s.ap) >> 4
	default:
		s.ap += -s.ap >> 4
	}
}

// encode codes one sample.
func (s *g726) encode(sample int16) int32 {
	sez, se := s.estimate()
	y := s.scale()
	code := g726Quantize(int32(sample)>>2-se, y)
	s.take(code, sez, se, y)
	return code
}

func (s *g726) decode(code int32) int16 {
	sez, se := s.estimate()
	return int16(sat(s.take(code, sez, se, s.scale()) << 2))
}

// G726Encoder makes G.726 of 32 kbit/s.
type G726Encoder struct {
	s     g726
	first int // how far the first of two code words is shifted
}

// NewG726Encoder returns an encoder at rest; aal2 has it put the first of two
// samples into the upper half of a byte.
func NewG726Encoder(aal2 bool) *G726Encoder { return &G726Encoder{newG726(), firstShift(aal2)} }

func firstShift(aal2 bool) int {
	if aal2 {
		return 4
	}
	return 0
}

// Encode appends a byte for every two samples of 8,000 a second; one that is left
// over gets silence beside it.
func (g *G726Encoder) Encode(dst []byte, pcm []int16) []byte {
	for ; len(pcm) > 0; pcm = pcm[min(2, len(pcm)):] {
		var second int16
		if len(pcm) > 1 {
			second = pcm[1]
		}
		one, two := g.s.encode(pcm[0]), g.s.encode(second)
		dst = append(dst, byte(one<<g.first|two<<(4-g.first)))
	}
	return dst
}

// G726Decoder reads G.726 of 32 kbit/s.
type G726Decoder struct {
	s     g726
	first int
}

// NewG726Decoder returns a decoder at rest; aal2 as for [NewG726Encoder].
func NewG726Decoder(aal2 bool) *G726Decoder { return &G726Decoder{newG726(), firstShift(aal2)} }

// Decode appends two samples for every byte.
func (g *G726Decoder) Decode(dst []int16, b []byte) []int16 {
	for _, x := range b {
		one, two := int32(x)>>g.first&15, int32(x)>>(4-g.first)&15
		dst = append(dst, g.s.decode(one), g.s.decode(two))
	}
	return dst
}
