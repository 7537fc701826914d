package codec

// Concealer fills gaps in one voice: it goes on with the last period of what was
// heard, softer and softer, and leads over into what comes after. It adds no
// delay. ITU-T G.711 Appendix I is the model; the rest is ours.
type Concealer struct {
	rate    int
	past    []int16 // what was last heard or made up, newest last
	period  []int16 // what a gap is filled with, over and over
	at      int     // the next sample of period
	gap     int     // samples made up since something was heard
	offset  float64 // the step between what was heard and the period, taken away gently
	pattern []int16 // buffer of period
	overlap []int16 // how the gap would have gone on
}

const (
	lowestPitch  = 66  // hertz
	highestPitch = 400 // hertz
	fullGap      = 10  // ms that are made up at full level
	longestGap   = 60  // ms, then there is silence
	overlapTime  = 4   // ms in which the gap leads over into what follows
)

// NewConcealer returns one for so many samples a second.
func NewConcealer(rate int) *Concealer {
	longest := rate / lowestPitch
	return &Concealer{
		rate: rate, past: make([]int16, 0, 3*longest+1), pattern: make([]int16, longest+1), overlap: make([]int16, 0, rate*overlapTime/1000),
	}
}

// Heard takes note of samples that came in order. After a gap it blends the
// first of them, where they lie, with what was made up.
func (c *Concealer) Heard(pcm []int16) {
	if len(pcm) == 0 {
		return
	}
	if c.gap > 0 {
		n := min(len(pcm), c.rate*overlapTime/1000)
		c.overlap = c.synthesize(c.overlap[:0], n)
		for i, v := range c.overlap {
			pcm[i] = int16((int(v)*(n-i) + int(pcm[i])*i) / n)
		}
		c.gap = 0
	}
	c.remember(pcm)
}

// remember keeps the newest samples.
func (c *Concealer) remember(pcm []int16) {
	if len(pcm) >= cap(c.past) {
		c.past = append(c.past[:0], pcm[len(pcm)-cap(c.past):]...)
		return
	}
	if over := len(c.past) + len(pcm) - cap(c.past); over > 0 {
		c.past = c.past[:copy(c.past, c.past[over:])]
	}
	c.past = append(c.past, pcm...)
}

// Lost appends so many made-up samples to dst.
func (c *Concealer) Lost(dst []int16, samples int) []int16 {
	if c.gap == 0 {
		c.begin()
	}
	start := len(dst)
	dst = c.synthesize(dst, samples)
	c.remember(dst[start:])
	return dst
}

// begin looks for the period of the voice and makes the pattern of the gap.
func (c *Concealer) begin() {
	c.at, c.offset, c.period = 0, 0, nil
	n := len(c.past)
	if n < cap(c.past) {
		return // too little was heard: silence
	}
	pitch := c.pitch()
	c.period = c.pattern[:pitch]
	copy(c.period, c.past[n-pitch:])
	// Where the pattern begins again its end leads over into its beginning.
	over := pitch / 4
	for i := range over {
		before := int(c.past[n-pitch-over+i])
		at := pitch - over + i
		c.period[at] = int16((int(c.period[at])*(over-i) + before*i) / over)
	}
	c.offset = float64(c.past[n-1]) - float64(c.past[n-pitch-1])
}

// pitch is the period of what was heard, in samples: where it is most like
// itself.
func (c *Concealer) pitch() int {
	coarse := max(c.rate/4000, 1)
	shortest, longest := c.rate/highestPitch, c.rate/lowestPitch
	best := c.bestLag(shortest, longest, coarse, coarse)
	if coarse == 1 {
		return best
	}
	return c.bestLag(max(best-coarse, shortest), min(best+coarse, longest), 1, coarse)
}

// bestLag tries the lags of a range, with every so many samples.
func (c *Concealer) bestLag(from, to, step, stride int) int {
	window := c.past[len(c.past)-c.rate/100:]
	best, lag := -1.0, from
	for l := from; l <= to; l += step {
		other := c.past[len(c.past)-len(window)-l:]
		var like, power float64
		for i := 0; i < len(window); i += stride {
			a, b := float64(window[i]), float64(other[i])
			like += a * b
			power += b * b
		}
		if like <= 0 {
			continue
		}
		if score := like * like / (power + 1); score > best {
			best, lag = score, l
		}
	}
	return lag
}

// synthesize appends what the gap goes on with.
func (c *Concealer) synthesize(dst []int16, samples int) []int16 {
	full, end := c.rate*fullGap/1000, c.rate*longestGap/1000
	for range samples {
		if len(c.period) == 0 || c.gap >= end {
			c.gap++
			dst = append(dst, 0)
			continue
		}
		level := 1.0
		if c.gap > full {
			level = float64(end-c.gap) / float64(end-full)
		}
		v := float64(c.period[c.at])
		if over := len(c.period) / 4; c.gap < over {
			v += c.offset * float64(over-c.gap) / float64(over)
		}
		if c.at++; c.at == len(c.period) {
			c.at = 0
		}
		c.gap++
		dst = append(dst, int16(min(max(v*level, -32768), 32767)))
	}
	return dst
}
