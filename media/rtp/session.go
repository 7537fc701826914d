package rtp

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"obelus/media"
)

var streamKinds = [...]media.Kind{media.Audio, media.Video, media.Text}

// Session is the media of one call leg. Its methods are safe from any
// goroutine.
type Session struct {
	plane              *Plane
	hooks              Hooks
	audio, video, text *Stream

	image      atomic.Pointer[Image] // a fax, while there is one
	imaging    sync.Mutex            // opens and closes it
	imagesOver bool

	tapping sync.Mutex // hangs taps in and takes them out
	over    bool       // no more of them

	closing sync.Once
	keys    keyQueue
	rules   atomic.Pointer[KeyRules]
	gains   atomic.Pointer[gains] // nil: as it is
	holds   atomic.Int32          // how many want the phone's keys for themselves
}

// HoldKeys keeps the phone's keys, events and tones, from the phone that it is connected with, until it is called with false as often as with
// true: [Digit.Relayed] is false meanwhile, and whoever hears of a key decides what becomes of it.
func (s *Session) HoldKeys(on bool) {
	if on {
		s.holds.Add(1)
	} else {
		s.holds.Add(-1)
	}
}

// holdsKeys says whether anybody does.
func (s *Session) holdsKeys() bool { return s.holds.Load() > 0 }

// Audio is the leg's sound; there always is one.
func (s *Session) Audio() *Stream { return s.audio }

// Video is the leg's picture, nil where none was opened.
func (s *Session) Video() *Stream { return s.video }

// Text is the leg's live text (T.140), nil where none was opened.
func (s *Session) Text() *Stream { return s.text }

// Stream returns the stream of a kind, or nil.
func (s *Session) Stream(k media.Kind) *Stream {
	switch k {
	case media.Audio:
		return s.audio
	case media.Video:
		return s.video
	case media.Text:
		return s.text
	}
	return nil
}

// Streams lists the streams there are, sound first.
func (s *Session) Streams() []*Stream {
	var out []*Stream
	for _, st := range []*Stream{s.audio, s.video, s.text} {
		if st != nil {
			out = append(out, st)
		}
	}
	return out
}

// Connect lets the streams of two legs flow into each other, from now on and
// with no packet lost, until Part or the next Connect or Echo of either. What
// a third leg was connected to before is parted. It fails with ErrNoFormat
// where both legs know their far end and no sound could pass in some
// direction; picture and text flow if they can.
func Connect(a, b *Session) error {
	if a == b {
		a.Echo(true)
		return nil
	}
	p := a.plane
	p.routing.Lock()
	for _, k := range streamKinds {
		x, y := a.Stream(k), b.Stream(k)
		x.routeTo(y)
		y.routeTo(x)
	}
	p.routing.Unlock()
	if a.audio.strangerTo(b.audio) || b.audio.strangerTo(a.audio) {
		return fmt.Errorf("connect %s and %s: %w", a.audio.offers(), b.audio.offers(), ErrNoFormat)
	}
	return nil
}

// Part ends what Connect or Echo began, for both legs: nothing is passed on.
func (s *Session) Part() {
	s.plane.routing.Lock()
	defer s.plane.routing.Unlock()
	for _, st := range s.Streams() {
		st.routeTo(nil)
	}
}

// Echo sends all that comes from the phone back to it, keys too; Echo(false)
// is Part.
func (s *Session) Echo(on bool) {
	if !on {
		s.Part()
		return
	}
	s.plane.routing.Lock()
	defer s.plane.routing.Unlock()
	for _, st := range s.Streams() {
		st.routeTo(st)
	}
}

// routeTo lets what arrives leave by other; nil for nowhere. Whoever was
// connected before and is not other is left with nothing. The plane's routing
// lock is held. Either stream may be nil.
func (st *Stream) routeTo(other *Stream) {
	if st == nil {
		return
	}
	if before := st.route.Swap(other); before != nil && before != other {
		before.route.CompareAndSwap(st, nil)
	}
}

// LastReceived is when a packet was last accepted on any stream: what
// rtptimeout looks at. Zero where there never was one.
func (s *Session) LastReceived() time.Time {
	var last time.Time
	for _, st := range s.Streams() {
		if t := st.LastReceived(); t.After(last) {
			last = t
		}
	}
	if im := s.Image(); im != nil {
		if t := im.Stats().LastReceived; t.After(last) {
			last = t
		}
	}
	return last
}

// Close parts the leg, stops what is being played and gives the ports back.
func (s *Session) Close() error {
	var err error
	s.closing.Do(func() {
		s.Part()
		s.untap(true)
		err = errors.Join(s.noMoreImages(), s.closeStreams())
		s.plane.mu.Lock()
		delete(s.plane.open, s)
		s.plane.mu.Unlock()
	})
	return err
}

func (s *Session) closeStreams() error {
	var errs []error
	for _, st := range s.Streams() {
		errs = append(errs, st.close())
	}
	return errors.Join(errs...)
}
