package srtp

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"obelus/media/packet"
)

// maxSources is how many SSRCs a phone may send under one key: for each of them
// the place in its numbers is remembered.
const maxSources = 1024

// Opener decrypts what the phone sends, and tells what the phone did not send. It
// is for one goroutine at a time.
type Opener struct {
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

func newOpener(s secret, replay bool) (*Opener, error) {
	options := []srtp.ContextOption{srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow)}
	if !replay {
		options = nil
	}
	ctx, err := s.context(options...)
	if err != nil {
		return nil, err
	}
	return &Opener{secret: s, ctx: ctx}, nil
}

// errUnopened is a packet that need not be decrypted to know that it is of no use.
var errUnopened = errors.New("too short, or of one source too many")

// OpenRTP opens an RTP packet (RFC 3711 §3.3) where it lies.
func (o *Opener) OpenRTP(b []byte) ([]byte, error) {
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
func (o *Opener) openTurned(b []byte) ([]byte, error) {
	kept := bytes.Clone(b) // a failure may leave nothing of it
	plain, err := o.ctx.DecryptRTP(b[:0], b, &o.rtp)
	if err != nil && !Replayed(err) {
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

// OpenRTCP opens a compound RTCP packet (RFC 3711 §3.4).
func (o *Opener) OpenRTCP(b []byte) ([]byte, error) {
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

// Replayed says whether a packet was refused because it came before: that error
// has no name, only words.
func Replayed(err error) bool {
	why := errors.Unwrap(err)
	return why != nil && why.Error() == "duplicated packet"
}

// After is the opener to go on with where before was at work for a phone that sent
// under ssrc last. With the same keys as before it goes on where it is in the
// phone's numbers (RFC 3711 §3.3.1).
func (o *Opener) After(before *Opener, ssrc uint32) *Opener {
	if o == nil || before == nil {
		return o
	}
	if before.same(&o.secret) {
		return before
	}
	if roc, known := before.ctx.ROC(ssrc); known {
		o.turned = turned{ssrc, roc}
	}
	return o
}

// Suite is the suite of the keys.
func (o *Opener) Suite() Suite { return o.name }
