package main

import (
	"context"
	"net"
	"net/netip"

	"obelus/chansip"
	"obelus/sip/transport"
)

// sipMark is tos_sip and cos_sip.
func sipMark(g *chansip.General) transport.Mark {
	return transport.Mark{TOS: g.SIPMarks.TOS, Priority: g.SIPMarks.COS}
}

// unmarked says why packets of SIP are not marked. It goes on without, as in the
// original.
func (s *server) unmarked(why error) {
	s.log.Warn("SIP packets are not marked as tos_sip and cos_sip say", "why", why)
}

// dial opens connections, marked like the rest.
func (s *server) dial(g *chansip.General) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Control: sipMark(g).Control(s.unmarked)}
	return d.DialContext
}

// listenTCP listens for TCP or TLS; what is accepted is marked as the listener is.
func (s *server) listenTCP(g *chansip.General, a netip.AddrPort) (net.Listener, error) {
	l := net.ListenConfig{Control: sipMark(g).Control(s.unmarked)}
	return l.Listen(context.Background(), transport.Network("tcp", a.Addr()), a.String())
}
