package codec

import "math/bits"

// GSM 06.10 full rate (ETS 300 961): 160 samples of 8,000 a second in 33 bytes,
// as RTP packs them (RFC 3551 §4.5.8.1). The arithmetic is that of the standard,
// 16 and 32 bits with saturation, so that the result is the same to the bit.

const (
	gsmFrame   = 33  // bytes
	gsmSamples = 160 // a frame
	gsmSub     = 40  // a sub-frame
	gsmPast    = 120 // of the residual that the predictor looks at
)

// gsmParameters is what a frame carries.
type gsmParameters struct {
	lar [8]int16 // logarithmic area ratios
	sub [4]struct {
		lag, gain  int16 // long-term predictor
		grid, peak int16 // regular pulses
		pulses     [13]int16
	}
}

// Widths in bits of the eight ratios.
var larBits = [8]int{6, 6, 5, 5, 4, 4, 3, 3}

// Tables 4.1 to 4.6 of the standard.
var (
	larA    = [8]int16{20480, 20480, 20480, 20480, 13964, 15360, 8534, 9036}
	larB    = [8]int16{0, 0, 2048, -2560, 94, -1792, -341, -1144}
	larMin  = [8]int16{-32, -32, -16, -16, -8, -8, -4, -4}
	larMax  = [8]int16{31, 31, 15, 15, 7, 7, 3, 3}
	larInvA = [8]int16{13107, 13107, 13107, 13107, 19223, 17476, 31454, 29708}
	ltpDLB  = [4]int16{6554, 16384, 26214, 32767}
	ltpQLB  = [4]int16{3277, 11469, 21299, 32767}
	rpeH    = [11]int32{-134, -374, 0, 2054, 5741, 8192, 5741, 2054, 0, -374, -134}
	rpeNRF  = [8]int16{29128, 26215, 23832, 21846, 20165, 18725, 17476, 16384}
	rpeFAC  = [8]int16{18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767}
)

func sat16(v int32) int16 { return int16(min(max(v, -32768), 32767)) }

func add16(a, b int16) int16 { return sat16(int32(a) + int32(b)) }

func sub16(a, b int16) int16 { return sat16(int32(a) - int32(b)) }

// mul and mulRound multiply fractions, cut off and rounded.
func mul(a, b int16) int16      { return sat16(int32(a) * int32(b) >> 15) }
func mulRound(a, b int16) int16 { return sat16((int32(a)*int32(b) + 16384) >> 15) }

func abs16(v int16) int16 {
	if v < 0 {
		return sat16(-int32(v))
	}
	return v
}

// norm is how far a positive number can be shifted up.
func norm(v int32) int { return bits.LeadingZeros32(uint32(v)) - 1 }

func sat32(v int64) int32 { return int32(min(max(v, -1<<31), 1<<31-1)) }

// peak is the greatest magnitude.
func peak(s []int16) int16 {
	var m int16
	for _, v := range s {
		m = max(m, abs16(v))
	}
	return m
}

// unpackGSM reads a frame; false without its mark.
func unpackGSM(b []byte) (p gsmParameters, ok bool) {
	r := bitReader{b: b[:gsmFrame]}
	if r.take(4) != 0xd {
		return p, false
	}
	for i, n := range larBits {
		p.lar[i] = r.take(n)
	}
	for i := range p.sub {
		s := &p.sub[i]
		s.lag, s.gain, s.grid, s.peak = r.take(7), r.take(2), r.take(2), r.take(6)
		for j := range s.pulses {
			s.pulses[j] = r.take(3)
		}
	}
	return p, true
}

func (p *gsmParameters) pack(dst []byte) []byte {
	w := bitWriter{b: dst}
	w.put(0xd, 4)
	for i, n := range larBits {
		w.put(p.lar[i], n)
	}
	for i := range p.sub {
		s := &p.sub[i]
		w.put(s.lag, 7)
		w.put(s.gain, 2)
		w.put(s.grid, 2)
		w.put(s.peak, 6)
		for _, x := range s.pulses {
			w.put(x, 3)
		}
	}
	return w.b
}

// bitReader takes numbers off a frame, high bit first.
type bitReader struct {
	b   []byte
	acc uint32
	n   int
}

func (r *bitReader) take(n int) int16 {
	for r.n < n {
		r.acc = r.acc<<8 | uint32(r.b[0])
		r.b = r.b[1:]
		r.n += 8
	}
	r.n -= n
	return int16(r.acc >> r.n & (1<<n - 1))
}

type bitWriter struct {
	b   []byte
	acc uint32
	n   int
}

func (w *bitWriter) put(v int16, n int) {
	w.acc = w.acc<<n | uint32(v)&(1<<n-1)
	for w.n += n; w.n >= 8; {
		w.n -= 8
		w.b = append(w.b, byte(w.acc>>w.n))
	}
}

// larDecode is 4.2.8: ratios as they are used at both ends.
func larDecode(code [8]int16) (lar [8]int16) {
	for i, c := range code {
		t := (c + larMin[i]) << 10
		t = mulRound(larInvA[i], sub16(t, larB[i]<<1))
		lar[i] = add16(t, t)
	}
	return lar
}

// larSections is 4.2.9.1: the ratios of each part of a frame slide from those of
// the frame before.
var larSections = [4]int{13, 14, 13, 120}

func larBetween(section int, before, now [8]int16) (lar [8]int16) {
	for i := range lar {
		switch section {
		case 0:
			lar[i] = add16(add16(before[i]>>2, now[i]>>2), before[i]>>1)
		case 1:
			lar[i] = add16(before[i]>>1, now[i]>>1)
		case 2:
			lar[i] = add16(add16(before[i]>>2, now[i]>>2), now[i]>>1)
		default:
			lar[i] = now[i]
		}
	}
	return lar
}

// reflection is 4.2.9.2: ratios to reflection coefficients.
func reflection(lar [8]int16) (r [8]int16) {
	for i, v := range lar {
		m := abs16(v)
		switch {
		case m < 11059:
			m <<= 1
		case m < 20070:
			m += 11059
		default:
			m = add16(m>>2, 26112)
		}
		if v < 0 {
			m = -m
		}
		r[i] = m
	}
	return r
}

// expMant splits a coded peak (4.2.15).
func expMant(coded int16) (exp, mant int16) {
	if coded > 15 {
		exp = coded>>3 - 1
	}
	mant = coded - exp<<3
	if mant == 0 {
		return -4, 7
	}
	for mant <= 7 {
		mant = mant<<1 | 1
		exp--
	}
	return exp, mant - 8
}

// pulseDecode is 4.2.16 and 4.2.17: the pulses of a sub-frame on their grid.
func pulseDecode(pulses *[13]int16, coded, grid int16) (e [gsmSub]int16) {
	exp, mant := expMant(coded)
	shift := 6 - exp
	var round int16
	if shift > 0 {
		round = 1 << (shift - 1)
	}
	for i, c := range pulses {
		t := mulRound(rpeFAC[mant], (c<<1-7)<<12)
		e[int(grid)+3*i] = add16(t, round) >> shift
	}
	return e
}

// GSMDecoder reads GSM 06.10.
type GSMDecoder struct {
	lar      [8]int16
	residual [gsmPast + gsmSub]int16
	lag      int16
	v        [9]int16
	deemph   int16
}

// NewGSMDecoder returns a decoder at rest.
func NewGSMDecoder() *GSMDecoder { return &GSMDecoder{lag: 40} }

// Decode appends 160 samples for every 33 bytes; silence for what is no frame.
func (g *GSMDecoder) Decode(dst []int16, b []byte) []int16 {
	for ; len(b) >= gsmFrame; b = b[gsmFrame:] {
		var out [gsmSamples]int16
		if p, ok := unpackGSM(b); ok {
			g.frame(&p, &out)
		}
		dst = append(dst, out[:]...)
	}
	return dst
}

func (g *GSMDecoder) frame(p *gsmParameters, out *[gsmSamples]int16) {
	for i := range p.sub {
		s := &p.sub[i]
		e := pulseDecode(&s.pulses, s.peak, s.grid)
		if s.lag >= 40 && s.lag <= 120 {
			g.lag = s.lag
		}
		gain := ltpQLB[s.gain]
		for k := range e {
			at := gsmPast + k
			g.residual[at] = add16(e[k], mulRound(gain, g.residual[at-int(g.lag)]))
		}
		copy(out[i*gsmSub:], g.residual[gsmPast:])
		copy(g.residual[:], g.residual[gsmSub:])
	}
	g.synthesize(larDecode(p.lar), out)
	for i, s := range out {
		g.deemph = add16(s, mulRound(g.deemph, 28180))
		out[i] = add16(g.deemph, g.deemph) &^ 7
	}
}

// synthesize is the short-term filter (4.3.4).
func (g *GSMDecoder) synthesize(lar [8]int16, s *[gsmSamples]int16) {
	k := 0
	for section, n := range larSections {
		r := reflection(larBetween(section, g.lar, lar))
		for end := k + n; k < end; k++ {
			x := s[k]
			for i := 7; i >= 0; i-- {
				x = sub16(x, mulRound(r[i], g.v[i]))
				g.v[i+1] = add16(g.v[i], mulRound(r[i], x))
			}
			g.v[0], s[k] = x, x
		}
	}
	g.lar = lar
}
