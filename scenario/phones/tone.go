package phones

import (
	"fmt"
	"math"
)

// What counts as hearing a tone. A window of 50 ms separates tones that are
// 20 Hz apart, and a G.711 round trip leaves a sine above 99 % of its energy.
const (
	windowsPerSecond = 20
	soundLevel       = 400.0 // RMS of 16 bit samples, -38 dBFS: below it is silence
	purity           = 0.80  // share of a window's energy that the tone must have
	steadiness       = 0.80  // share of the windows, from the first sound on
	enoughWindows    = windowsPerSecond
)

// Tone makes a sine of that many hertz at half of full scale, seconds long.
func Tone(hertz float64, rate, seconds int) []int16 {
	samples := make([]int16, rate*seconds)
	for i := range samples {
		samples[i] = int16(math.Round(16384 * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate))))
	}
	return samples
}

// Hearing is what Listen found.
type Hearing struct {
	Windows int     // of 50 ms, from the first sound to the end
	Pure    int     // of them, those in which the tone has most of the energy
	Level   float64 // RMS from the first sound to the end
}

// Heard reports whether that is a tone: long enough and steady.
func (h Hearing) Heard() bool {
	return h.Windows >= enoughWindows && float64(h.Pure) >= steadiness*float64(h.Windows)
}

func (h Hearing) String() string {
	return fmt.Sprintf("tone in %d of %d windows of 50 ms, level %.0f", h.Pure, h.Windows, h.Level)
}

// Listen looks for a tone of that many hertz in samples. Silence before the
// first sound is passed over; silence, noise or another tone after it counts
// against the tone. The tone should be a multiple of 20 Hz.
func Listen(samples []int16, rate int, hertz float64) Hearing {
	var h Hearing
	var energy float64
	size := rate / windowsPerSecond
	if size == 0 {
		return h
	}
	for ; len(samples) >= size; samples = samples[size:] {
		total, share := goertzel(samples[:size], hertz/float64(rate))
		loud := math.Sqrt(total/float64(size)) >= soundLevel
		if h.Windows == 0 && !loud {
			continue
		}
		h.Windows++
		energy += total
		if loud && share >= purity {
			h.Pure++
		}
	}
	if h.Windows > 0 {
		h.Level = math.Sqrt(energy / float64(h.Windows*size))
	}
	return h
}

// goertzel returns the energy of samples and the share of it at one frequency,
// given in cycles a sample: 1 for a pure sine whose cycles fill the window,
// about 2/len(samples) for noise.
func goertzel(samples []int16, frequency float64) (total, share float64) {
	coefficient := 2 * math.Cos(2*math.Pi*frequency)
	var s1, s2 float64
	for _, sample := range samples {
		x := float64(sample)
		total += x * x
		s1, s2 = x+coefficient*s1-s2, s1
	}
	if total == 0 {
		return 0, 0
	}
	power := s1*s1 + s2*s2 - coefficient*s1*s2
	return total, 2 * power / (float64(len(samples)) * total)
}
