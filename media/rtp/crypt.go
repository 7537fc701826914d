package rtp

import (
	"net/netip"
	"time"

	"obelus/media/srtp"
)

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
	case in.learn.Deaf(from, now):
		in.foreign++
		named, in.namedForeign = !in.namedForeign, true
		return nil, false, named
	}
	plain, err := in.crypt.OpenRTP(b)
	return plain, in.opened(err), false
}

// openRTCP likewise opens a compound RTCP packet.
func (in *receiver) openRTCP(b []byte, from netip.AddrPort) (plain []byte, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.crypt == nil:
		return b, true
	case !in.learn.BelievesRTCP(from):
		in.malformed++
		return nil, false
	}
	plain, err := in.crypt.OpenRTCP(b)
	return plain, in.opened(err)
}

// opened counts what can't be opened.
func (in *receiver) opened(err error) bool {
	switch {
	case err == nil:
		return true
	case srtp.Replayed(err):
		in.replays++
	default:
		in.unauthentic++
	}
	return false
}

// setCrypt takes the keys of a description.
func (in *receiver) setCrypt(o *srtp.Opener) { in.crypt = o.After(in.crypt, in.SSRC) }

// protect is the packet as it goes out; false where it can't.
func (o *sender) protect(b []byte) ([]byte, bool) {
	if o.crypt == nil {
		return b, true
	}
	b, err := o.crypt.Seal(b)
	return b, err == nil
}

// protectRTCP likewise for RTCP.
func (o *sender) protectRTCP(b []byte) ([]byte, bool) {
	if o.crypt == nil {
		return b, true
	}
	b, err := o.crypt.SealRTCP(b)
	return b, err == nil
}

// setCrypt takes the keys of a description.
func (o *sender) setCrypt(s *srtp.Sealer) { o.crypt = s.After(o.crypt) }
