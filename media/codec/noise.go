package codec

import "math"

// noiseOrder is the longest spectrum of a description that is followed.
const noiseOrder = 12

// Noise makes the hiss between words out of its description (RFC 3389).
type Noise struct {
	seed  uint32
	gain  float64
	order int
	k     [noiseOrder]float64 // reflection coefficients
	state [noiseOrder + 1]float64
}

// NewNoise returns a maker of noise that is silent until it has a description.
func NewNoise() *Noise { return &Noise{seed: 1} }

// Describe takes the payload of a comfort noise packet: a level in dB under
// overload and the spectrum as reflection coefficients, which may be missing
// (RFC 3389 §3). It returns false, and changes nothing, for an empty one.
func (n *Noise) Describe(sid []byte) bool {
	if len(sid) == 0 {
		return false
	}
	// The level is that of the noise, so the excitation has to be quieter by
	// what the filter adds.
	power := math.Pow(10, -float64(sid[0]&0x7f)/10)
	n.order = min(len(sid)-1, noiseOrder)
	for i, q := range sid[1 : n.order+1] {
		n.k[i] = min(max((float64(q)-127)*258/32768, -0.99), 0.99) // RFC 3389 §3.2
		power *= 1 - n.k[i]*n.k[i]
	}
	// 0 dBov is the power of a full-scale square; white noise over [-1, 1) has a
	// third of that.
	n.gain = 32767 * math.Sqrt(3*power)
	return true
}

// Make appends so many samples.
func (n *Noise) Make(dst []int16, samples int) []int16 {
	for range samples {
		n.seed = n.seed*1664525 + 1013904223
		x := n.gain * float64(int32(n.seed)) / (1 << 31)
		for i := n.order - 1; i >= 0; i-- { // an all-pole lattice
			x -= n.k[i] * n.state[i]
			n.state[i+1] = n.state[i] + n.k[i]*x
		}
		n.state[0] = x
		dst = append(dst, int16(min(max(x, -32768), 32767)))
	}
	return dst
}
