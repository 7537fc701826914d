package stun

import (
	"net"
	"net/netip"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// socket is a UDP socket. One that listens on every address knows, where the system tells it, which of them a datagram was
// sent to, and answers from that one: a NAT, and many a phone, takes no answer from another.
type socket struct {
	pc    net.PacketConn
	udp   *net.UDPConn // of a socket that is asked on which address; nil for others
	bound netip.AddrPort
	v6    bool
	oob   []byte
}

func newSocket(pc net.PacketConn) *socket {
	s := &socket{pc: pc, bound: addrPort(pc.LocalAddr())}
	udp, ok := pc.(*net.UDPConn)
	if !ok || !s.bound.Addr().IsUnspecified() {
		return s
	}
	s.v6 = s.bound.Addr().Is6()
	var err error
	if s.v6 {
		err = ipv6.NewPacketConn(udp).SetControlMessage(ipv6.FlagDst, true)
	} else {
		err = ipv4.NewPacketConn(udp).SetControlMessage(ipv4.FlagDst, true)
	}
	if err == nil {
		s.udp, s.oob = udp, make([]byte, 128)
	}
	return s
}

// read reads one datagram: at is our address that it came to, invalid where nobody knows.
func (s *socket) read(b []byte) (n int, from, at netip.AddrPort, err error) {
	if s.udp == nil {
		n, addr, err := s.pc.ReadFrom(b)
		if !s.bound.Addr().IsUnspecified() {
			at = s.bound
		}
		return n, addrPort(addr), at, err
	}
	n, oob, _, from, err := s.udp.ReadMsgUDPAddrPort(b, s.oob)
	if err != nil {
		return n, from, at, err
	}
	return n, unmap(from), netip.AddrPortFrom(s.destination(s.oob[:oob]), s.bound.Port()), nil
}

// destination is the address that a datagram was sent to, as its control message says.
func (s *socket) destination(oob []byte) netip.Addr {
	var ip net.IP
	if s.v6 {
		var cm ipv6.ControlMessage
		if cm.Parse(oob) != nil {
			return netip.Addr{}
		}
		ip = cm.Dst
	} else {
		var cm ipv4.ControlMessage
		if cm.Parse(oob) != nil {
			return netip.Addr{}
		}
		ip = cm.Dst
	}
	a, _ := netip.AddrFromSlice(ip)
	return a.Unmap()
}

// write sends one datagram from one of our addresses, or from whichever the system takes.
func (s *socket) write(b []byte, to, from netip.AddrPort) error {
	if s.udp == nil || !from.Addr().IsValid() {
		_, err := s.pc.WriteTo(b, net.UDPAddrFromAddrPort(to))
		return err
	}
	var oob []byte
	if s.v6 {
		oob = (&ipv6.ControlMessage{Src: net.IP(from.Addr().AsSlice()).To16()}).Marshal()
	} else {
		oob = (&ipv4.ControlMessage{Src: from.Addr().AsSlice()}).Marshal()
	}
	_, _, err := s.udp.WriteMsgUDPAddrPort(b, oob, to)
	return err
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// addrPort reads the address of a socket that may not be the system's.
func addrPort(a net.Addr) netip.AddrPort {
	if u, ok := a.(interface{ AddrPort() netip.AddrPort }); ok {
		return unmap(u.AddrPort())
	}
	return netip.AddrPort{}
}
