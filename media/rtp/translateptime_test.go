package rtp

import (
	"testing"
	"time"

	"obelus/media"
	"obelus/media/dtmf"
)

func TestTranslatedPtime(t *testing.T) {
	for _, c := range []struct {
		in, out time.Duration
		size    int
	}{
		{20 * time.Millisecond, 30 * time.Millisecond, 240}, {20 * time.Millisecond, 40 * time.Millisecond, 320},
		{30 * time.Millisecond, 20 * time.Millisecond, 160}, {10 * time.Millisecond, 20 * time.Millisecond, 160},
		{60 * time.Millisecond, 10 * time.Millisecond, 80}, {20 * time.Millisecond, 25 * time.Millisecond, 160},
	} {
		inHouse(t, Options{}, func(h *house) {
			a := h.leg("198.51.100.1:4000", 1, Payload{Type: 118, Format: media.Slin})
			b := h.leg("198.51.100.2:5000", 2, g722)
			set(t, b.s.Audio(), Remote{Addr: b.e.addr, Payloads: []Payload{g722}, Ptime: c.out})
			check(t, Connect(a.s, b.s))
			a.v.singer(t, media.Slin, c.in).sing(1200*time.Millisecond, 0, 0)
			h.idle()
			got := b.e.take()
			whole(t, got)
			sound := 0
			for i, p := range got {
				sound += len(p.body())
				if len(p.body()) != c.size || i > 0 && p.TS-got[i-1].TS != uint32(c.size) {
					t.Fatalf("%v to %v: packet %d has %d bytes, ts +%d", c.in, c.out, i, len(p.body()), p.TS-got[max(i-1, 0)].TS)
				}
			}
			if ms := sound / 8; ms < 1150 || ms > 1350 {
				t.Errorf("%v to %v: %d ms of sound came out of 1200", c.in, c.out, ms)
			}
		})
	}
}

func TestCutAnew(t *testing.T) {
	ask := func(p Payload, d time.Duration) Payload { p.Ptime = d; return p }
	const ms = time.Millisecond
	for _, c := range []struct {
		name    string
		from    Payload
		to      Payload
		in      time.Duration
		size, n int
	}{
		{"as it comes", ulaw, ulaw, 30 * ms, 240, 40},
		{"20 to 30", ulaw, ask(ulaw, 30*ms), 20 * ms, 240, 40},
		{"30 to 20", ulaw, ask(ulaw, 20*ms), 30 * ms, 160, 60},
		{"the same", ulaw, ask(ulaw, 20*ms), 20 * ms, 160, 60},
		{"10 to 60", ulaw, ask(ulaw, 60*ms), 10 * ms, 480, 20},
		{"the other law too", alaw, ask(ulaw, 40*ms), 20 * ms, 320, 30},
		{"g722", g722, ask(g722, 40*ms), 20 * ms, 320, 30},
		{"gsm", Payload{Type: 3, Format: media.GSM}, ask(Payload{Type: 3, Format: media.GSM}, 60*ms), 20 * ms, 99, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, Options{}, func(h *house) {
				a := h.leg("198.51.100.1:4000", 1, c.from, keys96)
				b := h.leg("198.51.100.2:5000", 2, c.to, keys10)
				check(t, Connect(a.s, b.s))
				sing := a.v.singer(t, c.from.Format, c.in)
				sing.sing(600*ms, 0, 0)
				for i := range 3 {
					a.v.key(96, a.v.ts, i == 0, dtmf.Event{Code: 1, End: i == 2, Duration: uint16(160 * (i + 1))})
				}
				a.v.ts += 480
				time.Sleep(0)
				sing.sing(600*ms, 0, 0)
				got := b.e.take()
				whole(t, got)
				sounds, keys := 0, 0
				for _, p := range got {
					if p.PT == 101 {
						keys++
					} else if sounds++; len(p.body()) != c.size {
						t.Errorf("a packet of %d bytes, want %d", len(p.body()), c.size)
					}
				}
				if keys != 3 || sounds != c.n {
					t.Errorf("%d packets and %d of a key, want %d and 3", sounds, keys, c.n)
				}
				pcm := decoded(t, c.to.Format, soundOf(got))
				if snr, _ := fit(pcm, c.to.Format.Rate()); snr < 20 {
					t.Errorf("%.1f dB", snr)
				}
			})
		})
	}
}

func soundOf(packets []heard) (out []heard) {
	for _, p := range packets {
		if p.PT != 101 {
			out = append(out, p)
		}
	}
	return out
}

func TestCutAnewWithLoss(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		to := ulaw
		to.Ptime = 30 * time.Millisecond
		b := h.leg("198.51.100.2:5000", 2, to)
		check(t, Connect(a.s, b.s))
		sing := a.v.singer(t, media.Ulaw, media.Frame)
		for i := range 30 {
			if i%10 == 7 {
				sing.next()
				time.Sleep(media.Frame)
				continue
			}
			sing.sing(media.Frame, 0, 0)
		}
		got := b.e.take()
		whole(t, got)
		sound := 0
		for _, p := range got {
			sound += len(p.body())
		}
		if sound < 25*160 || sound > 27*160 {
			t.Errorf("%d bytes of 27 packets that came", sound)
		}
		last := got[len(got)-1]
		if d := int(last.TS-got[0].TS) + len(last.body()); d < 29*160 || d > 30*160 {
			t.Errorf("their time is %d, want that of 30 packets", d)
		}
	})
}
