package rtp

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/packet"
)

// Hear hands f, every 20 ms, a frame of what the phone said (in) and one of what it
// was sent (out), in step with each other, silence where nothing came: 16-bit
// samples, rate of them a second. f is called by a worker of the plane: it must
// return at once, change and keep neither slice, and not call stop, which waits
// for it. Sound that passes as it came goes on doing so; it is decoded beside.
// Where it is coded in a way that nobody here can read, that is logged, and it is
// silence. Nothing comes any more when the session is closed.
func (s *Session) Hear(rate int, f func(in, out []int16)) (stop func(), err error) {
	if rate < 8000 || rate > 192000 || rate%framesPerSecond != 0 {
		return nil, fmt.Errorf("%d samples a second can't be listened to: from 8000 to 192000 can, in whole frames of 20 ms", rate)
	}
	s.tapping.Lock()
	defer s.tapping.Unlock()
	if s.over {
		return nil, ErrClosed
	}
	e := &listening{f: f, rate: rate, quiet: make([]int16, rate/framesPerSecond)}
	t := s.audio.tap.Load()
	if t == nil {
		t = newTap(s)
	}
	t.add(e)
	if s.audio.tap.CompareAndSwap(nil, t) {
		s.audio.out.listen(t)
		s.plane.workers.Add(t)
	}
	return func() { s.unhear(t, e) }, nil
}

func (s *Session) unhear(t *tap, e *listening) {
	s.tapping.Lock()
	defer s.tapping.Unlock()
	if t.remove(e) == 0 && s.audio.tap.Load() == t {
		s.untapped()
	}
}

// untap ends whoever listens.
func (s *Session) untap(forGood bool) {
	s.tapping.Lock()
	defer s.tapping.Unlock()
	s.over = s.over || forGood
	if t := s.audio.tap.Load(); t != nil {
		t.close()
		s.untapped()
	}
}

// untapped takes the tap out; s.tapping is held.
func (s *Session) untapped() {
	s.audio.tap.Store(nil)
	s.audio.out.listen(nil)
}

// listen hangs a tap into what is sent; nil takes it out.
func (o *sender) listen(t *tap) {
	o.mu.Lock()
	o.tap = t
	o.mu.Unlock()
}

// overhear gives a packet of ours to the tap; o.mu is held.
func (o *sender) overhear(b []byte) {
	h, ok := packet.Parse(b)
	if !ok {
		return
	}
	for i := range o.payloads {
		if p := &o.payloads[i]; p.Type == h.PT {
			o.tap.out.put(b, &h, payload{p.Format, uint32(p.clock())}, false, time.Now())
			return
		}
	}
}

// tap listens to a session, both ways. A worker turns it every 20 ms for as long as
// there is somebody who does; the worker has what is not guarded.
type tap struct {
	s       *Session
	in, out half

	mu     sync.Mutex
	ears   []*listening
	closed bool
}

// listening is one who listens.
type listening struct {
	f     func(in, out []int16)
	rate  int
	quiet []int16
}

func newTap(s *Session) *tap {
	t := &tap{s: s}
	t.in.lane.st, t.out.lane.st = s.audio, s.audio
	t.in.what, t.out.what = "what the phone says", "what the phone is sent"
	return t
}

func (t *tap) add(e *listening) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ears = append(t.ears, e)
	t.tune()
}

// remove returns how many are left. It waits for a turn that is under way, so that
// nobody is called behind it.
func (t *tap) remove(e *listening) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.ears, e); i >= 0 {
		t.ears = slices.Delete(t.ears, i, i+1)
	}
	t.tune()
	return len(t.ears)
}

// tune has a coding that comes at several rates decoded at the highest wanted;
// t.mu is held.
func (t *tap) tune() {
	most := 0
	for _, e := range t.ears {
		most = max(most, e.rate)
	}
	t.in.lane.wants, t.out.lane.wants = most, most
}

func (t *tap) close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
}

// Turn hands everybody his frames, and keeps a fault of ours from ending the
// sound of all other calls.
func (t *tap) Turn() (stays bool) {
	defer func() {
		if r := recover(); r != nil {
			t.s.plane.options.Log.Error("listening to a call stopped by a fault", "port", t.s.audio.Port(), "fault", r)
			t.s.untap(false)
		}
	}()
	return t.turn(time.Now())
}

func (t *tap) turn(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || len(t.ears) == 0 {
		t.in.close()
		t.out.close()
		return false
	}
	t.in.next(now)
	scale(t.in.frame, t.s.gain().said)
	t.out.next(now)
	for _, e := range t.ears {
		e.f(t.in.at(e), t.out.at(e))
	}
	return true
}

// half is one direction of a tap: a lane that leads nowhere.
type half struct {
	what  string // for the log
	lane  lane
	odd   atomic.Uint32 // the format that came last and can't be decoded
	named media.Format  // ... and was logged

	frame []int16 // of this turn, nil: silence
	made  []resampling
}

// resampling is a half's sound at another rate than its own.
type resampling struct {
	from, to int
	r        *codec.Resampler
	quiet    []int16
	pcm      []int16 // of this turn, once somebody has asked
}

// put takes a packet in.
func (h *half) put(b []byte, head *packet.Header, p payload, mute bool, now time.Time) {
	if !p.format.IsCodec() && p.format != media.ComfortNoise || p.format.Kind() != media.Audio || head.End == head.Start {
		return
	}
	l := &h.lane
	if p.format.IsCodec() && !l.st.session.plane.options.Codecs.CanDecode(p.format) {
		h.odd.Store(uint32(p.format))
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	if !l.begun {
		l.begun, l.since = true, now
	}
	l.jitter.Put(b, head, p.format, p.clock, mute)
}

// next makes the next frame.
func (h *half) next(now time.Time) {
	h.frame = nil
	for i := range h.made {
		h.made[i].pcm = nil
	}
	h.complain()
	l := &h.lane
	l.mu.Lock()
	ready := l.begun && (l.running || now.Sub(l.since) >= laneFill)
	l.mu.Unlock()
	if !ready {
		return
	}
	if !l.running {
		l.running = true
		l.pace.Begin()
		l.hear.begin()
	}
	if h.frame = l.frame(now); h.frame == nil {
		l.running = false
		h.pause()
	}
}

// pause waits for the next packet.
func (h *half) pause() {
	l := &h.lane
	l.mu.Lock()
	l.begun = false
	l.jitter.Reset()
	l.mu.Unlock()
}

// complain logs, once for a coding, that it can't be decoded.
func (h *half) complain() {
	f := media.Format(h.odd.Load())
	if f == h.named {
		return
	}
	h.named = f
	st := h.lane.st
	st.session.plane.options.Log.Warn("the sound of a call can't be listened to: its coding can't be decoded here", "port", st.Port(), "format", f, "which", h.what)
}

// at is the frame at the rate that somebody wants.
func (h *half) at(e *listening) []int16 {
	if h.frame != nil && h.lane.hear.listener.Rate() == e.rate {
		return h.frame
	}
	for i := range h.made {
		if m := &h.made[i]; m.to == e.rate && (h.frame == nil || m.from == h.lane.hear.listener.Rate()) {
			return m.run(h.frame)
		}
	}
	if h.frame == nil {
		return e.quiet
	}
	from := h.lane.hear.listener.Rate()
	r, err := codec.NewResampler(from, e.rate)
	if err != nil {
		return e.quiet // no rate of a coding here has too little in common with frames of 20 ms
	}
	h.made = slices.DeleteFunc(h.made, func(m resampling) bool { return m.to == e.rate })
	h.made = append(h.made, resampling{from: from, to: e.rate, r: r, quiet: make([]int16, from/framesPerSecond)})
	return h.made[len(h.made)-1].run(h.frame)
}

// run resamples a frame, once in a turn: silence too, which pushes the last sound
// through the filter.
func (m *resampling) run(frame []int16) []int16 {
	if m.pcm == nil {
		if frame == nil {
			frame = m.quiet
		}
		m.pcm = m.r.Run(frame)
	}
	return m.pcm
}

func (h *half) close() {
	l := &h.lane
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.release()
}
