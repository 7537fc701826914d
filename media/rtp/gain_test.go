package rtp

import (
	"context"
	"math"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/codec"
)

// TestGain makes a call louder at either end, relayed or translated, and a prompt; and
// leaves it as it is again.
func TestGain(t *testing.T) {
	for _, c := range []struct {
		name         string
		a, b         Payload
		said, sent   float64
		want, prompt float64
	}{
		{"said", ulaw, ulaw, 2, 1, 16000, 8000},
		{"sent", ulaw, alaw, 1, 0.5, 4000, 4000},
		{"both", ulaw, g722, 3, 0.5, 12000, 4000},
		{"cut off at full scale", ulaw, ulaw, 20, 1, 32767, 8000},
		{"neither", ulaw, ulaw, 1, 1, 8000, 8000},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, Options{Codecs: codec.NewSet(codec.Options{})}, func(h *house) {
				a, b := h.leg("198.51.100.1:4000", 1, c.a), h.leg("198.51.100.2:5000", 2, c.b)
				check(t, Connect(a.s, b.s))
				a.s.SetGain(c.said, 1)
				b.s.SetGain(1, c.sent)
				var said heardBy
				stop, err := a.s.Hear(8000, said.hear)
				check(t, err)
				s := a.v.singer(t, c.a.Format, media.Frame)
				s.sing(time.Second, 0, 0)
				time.Sleep(200 * time.Millisecond)
				stop()
				loud := peak(decoded(t, c.b.Format, b.e.take()))
				if loud < c.want*0.85 || loud > c.want*1.15 {
					t.Errorf("the other phone hears it at %.0f, want %.0f", loud, c.want)
				}
				if got, want := peak(said.in), min(8000*c.said, 32767); got < want*0.85 || got > want*1.15 {
					t.Errorf("who listens hears it at %.0f, want %.0f", got, want)
				}
				a.s.SetGain(1, 1)
				b.s.SetGain(1, 1)
				s.sing(time.Second, 0, 0)
				if loud = peak(decoded(t, c.b.Format, b.e.take())[4000:]); loud < 6800 || loud > 9200 {
					t.Errorf("without gain the other phone hears it at %.0f", loud)
				}
				b.s.SetGain(1, c.sent)
				check(t, b.s.Play(context.Background(), &hum{rate: 8000, left: 8000}))
				if loud = peak(decoded(t, c.b.Format, b.e.take())); loud < c.prompt*0.85 || loud > c.prompt*1.15 {
					t.Errorf("a prompt is heard at %.0f, want %.0f", loud, c.prompt)
				}
			})
		})
	}
}

func peak(pcm []int16) (most float64) {
	for _, v := range pcm[min(len(pcm), 400):] {
		most = max(most, math.Abs(float64(v)))
	}
	return most
}
