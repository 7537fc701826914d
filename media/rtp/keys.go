package rtp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"obelus/media"
	"obelus/media/dtmf"
)

// keyQueue sends keys one after another, by a goroutine that lives while there
// are any.
type keyQueue struct {
	mu      sync.Mutex
	waiting []Digit
	busy    bool

	sounding byte      // the key whose tones were sent last
	until    time.Time // and until when they may come back from the line
}

// toneEcho is how long after a tone its echo may be heard.
const toneEcho = 300 * time.Millisecond

// sounds notes that tones of a key are sent for so long.
func (q *keyQueue) sounds(key byte, held time.Duration) {
	q.mu.Lock()
	q.sounding, q.until = key, time.Now().Add(held+toneEcho)
	q.mu.Unlock()
}

// echoes says whether a key that is heard now is the one that was just sent.
func (q *keyQueue) echoes(key byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return key == q.sounding && time.Now().Before(q.until)
}

const (
	keyTime  = 100 * time.Millisecond // of a key whose length nobody knows
	keyPause = 60 * time.Millisecond  // between two
	maxKeys  = 128
)

// shortestTone is how long the tones of a key are at least, as in the original.
const shortestTone = 80 * time.Millisecond

// SendDigit sends a key behind those that are being sent, and returns at once: as
// RFC 4733 says, or as its tones, by [Session.SetKeys] and where the phone takes
// no events. It fails with [ErrNoEvent] where neither can be done, with
// [ErrClosed] where the leg has ended.
func (s *Session) SendDigit(key byte, held time.Duration) error {
	code, ok := dtmf.EventCode(key)
	if !ok {
		return fmt.Errorf("%q is no key", key)
	}
	tones := s.audio.sendsTones()
	switch closed, events := s.audio.out.takesKeys(); {
	case closed:
		return ErrClosed
	case tones && (key == '!' || !s.CanPlay()), !tones && !events:
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
	q.waiting = append(q.waiting, Digit{Key: dtmf.EventKeys[code], Duration: min(held, 8*time.Second)})
	if !q.busy {
		q.busy = true
		go s.sendKeys()
	}
	return nil
}

// takesKeys says whether the stream is closed, and whether the phone takes keys.
func (o *sender) takesKeys() (closed, events bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed, o.events != noPayload
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

// event is a key of the other phone that passes to this one. All its packets bear
// one timestamp (RFC 4733 §2.5.1.2), whatever is sent between them.
type event struct {
	src     origin
	ts, out uint32 // its timestamp at its source, and here
}

const (
	eventGap    = 150 * time.Millisecond // in which the next packet of a key comes
	eventEndGap = 50 * time.Millisecond  // ... a repeat of its end
)

// eventTime is the timestamp of an event that passes, ts at its source, and out
// by the present count. Translated sound waits until the key is over; o.mu is
// held.
func (o *sender) eventTime(src origin, ts, out uint32, b []byte, now time.Time) uint32 {
	e := &o.passing
	if e.src != src || e.ts != ts {
		*e = event{src: src, ts: ts, out: out}
	}
	gap := eventGap
	if ev, _ := dtmf.ParseEvent(b); ev.End {
		gap = eventEndGap
	}
	o.keyUntil = now.Add(gap)
	return e.out
}

// endRepeats is how often the end of a key is sent (RFC 4733 §2.5.1.4).
const endRepeats = 3

// sendKey sends the packets of one key; false when the stream is closed.
func (s *Session) sendKey(d Digit) bool {
	st := s.audio
	if st.sendsTones() {
		return s.sendTone(d)
	}
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
	code, _ := dtmf.EventCode(d.Key)
	step := clock / 50
	total := uint32(int64(d.Duration) * int64(clock) / int64(time.Second))
	var b [dtmf.EventLen]byte
	for held, first := step, true; held < total; held, first = held+step, false {
		dtmf.Event{Code: code, Volume: 10, Duration: uint16(held)}.Put(b[:])
		if !st.out.say(t, speech{pt, clock, first, b[:], 0}) {
			return false
		}
		time.Sleep(media.Frame)
	}
	dtmf.Event{Code: code, Volume: 10, Duration: uint16(min(total, 0xffff)), End: true}.Put(b[:])
	for range endRepeats {
		if !st.out.say(t, speech{pt, clock, false, b[:], 0}) {
			return false
		}
	}
	return true
}

// sendTone sends the tones of one key; false when the stream is closed.
func (s *Session) sendTone(d Digit) bool {
	held := max(d.Duration, shortestTone)
	tone, err := dtmf.NewTone(d.Key, held, toneRate)
	if err != nil {
		return true // the hook: a new description took the events away
	}
	s.keys.sounds(d.Key, held)
	err = s.Play(context.Background(), tone)
	return !errors.Is(err, ErrClosed)
}

// toneRate is the rate of tones, which end at 1,633 Hz.
const toneRate = 8000
