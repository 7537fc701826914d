package simnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
)

// firstEphemeral is where the ports begin that a host hands out by itself
// (RFC 6335 section 6).
const firstEphemeral = 49152

var (
	errNetwork   = errors.New("unknown network")
	errNoAddress = errors.New("the host has no such address")
	errNoPort    = errors.New("no port left")
)

// Host is a machine on a network. All its methods may be called from any
// goroutine.
type Host struct {
	net       *Network
	name      string
	addrs     []netip.Addr
	packets   map[netip.AddrPort]*PacketConn
	listeners map[netip.AddrPort]*Listener
	streams   map[*Conn]struct{}
	nextPort  uint16
}

// Name returns the name the host was given.
func (h *Host) Name() string { return h.name }

// Addr returns the first address of the host.
func (h *Host) Addr() netip.Addr { return h.addrs[0] }

// Network returns the network the host is on.
func (h *Host) Network() *Network { return h.net }

// ListenPacket opens a UDP socket, like net.ListenPacket. The network is
// "udp", "udp4" or "udp6"; the address has no name in it; an empty or
// unspecified host part means every address of the host, port 0 a free one.
// What it returns is a *PacketConn.
func (h *Host) ListenPacket(network, address string) (net.PacketConn, error) {
	h.net.w.mu.Lock()
	defer h.net.w.mu.Unlock()
	local, err := h.bind(network, "udp", address, func(a netip.AddrPort) bool { return h.packets[a] != nil })
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	return h.openPacket(local), nil
}

// Listen opens a stream listener, like net.Listen with "tcp", "tcp4" or
// "tcp6". What it returns is a *Listener.
func (h *Host) Listen(network, address string) (net.Listener, error) {
	h.net.w.mu.Lock()
	defer h.net.w.mu.Unlock()
	local, err := h.bind(network, "tcp", address, func(a netip.AddrPort) bool { return h.listeners[a] != nil })
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	return h.openListener(local), nil
}

// DialContext opens a stream ("tcp") or a connected datagram socket ("udp")
// to an address, like net.Dialer.DialContext.
func (h *Host) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := h.dial(ctx, network, address, netip.Addr{})
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	return c, nil
}

// DialFrom is DialContext from one of the host's addresses.
func (h *Host) DialFrom(ctx context.Context, local netip.Addr, network, address string) (net.Conn, error) {
	c, err := h.dial(ctx, network, address, local)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	return c, nil
}

func (h *Host) dial(ctx context.Context, network, address string, from netip.Addr) (net.Conn, error) {
	remote, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", address, err)
	}
	if !from.IsValid() {
		if from = h.sourceFor(remote.Addr()); !from.IsValid() {
			return nil, syscall.EHOSTUNREACH
		}
	}
	if !h.owns(from) {
		return nil, fmt.Errorf("dial from %s: %w", from, errNoAddress)
	}
	switch {
	case sameFamily(network, "udp", remote.Addr()):
		return h.dialPacket(from, remote)
	case sameFamily(network, "tcp", remote.Addr()):
		return h.dialStream(ctx, from, remote)
	}
	return nil, fmt.Errorf("%q for %s: %w", network, remote, errNetwork)
}

// Close switches the host off: its sockets close, its streams are reset.
// The host stays on the network and may open sockets again.
func (h *Host) Close() error {
	h.net.w.mu.Lock()
	defer h.net.w.mu.Unlock()
	for _, pc := range h.packets {
		pc.close()
	}
	for _, l := range h.listeners {
		l.close()
	}
	for c := range h.streams {
		c.abort()
	}
	return nil
}

// bind reads a local address and finds a port for it. The lock is held.
func (h *Host) bind(network, proto, address string, taken func(netip.AddrPort) bool) (netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("port of %q: %w", address, err)
	}
	addr := h.anyAddr(network == proto+"4")
	if host != "" {
		if addr, err = netip.ParseAddr(host); err != nil {
			return netip.AddrPort{}, err
		}
	}
	if !sameFamily(network, proto, addr) {
		return netip.AddrPort{}, fmt.Errorf("%q for %s: %w", network, addr, errNetwork)
	}
	if !addr.IsUnspecified() && !h.owns(addr) {
		return netip.AddrPort{}, fmt.Errorf("%s: %w", addr, errNoAddress)
	}
	return h.freePort(addr, uint16(port), taken)
}

// anyAddr is the unspecified address that an empty host part means.
func (h *Host) anyAddr(only4 bool) netip.Addr {
	if !only4 && slices.ContainsFunc(h.addrs, netip.Addr.Is6) {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

func (h *Host) freePort(addr netip.Addr, port uint16, taken func(netip.AddrPort) bool) (netip.AddrPort, error) {
	if port != 0 {
		local := netip.AddrPortFrom(addr, port)
		if taken(local) {
			return local, syscall.EADDRINUSE
		}
		return local, nil
	}
	for range 1<<16 - firstEphemeral {
		local := netip.AddrPortFrom(addr, h.nextPort)
		if h.nextPort++; h.nextPort == 0 {
			h.nextPort = firstEphemeral
		}
		if !taken(local) {
			return local, nil
		}
	}
	return netip.AddrPort{}, errNoPort
}

func sameFamily(network, proto string, a netip.Addr) bool {
	switch network {
	case proto:
		return true
	case proto + "4":
		return a.Is4()
	case proto + "6":
		return a.Is6()
	}
	return false
}

func (h *Host) owns(a netip.Addr) bool { return slices.Contains(h.addrs, a) }

// sourceFor picks the address that packets to dst come from: dst itself if
// it is the host's own, else the first of the same family.
func (h *Host) sourceFor(dst netip.Addr) netip.Addr {
	if h.owns(dst) {
		return dst
	}
	for _, a := range h.addrs {
		if a.Is4() == dst.Is4() {
			return a
		}
	}
	return netip.Addr{}
}

// bound finds what is bound to an address of the host: the exact address
// first, then the unspecified one; that of IPv6 takes both families, as
// sockets of package net do.
func bound[T any](table map[netip.AddrPort]T, dst netip.AddrPort) (T, bool) {
	any4 := netip.IPv4Unspecified()
	if dst.Addr().Is6() {
		any4 = dst.Addr()
	}
	for _, a := range [...]netip.Addr{dst.Addr(), any4, netip.IPv6Unspecified()} {
		if found, ok := table[netip.AddrPortFrom(a, dst.Port())]; ok {
			return found, true
		}
	}
	var none T
	return none, false
}

func (h *Host) nodeName() string { return h.name }

func (h *Host) receive(_ *Network, d *datagram) {
	pc, ok := bound(h.packets, d.to)
	if !ok {
		d.rec.fate("no socket")
		return
	}
	pc.push(d)
}

func (h *Host) accept(_ *path, dst netip.AddrPort) *Listener {
	l, _ := bound(h.listeners, dst)
	return l
}
