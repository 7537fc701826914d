package codec

import (
	"fmt"
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
	room int // samples of the longest packet
}

func newOpusDecoder(rate int) (*opusDecoder, error) {
	d := &opusDecoder{room: samplesIn(rate, opusLongest)}
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
	dst = append(dst, make([]int16, d.room)...)
	n, err := d.dec.DecodeToInt16(b, dst[start:])
	if err != nil {
		n = 0
	}
	return dst[:start+min(max(n, 0), d.room)]
}
