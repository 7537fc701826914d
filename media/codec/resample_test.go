package codec

import (
	"math"
	"testing"
)

// snr is how much louder the wanted tone is than all else, in decibels, where
// gain and delay are left free: the tone is fitted and what is left is noise.
func snr(pcm []int16, freq, rate float64) (gain, db float64) {
	var s, c float64
	for i, v := range pcm {
		a := 2 * math.Pi * freq * float64(i) / rate
		s += float64(v) * math.Sin(a)
		c += float64(v) * math.Cos(a)
	}
	s, c = 2*s/float64(len(pcm)), 2*c/float64(len(pcm))
	var signal, noise float64
	for i, v := range pcm {
		a := 2 * math.Pi * freq * float64(i) / rate
		w := s*math.Sin(a) + c*math.Cos(a)
		signal += w * w
		noise += (float64(v) - w) * (float64(v) - w)
	}
	return math.Hypot(s, c), 10 * math.Log10(signal/noise)
}

func tone(freq, rate, amplitude float64, n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(math.Round(amplitude * math.Sin(2*math.Pi*freq*float64(i)/rate)))
	}
	return out
}

// run resamples in frames of 20 ms, as a player does.
func run(t *testing.T, in []int16, from, to int) []int16 {
	t.Helper()
	r, err := NewResampler(from, to)
	if err != nil {
		t.Fatal(err)
	}
	var out []int16
	for frame := from / 50; len(in) >= frame; in = in[frame:] {
		part := r.Run(in[:frame])
		if len(part) != to/50 {
			t.Fatalf("a frame of %d became %d samples", frame, len(part))
		}
		out = append(out, part...)
	}
	return out
}

func TestResampleKeepsTones(t *testing.T) {
	for _, c := range []struct {
		from, to int
		freq     float64
	}{
		{8000, 16000, 400}, {8000, 16000, 1000}, {8000, 16000, 3200}, {16000, 8000, 400}, {16000, 8000, 3200},
		{8000, 48000, 1000}, {48000, 8000, 1000}, {16000, 48000, 6000}, {48000, 16000, 6000}, {8000, 24000, 700},
		{44100, 8000, 1000}, {22050, 16000, 3000}, {12000, 8000, 3000},
	} {
		out := run(t, tone(c.freq, float64(c.from), 10000, c.from), c.from, c.to)
		gain, db := snr(out[c.to/10:], c.freq, float64(c.to))
		if math.Abs(gain-10000) > 200 || db < 60 {
			t.Errorf("%d to %d, %g Hz: amplitude %.0f of 10000, %.1f dB over the noise", c.from, c.to, c.freq, gain, db)
		}
	}
}

// What the lower rate can't carry must not come back as something else.
func TestResampleStopsAliases(t *testing.T) {
	for _, freq := range []float64{4800, 6000, 7500} {
		out := run(t, tone(freq, 16000, 10000, 16000), 16000, 8000)
		if m := loudest(out[800:]); m > 20 {
			t.Errorf("%g Hz came through with %d of 10000", freq, m)
		}
	}
}

func loudest(pcm []int16) int {
	m := 0
	for _, v := range pcm {
		m = max(m, int(v), -int(v))
	}
	return m
}

func TestResampleFullScale(t *testing.T) {
	square := make([]int16, 8000)
	for i := range square {
		square[i] = -32768
		if i/20%2 == 0 {
			square[i] = 32767
		}
	}
	// Each half of the square stays on its side of zero: what overshoots is
	// limited and does not wrap around.
	out := run(t, square, 8000, 16000)
	for i := 400; i < len(out); i++ {
		if at := (i - 48) % 80; at > 4 && at < 36 && out[i] < 20000 || at > 44 && at < 76 && out[i] > -20000 {
			t.Fatalf("sample %d is %d", i, out[i])
		}
	}
}

func TestResamplerRefuses(t *testing.T) {
	for _, c := range [][2]int{{0, 8000}, {8000, 0}, {-1, 1}, {1 << 30, 1}, {44101, 8000}} {
		if _, err := NewResampler(c[0], c[1]); err == nil {
			t.Errorf("%d to %d was taken", c[0], c[1])
		}
	}
}
