package rtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"obelus/media"
	"obelus/media/codec"
)

// talker is somebody of ours who speaks to the phone: a prompt, a key. While
// there is one, what the route brings is not sent.
type talker struct {
	seq uint16
	ts  uint32
}

// claim lets t speak; the last who did has the floor.
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
}

// say sends a packet of t's, if it has the floor. It is false when the stream is
// closed.
func (o *sender) say(t *talker, pt uint8, clock uint32, marker bool, payload []byte, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	if len(o.floor) == 0 || o.floor[len(o.floor)-1] != t || !o.ready() || len(payload) > maxPacket-headerLen {
		return true
	}
	first := o.turnTo(origin{talker: t}, t.seq, t.ts, clock, now)
	h := header{marker: marker || first, pt: pt, seq: t.seq + o.seqOff, ts: t.ts + o.tsOff, ssrc: o.ssrc}
	b := o.buf[:headerLen+len(payload)]
	b[0] = 0x80
	h.rewrite(b)
	copy(b[headerLen:], payload)
	o.advance(h.seq, h.ts, clock, now)
	o.srcSeq = t.seq
	o.transmit(b, len(payload))
	return true
}

// encoder makes packets of a format out of samples.
type encoder struct {
	format media.Format
	pt     uint8
	encode func(dst []byte, samples []int16) []byte
}

// encoders are the formats that we can make, all of 8,000 samples a second.
func encoderFor(f media.Format) func(dst []byte, samples []int16) []byte {
	switch f {
	case media.Ulaw:
		return func(dst []byte, samples []int16) []byte {
			for _, s := range samples {
				dst = append(dst, codec.EncodeUlaw(s))
			}
			return dst
		}
	case media.Alaw:
		return func(dst []byte, samples []int16) []byte {
			for _, s := range samples {
				dst = append(dst, codec.EncodeAlaw(s))
			}
			return dst
		}
	case media.Slin:
		return func(dst []byte, samples []int16) []byte {
			for _, s := range samples {
				dst = append(dst, byte(uint16(s)>>8), byte(s))
			}
			return dst
		}
	}
	return nil
}

// encoder is the first format of the phone's that we can make, and whether it
// has said which it takes.
func (st *Stream) encoder() (e encoder, known bool) {
	st.out.mu.Lock()
	defer st.out.mu.Unlock()
	for _, p := range st.out.payloads {
		if f := encoderFor(p.Format); f != nil {
			return encoder{p.Format, p.Type, f}, true
		}
	}
	return encoder{}, st.out.known
}

// CanPlay says whether something can be played to the phone: whether it takes a
// format that we can make.
func (s *Session) CanPlay() bool {
	e, _ := s.audio.encoder()
	return e.encode != nil
}

// Play plays a source to the phone in real time and returns when it ends, or ctx
// does, then with ctx's error. A phone that takes no format that we can make is
// [ErrNoFormat]. Before the phone has said where it listens, nothing is sent, and
// the time passes all the same.
func (s *Session) Play(ctx context.Context, src media.Source) error {
	e, known := s.audio.encoder()
	if e.encode == nil {
		if !known {
			return media.Discard(ctx, src)
		}
		return fmt.Errorf("play to a phone that takes %s: %w", s.audio.offers(), ErrNoFormat)
	}
	t := &talker{}
	if !s.audio.out.claim(t) {
		return ErrClosed
	}
	defer s.audio.out.yield(t)
	rate := e.format.Clock()
	p := &player{st: s.audio, t: t, e: e, frame: make([]int16, src.Rate()/50)}
	if src.Rate() != rate {
		r, err := codec.NewResampler(src.Rate(), rate)
		if err != nil {
			return fmt.Errorf("play: %w", err)
		}
		p.resample = r
	}
	return p.run(ctx, src)
}

// player plays one source.
type player struct {
	st       *Stream
	t        *talker
	e        encoder
	frame    []int16
	resample *codec.Resampler
	coded    []byte
}

func (p *player) run(ctx context.Context, src media.Source) error {
	next := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for first := true; ; first = false {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
		n, err := src.Read(p.frame)
		if n > 0 && !p.send(p.frame[:n], first) {
			return ErrClosed
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read what is played: %w", err)
		}
		next = next.Add(media.Frame)
		timer.Reset(time.Until(next))
	}
}

// send sends one frame; a short one at the end is filled with silence.
func (p *player) send(samples []int16, first bool) bool {
	clear(p.frame[len(samples):])
	out := p.frame
	if p.resample != nil {
		out = p.resample.Run(out)
	}
	p.coded = p.e.encode(p.coded[:0], out)
	ok := p.st.out.say(p.t, p.e.pt, uint32(p.e.format.Clock()), first, p.coded, time.Now())
	p.t.seq++
	p.t.ts += uint32(len(out))
	return ok
}

// keyQueue sends keys one after another, by a goroutine that lives while there
// are any.
type keyQueue struct {
	mu      sync.Mutex
	waiting []Digit
	busy    bool
}

const (
	keyTime  = 100 * time.Millisecond // of a key whose length nobody knows
	keyPause = 60 * time.Millisecond  // between two
	maxKeys  = 128
)

// SendDigit sends a key as RFC 4733 says, behind those that are being sent, and
// returns at once. It fails with [ErrNoEvent] where the phone takes none.
func (s *Session) SendDigit(key byte, held time.Duration) error {
	code, ok := keyCode(key)
	if !ok {
		return fmt.Errorf("%q is no key", key)
	}
	if !s.audio.HasEvents() {
		return ErrNoEvent
	}
	if held <= 0 {
		held = keyTime
	}
	q := &s.keys
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= maxKeys {
		return fmt.Errorf("more than %d keys wait to be sent", maxKeys)
	}
	q.waiting = append(q.waiting, Digit{Key: keyNames[code], Duration: min(held, 8*time.Second)})
	if !q.busy {
		q.busy = true
		go s.sendKeys()
	}
	return nil
}

func (s *Session) sendKeys() {
	q := &s.keys
	for {
		q.mu.Lock()
		if len(q.waiting) == 0 {
			q.busy = false
			q.mu.Unlock()
			return
		}
		d := q.waiting[0]
		q.waiting = q.waiting[1:]
		q.mu.Unlock()
		if !s.sendKey(d) {
			return // closed: nobody waits for the rest
		}
		time.Sleep(keyPause)
	}
}

// endRepeats is how often the end of a key is sent (RFC 4733 §2.5.1.4).
const endRepeats = 3

// sendKey sends the packets of one key; false when the stream is closed.
func (s *Session) sendKey(d Digit) bool {
	st := s.audio
	t := &talker{}
	if !st.out.claim(t) {
		return false
	}
	defer st.out.yield(t)
	st.out.mu.Lock()
	pt, clock := st.out.events, st.out.eventClock
	st.out.mu.Unlock()
	if pt == noPayload {
		return true // a new description took them away
	}
	code, _ := keyCode(d.Key)
	step := clock / 50
	total := uint32(int64(d.Duration) * int64(clock) / int64(time.Second))
	var b [eventLen]byte
	for held, first := step, true; held < total; held, first = held+step, false {
		telephoneEvent{code: code, volume: 10, duration: uint16(held)}.put(b[:])
		if !st.out.say(t, pt, clock, first, b[:], time.Now()) {
			return false
		}
		t.seq++
		time.Sleep(media.Frame)
	}
	telephoneEvent{code: code, volume: 10, duration: uint16(min(total, 0xffff)), end: true}.put(b[:])
	for range endRepeats {
		if !st.out.say(t, pt, clock, false, b[:], time.Now()) {
			return false
		}
		t.seq++
	}
	return true
}
