package sound

import (
	"context"
	"math"
	"strings"

	"obelus/pbx"
	"obelus/prompt"
)

func milliwatt() pbx.Application {
	return pbx.Application{
		Name: "Milliwatt",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			if err := answered(x); err != nil {
				return err
			}
			src := &sine{hertz: 1004}
			switch {
			case strings.Contains(data, "o"):
				src.hertz = 1000
			case strings.Contains(data, "m"):
				src.silent = sineRate // behind nine seconds
			}
			_, err := prompt.PlaySource(ctx, x.Channel(), "", src)
			return err
		},
		Check: unknown("Milliwatt", 0, "mo"),
	}
}

const (
	sineRate = 8000
	// zero is the peak of a tone of 0 dBm0: 3.17 dB below the loudest that µ-law has
	// (ITU-T G.711).
	zero = 22657
)

// sine is a tone of 0 dBm0 that goes on for ever.
type sine struct {
	hertz  int
	silent int // samples of silence at the end of every ten seconds
	at     int
}

// Rate is how many samples make a second.
func (*sine) Rate() int { return sineRate }

// Endless says that it never ends.
func (*sine) Endless() bool { return true }

// Read makes the next samples.
func (s *sine) Read(frame []int16) (int, error) {
	for i := range frame {
		frame[i] = 0
		if s.at < 10*sineRate-s.silent {
			frame[i] = int16(zero * math.Sin(2*math.Pi*float64(s.hertz)*float64(s.at)/sineRate))
		}
		s.at = (s.at + 1) % (10 * sineRate)
	}
	return len(frame), nil
}
