package rtp

import (
	"sync"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/codec"
)

func TestWheel(t *testing.T) {
	for _, c := range []struct{ lanes, slots, most int }{{1, 1, 1}, {4, 1, 4}, {8, 2, 4}, {80, 20, 4}, {200, 20, 10}} {
		w := &wheel{all: &workers{}, running: true}
		for range c.lanes {
			w.add(&lane{})
		}
		used, most := 0, 0
		for _, s := range w.slots {
			if len(s) > 0 {
				used++
			}
			most = max(most, len(s))
		}
		if used != c.slots || most != c.most {
			t.Errorf("%d lanes lie on %d slots, at most %d on one; want %d and %d", c.lanes, used, most, c.slots, c.most)
		}
		seen := 0
		for n := 0; seen < c.lanes; {
			slot, _, lanes, ok := w.next(n, nil)
			if !ok {
				t.Fatalf("the wheel is empty behind %d of %d", seen, c.lanes)
			}
			for _, l := range lanes {
				w.remove(slot, l)
				seen++
			}
			n = slot + 1
		}
		if _, _, _, ok := w.next(0, nil); ok || w.running {
			t.Error("an empty wheel turns on")
		}
	}
}

func TestFaultInACodec(t *testing.T) {
	var made scribes
	inHouse(t, Options{Codecs: codec.NewSet(codec.Options{Opus: &broken{&made}})}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, Payload{Type: 107, Format: media.Opus})
		c := h.leg("198.51.100.3:4000", 3, ulaw)
		d := h.leg("198.51.100.4:5000", 4, g722)
		check(t, Connect(a.s, b.s))
		check(t, Connect(c.s, d.s))
		var done sync.WaitGroup
		done.Go(func() { a.v.singer(t, media.Ulaw, media.Frame).sing(time.Second, 0, 0) })
		c.v.singer(t, media.Ulaw, media.Frame).sing(time.Second, 0, 0)
		done.Wait()
		h.idle()
		if n := len(b.e.take()); n != 0 {
			t.Errorf("%d packets of a broken encoder", n)
		}
		if n := len(d.e.take()); n < 48 {
			t.Errorf("%d packets of the call beside", n)
		}
	})
	if made.made != mostFaults {
		t.Errorf("tried %d times, want %d", made.made, mostFaults)
	}
}

// broken makes encoders that fail.
type broken struct{ *scribes }

func (b *broken) NewOpusEncoder(int) (codec.Encoder, error) {
	b.made++
	return brokenEncoder{}, nil
}

type brokenEncoder struct{}

func (brokenEncoder) Encode([]byte, []int16) []byte { panic("broken") }
