package rtp

import (
	"sync"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/codec"
)

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
