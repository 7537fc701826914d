package sound

import (
	"io"
	"math"
	"time"

	"obelus/media"
)

// part is a stretch of a tone: up to two frequencies in hertz, none for silence.
type part struct {
	freq [2]float64
	time time.Duration // 0: for ever
}

// tones are those of the United States (indications.conf, zone us).
var tones = map[string][]part{
	"dial":       {{freq: [2]float64{350, 440}}},
	"busy":       {{[2]float64{480, 620}, 500 * time.Millisecond}, {[2]float64{}, 500 * time.Millisecond}},
	"ring":       {{[2]float64{440, 480}, 2 * time.Second}, {[2]float64{}, 4 * time.Second}},
	"congestion": {{[2]float64{480, 620}, 250 * time.Millisecond}, {[2]float64{}, 250 * time.Millisecond}},
}

// Tone is a tone that goes on for ever: dial, busy, ring or congestion.
func Tone(name string) (media.Source, bool) {
	parts, ok := tones[name]
	if !ok {
		return nil, false
	}
	return &generator{parts: parts, again: true}, true
}

// Beep is the short tone before a recording: 1,000 Hz for a third of a second.
func Beep() media.Source {
	return &generator{parts: []part{{[2]float64{1000, 0}, 330 * time.Millisecond}}}
}

// generator makes a tone of 8,000 samples a second.
type generator struct {
	parts []part
	again bool
	at    int // the part
	done  int // samples of it
}

const (
	toneRate = 8000
	loudness = 4096 // of one frequency: -18 dB of full scale
)

// Rate is how many samples make a second.
func (g *generator) Rate() int { return toneRate }

// Read makes the next samples.
func (g *generator) Read(frame []int16) (int, error) {
	for i := range frame {
		if g.at >= len(g.parts) {
			return i, io.EOF
		}
		p := &g.parts[g.at]
		var v float64
		for _, f := range p.freq {
			if f > 0 {
				v += loudness * math.Sin(2*math.Pi*f*float64(g.done)/toneRate)
			}
		}
		frame[i] = int16(v)
		g.done++
		if p.time > 0 && g.done >= int(p.time*toneRate/time.Second) {
			g.done = 0
			g.at++
			if g.again {
				g.at %= len(g.parts)
			}
		}
	}
	return len(frame), nil
}
