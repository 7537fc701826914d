package transport

import "net/netip"

// FlowFunc makes a flow whose bytes go to a function: what tests talk to, and
// what a transport of another room sends by. It is alive for ever.
func FlowFunc(t Transport, local, remote netip.AddrPort, send func(b []byte, remote netip.AddrPort) error) Flow {
	return Flow{Transport: t, Local: local, Remote: remote, link: &funcLink{send}}
}

type funcLink struct {
	to func([]byte, netip.AddrPort) error
}

func (l *funcLink) send(b []byte, _, remote netip.AddrPort, _ bool) error { return l.to(b, remote) }
func (l *funcLink) alive() bool                                           { return true }
func (l *funcLink) number() uint64                                        { return 0 }
