package talk

import (
	"net/netip"

	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// setRemote tells the media plane what a description of theirs says.
func (t *Talk) setRemote(their *sdp.Session) {
	t.remote = their.Origin.SessionID + " " + their.Origin.Version
	t.held = false
	for i := range t.lines {
		l := &t.lines[i]
		st := t.session.Stream(l.kind)
		if l.refused || st == nil || i >= len(their.Media) {
			continue
		}
		m := &their.Media[i]
		if l.kind == media.Audio {
			t.held = their.OnHold(m)
		}
		addr, _ := their.RTPAddr(m)
		r := rtp.Remote{
			Addr: addr, Payloads: t.framedPayloads(l), Receive: payloads(l.open), Direction: direction(their.Direction(m)),
			Symmetric: t.symmetric(addr), Signal: t.signal, Ptime: t.ptime(m, l.send), Crypto: l.crypto, Elsewhere: l.home != nil,
		}
		r.Mux = t.peer.RTCPMux && m.RTCPMux()
		if rtcp, ok := their.RTCPAddr(m); ok {
			r.RTCP = rtcp
		}
		l.heard(their, m)
		l.declared.Symmetric = r.Symmetric
		if err := st.SetRemote(r); err != nil {
			l.refused = true
		}
	}
}

// direction is the other side's direction seen from ours.
func direction(d sdp.Direction) rtp.Direction {
	switch d.Reverse() {
	case sdp.SendOnly:
		return rtp.SendOnly
	case sdp.RecvOnly:
		return rtp.RecvOnly
	case sdp.Inactive:
		return rtp.Inactive
	}
	return rtp.SendRecv
}

// symmetric says whether sound is sent where it comes from: as nat= says. A phone
// whose description names another address than it calls from is behind NAT; where
// that address is a private one and the phone calls from a public one, sound to it
// can't arrive, and the default of nat= sends it where sound comes from too, which
// the original does not.
func (t *Talk) symmetric(addr netip.AddrPort) bool {
	nat, said, from := t.peer.NAT, addr.Addr().Unmap(), t.signal.Unmap()
	switch {
	case nat.Comedia:
		return true
	case !from.IsValid():
		return false
	case nat.AutoComedia:
		return said != from
	}
	return nat.AutoForceRport && Inner(said) && !Inner(from)
}

// Inner says whether an address is one of many networks, none of which the other
// can reach: private, of a carrier's NAT (RFC 6598), link-local, loopback.
func Inner(a netip.Addr) bool {
	carrier := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || carrier.Contains(a)
}

// Moved says that the phone signals from another address now.
func (t *Talk) Moved(signal netip.Addr) { t.signal = signal }
