package chansip

import (
	"context"
	"net/netip"
	"strings"

	"obelus/sip"
	"obelus/sip/transport"
)

// follow settles where requests within the dialog go: to the first of its routes
// or to the other side's Contact (RFC 3261 section 12.2.1.1), as in the original
// unless nat= says to stay where the other side sends from. To stay is right as
// well on a connection, for phones that register, and for whom tells a private
// address from a public one. A name is looked up meanwhile, and followed when it
// is found; l.mu is held.
func (l *leg) follow() {
	if l.peer.Dynamic || l.atSource || l.flow.Transport.Reliable() {
		return
	}
	hop := l.dlg.NextHop()
	u, err := sip.ParseURI(hop)
	if err != nil || u.Transport() != "" && !strings.EqualFold(u.Transport(), "udp") {
		return
	}
	addr, err := netip.ParseAddr(strings.Trim(u.Host, "[]"))
	if err != nil {
		hop = strings.Clone(hop)
		l.d.job(func(ctx context.Context) { l.followName(ctx, hop) })
		return
	}
	port := u.Port
	if port == 0 {
		port = transport.UDP.DefaultPort()
	}
	l.goTo(netip.AddrPortFrom(addr, port))
}

// goTo has our requests go to an address that the other side named, unless nobody
// can be there; l.mu is held.
func (l *leg) goTo(to netip.AddrPort) {
	addr, from := to.Addr().Unmap(), transport.Unmap(l.flow.Remote).Addr()
	switch {
	case addr.IsUnspecified() || addr.IsMulticast() || addr.Is4() != from.Is4():
	case addr.IsPrivate() && !from.IsPrivate() || addr.IsLoopback() && !from.IsLoopback():
	default:
		l.flow = l.flow.To(netip.AddrPortFrom(addr, to.Port()))
	}
}

// followName looks a host up that the other side named, and follows it unless
// another has been named meanwhile.
func (l *leg) followName(ctx context.Context, hop string) {
	u, err := sip.ParseURI(hop)
	if err != nil {
		return
	}
	targets, err := l.d.reach.LookUp(ctx, l.set, u)
	if err != nil {
		l.d.log.Debug("a host that a call names can't be found: requests go where its messages come from", "host", u.Host, "why", err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == legGone || l.dlg.NextHop() != hop {
		return
	}
	for _, t := range targets {
		if t.Transport == transport.UDP {
			l.goTo(t.Addr)
			return
		}
	}
}
