package sound

import (
	"math"
	"testing"
)

// TestMilliwatt: the tone is 0 dBm0, a sine of 6.2 dB below full scale (ITU-T G.711), and
// with pauses silent for the last second of ten.
func TestMilliwatt(t *testing.T) {
	s := &sine{hertz: 1004, silent: sineRate}
	second := make([]int16, sineRate)
	for n := range 10 {
		if k, err := s.Read(second); k != len(second) || err != nil {
			t.Fatal(k, err)
		}
		power := 0.0
		for _, v := range second {
			power += float64(v) * float64(v)
		}
		level := 10 * math.Log10(power/sineRate/(32768*32768)+1e-12)
		if n < 9 && math.Abs(level+6.22) > 0.05 || n == 9 && power != 0 {
			t.Errorf("second %d: %.2f dB", n, level)
		}
	}
	if !s.Endless() || s.Rate() != sineRate {
		t.Error("it ends, or has another rate")
	}
}
