package codec

// G.722 at 64 kbit/s (ITU-T G.722, fixed point): 16,000 samples a second in two
// sub-bands, a byte for every two samples. The names of the blocks and tables
// are the Recommendation's.

// subband is one ADPCM coder: the predictor and the quantizer's step.
type subband struct {
	s, sp, sz int32    // estimates: of the signal, by poles, by zeros
	nb, det   int32    // logarithmic and linear step
	a         [3]int32 // poles, from 1
	b         [6]int32 // zeros
	d         [6]int32 // the last quantized differences, doubled
	p, r      [2]int32 // the last signals: partly reconstructed; fully, and doubled
}

// mirror is half of the filter that splits and joins the bands (table 4/G.722);
// the other half is its mirror image.
var mirror = [12]int32{3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11}

var (
	// decision levels and code words of the lower band, 6 bits
	q6 = [...]int32{0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919}
	// inverse quantizers of 4 bits (for the predictor) and 6 (for the ear)
	qm4 = [16]int32{0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0}
	qm6 = [64]int32{
		-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
		-7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728,
		24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
		4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
	}
	qm2 = [4]int32{-7408, -1616, 7408, 1616}
	// how a code word moves the step
	wl   = [8]int32{-60, -30, 58, 172, 334, 538, 1198, 3042}
	rl42 = [16]int32{0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0}
	wh   = [3]int32{0, -214, 798}
	rh2  = [4]int32{2, 1, 2, 1}
	ilb  = [32]int32{
		2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
		2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
	}
)

func newBands() [2]subband { return [2]subband{{det: 32}, {det: 8}} }

func sat(v int32) int32 { return min(max(v, -32768), 32767) }

// step is SCALEL and SCALEH: the linear step out of the logarithmic one.
func step(nb, shift int32) int32 {
	v := ilb[nb>>6&31]
	if n := shift - nb>>11; n < 0 {
		return v << -n << 2
	} else {
		return v >> n << 2
	}
}

// adaptLow is LOGSCL and SCALEL, by the four bits that both ends have.
func (b *subband) adaptLow(ril int32) {
	b.nb = min(max(b.nb*127>>7+wl[rl42[ril]], 0), 18432)
	b.det = step(b.nb, 8)
}

// adaptHigh is LOGSCH and SCALEH.
func (b *subband) adaptHigh(ih int32) {
	b.nb = min(max(b.nb*127>>7+wh[rh2[ih]], 0), 22528)
	b.det = step(b.nb, 10)
}

// predict is block 4: it takes the quantized difference and estimates the next
// sample.
func (b *subband) predict(d int32) {
	p := sat(b.sz + d)
	b.a[1], b.a[2] = b.poles(p)
	b.p[1], b.p[0] = b.p[0], p
	b.r[1], b.r[0] = b.r[0], sat(2*sat(b.s+d))
	b.sp = sat(b.a[1]*b.r[0]>>15 + b.a[2]*b.r[1]>>15)
	b.zeros(sat(2 * d))
	b.s = sat(b.sp + b.sz)
}

// poles is UPPOL2 and UPPOL1.
func (b *subband) poles(p int32) (a1, a2 int32) {
	same1, same2 := p^b.p[0] >= 0, p^b.p[1] >= 0
	w := sat(b.a[1] << 2)
	if same1 {
		w = min(-w, 32767)
	}
	a2 = w>>7 - 128
	if same2 {
		a2 += 256
	}
	a2 = min(max(a2+b.a[2]*32512>>15, -12288), 12288)
	a1 = -192
	if same1 {
		a1 = 192
	}
	a1 = sat(a1 + b.a[1]*32640>>15)
	limit := sat(15360 - a2)
	return min(max(a1, -limit), limit), a2
}

// zeros is UPZERO, DELAYA and FILTEZ, with twice the difference. A coefficient
// stays within 16 bits by itself: what is left of it and the step add up to that.
func (b *subband) zeros(d int32) {
	gain := int32(128)
	if d == 0 {
		gain = 0
	}
	sz := int32(0)
	at := d // what is multiplied: the difference itself, then those before it
	for i, was := range b.d {
		unlike := (d ^ was) >> 31 // all ones where the signs differ
		c := (gain ^ unlike) - unlike + b.b[i]*32640>>15
		b.b[i], b.d[i] = c, at
		sz += c * at >> 15
		at = was
	}
	b.sz = sat(sz)
}

// G722Encoder makes G.722 of 64 kbit/s.
type G722Encoder struct {
	band [2]subband
	x    [24]int32 // the filter's past
}

// NewG722Encoder returns an encoder at rest.
func NewG722Encoder() *G722Encoder { return &G722Encoder{band: newBands()} }

// Encode appends a byte for every two samples of 16,000 a second.
func (e *G722Encoder) Encode(dst []byte, pcm []int16) []byte {
	for ; len(pcm) >= 2; pcm = pcm[2:] {
		copy(e.x[:], e.x[2:])
		e.x[22], e.x[23] = int32(pcm[0]), int32(pcm[1])
		var even, odd int32
		for i := range mirror {
			odd += e.x[2*i] * mirror[i]
			even += e.x[2*i+1] * mirror[11-i]
		}
		high := e.high((even - odd) >> 14)
		dst = append(dst, byte(high<<6|e.low((even+odd)>>14)))
	}
	return dst
}

// magnitude is what the quantizers compare: one's complement below zero.
func magnitude(v int32) int32 {
	if v < 0 {
		return -(v + 1)
	}
	return v
}

// low is QUANTL: 6 bits.
func (e *G722Encoder) low(x int32) int32 {
	b := &e.band[0]
	el := sat(x - b.s)
	i, m := int32(1), magnitude(el)
	for i < 30 && m >= q6[i]*b.det>>12 {
		i++
	}
	code := 62 - i // table of code words: 61 down to 32
	if el < 0 {
		code = 34 - i // 31 down to 4, but for the first two
		if i <= 2 {
			code = 64 - i
		}
	}
	b.predictLow(code >> 2)
	return code
}

func (b *subband) predictLow(ril int32) {
	d := b.det * qm4[ril] >> 15
	b.adaptLow(ril)
	b.predict(d)
}

// high is QUANTH: 2 bits.
func (e *G722Encoder) high(x int32) int32 {
	b := &e.band[1]
	eh := sat(x - b.s)
	wide := magnitude(eh) >= 564*b.det>>12
	code := int32(3)
	switch {
	case eh < 0 && wide:
		code = 0
	case eh < 0:
		code = 1
	case wide:
		code = 2
	}
	b.predictHigh(code)
	return code
}

func (b *subband) predictHigh(ih int32) int32 {
	d := b.det * qm2[ih] >> 15
	r := d + b.s
	b.adaptHigh(ih)
	b.predict(d)
	return r
}

// G722Decoder reads G.722 of 64 kbit/s.
type G722Decoder struct {
	band [2]subband
	x    [24]int32
}

// NewG722Decoder returns a decoder at rest.
func NewG722Decoder() *G722Decoder { return &G722Decoder{band: newBands()} }

// Decode appends two samples for every byte.
func (g *G722Decoder) Decode(dst []int16, b []byte) []int16 {
	for _, code := range b {
		low := g.low(int32(code & 0x3f))
		high := clampBand(g.band[1].predictHigh(int32(code >> 6)))
		copy(g.x[:], g.x[2:])
		g.x[22], g.x[23] = low+high, low-high
		var one, two int32
		for i := range mirror {
			two += g.x[2*i] * mirror[i]
			one += g.x[2*i+1] * mirror[11-i]
		}
		dst = append(dst, int16(sat(one>>11)), int16(sat(two>>11)))
	}
	return dst
}

func clampBand(v int32) int32 { return min(max(v, -16384), 16383) }

func (g *G722Decoder) low(code int32) int32 {
	b := &g.band[0]
	r := clampBand(b.s + b.det*qm6[code]>>15)
	b.predictLow(code >> 2)
	return r
}
