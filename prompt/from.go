package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"obelus/call"
	"obelus/media"
)

// PlayFrom plays one sound from a place in it on, until its end, a key of stop,
// which it returns, or the end of ctx, whose cause is the error then. at is where
// in the sound it stopped. A sound that can't be played gives [ErrMissing].
func (v *Voice) PlayFrom(ctx context.Context, ch *call.Channel, stop, name string, from time.Duration) (key byte, at time.Duration, err error) {
	src, err := v.Sounds.Open(name, ch.Language(), ch.Leg().Formats())
	if err != nil {
		ch.Log().Warn(fmt.Sprintf("File %s does not exist in any format", name), "why", err)
		return 0, from, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	defer src.Close()
	if from > 0 {
		if err := Wind(src, from); errors.Is(err, io.EOF) {
			return 0, from, nil // it begins behind the end
		} else if err != nil {
			return 0, from, fmt.Errorf("%w: %s: %w", ErrMissing, name, err)
		}
	}
	if _, coded := src.(media.Encoded); coded && from <= 0 {
		began := time.Now() // what goes out as it is can't be counted, but it goes in real time
		key, err = PlaySource(ctx, ch, stop, src)
		at = time.Since(began)
	} else {
		c := &Counted{Source: src}
		key, err = PlaySource(ctx, ch, stop, c)
		at = from + c.Length()
	}
	if err != nil && ctx.Err() == nil {
		ch.Log().Warn(fmt.Sprintf("Unable to play %s", name), "why", err)
		return key, at, fmt.Errorf("%w: %s: %w", ErrMissing, name, err)
	}
	return key, at, err
}

// Wind passes over the beginning of a sound: it seeks where it can, else it reads. A sound
// that is shorter gives [io.EOF].
func Wind(src media.Source, d time.Duration) error {
	if s, ok := src.(media.Seeker); ok {
		if d >= s.Length() {
			return io.EOF
		}
		return s.Seek(d)
	}
	left := int64(d) * int64(src.Rate()) / int64(time.Second)
	frame := make([]int16, max(src.Rate()/50, 1))
	for left > 0 {
		n, err := src.Read(frame[:min(left, int64(len(frame)))])
		if left -= int64(n); left > 0 && err != nil {
			return err
		}
	}
	return nil
}

// Counted counts the samples that were read of a source.
type Counted struct {
	media.Source
	n atomic.Int64
}

// Read reads, and counts.
func (c *Counted) Read(frame []int16) (int, error) {
	n, err := c.Source.Read(frame)
	c.n.Add(int64(n))
	return n, err
}

// Length is how long what was read plays.
func (c *Counted) Length() time.Duration {
	return time.Duration(c.n.Load()) * time.Second / time.Duration(c.Rate())
}
