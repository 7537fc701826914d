package codec

import (
	"math"
	"testing"
)

// level is the power of samples, in dB under that of a full-scale square.
func level(pcm []int16) float64 {
	var sum float64
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return -10 * math.Log10(sum/float64(len(pcm))/(32768*32768))
}

func TestNoiseHasItsLevel(t *testing.T) {
	for _, sid := range [][]byte{
		{30}, {60}, {70}, {40, 127}, {40, 200}, {40, 60}, {50, 220, 60, 150, 120}, {45, 27, 227, 100, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127},
	} {
		n := NewNoise()
		if !n.Describe(sid) {
			t.Fatalf("%v was refused", sid)
		}
		if got := level(n.Make(nil, 80000)); math.Abs(got-float64(sid[0])) > 1 {
			t.Errorf("%v makes noise of -%.1f dB", sid, got)
		}
	}
}

// The first reflection coefficient says whether the noise is low or high (RFC
// 3389 §3.2: 127 is zero).
func TestNoiseHasItsColour(t *testing.T) {
	turns := func(sid ...byte) (n int) {
		noise := NewNoise()
		noise.Describe(sid)
		pcm := noise.Make(nil, 8000)
		for i := 1; i < len(pcm); i++ {
			if (pcm[i] < 0) != (pcm[i-1] < 0) {
				n++
			}
		}
		return n
	}
	low, white, high := turns(40, 20), turns(40, 127), turns(40, 230)
	if low > 2500 || white < 3700 || white > 4300 || high < 5500 {
		t.Errorf("changes of sign in a second: %d %d %d, want few, 4000, many", low, white, high)
	}
}

func TestNoiseWithoutDescription(t *testing.T) {
	n := NewNoise()
	if n.Describe(nil) {
		t.Error("an empty description was taken")
	}
	if out := n.Make(nil, 160); len(out) != 160 || loudest(out) != 0 {
		t.Errorf("%d samples, as loud as %d, want silence", len(out), loudest(out))
	}
	// As quiet as it gets is silence; all bits count but the reserved one.
	n.Describe([]byte{127})
	if out := n.Make(nil, 160); loudest(out) != 0 {
		t.Errorf("-127 dB are as loud as %d", loudest(out))
	}
}
