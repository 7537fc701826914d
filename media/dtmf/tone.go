package dtmf

import (
	"fmt"
	"io"
	"math"
	"time"
)

// Levels of the two tones: -10 and -8 dBm0, the higher one a little louder as
// lines weaken it more (ITU-T Q.23, Q.24 table A-1).
const (
	rowLevel    = -10
	columnLevel = -8
)

// ramp is how long the tones take to come and go, so that nothing clicks.
const ramp = 2 * time.Millisecond

// Tone is the sound of one key. It is a media.Source.
type Tone struct {
	rate          int
	row, col      float64 // radians a sample
	at, left, all int     // samples
	rampLen       int
}

// NewTone makes the tone of a key: 0-9, *, #, A-D.
func NewTone(key byte, held time.Duration, rate int) (*Tone, error) {
	i := place(key)
	if i < 0 {
		return nil, fmt.Errorf("%q has no tone", key)
	}
	if rate < 8000 {
		return nil, fmt.Errorf("tones of %q at %d samples a second: 8000 are needed", key, rate)
	}
	all := int(held * time.Duration(rate) / time.Second)
	return &Tone{
		rate: rate, all: all, left: all, rampLen: int(ramp * time.Duration(rate) / time.Second),
		row: 2 * math.Pi * rows[i/4] / float64(rate), col: 2 * math.Pi * columns[i%4] / float64(rate),
	}, nil
}

// Rate is how many samples make a second.
func (t *Tone) Rate() int { return t.rate }

// Read makes the next samples, and io.EOF with the last.
func (t *Tone) Read(frame []int16) (int, error) {
	row, col := amplitude(rowLevel), amplitude(columnLevel)
	n := min(len(frame), t.left)
	for i := range n {
		x := float64(t.at)
		v := row*math.Sin(x*t.row) + col*math.Sin(x*t.col)
		if edge := min(t.at, t.left-i-1); edge < t.rampLen {
			v *= float64(edge) / float64(t.rampLen)
		}
		frame[i] = int16(v)
		t.at++
	}
	if t.left -= n; t.left == 0 {
		return n, io.EOF
	}
	return n, nil
}

// amplitude is the peak of a sine of so many dBm0: the loudest is 3.14 dBm0
// (ITU-T G.711).
func amplitude(dBm0 float64) float64 { return 32767 * math.Pow(10, (dBm0-3.14)/20) }
