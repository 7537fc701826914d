package codec

import (
	"fmt"
	"slices"
	"time"

	"github.com/pion/opus"

	"obelus/media"
)

// opusLongest is the most sound a packet of Opus holds (RFC 6716 §3.2.5).
const opusLongest = 120 * time.Millisecond

// opusRate says whether Opus works at a rate by itself (RFC 7587 §4.1).
func opusRate(rate int) bool {
	switch rate {
	case 8000, 12000, 16000, 24000, 48000:
		return true
	}
	return false
}

// opusDecoder reads Opus: one voice, whether the packet has one or two.
type opusDecoder struct {
	dec  opus.Decoder
	rate int
	room int // samples of the longest packet
}

func newOpusDecoder(rate int) (*opusDecoder, error) {
	d := &opusDecoder{rate: rate, room: samplesIn(rate, opusLongest)}
	if err := d.dec.Init(rate, 1); err != nil {
		return nil, fmt.Errorf("make a decoder of %s: %w", media.Opus, err)
	}
	return d, nil
}

// Decode appends the samples of a packet; nothing for one that can't be read.
func (d *opusDecoder) Decode(dst []int16, b []byte) []int16 {
	if len(b) == 0 {
		return dst
	}
	start := len(dst)
	dst = slices.Grow(dst, d.room)
	return dst[:start+d.read(b, dst[start:start+d.room])]
}

// read decodes a packet and says how many samples it has. One on which the
// decoder breaks, which would be a defect of it, costs a packet and not the
// server.
func (d *opusDecoder) read(b []byte, room []int16) (n int) {
	defer func() {
		if recover() != nil {
			n = 0
			d.dec = opus.NewDecoder()
			// The rate was taken before.
			_ = d.dec.Init(d.rate, 1)
		}
	}()
	n, err := d.dec.DecodeToInt16(b, room)
	if err != nil {
		return 0
	}
	return min(max(n, 0), len(room))
}
