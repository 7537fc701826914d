package codec

import (
	"errors"
	"fmt"
	"time"

	"obelus/media"
)

// Listener turns the packets of one voice into samples and fills what is
// missing. It belongs to one goroutine at a time, and after the first packets it
// allocates nothing. What its methods return is good until the next call.
type Listener struct {
	rate    int
	decoder Decoder
	conceal *Concealer
	noise   *Noise
	pcm     []int16
}

// NewListener listens to a format at a rate near the one wanted: see
// [Listener.Rate]. Close ends it.
func (s *Set) NewListener(f media.Format, wanted int) (*Listener, error) {
	l := &Listener{rate: nearRate(f, wanted)}
	var err error
	if l.decoder, err = s.decoderAt(f, l.rate); err != nil {
		return nil, err
	}
	l.conceal, l.noise = NewConcealer(l.rate), NewNoise()
	return l, nil
}

// Rate is how many samples a second come out.
func (l *Listener) Rate() int { return l.rate }

// Hear decodes a packet. One that can't be read counts as a lost one of 20 ms.
func (l *Listener) Hear(payload []byte) []int16 {
	l.pcm = l.decoder.Decode(l.pcm[:0], payload)
	if len(l.pcm) == 0 && len(payload) > 0 {
		return l.Lost(media.Frame)
	}
	l.conceal.Heard(l.pcm)
	return l.pcm
}

// Lost makes up so much sound of a packet that did not come.
func (l *Listener) Lost(d time.Duration) []int16 {
	l.pcm = l.conceal.Lost(l.pcm[:0], samplesIn(l.rate, d))
	return l.pcm
}

// Quiet makes so much of the hiss that a comfort noise packet describes (RFC
// 3389): the last one, where sid is empty.
func (l *Listener) Quiet(sid []byte, d time.Duration) []int16 {
	if len(sid) > 0 {
		l.noise.Describe(sid)
	}
	l.pcm = l.noise.Make(l.pcm[:0], samplesIn(l.rate, d))
	l.conceal.Heard(l.pcm)
	return l.pcm
}

// Close gives back what the decoder holds.
func (l *Listener) Close() error { return Close(l.decoder) }

// Speaker turns samples of any rate into the packets of one voice. It belongs to
// one goroutine at a time, and after the first packets it allocates nothing.
type Speaker struct {
	encoder  Encoder
	resample *Resampler // nil where the rates are one
	unit     int        // samples that are coded together; 1 for most
	most     int        // samples that one packet holds at most; 0 for any
	rest     []int16    // what was too short for a unit
}

// NewSpeaker speaks a format, out of samples of a rate. Close ends it.
func (s *Set) NewSpeaker(f media.Format, rate int) (*Speaker, error) {
	at := nearRate(f, rate)
	sp := &Speaker{unit: 1}
	if rate != at {
		var err error
		if sp.resample, err = NewResampler(rate, at); err != nil {
			return nil, err
		}
	}
	switch f {
	case media.GSM:
		sp.unit = gsmSamples
	case media.Opus:
		sp.unit = samplesIn(at, media.Frame)
		sp.most = samplesIn(at, opusLongest)
	case media.G722, media.G726, media.G726AAL2, media.ADPCM:
		sp.unit = 2
	}
	var err error
	if sp.encoder, err = s.encoderAt(f, at); err != nil {
		return nil, err
	}
	return sp, nil
}

// Say appends the code of pcm to dst: one packet. Where frames have a fixed
// length (GSM and Opus: 20 ms) a rest waits for the next call, so a packet may
// be empty, or longer than what was put in.
func (s *Speaker) Say(dst []byte, pcm []int16) []byte {
	if s.resample != nil {
		pcm = s.resample.Run(pcm)
	}
	if s.unit == 1 {
		return s.encoder.Encode(dst, pcm)
	}
	if len(s.rest) > 0 || len(pcm)%s.unit != 0 || s.most > 0 && len(pcm) > s.most {
		s.rest = append(s.rest, pcm...)
		pcm = s.rest
	}
	n := len(pcm) / s.unit * s.unit
	if s.most > 0 {
		n = min(n, s.most)
	}
	if n > 0 {
		dst = s.encoder.Encode(dst, pcm[:n])
	}
	if len(s.rest) > 0 {
		left := s.rest[n:]
		if s.most > 0 && len(left) > s.most { // nobody sends so much at once: the oldest goes
			left = left[len(left)-s.most:]
		}
		s.rest = s.rest[:copy(s.rest, left)]
	}
	return dst
}

// Close gives back what the encoder holds.
func (s *Speaker) Close() error { return Close(s.encoder) }

// Translator turns the packets of one voice into those of another format: a
// listener and a speaker, one behind the other. It belongs to one goroutine at a
// time, and after the first packets it allocates nothing.
type Translator struct {
	// In and Out are the halves, for those who want the samples between: what
	// In returned goes into Out.
	In  *Listener
	Out *Speaker
}

// NewTranslator translates one format into another. Where Opus is one of them it
// is coded at the rate of the other. Close ends it.
func (s *Set) NewTranslator(from, to media.Format) (*Translator, error) {
	in, err := s.NewListener(from, to.Rate())
	if err != nil {
		return nil, fmt.Errorf("translate %s to %s: %w", from, to, err)
	}
	out, err := s.NewSpeaker(to, in.Rate())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("translate %s to %s: %w", from, to, err), in.Close())
	}
	return &Translator{In: in, Out: out}, nil
}

// Translate appends the translation of a packet to dst.
func (t *Translator) Translate(dst, payload []byte) []byte { return t.Out.Say(dst, t.In.Hear(payload)) }

// Lost appends so much made-up sound for a packet that did not come.
func (t *Translator) Lost(dst []byte, d time.Duration) []byte { return t.Out.Say(dst, t.In.Lost(d)) }

// Quiet appends so much comfort noise as a packet of it describes (RFC 3389);
// as the last one did, where sid is empty.
func (t *Translator) Quiet(dst, sid []byte, d time.Duration) []byte {
	return t.Out.Say(dst, t.In.Quiet(sid, d))
}

// Close gives back what both halves hold.
func (t *Translator) Close() error { return errors.Join(t.In.Close(), t.Out.Close()) }
