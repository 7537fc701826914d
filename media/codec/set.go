package codec

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"obelus/media"
)

// ErrNoCodec says that a format can't be made or read here.
var ErrNoCodec = errors.New("no codec")

// OpusEncoders is where encoders of Opus come from: something that was found
// when the program started. Its methods are safe from any goroutine.
type OpusEncoders interface {
	// NewOpusEncoder returns an encoder of one voice of so many samples a
	// second: 8000, 12000, 16000, 24000 or 48000. What it holds is given back by
	// [Close].
	NewOpusEncoder(rate int) (Encoder, error)
}

// Options is what a set is made with. The zero value serves.
type Options struct {
	// Opus makes encoders of Opus; nil where there is nobody to. Decoders are
	// there all the same.
	Opus OpusEncoders
}

// Set is what can be coded, decoded and translated in this process. It does not
// change; its methods are safe from any goroutine.
type Set struct {
	opus OpusEncoders

	measuring sync.Mutex
	costs     *costs // nil until somebody asks
}

// NewSet returns the codecs there are.
func NewSet(o Options) *Set { return &Set{opus: o.Opus} }

// CanDecode says whether the format can be turned into samples.
func (s *Set) CanDecode(f media.Format) bool {
	return Encodes(f) || f == media.Opus
}

// CanEncode says whether samples can be turned into the format.
func (s *Set) CanEncode(f media.Format) bool {
	if f == media.Opus {
		return s.opus != nil
	}
	return Encodes(f)
}

// Translates says whether sound of one format can be turned into another, or
// needs not be.
func (s *Set) Translates(from, to media.Format) bool {
	return from == to && from.IsCodec() || s.CanDecode(from) && s.CanEncode(to)
}

// NewEncoder returns an encoder of samples at the format's rate. [Close] ends
// it.
func (s *Set) NewEncoder(f media.Format) (Encoder, error) { return s.encoderAt(f, f.Rate()) }

// NewDecoder returns a decoder to samples at the format's rate. [Close] ends it.
func (s *Set) NewDecoder(f media.Format) (Decoder, error) { return s.decoderAt(f, f.Rate()) }

// Close gives back what an encoder or decoder holds. Most hold nothing; those
// that do are an io.Closer.
func Close(coder any) error {
	if c, ok := coder.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// nearRate is the rate at which the format is best coded where the other side
// has samples of another: Opus works at several by itself, the rest at one.
func nearRate(f media.Format, other int) int {
	if f == media.Opus && opusRate(other) {
		return other
	}
	return f.Rate()
}

// encoderAt makes an encoder at a rate that nearRate gave.
func (s *Set) encoderAt(f media.Format, rate int) (Encoder, error) {
	if f == media.Opus && s.opus != nil {
		e, err := s.opus.NewOpusEncoder(rate)
		if err != nil {
			return nil, fmt.Errorf("make an encoder of opus: %w", err)
		}
		return e, nil
	}
	if e, ok := NewEncoder(f); ok {
		return e, nil
	}
	return nil, fmt.Errorf("%w makes %s", ErrNoCodec, f)
}

func (s *Set) decoderAt(f media.Format, rate int) (Decoder, error) {
	if f == media.Opus {
		return newOpusDecoder(rate)
	}
	if d, ok := NewDecoder(f); ok {
		return d, nil
	}
	return nil, fmt.Errorf("%w reads %s", ErrNoCodec, f)
}

// samplesIn is how many samples of a rate so much time has.
func samplesIn(rate int, d time.Duration) int { return int(d * time.Duration(rate) / time.Second) }
