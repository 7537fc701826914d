package codec

import (
	"math"
	"time"

	"obelus/media"
)

// costs is what a second of sound costs, step by step.
type costs struct {
	rounds         int // of frames that each step is timed with
	decode, encode map[Coding]time.Duration
	resample       map[[2]int]time.Duration
}

// Coding is a format at a rate: Opus has several.
type Coding struct {
	Format media.Format
	Rate   int
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
		s.costs = newCosts(fewRounds)
	}
	in, out := codings(from, to)
	total := s.decodeCost(in) + s.encodeCost(out)
	if in.Rate != out.Rate {
		total += s.resampleCost(in.Rate, out.Rate)
	}
	return total, true
}

// codings are both ends of a translation, at the rates that it works at.
func codings(from, to media.Format) (in, out Coding) {
	in = Coding{from, nearRate(from, to.Rate())}
	return in, Coding{to, nearRate(to, in.Rate)}
}

// Path is what a translation goes through, both ends included; nil where there
// is none.
func (s *Set) Path(from, to media.Format) []Coding {
	if from == to || !s.Translates(from, to) {
		return nil
	}
	in, out := codings(from, to)
	path := []Coding{in}
	for _, c := range []Coding{{linearAt(in.Rate), in.Rate}, {linearAt(out.Rate), out.Rate}, out} {
		if c != path[len(path)-1] {
			path = append(path, c)
		}
	}
	return path
}

// linearAt is plain samples of a rate that some format has.
func linearAt(rate int) media.Format {
	for f := media.Slin; f <= media.Slin192; f++ {
		if f.Rate() == rate {
			return f
		}
	}
	return media.None
}

// Recalculate forgets the costs that were measured. When somebody asks they are
// measured again, with so many seconds of sound.
func (s *Set) Recalculate(seconds int) {
	s.measuring.Lock()
	defer s.measuring.Unlock()
	s.costs = newCosts(max(seconds, 1) * 50 / framesARound)
}

func newCosts(rounds int) *costs {
	return &costs{rounds: rounds, decode: map[Coding]time.Duration{}, encode: map[Coding]time.Duration{}, resample: map[[2]int]time.Duration{}}
}

func (s *Set) decodeCost(c Coding) time.Duration {
	return remembered(s.costs.decode, c, func() time.Duration {
		code := s.sample(c)
		d, err := s.decoderAt(c.Format, c.Rate)
		if err != nil {
			return 0
		}
		defer Close(d)
		var out []int16
		return s.costs.measure(func() { out = d.Decode(out[:0], code) })
	})
}

func (s *Set) encodeCost(c Coding) time.Duration {
	return remembered(s.costs.encode, c, func() time.Duration {
		e, err := s.encoderAt(c.Format, c.Rate)
		if err != nil {
			return 0
		}
		defer Close(e)
		pcm, out := chirp(c.Rate), []byte(nil)
		return s.costs.measure(func() { out = e.Encode(out[:0], pcm) })
	})
}

func (s *Set) resampleCost(from, to int) time.Duration {
	return remembered(s.costs.resample, [2]int{from, to}, func() time.Duration {
		r, err := NewResampler(from, to)
		if err != nil {
			return 0
		}
		pcm := chirp(from)
		return s.costs.measure(func() { r.Run(pcm) })
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
// none, what libopus made of a voice.
func (s *Set) sample(c Coding) []byte {
	e, err := s.encoderAt(c.Format, c.Rate)
	if err != nil {
		return opusVoice[:]
	}
	defer Close(e)
	return e.Encode(nil, chirp(c.Rate))
}

// opusVoice is 20 ms of three tones, wide band.
var opusVoice = [75]byte{
	0x48, 0x9c, 0x90, 0xed, 0x1f, 0xb4, 0x04, 0x86, 0x88, 0x49, 0xe2, 0x37, 0x2f, 0x58, 0xd4, 0xce, 0x52, 0x60, 0x88, 0x07, 0x0a, 0xa2, 0x4c, 0x0f,
	0x67, 0x26, 0xf7, 0x0a, 0xe9, 0x3f, 0xe1, 0x60, 0x52, 0x80, 0x99, 0x32, 0x63, 0x41, 0xf9, 0x4e, 0x8e, 0x69, 0x28, 0xaf, 0x50, 0x34, 0x54, 0x01,
	0x5b, 0xaf, 0x76, 0xd3, 0x20, 0xd3, 0xc0, 0x5d, 0x73, 0xcf, 0x63, 0x74, 0x96, 0x0b, 0xd5, 0x95, 0x2a, 0x71, 0x14, 0x17, 0xf6, 0x38, 0x85, 0x7e,
	0xee, 0x54, 0x46,
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

const (
	framesARound = 5 // are timed together: a single one may be too short for the clock
	fewRounds    = 5
)

// measure is what a second takes, of a function that does 20 ms: the best of
// some rounds, since the rest was somebody else's.
func (c *costs) measure(f func()) time.Duration {
	f() // the first may allocate
	best := time.Duration(math.MaxInt64)
	for range c.rounds {
		start := time.Now()
		for range framesARound {
			f()
		}
		best = min(best, time.Since(start))
	}
	return max(best, 1) * 50 / framesARound // some clocks stand still for so short a time
}
