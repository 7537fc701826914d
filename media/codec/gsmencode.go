package codec

// GSMEncoder makes GSM 06.10.
type GSMEncoder struct {
	z1, mp   int16 // of the filters before the coder
	z2       int32
	lar      [8]int16
	u        [8]int16
	residual [gsmPast + gsmSub]int16 // as the decoder will have it
}

// NewGSMEncoder returns an encoder at rest.
func NewGSMEncoder() *GSMEncoder { return &GSMEncoder{} }

// Encode appends 33 bytes for every 160 samples of 8,000 a second; a rest is
// filled up with silence.
func (g *GSMEncoder) Encode(dst []byte, pcm []int16) []byte {
	for len(pcm) > 0 {
		var s [gsmSamples]int16
		n := copy(s[:], pcm)
		pcm = pcm[n:]
		p := g.frame(&s)
		dst = p.pack(dst)
	}
	return dst
}

func (g *GSMEncoder) frame(s *[gsmSamples]int16) (p gsmParameters) {
	g.prepare(s)
	p.lar = larEncode(lpc(s))
	g.analyze(larDecode(p.lar), s)
	for i := range p.sub {
		sub := &p.sub[i]
		d := (*[gsmSub]int16)(s[i*gsmSub:])
		lag, gain := g.predictor(d)
		var guess, e [gsmSub]int16
		for k := range d {
			guess[k] = mulRound(ltpQLB[gain], g.residual[gsmPast+k-lag])
			e[k] = sub16(d[k], guess[k])
		}
		sub.lag, sub.gain = int16(lag), gain
		sub.grid, sub.peak, sub.pulses = pulseEncode(&e)
		e = pulseDecode(&sub.pulses, sub.peak, sub.grid)
		for k := range e {
			g.residual[gsmPast+k] = add16(e[k], guess[k])
		}
		copy(g.residual[:], g.residual[gsmSub:])
	}
	return p
}

// prepare takes the offset out and lifts the high frequencies (4.2.1 to 4.2.3).
func (g *GSMEncoder) prepare(s *[gsmSamples]int16) {
	for i, v := range s {
		v = v >> 3 << 2
		s1 := v - g.z1
		g.z1 = v
		high := int16(g.z2 >> 15)
		low := int16(g.z2 - int32(high)<<15)
		s2 := int32(s1)<<15 + int32(mulRound(low, 32735))
		g.z2 = sat32(int64(high)*32735 + int64(s2))
		lift := mulRound(g.mp, -28180)
		g.mp = int16(sat32(int64(g.z2)+16384) >> 15)
		s[i] = add16(g.mp, lift)
	}
}

// lpc is 4.2.4 and 4.2.5: reflection coefficients by autocorrelation and the
// recursion of Schur.
func lpc(s *[gsmSamples]int16) (r [8]int16) {
	acf := autocorrelation(s)
	if acf[0] == 0 {
		return r
	}
	shift := norm(acf[0])
	var p, k [9]int16
	for i, v := range acf {
		p[i] = int16(v << shift >> 16)
	}
	k = p
	for n := range r {
		m := abs16(p[1])
		if p[0] < m {
			return r
		}
		r[n] = divide(m, p[0])
		if p[1] > 0 {
			r[n] = -r[n]
		}
		p[0] = add16(p[0], mulRound(p[1], r[n]))
		for m := 1; m <= 7-n; m++ {
			next := p[m+1]
			p[m] = add16(next, mulRound(k[m], r[n]))
			k[m] = add16(k[m], mulRound(next, r[n]))
		}
	}
	return r
}

func autocorrelation(s *[gsmSamples]int16) (acf [9]int32) {
	scaled := *s
	if m := peak(s[:]); m > 0 {
		if down := 4 - norm(int32(m)<<16); down > 0 {
			for i, v := range scaled {
				scaled[i] = mulRound(v, int16(16384>>(down-1)))
			}
			// The standard scales back what it scaled, at a loss of bits.
			for i, v := range scaled {
				s[i] = v << down
			}
		}
	}
	for k := range acf {
		var sum int32
		for i := k; i < gsmSamples; i++ {
			sum += int32(scaled[i]) * int32(scaled[i-k])
		}
		acf[k] = sum << 1
	}
	return acf
}

// divide is a fraction of two, the upper not greater than the lower.
func divide(a, b int16) int16 {
	num, den, q := int32(a), int32(b), int16(0)
	for range 15 {
		q <<= 1
		num <<= 1
		if num >= den {
			num -= den
			q++
		}
	}
	return q
}

// larEncode is 4.2.6 and 4.2.7.
func larEncode(r [8]int16) (code [8]int16) {
	for i, v := range r {
		m := abs16(v)
		switch {
		case m < 22118:
			m >>= 1
		case m < 31130:
			m -= 11059
		default:
			m = (m - 26112) << 2
		}
		if v < 0 {
			m = -m
		}
		t := add16(add16(mul(larA[i], m), larB[i]), 256) >> 9
		code[i] = min(max(t, larMin[i]), larMax[i]) - larMin[i]
	}
	return code
}

// analyze is the short-term filter (4.2.10); s becomes the residual.
func (g *GSMEncoder) analyze(lar [8]int16, s *[gsmSamples]int16) {
	k := 0
	for section, n := range larSections {
		r := reflection(larBetween(section, g.lar, lar))
		for end := k + n; k < end; k++ {
			d, saved := s[k], s[k]
			for i := range r {
				next := add16(g.u[i], mulRound(r[i], d))
				d = add16(d, mulRound(r[i], g.u[i]))
				g.u[i], saved = saved, next
			}
			s[k] = d
		}
	}
	g.lar = lar
}

// predictor is 4.2.11: where in the past the sub-frame was, and how loud.
func (g *GSMEncoder) predictor(d *[gsmSub]int16) (lag int, gain int16) {
	down := 0
	if m := peak(d[:]); m > 0 {
		down = max(6-norm(int32(m)<<16), 0)
	}
	var w [gsmSub]int32
	for k, v := range d {
		w[k] = int32(v >> down)
	}
	var best int32
	lag = 40
	for l := 40; l <= 120; l++ {
		past := g.residual[gsmPast-l:]
		var sum int32
		for k, v := range w {
			sum += v * int32(past[k])
		}
		if sum > best {
			lag, best = l, sum
		}
	}
	best = best << 1 >> (6 - down)
	var power int32
	for k := range w {
		v := int32(g.residual[gsmPast+k-lag] >> 3)
		power += v * v
	}
	return lag, ltpGain(best, power<<1)
}

func ltpGain(best, power int32) int16 {
	switch {
	case best <= 0:
		return 0
	case best >= power:
		return 3
	}
	shift := norm(power)
	r, s := int16(best<<shift>>16), int16(power<<shift>>16)
	for i := range int16(3) {
		if r <= mul(s, ltpDLB[i]) {
			return i
		}
	}
	return 3
}

// pulseEncode is 4.2.13 to 4.2.15: of four grids of pulses the one with the most
// energy is sent.
func pulseEncode(e *[gsmSub]int16) (grid, coded int16, pulses [13]int16) {
	x := weigh(e)
	var most int64 = -1
	for m := range 4 {
		var sum int64
		for i := range 13 {
			v := int64(x[m+3*i] >> 2)
			sum += v * v
		}
		if sum > most {
			most, grid = sum, int16(m)
		}
	}
	for i := range pulses {
		pulses[i] = x[int(grid)+3*i]
	}
	top := peak(pulses[:])
	exp := int16(0)
	for t := top >> 9; t > 0 && exp < 6; t >>= 1 {
		exp++
	}
	coded = top>>(exp+5) + exp<<3
	exp, mant := expMant(coded)
	for i, v := range pulses {
		pulses[i] = mul(v<<(6-exp), rpeNRF[mant])>>12 + 4
	}
	return grid, coded, pulses
}

// weigh is the filter of 4.2.13.
func weigh(e *[gsmSub]int16) (x [gsmSub]int16) {
	for k := range x {
		sum := int32(4096)
		for i, h := range rpeH {
			if at := k + i - 5; at >= 0 && at < gsmSub {
				sum += int32(e[at]) * h
			}
		}
		x[k] = sat16(sum >> 13)
	}
	return x
}
