package codec

import (
	"fmt"
	"math"
)

// Resampler turns samples of one rate into those of another through a low-pass
// filter (a sinc under a Blackman window). It keeps what it needs between calls,
// so that there is no seam.
type Resampler struct {
	up, down int
	phases   [][]float32 // the filter as each step between two samples in needs it, last tap first
	line     []float32   // what the filter looks at: the past, then what came in
	past     int         // how much of line that is
	at       int         // steps from the first sample that came in to the next one out
	out      []int16
}

const (
	// tapsPerStep is the filter's length in samples of the lower rate: flat to
	// 0.8 of what that rate can carry, and 70 dB down where it ends.
	tapsPerStep = 48
	// cutoff is the middle of the slope, in parts of the lower rate.
	cutoff = 0.455
	// maxFactor bounds the filter: the rates in use have larger factors in
	// common.
	maxFactor = 1000
)

// NewResampler goes from one rate to another.
func NewResampler(from, to int) (*Resampler, error) {
	if from <= 0 || to <= 0 {
		return nil, fmt.Errorf("resample from %d to %d samples a second: rates are above 0", from, to)
	}
	common := gcd(from, to)
	r := &Resampler{up: to / common, down: from / common}
	factor := max(r.up, r.down)
	if factor > maxFactor {
		return nil, fmt.Errorf("resample from %d to %d samples a second: the rates have too little in common", from, to)
	}
	taps := lowPass(factor*tapsPerStep+1, cutoff/float64(factor))
	r.past = (len(taps)+r.up-1)/r.up - 1
	r.phases = make([][]float32, r.up)
	for p := range r.phases {
		r.phases[p] = make([]float32, r.past+1)
		for k := p; k < len(taps); k += r.up {
			r.phases[p][r.past-k/r.up] = float32(taps[k] * float64(r.up))
		}
	}
	r.line = make([]float32, r.past)
	return r, nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// lowPass is a filter of n taps that lets frequencies below cut (in parts of the
// rate) through.
func lowPass(n int, cut float64) []float64 {
	taps := make([]float64, n)
	sum := 0.0
	for i := range taps {
		x := float64(i) - float64(n-1)/2
		v := 2 * cut
		if x != 0 {
			v = math.Sin(2*math.Pi*cut*x) / (math.Pi * x)
		}
		a := 2 * math.Pi * float64(i) / float64(n-1)
		taps[i] = v * (0.42 - 0.5*math.Cos(a) + 0.08*math.Cos(2*a))
		sum += taps[i]
	}
	for i := range taps {
		taps[i] /= sum
	}
	return taps
}

// Delay is how many samples out the filter lags behind.
func (r *Resampler) Delay() int { return (r.past*r.up/2 + r.down - 1) / r.down }

// Run takes samples in and returns those of the other rate that they make. The
// result is good until the next call.
func (r *Resampler) Run(in []int16) []int16 {
	r.out = r.out[:0]
	for _, s := range in {
		r.line = append(r.line, float32(s))
	}
	for ; r.at < len(in)*r.up; r.at += r.down {
		taps := r.phases[r.at%r.up]
		sum := dot(taps, r.line[r.at/r.up:][:len(taps)])
		r.out = append(r.out, int16(min(max(sum, -32768), 32767)))
	}
	r.at -= len(in) * r.up
	r.line = r.line[:copy(r.line, r.line[len(in):])]
	return r.out
}

// dot is the sum of products, in parts that do not wait for each other.
func dot(a, b []float32) float32 {
	var w, x, y, z float32
	for len(a) >= 8 && len(b) >= 8 {
		p, q := (*[8]float32)(a), (*[8]float32)(b)
		w += p[0]*q[0] + p[4]*q[4]
		x += p[1]*q[1] + p[5]*q[5]
		y += p[2]*q[2] + p[6]*q[6]
		z += p[3]*q[3] + p[7]*q[7]
		a, b = a[8:], b[8:]
	}
	for i, v := range a {
		w += v * b[i]
	}
	return w + x + (y + z)
}
