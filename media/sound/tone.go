package sound

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"obelus/media"
)

// The tones of the United States (indications.conf, zone us), as [NewTone] reads
// them.
const (
	DialTone       = "350+440"
	BusyTone       = "480+620/500,0/500"
	RingTone       = "440+480/2000,0/4000"
	CongestionTone = "480+620/250,0/250"
	beepTone       = "!1000/330"
)

// Tone is a tone that goes on for ever: dial, busy, ring or congestion.
func Tone(name string) (media.Source, bool) {
	spec, ok := map[string]string{"dial": DialTone, "busy": BusyTone, "ring": RingTone, "congestion": CongestionTone}[name]
	if !ok {
		return nil, false
	}
	return mustTone(spec), true
}

// Beep is the short tone before a recording: 1,000 Hz for a third of a second.
func Beep() media.Source { return mustTone(beepTone) }

// mustTone is for the tones above, which a test reads.
func mustTone(spec string) media.Source {
	t, err := NewTone(spec)
	if err != nil {
		panic(err)
	}
	return t
}

// ErrTone says that a tone is not written as in indications.conf.
var ErrTone = errors.New("not a tone")

// maxParts bounds a tone.
const maxParts = 256

// NewTone makes a tone as indications.conf writes it: parts FREQUENCY/MILLISECONDS
// with commas (in older files |) between, played round and round. FREQUENCY is hertz, two of them
// with a + heard together or with a * the second beating the first; 0 is silence.
// A part without a duration lasts for ever. Parts that begin with ! are played
// once; a tone of none but such ends.
func NewTone(spec string) (media.Source, error) {
	g := &generator{loop: -1}
	separator := ","
	if strings.Contains(spec, "|") {
		separator = "|"
	}
	for i, word := range strings.Split(spec, separator) {
		word = strings.TrimSpace(word)
		once := strings.HasPrefix(word, "!")
		p, err := parsePart(strings.TrimPrefix(word, "!"))
		if err != nil {
			return nil, fmt.Errorf("%w: %q: part %d: %w", ErrTone, spec, i+1, err)
		}
		if !once && g.loop < 0 {
			g.loop = i
		}
		if g.parts = append(g.parts, p); len(g.parts) > maxParts {
			return nil, fmt.Errorf("%w: more than %d parts", ErrTone, maxParts)
		}
	}
	return g, nil
}

// part is a stretch of a tone.
type part struct {
	freq   [2]int // hertz; 0 for none
	beats  bool   // the second beats the first
	length int    // samples; 0: for ever
}

// maxTime is the longest part with an end.
const maxTime = time.Hour

func parsePart(s string) (p part, err error) {
	sound, duration, limited := strings.Cut(s, "/")
	if limited {
		ms, err := strconv.Atoi(strings.TrimSpace(duration))
		if err != nil || ms <= 0 || ms > int(maxTime/time.Millisecond) {
			return p, fmt.Errorf("%q is no duration in milliseconds", duration)
		}
		p.length = ms * toneRate / 1000
	}
	one, two, found := strings.Cut(sound, "+")
	if !found {
		one, two, p.beats = strings.Cut(sound, "*")
	}
	if p.freq[0], err = parseFrequency(one); err != nil {
		return p, err
	}
	if found || p.beats {
		two, _, _ = strings.Cut(two, "+") // of more than two the original hears two
		p.freq[1], err = parseFrequency(two)
	}
	return p, err
}

func parseFrequency(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > 20000 {
		return 0, fmt.Errorf("%q is no frequency from 0 to 20000 Hz", s)
	}
	if n >= toneRate/2 {
		return 0, nil // a telephone carries none so high; some of the original's countries have one
	}
	return n, nil
}

// generator makes a tone of 8,000 samples a second.
type generator struct {
	parts []part
	loop  int // the first part that comes again; -1: none
	at    int // the part
	done  int // samples of it
}

const (
	toneRate = 8000
	loudness = 4096 // of one frequency: -18 dB of full scale
)

// Rate is how many samples make a second.
func (g *generator) Rate() int { return toneRate }

// Endless says whether the tone goes on for ever.
func (g *generator) Endless() bool {
	return g.loop >= 0 || g.parts[len(g.parts)-1].length == 0
}

// Read makes the next samples.
func (g *generator) Read(frame []int16) (int, error) {
	for i := range frame {
		if g.at >= len(g.parts) {
			if g.loop < 0 {
				return i, io.EOF
			}
			g.at = g.loop
		}
		p := &g.parts[g.at]
		frame[i] = p.sample(g.done)
		g.done++
		switch {
		case p.length > 0 && g.done >= p.length:
			g.done = 0
			g.at++
		case p.length == 0 && g.done >= toneRate:
			g.done = 0 // frequencies are whole: a second fits the next
		}
	}
	return len(frame), nil
}

func (p *part) sample(n int) int16 {
	one, two := wave(p.freq[0], n), wave(p.freq[1], n)
	if p.beats {
		return int16(loudness * one * (1 + two) / 2)
	}
	return int16(loudness * (one + two))
}

func wave(freq, n int) float64 {
	if freq == 0 {
		return 0
	}
	return math.Sin(2 * math.Pi * float64(freq) * float64(n) / toneRate)
}
