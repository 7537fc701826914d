package rtp

import (
	"math"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/media"
)

// idle waits until no worker has anything to do, and says so.
func (h *house) idle() {
	h.t.Helper()
	time.Sleep(time.Second)
	synctest.Wait()
	if n := h.plane.workers.Count(); n != 0 {
		h.t.Errorf("workers still have %d lanes, with nobody speaking", n)
	}
}

// Two legs without a common format, through all that happens to a call: what
// each phone hears is one unbroken stream, nothing sticks, nobody works on behind
// it.
func TestTranslatedCallThroughItsLife(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw, keys96)
		b := h.leg("198.51.100.2:5000", 2, g722, keys10)
		c := h.leg("198.51.100.3:6000", 3, Payload{Type: 3, Format: media.GSM})
		var all []heard
		hears := func(what string, atLeast, atMost int) {
			t.Helper()
			got := b.e.take()
			if len(got) < atLeast || len(got) > atMost {
				t.Errorf("%s: %d packets, want %d to %d", what, len(got), atLeast, atMost)
			}
			all = append(all, got...)
		}
		check(t, Connect(a.s, b.s))
		b.v.say(1)
		sing := a.v.singer(t, media.Ulaw, media.Frame)
		sing.sing(time.Second, 0, 0)
		h.idle()
		hears("a second", 48, 56)

		// Hold and back, with packets flowing.
		set(t, b.s.Audio(), Remote{Addr: b.e.addr, Payloads: []Payload{g722, keys10}, Direction: Inactive})
		sing.sing(time.Second, 0, 0)
		hears("on hold", 0, 4)
		set(t, b.s.Audio(), Remote{Addr: b.e.addr, Payloads: []Payload{g722, keys10}})
		sing.sing(time.Second, 0, 0)
		hears("back", 44, 56)

		// A third phone takes the other side over, and gives it back.
		check(t, Connect(c.s, b.s))
		sing.sing(200*time.Millisecond, 0, 0)
		c.v.singer(t, media.GSM, media.Frame).sing(time.Second, 0, 0)
		hears("another phone", 44, 62)
		check(t, Connect(a.s, b.s))
		sing.sing(time.Second, 0, 0)
		hears("and back", 44, 58)

		// A re-INVITE turns b to the format of a: packets pass as they are.
		set(t, b.s.Audio(), Remote{Addr: b.e.addr, Payloads: []Payload{ulaw, g722, keys10}})
		sing.sing(time.Second, 0, 0)
		time.Sleep(time.Second)
		hears("the same format", 49, 56)
		h.idle()
		set(t, b.s.Audio(), Remote{Addr: b.e.addr, Payloads: []Payload{g722, keys10}})
		sing.sing(time.Second, 0, 0)
		hears("another again", 44, 58)

		a.s.Part()
		sing.sing(time.Second, 0, 0)
		hears("parted", 0, 3)
		h.idle()
		whole(t, all)
	})
}

// The phone changes its format in the middle: from one that passes to one that
// doesn't, to another, and back.
func TestFormatChangesInTheMiddle(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		s := h.open(SessionConfig{})
		e := h.phone("198.51.100.1:4000")
		gsm := Payload{Type: 3, Format: media.GSM}
		set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{ulaw, g722, gsm}})
		b := h.leg("198.51.100.2:5000", 2, ulaw)
		check(t, Connect(s, b.s))
		v := e.voice(s.Audio(), 0, 1)
		singers := []*singer{v.singer(t, media.Ulaw, media.Frame), v.singer(t, media.G722, media.Frame), v.singer(t, media.GSM, media.Frame)}
		for _, i := range []int{0, 1, 2, 1, 0, 2, 0} {
			v.pt = []uint8{0, 9, 3}[i]
			singers[i].sing(500*time.Millisecond, 0, 0)
		}
		h.idle()
		got := b.e.take()
		whole(t, got)
		if len(got) < 160 || len(got) > 190 {
			t.Errorf("%d packets of 3.5 seconds", len(got))
		}
		pcm := decoded(t, media.Ulaw, got)
		if snr, _ := fit(pcm, 8000); snr < 25 {
			t.Errorf("the tone stands out by %.1f dB", snr)
		}
		if n := s.Audio().Stats().Untranslated; n != 0 {
			t.Errorf("%d packets untranslated", n)
		}
	})
}

// A prompt takes the place of translated sound, and gives it back.
func TestPromptWithinTranslation(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, g722)
		check(t, Connect(a.s, b.s))
		var done sync.WaitGroup
		done.Go(func() { a.v.singer(t, media.Ulaw, media.Frame).sing(3*time.Second, 0, 0) })
		time.Sleep(time.Second)
		check(t, b.s.Play(h.t.Context(), &ramp{left: 8000, rate: 8000}))
		done.Wait()
		got := b.e.take()
		whole(t, got)
		if len(got) < 140 || len(got) > 156 {
			t.Errorf("%d packets of 3 seconds", len(got))
		}
		h.idle()
	})
}

// Sessions are closed in the middle of it: nobody works on, no port stays.
func TestCloseWithinTranslation(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		for i := range 20 {
			a := h.leg("198.51.100.1:4000", 1, ulaw)
			b := h.leg("198.51.100.2:5000", 2, g722)
			check(t, Connect(a.s, b.s))
			var done sync.WaitGroup
			done.Go(func() { a.v.singer(t, media.Ulaw, media.Frame).sing(400*time.Millisecond, 0, 0) })
			time.Sleep(time.Duration(i*15) * time.Millisecond)
			if i%2 == 0 {
				a.s.Close()
			}
			b.s.Close()
			done.Wait()
			a.s.Close()
			for _, e := range h.ears {
				e.c.Close()
				e.done.Wait()
			}
			h.ears = nil
		}
		h.idle()
		if n := h.plane.Sessions(); n != 0 {
			t.Errorf("%d sessions are open", n)
		}
	})
}

// Comfort noise (RFC 3389) becomes noise where the other phone's format is
// another, and lasts until the voice comes back.
func TestComfortNoiseIsMade(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		cn := Payload{Type: 13, Format: media.ComfortNoise}
		a := h.leg("198.51.100.1:4000", 1, ulaw, cn)
		b := h.leg("198.51.100.2:5000", 2, g722)
		check(t, Connect(a.s, b.s))
		sing := a.v.singer(t, media.Ulaw, media.Frame)
		sing.sing(500*time.Millisecond, 0, 0)
		a.v.pt = 13
		a.v.say(1, 40) // -40 dBov
		time.Sleep(980 * time.Millisecond)
		a.v.ts += 49 * 160
		a.v.pt = 0
		sing.sing(500*time.Millisecond, 0, 0)
		h.idle()
		got := b.e.take()
		whole(t, got)
		if len(got) < 98 || len(got) > 110 {
			t.Fatalf("%d packets of two seconds", len(got))
		}
		pcm := decoded(t, media.G722, got)
		noise := rms(pcm[12000:20000])
		if noise < 32767/100/2 || noise > 32767/100*2 {
			t.Errorf("noise of %.0f, want about 328: -40 dBov", noise)
		}
		if tone := rms(pcm[len(pcm)-8000 : len(pcm)-4000]); tone < 5000 {
			t.Errorf("the voice came back with %.0f", tone)
		}
	})
}

func rms(pcm []int16) float64 {
	sum := 0.0
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(pcm)))
}

// Packets of one length become those of another on the way.
// What passes as it is is cut anew only where the account asks for a length.
// A packet that is lost on the way to be cut leaves its time, and no other.
// No packet takes memory on its way through a lane, nor on its way to be cut.
func TestTranslationTakesNoMemory(t *testing.T) {
	p, err := New(Options{Engine: EngineGo})
	check(t, err)
	defer p.Close()
	for _, pair := range [][2]Payload{{ulaw, g722}, {g722, {Type: 3, Format: media.GSM}}, {ulaw, {Type: 0, Format: media.Ulaw, Ptime: 30 * time.Millisecond}}} {
		l := newBenchLane(t, p, pair[0], pair[1])
		for range 100 { // until buffers have grown
			l.step()
		}
		if n := testing.AllocsPerRun(200, l.step); n != 0 {
			t.Errorf("%s to %s: %v allocations a packet", pair[0].Format, pair[1].Format, n)
		}
	}
	l := newBenchLane(t, p, ulaw, ulaw) // through a lane for the sake of its keys
	l.a.session.SetKeys(KeyRules{Mode: KeysAsTones})
	l.a.route.Load().session.SetKeys(KeyRules{Mode: KeysElsewhere})
	for range 100 {
		l.step()
	}
	if n := testing.AllocsPerRun(200, l.step); n != 0 || !l.a.lane.Load().duty.mutes {
		t.Errorf("%v allocations a packet in which keys are looked for", n)
	}
}

// A phone whose clock runs fast or slow, or whose network's delay jumps: the
// sound goes on in steady packets, and waits no longer than it has to.
func TestUnsteadyPhones(t *testing.T) {
	for _, c := range []struct {
		name  string
		every time.Duration             // between packets of 20 ms
		late  func(n int) time.Duration // of packet n beside
		most  time.Duration             // that it may wait in the end
	}{
		{"fast by 0.5 %", 19900 * time.Microsecond, nil, 80 * time.Millisecond},
		{"slow by 0.5 %", 20100 * time.Microsecond, nil, 80 * time.Millisecond},
		{"a jump of 100 ms, for two seconds", media.Frame, func(n int) time.Duration {
			if n > 200 && n < 300 {
				return 100 * time.Millisecond
			}
			return 0
		}, 100 * time.Millisecond},
		{"100 ms of jitter for two seconds", media.Frame, func(n int) time.Duration {
			if n > 200 && n < 300 {
				return time.Duration(n*37%101) * time.Millisecond
			}
			return 0
		}, 100 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, Options{}, func(h *house) {
				a := h.leg("198.51.100.1:4000", 1, ulaw)
				b := h.leg("198.51.100.2:5000", 2, g722)
				check(t, Connect(a.s, b.s))
				b.v.say(1)
				sing := a.v.singer(t, media.Ulaw, media.Frame)
				begin := time.Now()
				var longest time.Duration
				for n := range 1500 {
					p := sing.next()
					send := func() { a.e.c.WriteTo(p, net.UDPAddrFromAddrPort(a.v.to)) }
					if c.late != nil && c.late(n) > 0 {
						after(c.late(n), send)
					} else {
						send()
					}
					time.Sleep(c.every)
					if n > 1200 {
						longest = max(longest, a.s.audio.lane.Load().waits())
					}
				}
				took := time.Since(begin)
				h.idle()
				got := b.e.take()
				whole(t, got)
				if want := int(took / media.Frame); len(got) < want-3 || len(got) > want+12 {
					t.Errorf("%d packets in the time of %d", len(got), want)
				}
				for i := 1; i < len(got); i++ {
					if d := got[i].at.Sub(got[i-1].at); d > 25*time.Millisecond {
						t.Errorf("packet %d came %v behind the last", i, d)
					}
				}
				if longest > c.most {
					t.Errorf("sound waits %v in the end, want %v", longest, c.most)
				}
				pcm := decoded(t, media.G722, got)
				if snr, _, share := fits(pcm[8000:len(pcm)-8000], 16000); snr < 30 || share < 0.9 {
					t.Errorf("%.1f dB, clear in %.0f %%", snr, 100*share)
				}
			})
		})
	}
}

// A phone that sends nothing while its user is silent: the time goes on without
// packets, and a new talkspurt is marked.
func TestSilenceIsNotTranslated(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, g722)
		check(t, Connect(a.s, b.s))
		sing := a.v.singer(t, media.Ulaw, media.Frame)
		for range 3 {
			sing.sing(500*time.Millisecond, 0, 0)
			time.Sleep(2 * time.Second)
			a.v.ts += 16000
		}
		got := b.e.take()
		whole(t, got)
		if len(got) < 78 || len(got) > 96 {
			t.Errorf("%d packets of 1.5 seconds", len(got))
		}
		spurts := 0
		for i, p := range got {
			if i > 0 && p.Marker {
				spurts++
				if gap := p.TS - got[i-1].TS; gap < 15000 || gap > 17000 {
					t.Errorf("the timestamp leaps by %d over two seconds", gap)
				}
			}
		}
		if spurts != 2 || !got[0].Marker {
			t.Errorf("%d talkspurts behind the first", spurts)
		}
		h.idle()
	})
}

// Lanes are spread over the workers, and over the slots of each: few over few
// slots, many over all.
// A fault in a codec stops the lane that it is in, and no other.

// The hiss of a phone that has announced its silence ends when it is put on hold.
func TestHoldEndsTheHiss(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		ps := []Payload{ulaw, {Type: 13, Format: media.ComfortNoise}}
		a := h.leg("198.51.100.1:4000", 1, ps...)
		b := h.leg("198.51.100.2:5000", 2, g722)
		check(t, Connect(a.s, b.s))
		b.v.say(1)
		a.v.singer(t, media.Ulaw, media.Frame).sing(200*time.Millisecond, 0, 0)
		a.v.pt = 13
		a.v.say(1, 40)
		time.Sleep(2 * time.Second)
		if n := len(b.e.take()); n < 100 {
			t.Errorf("%d packets of two seconds of hiss", n)
		}
		set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: ps, Direction: SendOnly})
		b.e.take()
		h.idle()
		if n := len(b.e.take()); n != 0 {
			t.Errorf("%d packets from a phone on hold", n)
		}
	})
}
