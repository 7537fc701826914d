package rtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/packet"
	"obelus/media/sound"
)

// talker is somebody of ours who speaks to the phone: a prompt, a key. While
// there is one, what the route brings is not sent.
type talker struct {
	ts     uint32 // of its next packet, by a count of its own
	spurt  uint32 // counts its new beginnings behind a silence
	routed bool   // speaks for the route: whoever has the floor silences it
}

// claim lets t speak; the last who did has the floor. The others' time goes on
// unheard.
func (o *sender) claim(t *talker) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	o.floor = append(o.floor, t)
	return true
}

func (o *sender) yield(t *talker) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i := slices.Index(o.floor, t); i >= 0 {
		o.floor = slices.Delete(o.floor, i, i+1)
	}
	if len(o.floor) == 0 {
		o.floor, o.buf = nil, nil
	}
}

// speech is a packet of ours.
type speech struct {
	pt      uint8
	clock   uint32
	marker  bool
	payload []byte
	advance uint32 // of the timestamp, behind the packet
}

// say sends a packet of t's, if it has the floor. It is false when the stream is
// closed.
func (o *sender) say(t *talker, s speech) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	ts := t.ts
	t.ts += s.advance
	now := time.Now()
	if !o.hasFloor(t, now) || !o.ready() || len(s.payload) > packet.MaxLen-packet.HeaderLen {
		return true
	}
	first := o.turnTo(origin{talker: t, ssrc: t.spurt}, 0, ts, s.clock, now)
	h := packet.Header{Marker: s.marker || first, PT: s.pt, Seq: o.seq + 1, TS: ts + o.tsOff, SSRC: o.ssrc}
	b := o.scratch()[:packet.HeaderLen+len(s.payload)]
	b[0] = 0x80
	h.Rewrite(b)
	copy(b[packet.HeaderLen:], s.payload)
	o.advance(h.Seq, h.TS, s.clock, now)
	o.transmit(b, len(s.payload))
	return true
}

// hasFloor says whether t is heard now; o.mu is held.
func (o *sender) hasFloor(t *talker, now time.Time) bool {
	if t.routed {
		return len(o.floor) == 0 && !now.Before(o.keyUntil)
	}
	return len(o.floor) > 0 && o.floor[len(o.floor)-1] == t
}

// voice turns a source into the packets of one phone.
type voice struct {
	pt    uint8
	clock uint32
	every time.Duration // a packet

	encoded media.Encoded // handed on as it is; or
	src     media.Source
	speaker *codec.Speaker
	samples []int16
	data    []byte
	to      *Session // whose gain counts
}

// choice is a format to speak to the phone in, and how much of it makes a packet.
type choice struct {
	Payload
	every time.Duration
}

// encodable are the phone's formats that we can make, best first. known says
// that the phone has told us which it takes.
func (o *sender) encodable(set *codec.Set) (list []choice, known bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.payloads {
		if p.Format.Kind() == media.Audio && p.Format.IsCodec() && set.CanEncode(p.Format) {
			list = append(list, choice{p, packetTime(p, o.ptime)})
		}
	}
	return list, o.known
}

// newVoice picks what to speak in: the source's own format where the phone has
// it and samples are not asked for, else the first that we can make.
func newVoice(src media.Source, set *codec.Set, list []choice, samples bool) (*voice, error) {
	if len(list) == 0 {
		return nil, ErrNoFormat
	}
	if e, ok := src.(media.Encoded); ok && !samples {
		for _, p := range list {
			if n := codec.Bytes(p.Format, p.every); p.Format == e.Format() && n > 0 {
				return &voice{pt: p.Type, clock: uint32(p.clock()), every: p.every, encoded: e, data: make([]byte, n)}, nil
			}
		}
	}
	p := list[0]
	if src.Rate()%framesPerSecond != 0 {
		var err error
		if src, err = sound.Resample(src, p.Format.Rate()); err != nil {
			return nil, err
		}
	}
	speaker, err := set.NewSpeaker(p.Format, src.Rate())
	if err != nil {
		return nil, err
	}
	frame := make([]int16, int(p.every*time.Duration(src.Rate())/time.Second))
	return &voice{pt: p.Type, clock: uint32(p.clock()), every: p.every, src: src, speaker: speaker, samples: frame}, nil
}

// framesPerSecond is how many frames of 20 ms a second has.
const framesPerSecond = int(time.Second / media.Frame)

func (v *voice) close() error {
	if v.speaker == nil {
		return nil
	}
	return v.speaker.Close()
}

// next is the payload of the next packet, nil at the end. A short rest is filled
// with silence.
func (v *voice) next() ([]byte, error) {
	if v.encoded != nil {
		n, err := readFull(v.data, v.encoded.ReadEncoded)
		return v.data[:n], err
	}
	n, err := readFull(v.samples, v.src.Read)
	if n == 0 {
		return nil, err
	}
	clear(v.samples[n:])
	scale(v.samples, v.to.gain().sent)
	v.data = v.speaker.Say(v.data[:0], v.samples)
	return v.data, err
}

// maxIdle is how often a source may give nothing without being at its end.
const maxIdle = 100

// readFull reads until buf is full, or the source ends or fails.
func readFull[T any](buf []T, read func([]T) (int, error)) (n int, err error) {
	for idle := 0; n < len(buf) && err == nil; {
		var k int
		k, err = read(buf[n:])
		if n += k; k > 0 {
			idle = 0
		} else if idle++; idle > maxIdle && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// CanPlay says whether something can be played to the phone: whether it takes a
// format that we can make.
func (s *Session) CanPlay() bool {
	list, _ := s.audio.out.encodable(s.plane.options.Codecs)
	return len(list) > 0
}

// Play plays a source to the phone in real time and returns when it ends, or ctx
// does, then with ctx's cause. Keys pressed meanwhile come by [Hooks.Digit]; what
// the route brings is not heard. A phone that takes no format that we can make is
// [ErrNoFormat]. While the phone has not said where it listens, or is on hold,
// nothing is sent, and the time passes all the same.
func (s *Session) Play(ctx context.Context, src media.Source) (err error) {
	list, known := s.audio.out.encodable(s.plane.options.Codecs)
	if len(list) == 0 && !known {
		return media.Discard(ctx, src)
	}
	v, err := newVoice(src, s.plane.options.Codecs, list, s.gains.Load() != nil)
	if err != nil {
		return fmt.Errorf("play to a phone that takes %s: %w", s.audio.offers(), err)
	}
	v.to = s
	defer func() { err = errors.Join(err, v.close()) }()
	t := &talker{}
	if !s.audio.out.claim(t) {
		return ErrClosed
	}
	defer s.audio.out.yield(t)
	return v.play(ctx, &s.audio.out, t)
}

// late is how far behind its time a player may fall before it lets the time go
// instead of sending faster.
const late = 200 * time.Millisecond

// play sends the source by an absolute clock: a packet that is late does not
// delay those after it.
func (v *voice) play(ctx context.Context, o *sender, t *talker) error {
	due := time.Now()
	timer := time.NewTimer(v.every)
	defer timer.Stop()
	s := speech{pt: v.pt, clock: v.clock, marker: true, advance: uint32(v.every * time.Duration(v.clock) / time.Second)}
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		payload, err := v.next()
		if len(payload) > 0 {
			s.payload = payload
			if !o.say(t, s) {
				return ErrClosed
			}
			s.marker = false
			due = due.Add(v.every)
			if behind := time.Since(due); behind > late {
				due = due.Add(behind)
			}
			timer.Reset(time.Until(due))
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-timer.C:
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read what is played: %w", err)
		}
	}
}
