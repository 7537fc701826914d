package media

import (
	"context"
	"errors"
	"io"
	"time"
)

// Frame is the length of sound that is played in one piece.
const Frame = 20 * time.Millisecond

// Source is sound to be played: one voice of 16-bit samples. A source belongs
// to one player at a time.
type Source interface {
	// Rate is how many samples make a second.
	Rate() int
	// Read fills frame and returns how many samples it wrote. At the end it
	// returns io.EOF, with the last samples or after them.
	Read(frame []int16) (int, error)
}

// Encoded is a source that also has its sound in a coded form, which goes to a
// phone of the same format as it is. A player reads it in one of the two ways,
// not in both.
type Encoded interface {
	Source
	// Format is the coding.
	Format() Format
	// ReadEncoded fills frame with whole units of the coding and returns how
	// many bytes it wrote; io.EOF as Read.
	ReadEncoded(frame []byte) (int, error)
}

// Seeker is a source that can be wound, while nobody plays it.
type Seeker interface {
	Source
	// Position is how much of it has been read.
	Position() time.Duration
	// Length is how long it is.
	Length() time.Duration
	// Seek goes on at a place, which is no further than either end.
	Seek(to time.Duration) error
}

// Discard reads src to its end in real time and keeps nothing: what playing
// does where nobody listens. It returns ctx's error when that ends first.
func Discard(ctx context.Context, src Source) error {
	frame := make([]int16, max(src.Rate()/int(time.Second/Frame), 1))
	tick := time.NewTicker(Frame)
	defer tick.Stop()
	for {
		n, err := src.Read(frame)
		if n > 0 || err == nil {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-tick.C:
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
