package outside

import (
	"net/netip"

	"obelus/chansip/sipconf"
	"obelus/sip/transport"
)

// Beyond says whether an address is on the other side of our NAT: not in localnet, where there is one.
func Beyond(g *sipconf.General, addr netip.Addr) bool { return len(g.LocalNets) > 0 && !local(g, addr) }

// local says whether an address is in localnet.
func local(g *sipconf.General, addr netip.Addr) bool {
	addr = addr.Unmap()
	for _, n := range g.LocalNets {
		if n.Contains(addr) {
			return true
		}
	}
	return false
}

// remapped says whether the other end of a flow is told our address outside. With matchexternaddrlocally it is not where we
// talk to it from an address that is in no localnet either: that one is public itself.
func remapped(g *sipconf.General, f transport.Flow) bool {
	return Beyond(g, f.Remote.Addr()) && (!g.MatchExternLocally || local(g, f.Local.Addr()))
}

// Signalling is our address as the other end of a flow can reach it: what Via and Contact say.
func (f *Finder) Signalling(g *sipconf.General, flow transport.Flow) netip.AddrPort {
	here := transport.Unmap(flow.Local)
	if flow.Transport.Reliable() {
		here = netip.AddrPortFrom(here.Addr(), listens(g, flow.Transport, here.Port()))
	}
	if !remapped(g, flow) {
		return here
	}
	ext := f.known(g, flow)
	if !ext.Addr().IsValid() || ext.Addr().Is4() != flow.Remote.Addr().Unmap().Is4() {
		return here
	}
	port := ext.Port()
	switch {
	case flow.Transport.Secure():
		port = g.ExternTLSPort
		if port == 0 {
			port = transport.TLS.DefaultPort() // the original's default, whatever port is listened on
		}
	case flow.Transport.Reliable() && g.ExternTCPPort != 0:
		port = g.ExternTCPPort
	}
	if port == 0 {
		port = here.Port()
	}
	return netip.AddrPortFrom(ext.Addr(), port)
}

// listens is where connections of a transport are listened for: the port of one that we opened is nobody's to call.
func listens(g *sipconf.General, t transport.Transport, port uint16) uint16 {
	switch {
	case t == transport.TCP && g.TCP && len(g.TCPBind) > 0:
		return g.TCPBind[0].Port()
	case t == transport.TLS && g.TLSEnable && len(g.TLSBind) > 0:
		return g.TLSBind[0].Port()
	}
	return port
}

// Media is our address as the other end of a flow is told to send sound to: media_address, which as in the original is for
// everybody; else our address outside for those out there; else rtpbindaddr, or the address that we talk from.
func (f *Finder) Media(g *sipconf.General, flow transport.Flow) netip.Addr {
	fits := func(a netip.Addr) bool {
		return a.IsValid() && !a.IsUnspecified() && a.Is4() == flow.Remote.Addr().Unmap().Is4()
	}
	if fits(g.MediaAddr) {
		return g.MediaAddr
	}
	seen := f.Signalling(g, flow).Addr()
	if fits(g.RTPBind) && seen == flow.Local.Addr().Unmap() {
		return g.RTPBind
	}
	return seen
}

// known is our address outside, and its port where there is a certain one.
func (f *Finder) known(g *sipconf.General, flow transport.Flow) netip.AddrPort {
	if g.ExternAddr.Addr().IsValid() {
		return g.ExternAddr
	}
	t := f.found.Load()
	if g.ExternHost != "" && t.host == g.ExternHost && t.at.Addr().IsValid() {
		return t.at
	}
	if g.STUNAddr == "" || t.server != g.STUNAddr {
		return netip.AddrPort{}
	}
	if a, ok := t.seen[flow.Connection()]; ok && !flow.Transport.Reliable() {
		return a
	}
	for _, a := range t.seen {
		if a.Addr().Is4() == flow.Remote.Addr().Unmap().Is4() {
			return netip.AddrPortFrom(a.Addr(), 0) // the port of another socket says nothing
		}
	}
	return netip.AddrPort{}
}

// Ours says whether an address is the one that we are known by outside.
func (f *Finder) Ours(g *sipconf.General, a netip.Addr) bool {
	a = a.Unmap()
	t := f.found.Load()
	if a == g.ExternAddr.Addr() || t.host != "" && t.host == g.ExternHost && a == t.at.Addr() {
		return a.IsValid()
	}
	for _, s := range t.seen {
		if s.Addr() == a && t.server == g.STUNAddr {
			return true
		}
	}
	return false
}
