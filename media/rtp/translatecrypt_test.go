package rtp

import (
	"testing"
	"time"

	"obelus/media"
)

// Sound is translated, cut anew and keys are sung between phones of which one
// does SRTP and the other does not: all that leaves is sealed, under rising
// numbers.
func TestSRTPTranslated(t *testing.T) {
	for _, suite := range everySuite {
		t.Run(string(suite), func(t *testing.T) {
			inHouse(t, Options{}, func(h *house) {
				asked := g722
				asked.Ptime = 30 * time.Millisecond
				a, ak := h.secureLeg("198.51.100.1:4000", 0x1111, keysFor(suite, 1), asked)
				b := h.leg("198.51.100.2:5000", 0x2222, ulaw)
				c := h.leg("198.51.100.3:5000", 0x3333, g722)
				check(t, Connect(a.s, b.s))
				a.v.saySecure(ak, 1)
				b.v.singer(t, media.Ulaw, media.Frame).sing(600*time.Millisecond, 0, 0)
				h.idle()
				check(t, Connect(a.s, c.s))
				c.v.singer(t, media.G722, media.Frame).sing(600*time.Millisecond, 0, 0)
				a.s.Part()
				check(t, a.s.SendDigit('5', 120*time.Millisecond))
				h.idle()
				got := ak.open(a.e.take())
				whole(t, got)
				for i, p := range got {
					if len(p.body()) != 240 {
						t.Errorf("packet %d has %d bytes, want 240", i, len(p.body()))
					}
				}
				if len(got) < 20+20+4 || len(got) > 24+20+4+1 {
					t.Errorf("%d packets", len(got))
				}
				for _, packet := range a.v.sealed(t, ak, media.G722, 30) {
					a.e.send(a.v.to, packet)
					time.Sleep(media.Frame)
				}
				check(t, Connect(a.s, b.s))
				for _, packet := range a.v.sealed(t, ak, media.G722, 30) {
					a.e.send(a.v.to, packet)
					time.Sleep(media.Frame)
				}
				h.idle()
				back := b.e.take()
				whole(t, back)
				if snr, _ := fit(decoded(t, media.Ulaw, back), 8000); len(back) < 30 || snr < 25 {
					t.Errorf("%d packets came back, the tone by %.1f dB", len(back), snr)
				}
			})
		})
	}
}

// sealed are so many packets of a singing phone with SRTP.
func (v *voiceOf) sealed(t *testing.T, s *secure, f media.Format, n int) (out [][]byte) {
	t.Helper()
	sing := v.singer(t, f, media.Frame)
	for range n {
		out = append(out, s.seal(sing.next()))
	}
	return out
}
