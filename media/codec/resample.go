package codec

import (
	"fmt"
	"math"
)

// Resampler lowers a rate of samples by a whole factor, or raises it, through a
// low-pass filter (a sinc under a Blackman window). It keeps what it needs between
// frames, so that there is no seam.
type Resampler struct {
	up, down int
	taps     []float32 // at the higher rate
	past     []int16   // the input that the filter still looks at
	phase    int
	out      []int16
}

// tapsPerStep is the filter's length in steps of the lower rate.
const tapsPerStep = 24

// NewResampler goes from one rate to another; one must be a multiple of the
// other.
func NewResampler(from, to int) (*Resampler, error) {
	r := &Resampler{up: 1, down: 1}
	switch {
	case from <= 0 || to <= 0:
		return nil, fmt.Errorf("a rate of %d to %d samples a second", from, to)
	case from%to == 0:
		r.down = from / to
	case to%from == 0:
		r.up = to / from
	default:
		return nil, fmt.Errorf("can't turn %d samples a second into %d", from, to)
	}
	factor := max(r.up, r.down)
	r.taps = lowPass(factor*tapsPerStep+1, 0.46/float64(factor))
	for i := range r.taps {
		r.taps[i] *= float32(r.up)
	}
	r.past = make([]int16, (len(r.taps)+r.up-1)/r.up)
	return r, nil
}

// lowPass is a filter of n taps that lets frequencies below cut (in parts of the
// rate) through.
func lowPass(n int, cut float64) []float32 {
	taps := make([]float32, n)
	sum := 0.0
	exact := make([]float64, n)
	for i := range exact {
		x := float64(i) - float64(n-1)/2
		v := 2 * cut
		if x != 0 {
			v = math.Sin(2*math.Pi*cut*x) / (math.Pi * x)
		}
		a := 2 * math.Pi * float64(i) / float64(n-1)
		exact[i] = v * (0.42 - 0.5*math.Cos(a) + 0.08*math.Cos(2*a))
		sum += exact[i]
	}
	for i, v := range exact {
		taps[i] = float32(v / sum)
	}
	return taps
}

// Run takes samples in and returns those of the other rate that they make. The
// result is good until the next call.
func (r *Resampler) Run(in []int16) []int16 {
	r.out = r.out[:0]
	line := append(r.past, in...)
	history := len(r.past)
	for i := range in {
		at := history + i
		for p := range r.up {
			if r.phase == 0 {
				r.out = append(r.out, r.sample(line, at, p))
			}
			r.phase = (r.phase + 1) % r.down
		}
	}
	r.past = append(r.past[:0], line[len(line)-history:]...)
	return r.out
}

// sample is the filter's output at one step of the higher rate: p of up steps
// behind the sample at.
func (r *Resampler) sample(line []int16, at, p int) int16 {
	var sum float32
	for k, i := p, at; k < len(r.taps) && i >= 0; k, i = k+r.up, i-1 {
		sum += r.taps[k] * float32(line[i])
	}
	return int16(min(max(sum, -32768), 32767))
}
