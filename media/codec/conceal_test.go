package codec

import (
	"math"
	"testing"
)

// buzz is a voice that does not change: a pitch with overtones.
func buzz(pitch float64, rate, n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		var v float64
		for k := 1.0; k < 8; k++ {
			v += math.Sin(2*math.Pi*pitch*k*float64(i)/float64(rate)+k*k) / k
		}
		out[i] = int16(5000 * v)
	}
	return out
}

// lose passes pcm through in frames of 20 ms, some of them lost.
func lose(c *Concealer, pcm []int16, frame int, lost func(k int) bool) []int16 {
	var out []int16
	for k := 0; len(pcm) >= frame; k++ {
		if lost(k) {
			out = c.Lost(out, frame)
		} else {
			start := len(out)
			out = append(out, pcm[:frame]...)
			c.Heard(out[start:])
		}
		pcm = pcm[frame:]
	}
	return out
}

func decibels(want, got []int16) float64 {
	var signal, noise float64
	for i, w := range want {
		d := float64(w) - float64(got[i])
		signal += float64(w) * float64(w)
		noise += d * d
	}
	return 10 * math.Log10(signal/(noise+1e-9))
}

func TestConcealGoesOnWithThePitch(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		for _, pitch := range []float64{80, 123, 210, 333} {
			frame := rate / 50
			pcm := buzz(pitch, rate, 12*frame)
			out := lose(NewConcealer(rate), pcm, frame, func(k int) bool { return k == 8 })
			// The first half is made up at full level.
			db := decibels(pcm[8*frame:8*frame+frame/2], out[8*frame:])
			t.Logf("%d, %g Hz: %.1f dB", rate, pitch, db)
			if db < 12 {
				t.Errorf("%d, a voice of %g Hz: the gap is filled to %.1f dB", rate, pitch, db)
			}
			if db := decibels(pcm[9*frame+frame/4:], out[9*frame+frame/4:]); db < 90 {
				t.Errorf("%d, a voice of %g Hz: 5 ms after the gap there is noise at %.1f dB", rate, pitch, db)
			}
		}
	}
}

// Every packet of speech is lost once, and every tenth at a time.
func TestConcealSpeech(t *testing.T) {
	pcm := samples(vector(t, "speech8000.sln.gz"))
	var signal, noise, repeated, made float64
	for phase := range 10 {
		lost := func(k int) bool { return k >= 4 && k%10 == phase }
		out := lose(NewConcealer(8000), pcm, 160, lost)
		for i := range out {
			if lost(i / 160) {
				want := float64(pcm[i])
				signal += want * want
				noise += (want - float64(out[i])) * (want - float64(out[i]))
				repeated += (want - float64(pcm[i-160])) * (want - float64(pcm[i-160]))
				made += float64(out[i]) * float64(out[i])
			}
		}
		if seam, speech := steps(out, pcm, lost); seam > speech/2 {
			t.Errorf("a seam steps by %d, speech itself by %d at most", seam, speech)
		}
	}
	better, level := 10*math.Log10(repeated/noise), 10*math.Log10(made/signal)
	t.Logf("what was lost is made up %.1f dB nearer than by saying the last packet again, at %.1f dB of its level", better, level)
	if better < 3 || math.Abs(level) > 2 {
		t.Errorf("what was lost is made up %.1f dB nearer than by saying the last packet again, at %.1f dB of its level", better, level)
	}
}

// steps is the greatest from one sample to the next: where a lost packet begins
// or ends, and in speech.
func steps(out, pcm []int16, lost func(int) bool) (seam, speech int) {
	for i := 160; i < len(out); i++ {
		if k := i / 160; i%160 == 0 && (lost(k) || lost(k-1)) {
			seam = max(seam, abs(int(out[i])-int(out[i-1])))
		}
		speech = max(speech, abs(int(pcm[i])-int(pcm[i-1])))
	}
	return seam, speech
}

func abs(v int) int { return max(v, -v) }

func TestConcealFadesAndEnds(t *testing.T) {
	c := NewConcealer(8000)
	if out := c.Lost(nil, 160); loudest(out) != 0 || len(out) != 160 {
		t.Errorf("before anything was heard: %d samples, as loud as %d", len(out), loudest(out))
	}
	c = NewConcealer(8000)
	c.Heard(buzz(123, 8000, 1600))
	out := c.Lost(nil, 1600)
	if len(out) != 1600 {
		t.Fatalf("%d samples", len(out))
	}
	before := 32767
	for ms := 0; ms < 200; ms += 10 {
		m := loudest(out[ms*8 : ms*8+80])
		if m > before+500 {
			t.Errorf("after %d ms it is louder (%d) than before (%d)", ms, m, before)
		}
		if ms >= longestGap && m != 0 {
			t.Errorf("after %d ms it is as loud as %d", ms, m)
		}
		before = m
	}
	// Sound comes back gently, and whole.
	pcm := buzz(123, 8000, 160)
	got := append([]int16(nil), pcm...)
	c.Heard(got)
	if abs(int(got[0])) > abs(int(pcm[0]))/4+1 || decibels(pcm[40:], got[40:]) < 90 {
		t.Errorf("it comes back with %v, want something softer than %v", got[:4], pcm[:4])
	}
}

func FuzzConceal(f *testing.F) {
	f.Add([]byte{1, 255, 3, 0, 200, 20}, uint8(1))
	f.Fuzz(func(t *testing.T, ops []byte, seed uint8) {
		c := NewConcealer(8000)
		for _, op := range ops {
			n := int(op&0x7f) * 7
			if op&0x80 != 0 {
				if got := len(c.Lost(nil, n)); got != n {
					t.Fatalf("%d samples of %d", got, n)
				}
				continue
			}
			pcm := make([]int16, n)
			for i := range pcm {
				pcm[i] = int16(i * int(seed) * 997)
			}
			c.Heard(pcm)
		}
	})
}
