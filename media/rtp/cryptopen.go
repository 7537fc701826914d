package rtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"obelus/media/packet"
)

// maxSources is how many SSRCs a phone may send under one key: for each of them
// the place in its numbers is remembered.
const maxSources = 1024

// opener decrypts what the phone sends, and drops what the phone did not send. The
// receiver's lock guards it.
type opener struct {
	secret
	ctx     *srtp.Context
	rtp     rtp.Header // read again for each packet
	rtcp    rtcp.Header
	sources int
	reports int
	turned  turned
}

// turned is how often a source's sequence numbers had turned under the key before
// this one, where they had.
type turned struct{ ssrc, roc uint32 }

func newOpener(s secret, replay bool) (*opener, error) {
	options := []srtp.ContextOption{srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow)}
	if !replay {
		options = nil
	}
	ctx, err := s.context(options...)
	if err != nil {
		return nil, err
	}
	return &opener{secret: s, ctx: ctx}, nil
}

// open takes the protection off a packet where it lies. It is false for one that
// is not the phone's, or is there for the second time. A packet that fails changes
// nothing here: neither whom we believe nor where we are in the phone's numbers. Nor
// does a copy from elsewhere, or whoever reads along and is faster than the phone
// could have its packets taken for repetitions. named is true for the first packet
// from a source that may not send here.
func (in *receiver) open(b []byte, from netip.AddrPort, now time.Time) (plain []byte, ok, named bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.crypt == nil:
		return b, true, false
	case !in.learn.lenient && in.learn.deaf(from, now):
		in.foreign++
		named, in.namedForeign = !in.namedForeign, true
		return nil, false, named
	}
	plain, err := in.crypt.openRTP(b)
	return plain, in.opened(err), false
}

// openRTCP likewise opens a compound RTCP packet.
func (in *receiver) openRTCP(b []byte, from netip.AddrPort) (plain []byte, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.crypt == nil:
		return b, true
	case !in.learn.believesRTCP(from):
		in.malformed++
		return nil, false
	}
	plain, err := in.crypt.openRTCP(b)
	return plain, in.opened(err)
}

// opened counts what can't be opened.
func (in *receiver) opened(err error) bool {
	switch {
	case err == nil:
		return true
	case replayed(err):
		in.replays++
	default:
		in.unauthentic++
	}
	return false
}

// errUnopened is a packet that need not be decrypted to know that it is of no use.
var errUnopened = errors.New("too short, or of one source too many")

// openRTP opens an RTP packet (RFC 3711 §3.3).
func (o *opener) openRTP(b []byte) ([]byte, error) {
	if len(b) < packet.HeaderLen {
		return nil, errUnopened
	}
	_, known := o.ctx.ROC(binary.BigEndian.Uint32(b[8:]))
	if !known && o.sources >= maxSources {
		return nil, errUnopened
	}
	var plain []byte
	var err error
	if o.turned.roc > 0 && o.turned.ssrc == binary.BigEndian.Uint32(b[8:]) {
		plain, err = o.openTurned(b)
	} else {
		plain, err = o.ctx.DecryptRTP(b[:0], b, &o.rtp)
	}
	if err == nil && !known {
		o.sources++
	}
	return plain, err
}

// openTurned opens a packet of a source that had the key before. Phones begin to
// count the turns of their numbers anew with a new key, or go on as RFC 3711 §3.3.1
// has it; the first packet that is authentic tells.
func (o *opener) openTurned(b []byte) ([]byte, error) {
	kept := bytes.Clone(b) // a failure may leave nothing of it
	plain, err := o.ctx.DecryptRTP(b[:0], b, &o.rtp)
	if err != nil && !replayed(err) {
		copy(b, kept)
		o.ctx.SetROC(o.turned.ssrc, o.turned.roc)
		if plain, err = o.ctx.DecryptRTP(b[:0], b, &o.rtp); err != nil {
			o.ctx.SetROC(o.turned.ssrc, 0)
		}
	}
	if err == nil {
		o.turned = turned{}
	}
	return plain, err
}

// openRTCP opens a compound RTCP packet (RFC 3711 §3.4).
func (o *opener) openRTCP(b []byte) ([]byte, error) {
	if len(b) < 8 {
		return nil, errUnopened
	}
	_, known := o.ctx.Index(binary.BigEndian.Uint32(b[4:]))
	if !known && o.reports >= maxSources {
		return nil, errUnopened
	}
	plain, err := o.ctx.DecryptRTCP(b[:0], b, &o.rtcp)
	if err == nil && !known {
		o.reports++
	}
	return plain, err
}

// replayed says whether a packet was refused because it came before: that error
// has no name, only words.
func replayed(err error) bool {
	why := errors.Unwrap(err)
	return why != nil && why.Error() == "duplicated packet"
}

// setCrypt takes the keys of a description. With the same keys as before it goes
// on where it is in the phone's numbers (RFC 3711 §3.3.1).
func (in *receiver) setCrypt(o *opener) {
	if o != nil && in.crypt != nil && in.crypt.same(&o.secret) {
		return
	}
	if o != nil && in.crypt != nil {
		if roc, known := in.crypt.ctx.ROC(in.SSRC); known {
			o.turned = turned{in.SSRC, roc}
		}
	}
	in.crypt = o
}
