package sound

import (
	"errors"
	"io"

	"obelus/media"
	"obelus/media/codec"
)

// resampled is a source at another rate.
type resampled struct {
	src   media.Source
	rate  int
	r     *codec.Resampler
	in    []int16
	ready []int16 // made and not yet read
	tail  int     // samples of silence to push the last sound through the filter
	err   error   // of src
}

// Resample returns src at a rate of so many samples a second; src itself where
// that is its own.
func Resample(src media.Source, rate int) (media.Source, error) {
	if src.Rate() == rate {
		return src, nil
	}
	r, err := codec.NewResampler(src.Rate(), rate)
	if err != nil {
		return nil, err
	}
	return &resampled{
		src: src, rate: rate, r: r, in: make([]int16, max(src.Rate()/50, 1)),
		tail: r.Delay() * src.Rate() / rate,
	}, nil
}

// Rate is how many samples make a second.
func (s *resampled) Rate() int { return s.rate }

// Read reads resampled sound.
func (s *resampled) Read(frame []int16) (int, error) {
	for idle := 0; len(s.ready) == 0; idle++ {
		if s.err != nil && s.tail == 0 {
			return 0, s.err
		}
		if idle > 100 {
			return 0, io.ErrNoProgress
		}
		s.fill()
	}
	n := copy(frame, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

func (s *resampled) fill() {
	if s.err == nil {
		var n int
		n, s.err = s.src.Read(s.in)
		s.ready = s.r.Run(s.in[:n])
		if s.err != nil && !errors.Is(s.err, io.EOF) {
			s.tail = 0
		}
		return
	}
	n := min(s.tail, len(s.in))
	s.tail -= n
	clear(s.in[:n])
	s.ready = s.r.Run(s.in[:n])
}
