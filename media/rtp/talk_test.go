package rtp

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/dtmf"
)

// ramp is a source of so many samples that count up.
type ramp struct{ left, rate, at int }

func (r *ramp) Rate() int { return r.rate }

func (r *ramp) Read(frame []int16) (int, error) {
	n := min(len(frame), r.left)
	for i := range n {
		frame[i] = int16(r.at * 8)
		r.at++
	}
	r.left -= n
	if r.left == 0 {
		return n, io.EOF
	}
	return n, nil
}

func TestPlay(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, Payload{Type: 18, Format: media.G729}, alaw, ulaw)
		a.v.pt = 8
		a.v.say(1)
		begin := time.Now()
		check(t, a.s.Play(h.t.Context(), &ramp{left: 8000 + 100, rate: 8000}))
		if took := time.Since(begin); took < time.Second || took > 1040*time.Millisecond {
			t.Errorf("a second and 12 ms played in %v", took)
		}
		got := a.e.take()
		if len(got) != 51 || got[0].PT != 8 || !got[0].Marker || got[1].Marker {
			t.Fatalf("%d packets, type %d", len(got), got[0].PT)
		}
		whole(t, got)
		for i, p := range got {
			if p.at.Sub(got[0].at) != time.Duration(i)*media.Frame || p.TS-got[0].TS != uint32(i)*160 {
				t.Fatalf("packet %d came %v and %d behind the first", i, p.at.Sub(got[0].at), p.TS-got[0].TS)
			}
			if len(p.body()) != 160 {
				t.Fatalf("packet %d has %d bytes", i, len(p.body()))
			}
		}
		if want := codec.EncodeAlaw(161 * 8); got[1].body()[1] != want {
			t.Errorf("sample 161 is %02x, want %02x", got[1].body()[1], want)
		}
		if want := codec.EncodeAlaw(0); got[50].body()[100] != want {
			t.Errorf("the last packet is filled with %02x, want silence", got[50].body()[100])
		}
	})
}

func TestPlayPtime(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}, Ptime: 40 * time.Millisecond})
		check(t, a.s.Play(h.t.Context(), &ramp{left: 3200, rate: 8000}))
		got := a.e.take()
		if len(got) != 10 || len(got[0].body()) != 320 || got[1].TS-got[0].TS != 320 {
			t.Errorf("%d packets of %d bytes, want 10 of 320", len(got), len(got[0].body()))
		}
	})
}

func TestPlayIsCancelled(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		ctx, cancel := context.WithTimeout(h.t.Context(), 510*time.Millisecond)
		defer cancel()
		if err := a.s.Play(ctx, &ramp{left: 1 << 30, rate: 8000}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
		if n := len(a.e.take()); n != 26 {
			t.Errorf("%d packets in 510 ms, want 26", n)
		}
	})
}

func TestPlayTheUnplayable(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, Payload{Type: 18, Format: media.G729})
		if err := a.s.Play(h.t.Context(), &ramp{left: 160, rate: 8000}); !errors.Is(err, ErrNoFormat) {
			t.Errorf("err = %v", err)
		}
		if a.s.CanPlay() {
			t.Error("CanPlay on a phone of G.729 alone")
		}
		broken := errors.New("broken")
		b := h.leg("198.51.100.2:4000", 1, ulaw)
		if err := b.s.Play(h.t.Context(), failing{broken}); !errors.Is(err, broken) {
			t.Errorf("err = %v", err)
		}
		b.s.Close()
		if err := b.s.Play(h.t.Context(), &ramp{left: 160, rate: 8000}); !errors.Is(err, ErrClosed) {
			t.Errorf("err = %v", err)
		}
	})
}

type failing struct{ err error }

func (failing) Rate() int                   { return 8000 }
func (f failing) Read([]int16) (int, error) { return 0, f.err }

// On hold, and before there is a phone, time passes in silence.
func TestPlayToNobody(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		a.v.say(1)
		set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}, Direction: Inactive})
		for _, s := range []*Session{a.s, h.open(SessionConfig{})} {
			begin := time.Now()
			check(t, s.Play(h.t.Context(), &ramp{left: 1600, rate: 8000}))
			if took := time.Since(begin); took < 180*time.Millisecond || took > 220*time.Millisecond {
				t.Errorf("200 ms passed in %v", took)
			}
		}
		if n := len(a.e.take()); n != 0 {
			t.Errorf("%d packets to a phone on hold", n)
		}
	})
}

// A phone taken off hold in the middle of a prompt must see no lost packets.
func TestPlayOverHold(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		a.v.say(1)
		go a.s.Play(h.t.Context(), &ramp{left: 8000, rate: 8000})
		for _, d := range []Direction{SendRecv, Inactive, SendRecv} {
			set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}, Direction: d})
			time.Sleep(200 * time.Millisecond)
		}
		time.Sleep(time.Second)
		got := a.e.take()
		if len(got) < 38 || len(got) > 42 {
			t.Errorf("%d packets, want 40", len(got))
		}
		whole(t, got)
	})
}

func TestSendDigit(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw, keys10)
		b := h.leg("198.51.100.2:5000", 2, ulaw)
		check(t, Connect(a.s, b.s))
		b.v.say(1)
		check(t, a.s.SendDigit('#', 100*time.Millisecond))
		check(t, a.s.SendDigit('d', 0))
		go b.v.say(30)
		time.Sleep(time.Second)
		var events []heard
		all := a.e.take()
		whole(t, all)
		for _, p := range all {
			if p.PT == 101 {
				events = append(events, p)
			}
		}
		if len(events) != 14 {
			t.Fatalf("%d packets of keys, want 7 each: 4 while it is down and 3 ends", len(events))
		}
		for i, p := range events[:7] {
			e, _ := dtmf.ParseEvent(p.body())
			wantEnd, wantDuration := i >= 4, uint16(min(160*(i+1), 800))
			if e.Code != 11 || e.End != wantEnd || e.Duration != wantDuration || p.Marker != (i == 0) || p.TS != events[0].TS {
				t.Errorf("packet %d: %+v marker %v ts +%d", i, e, p.Marker, p.TS-events[0].TS)
			}
		}
		if e, _ := dtmf.ParseEvent(events[7].body()); e.Code != 15 || events[7].TS-events[0].TS < 800 {
			t.Errorf("the second key: %+v, ts +%d", e, events[7].TS-events[0].TS)
		}
	})
}

func TestSendDigitWhereItCant(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, g729)
		if err := a.s.SendDigit('1', 0); !errors.Is(err, ErrNoEvent) {
			t.Errorf("to a phone without events, whose codec we can't make: err = %v", err)
		}
		b := h.leg("198.51.100.2:4000", 2, ulaw)
		if err := b.s.SendDigit('!', 0); !errors.Is(err, ErrNoEvent) {
			t.Errorf("the hook has no tone: err = %v", err)
		}
		if err := a.s.SendDigit('x', 0); err == nil {
			t.Error("x is no key")
		}
	})
}

// A key within a prompt: the prompt waits, and its time goes on.
func TestKeyWithinPrompt(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw, keys10)
		go a.s.Play(h.t.Context(), &ramp{left: 8000, rate: 8000})
		time.Sleep(300 * time.Millisecond)
		check(t, a.s.SendDigit('5', 200*time.Millisecond))
		time.Sleep(time.Second)
		synctest.Wait()
		got := a.e.take()
		whole(t, got)
		last := got[len(got)-1]
		if last.PT != 0 || last.at.Sub(got[0].at) != 980*time.Millisecond {
			t.Errorf("the prompt ended %v behind its beginning", last.at.Sub(got[0].at))
		}
		if d := last.TS - got[0].TS; d < 7600 || d > 8200 {
			t.Errorf("timestamps grew by %d in a second", d)
		}
	})
}
