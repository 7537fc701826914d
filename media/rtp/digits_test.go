package rtp

import (
	"testing"
	"time"

	"obelus/media"
	"obelus/media/dtmf"
)

// event is one packet of a key in a test.
type eventAt struct {
	ts       uint32
	marker   bool
	code     uint8
	end      bool
	duration uint16
	after    time.Duration
}

func TestKeys(t *testing.T) {
	const ms20 = 20 * time.Millisecond
	for _, c := range []struct {
		name   string
		events []eventAt
		want   string
	}{
		{"pressed and released", []eventAt{
			{1000, true, 5, false, 160, ms20}, {1000, false, 5, false, 320, ms20}, {1000, false, 5, true, 800, ms20},
			{1000, false, 5, true, 800, ms20}, {1000, false, 5, true, 800, ms20},
		}, "5 down, 5 up 100ms"},
		{"the same key twice", []eventAt{
			{1000, true, 5, true, 800, ms20}, {3000, true, 5, true, 400, ms20},
		}, "5 down, 5 up 100ms, 5 down, 5 up 50ms"},
		{"the beginning is lost", []eventAt{{1000, false, 11, true, 800, ms20}}, "# down, # up 100ms"},
		{"the end is lost, another follows", []eventAt{
			{1000, true, 1, false, 640, ms20}, {2000, true, 2, true, 800, ms20},
		}, "1 down, 1 up 80ms, 2 down, 2 up 100ms"},
		{"the end is lost, nothing follows", []eventAt{
			{1000, true, 1, false, 640, ms20}, {1000, false, 1, false, 800, time.Second},
		}, "1 down, 1 up 100ms"},
		{"late packets after the end", []eventAt{
			{1000, true, 1, true, 800, ms20}, {1000, false, 1, false, 640, ms20},
		}, "1 down, 1 up 100ms"},
		{"a late packet of the key before", []eventAt{
			{1000, true, 1, true, 800, ms20}, {3000, true, 2, false, 160, ms20}, {1000, false, 1, true, 800, ms20}, {3000, false, 2, true, 800, ms20},
		}, "1 down, 1 up 100ms, 2 down, 2 up 100ms"},
		{"held longer than it can count", []eventAt{
			{1000, true, 10, false, 65535, ms20}, {66535, false, 10, false, 8000, ms20}, {66535, false, 10, true, 8000, ms20},
		}, "* down, * up 9.191875s"},
		{"letters and the hook", []eventAt{
			{1000, true, 12, true, 800, ms20}, {2000, true, 15, true, 800, ms20}, {3000, true, 16, true, 0, ms20},
		}, "A down, A up 100ms, D down, D up 100ms, ! down, ! up 0s"},
		{"no keys: tones of modems", []eventAt{
			{1000, true, 32, true, 800, ms20}, {2000, true, 255, true, 800, ms20}, {3000, true, 17, true, 800, ms20},
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, Options{}, func(h *house) {
				var log keyLog
				s := h.open(SessionConfig{Hooks: log.hooks()})
				e := h.phone("198.51.100.1:4000")
				set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{ulaw, keys10}})
				v := e.voice(s.Audio(), 0, 1)
				for _, ev := range c.events {
					v.key(101, ev.ts, ev.marker, dtmf.Event{Code: ev.code, End: ev.end, Duration: ev.duration})
					time.Sleep(ev.after - ms20)
				}
				time.Sleep(time.Second)
				if got := log.String(); got != c.want {
					t.Errorf("heard %q, want %q", got, c.want)
				}
			})
		})
	}
}

// Keys pass from phone to phone in each one's numbers, and are only told where
// the other takes none: without a hole in its sequence numbers.
func TestKeysPass(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		var log keyLog
		s := h.open(SessionConfig{Hooks: log.hooks()})
		e := h.phone("198.51.100.1:4000")
		set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{ulaw, keys96}})
		v := e.voice(s.Audio(), 0, 1)
		b := h.leg("198.51.100.2:5000", 2, ulaw, keys10)
		c := h.leg("198.51.100.3:5000", 3, ulaw)
		press := func() {
			v.say(2)
			ts := v.ts
			for i := range 4 {
				v.key(96, ts, i == 0, dtmf.Event{Code: 7, Duration: uint16(160 * (i + 1)), End: i == 3})
			}
			v.ts += 640
			v.say(2)
		}
		check(t, Connect(s, b.s))
		press()
		got := b.e.take()
		if len(got) != 8 {
			t.Fatalf("%d packets, want 8", len(got))
		}
		whole(t, got)
		if p := got[2]; p.PT != 101 || !p.Marker || p.TS-got[1].TS != 160 || got[5].TS != p.TS || got[6].TS-p.TS != 640 {
			t.Errorf("the key begins with type %d marker %v ts +%d", p.PT, p.Marker, p.TS-got[1].TS)
		}
		if ev, _ := dtmf.ParseEvent(got[5].body()); ev != (dtmf.Event{Code: 7, End: true, Duration: 640}) {
			t.Errorf("the key ends with %+v", ev)
		}
		check(t, Connect(s, c.s))
		press()
		if got = c.e.take(); len(got) != 4 {
			t.Fatalf("%d packets to a phone without keys, want 4", len(got))
		}
		whole(t, got)
		if got := log.String(); got != "7 down, 7 up 80ms, 7 down, 7 up 80ms" {
			t.Errorf("heard %q", got)
		}
		if n := s.Audio().Stats().Untranslated; n != 0 {
			t.Errorf("%d packets called untranslated", n)
		}
	})
}

// Keys that run by the clock of Opus are counted anew for a phone of G.711.
func TestKeysOfAnotherClock(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		var log keyLog
		s := h.open(SessionConfig{Hooks: log.hooks()})
		e := h.phone("198.51.100.1:4000")
		wide := Payload{Type: 97, Format: media.TelephoneEvent, Clock: 48000}
		opus := Payload{Type: 107, Format: media.Opus}
		set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{opus, keys10, wide}})
		if !s.Audio().HasEvents() || s.Audio().out.events != 97 {
			t.Errorf("events are sent as %d, want 97: the clock of Opus", s.Audio().out.events)
		}
		b := h.leg("198.51.100.2:5000", 2, opus, keys10)
		check(t, Connect(s, b.s))
		v := e.voice(s.Audio(), 107, 1)
		v.key(97, 5000, true, dtmf.Event{Code: 3, End: true, Duration: 4800})
		got := b.e.take()
		if len(got) != 1 {
			t.Fatalf("%d packets", len(got))
		}
		if ev, _ := dtmf.ParseEvent(got[0].body()); ev.Duration != 800 || got[0].PT != 101 {
			t.Errorf("duration %d, want 800", ev.Duration)
		}
		if log.String() != "3 down, 3 up 100ms" {
			t.Errorf("heard %q", log.String())
		}
	})
}

// Class 9: events that are cut short.
func TestSecurity9BrokenEvents(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		var log keyLog
		s := h.open(SessionConfig{Hooks: log.hooks()})
		e := h.phone("198.51.100.1:4000")
		set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{ulaw, keys10}})
		s.Echo(true)
		v := e.voice(s.Audio(), 101, 1)
		for n := range dtmf.EventLen {
			v.say(1, make([]byte, n)...)
		}
		if got := log.String(); got != "" {
			t.Errorf("heard %q", got)
		}
		if n := len(e.take()); n != 0 {
			t.Errorf("%d of them were passed on", n)
		}
	})
}

// A key whose end is lost is released dtmftimeout behind its last packet.
func TestDigitTimeout(t *testing.T) {
	for _, c := range []struct {
		samples int
		want    time.Duration
	}{{0, 375 * time.Millisecond}, {800, 100 * time.Millisecond}, {16000, 2 * time.Second}} {
		inHouse(t, Options{DigitTimeout: c.samples}, func(h *house) {
			var log keyLog
			s := h.open(SessionConfig{Hooks: log.hooks()})
			e := h.phone("198.51.100.1:4000")
			set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{ulaw, keys10}})
			e.voice(s.Audio(), 0, 1).key(101, 1000, true, dtmf.Event{Code: 1, Duration: 640})
			time.Sleep(c.want - 30*time.Millisecond)
			if got := log.String(); got != "1 down" {
				t.Errorf("%d samples: heard %q before", c.samples, got)
			}
			time.Sleep(2 * tick)
			if got := log.String(); got != "1 down, 1 up 80ms" {
				t.Errorf("%d samples: heard %q behind it", c.samples, got)
			}
		})
	}
}

// rfc2833compensate: each timestamp and each key is a press, whatever else the
// packets say, and nothing of it passes as it is.
func TestCompensatedEvents(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		var log keyLog
		s := h.open(SessionConfig{Hooks: log.hooks()})
		s.SetKeys(KeyRules{Compensate: true})
		e := h.phone("198.51.100.1:4000")
		set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{ulaw, keys10}})
		b := h.leg("198.51.100.2:5000", 2, ulaw, keys10)
		check(t, Connect(s, b.s))
		v := e.voice(s.Audio(), 0, 1)
		for _, p := range []eventAt{
			{ts: 1000, code: 1}, {ts: 1000, code: 1, duration: 65000}, {ts: 1000, code: 1, end: true}, // no sense of time
			{ts: 1160, code: 1, end: true}, {ts: 1160, code: 1, end: true}, // the same key at once
			{ts: 1160, code: 2}, // another with the timestamp of the last
			{ts: 900, code: 3},  // time goes back
		} {
			v.key(101, p.ts, false, dtmf.Event{Code: p.code, End: p.end, Duration: p.duration})
		}
		time.Sleep(time.Second)
		if got := log.String(); got != "1 down, 1 up 0s, 1 down, 1 up 0s, 2 down, 2 up 0s, 3 down, 3 up 0s" {
			t.Errorf("heard %q", got)
		}
		if n := len(b.e.take()); n != 0 {
			t.Errorf("%d broken packets were passed on", n)
		}
	})
}

// With dtmfmode=info what comes as events all the same is not heard: the key
// would count twice.
func TestEventsOfInfoPhones(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		var log keyLog
		s := h.open(SessionConfig{Hooks: log.hooks()})
		s.SetKeys(KeyRules{Mode: KeysElsewhere})
		e := h.phone("198.51.100.1:4000")
		set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{ulaw, keys10}})
		b := h.leg("198.51.100.2:5000", 2, ulaw, keys10)
		check(t, Connect(s, b.s))
		e.voice(s.Audio(), 0, 1).key(101, 1000, true, dtmf.Event{Code: 1, End: true, Duration: 800})
		time.Sleep(time.Second)
		if got, n := log.String(), len(b.e.take()); got != "" || n != 0 {
			t.Errorf("heard %q and passed %d packets on", got, n)
		}
	})
}
