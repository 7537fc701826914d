package codec

import (
	"math"
	"time"

	"obelus/media"
)

// costs is what a second of sound costs, step by step.
type costs struct {
	decode, encode map[coding]time.Duration
	resample       map[[2]int]time.Duration
}

// coding is a format at a rate: Opus has several.
type coding struct {
	format media.Format
	rate   int
}

// Cost is what translating a second of sound takes on this machine, false where
// there is no way. It is measured when it is first asked for, by running the
// codecs for some milliseconds each.
func (s *Set) Cost(from, to media.Format) (time.Duration, bool) {
	if from == to || !s.Translates(from, to) {
		return 0, false
	}
	s.measuring.Lock()
	defer s.measuring.Unlock()
	if s.costs == nil {
		s.forget()
	}
	in := coding{from, nearRate(from, to.Rate())}
	out := coding{to, nearRate(to, in.rate)}
	total := s.decodeCost(in) + s.encodeCost(out)
	if in.rate != out.rate {
		total += s.resampleCost(in.rate, out.rate)
	}
	return total, true
}

// Recalculate forgets the costs that were measured: they are measured again
// when somebody asks.
func (s *Set) Recalculate() {
	s.measuring.Lock()
	defer s.measuring.Unlock()
	s.forget()
}

func (s *Set) forget() {
	s.costs = &costs{decode: map[coding]time.Duration{}, encode: map[coding]time.Duration{}, resample: map[[2]int]time.Duration{}}
}

func (s *Set) decodeCost(c coding) time.Duration {
	return remembered(s.costs.decode, c, func() time.Duration {
		code := s.sample(c)
		d, err := s.decoderAt(c.format, c.rate)
		if err != nil {
			return 0
		}
		defer Close(d)
		var out []int16
		return measure(func() { out = d.Decode(out[:0], code) })
	})
}

func (s *Set) encodeCost(c coding) time.Duration {
	return remembered(s.costs.encode, c, func() time.Duration {
		e, err := s.encoderAt(c.format, c.rate)
		if err != nil {
			return 0
		}
		defer Close(e)
		pcm, out := chirp(c.rate), []byte(nil)
		return measure(func() { out = e.Encode(out[:0], pcm) })
	})
}

func (s *Set) resampleCost(from, to int) time.Duration {
	return remembered(s.costs.resample, [2]int{from, to}, func() time.Duration {
		r, err := NewResampler(from, to)
		if err != nil {
			return 0
		}
		pcm := chirp(from)
		return measure(func() { r.Run(pcm) })
	})
}

func remembered[K comparable](m map[K]time.Duration, k K, f func() time.Duration) time.Duration {
	v, ok := m[k]
	if !ok {
		v = f()
		m[k] = v
	}
	return v
}

// sample is a frame of the coding: of our own making, or, for Opus where we make
// none, of silence.
func (s *Set) sample(c coding) []byte {
	e, err := s.encoderAt(c.format, c.rate)
	if err != nil {
		return []byte{0x0b, 0xe4, 0xc1, 0x36, 0xec, 0xc5, 0x80} // 20 ms, SILK, wide band
	}
	defer Close(e)
	return e.Encode(nil, chirp(c.rate))
}

// chirp is 20 ms of sound that is not easy.
func chirp(rate int) []int16 {
	pcm := make([]int16, rate/50)
	for i := range pcm {
		t := float64(i) / float64(rate)
		pcm[i] = int16(8000*math.Sin(2*math.Pi*(200+20000*t)*t) + 3000*math.Sin(2*math.Pi*1100*t))
	}
	return pcm
}

// rounds is how many frames are timed at a time, and how often.
const rounds = 5

// measure is what a second takes, of a function that does 20 ms: the best of
// some rounds, since the rest was somebody else's.
func measure(f func()) time.Duration {
	f() // the first may allocate
	best := time.Duration(math.MaxInt64)
	for range rounds {
		start := time.Now()
		for range rounds {
			f()
		}
		best = min(best, time.Since(start))
	}
	return best * 50 / rounds
}
