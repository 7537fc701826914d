package srtp

import (
	"encoding/binary"
	"errors"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"obelus/media/packet"
)

// maxSeal is what protection adds to a packet at most: a tag, and for RTCP an
// index behind it (RFC 3711 §3.4, RFC 7714 §9).
const maxSeal = 16 + 4

// errResealed says that a packet would go under a number that was used before.
var errResealed = errors.New("the number was used before")

// Sealer encrypts what we send. It is for one goroutine at a time.
type Sealer struct {
	secret
	ctx  *srtp.Context
	rtp  rtp.Header
	rtcp rtcp.Header
	sent window
	buf  [packet.MaxLen + maxSeal]byte
}

func newSealer(s secret) (*Sealer, error) {
	ctx, err := s.context()
	if err != nil {
		return nil, err
	}
	return &Sealer{secret: s, ctx: ctx}, nil
}

// Seal protects an RTP packet, which is not changed itself. The result is good
// until the next packet.
func (s *Sealer) Seal(b []byte) ([]byte, error) {
	if len(b) < packet.HeaderLen || !s.sent.first(binary.BigEndian.Uint16(b[2:])) {
		return nil, errResealed
	}
	return s.ctx.EncryptRTP(s.buf[:0], b, &s.rtp)
}

// SealRTCP likewise protects a compound RTCP packet.
func (s *Sealer) SealRTCP(b []byte) ([]byte, error) {
	return s.ctx.EncryptRTCP(s.buf[:0], b, &s.rtcp)
}

// After is the sealer to go on with where before was at work. With the same keys as
// before it goes on counting: a key never meets the same number twice.
func (s *Sealer) After(before *Sealer) *Sealer {
	if s != nil && before != nil && before.same(&s.secret) {
		return before
	}
	return s
}

// window knows which of the last sequence numbers went out under a key. Two
// packets under one number would give away what both say (RFC 3711 §9.1), and
// with GCM the key that authenticates (RFC 7714 §8.1); a packet that left a gap
// behind it or came late could bring that about.
type window struct {
	begun bool
	last  uint16
	mask  [replayWindow / 64]uint64 // of those behind last; all of what was before the first
}

// first says whether the number is used for the first time, and notes it.
func (w *window) first(seq uint16) bool {
	if !w.begun {
		w.begun, w.last = true, seq
		for i := range w.mask {
			w.mask[i] = ^uint64(0)
		}
		return true
	}
	if packet.Newer(seq, w.last) {
		w.shift(seq - w.last)
		w.last = seq
		w.mask[0] |= 1
		return true
	}
	back := w.last - seq
	if back >= replayWindow || w.mask[back/64]>>(back%64)&1 != 0 {
		return false
	}
	w.mask[back/64] |= 1 << (back % 64)
	return true
}

// shift moves the window n numbers on.
func (w *window) shift(n uint16) {
	switch {
	case n >= 128:
		w.mask = [len(w.mask)]uint64{}
	case n >= 64:
		w.mask[1], w.mask[0] = w.mask[0]<<(n-64), 0
	default:
		w.mask[1] = w.mask[1]<<n | w.mask[0]>>(64-n)
		w.mask[0] <<= n
	}
}
