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
			Symmetric: t.symmetric(addr), Signal: t.signal, Ptime: t.ptime(m, l.send), Crypto: l.crypto,
		}
		r.Mux = t.peer.RTCPMux && m.RTCPMux()
		if rtcp, ok := their.RTCPAddr(m); ok {
			r.RTCP = rtcp
		}
		l.heard(their, m)
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

// symmetric says whether sound is sent where it comes from. A phone whose
// description names another address than it calls from is behind NAT.
func (t *Talk) symmetric(addr netip.AddrPort) bool {
	nat := t.peer.NAT
	return nat.Comedia || nat.AutoComedia && t.signal.IsValid() && addr.Addr().Unmap() != t.signal.Unmap()
}
