package transport

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"obelus/sip"
)

// maxDatagram is the largest payload of a UDP datagram over IPv4.
const maxDatagram = 65507

// udpSocket is one UDP socket and its reader.
type udpSocket struct {
	layer *Layer
	conn  net.PacketConn
	udp   *net.UDPConn // nil for a socket that is not the system's
	bound netip.AddrPort
	id    uint64
	gone  atomic.Bool
	batch *batch // the batched path of Linux, or nil
	msg   *sip.Message

	mu sync.Mutex // orders writes of the portable path
}

func (s *udpSocket) alive() bool    { return !s.gone.Load() }
func (s *udpSocket) number() uint64 { return s.id }

// wildcard reports whether the socket listens on every address of the host.
func (s *udpSocket) wildcard() bool { return s.bound.Addr().IsUnspecified() }

// run reads until the socket is closed.
func (s *udpSocket) run() {
	defer s.gone.Store(true)
	if s.batch != nil {
		s.batch.run()
		return
	}
	buf := make([]byte, maxDatagram+1)
	for {
		n, remote, err := s.receive(buf)
		if err != nil {
			if s.layer.closing() || errors.Is(err, net.ErrClosed) {
				return
			}
			// Windows reports a peer's closed port as an error of the next read. Others are odd enough to slow down for.
			s.layer.count.readErrors.Add(1)
			if !s.layer.pause(errorPause) {
				return
			}
			continue
		}
		s.serve(buf[:n], remote, s.localFor(remote))
	}
}

// receive reads one datagram on the portable path.
func (s *udpSocket) receive(buf []byte) (int, netip.AddrPort, error) {
	if s.udp != nil {
		n, remote, err := s.udp.ReadFromUDPAddrPort(buf)
		return n, Unmap(remote), err
	}
	n, addr, err := s.conn.ReadFrom(buf)
	return n, addrPort(addr), err
}

// localFor is our address as remote sees it, where the system doesn't say which address was asked.
func (s *udpSocket) localFor(remote netip.AddrPort) netip.AddrPort {
	if !s.wildcard() {
		return s.bound
	}
	return netip.AddrPortFrom(s.layer.routes.local(remote.Addr()), s.bound.Port())
}

// serve hands one datagram to the layer.
func (s *udpSocket) serve(b []byte, remote, local netip.AddrPort) {
	if keepAlive(b) {
		s.layer.count.keepAlives.Add(1)
		return
	}
	f := Flow{Transport: UDP, Local: local, Remote: remote, link: s}
	if isSTUN(b) {
		s.layer.stun(b, f)
		return
	}
	s.layer.take(b, f, s.msg)
}

// isSTUN reports whether a datagram is STUN and not SIP, by its first two bits and the magic cookie (RFC 8489 section 5).
func isSTUN(b []byte) bool {
	return len(b) >= 20 && b[0]>>6 == 0 && b[4] == 0x21 && b[5] == 0x12 && b[6] == 0xa4 && b[7] == 0x42
}

// stun has a datagram of STUN taken by whoever wants it. Whatever panics on the way loses this datagram only.
func (l *Layer) stun(b []byte, f Flow) {
	l.count.stun.Add(1)
	if l.o.STUN == nil {
		return
	}
	defer l.survive(f)
	l.o.STUN(b, f)
}

// keepAlive reports whether a datagram only keeps a NAT binding open: blank lines, NUL bytes, or too short to be a message
// ("SIP/2.0 " alone is longer). Phones send CRLF, CRLFCRLF, "\0\0\0\0" and the like.
func keepAlive(b []byte) bool {
	if len(b) < 8 {
		return true
	}
	for _, c := range b {
		if c != 0 && c != '\r' && c != '\n' && c != ' ' {
			return false
		}
	}
	return true
}

func (s *udpSocket) send(b []byte, local, remote netip.AddrPort, later bool) error {
	if s.gone.Load() {
		return ErrFlowClosed
	}
	if len(b) > maxDatagram {
		return ErrTooBig
	}
	s.layer.trace(Out, Flow{UDP, local, remote, s}, b)
	var err error
	if s.batch != nil {
		err = s.batch.send(b, local, remote, later)
	} else {
		err = s.write(b, remote)
	}
	if err != nil {
		s.layer.count.sendErrors.Add(1)
		return err
	}
	s.layer.count.sent.Add(1)
	return nil
}

// write sends one datagram on the portable path.
func (s *udpSocket) write(b []byte, remote netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.udp != nil {
		_, err := s.udp.WriteToUDPAddrPort(b, remote)
		return err
	}
	_, err := s.conn.WriteTo(b, net.UDPAddrFromAddrPort(remote))
	return err
}

// Unmap turns an IPv4 address in IPv6 clothes into the plain one, so that one peer has one address.
func Unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// addrPort reads the address of a socket that may not be the system's.
func addrPort(a net.Addr) netip.AddrPort {
	if u, ok := a.(interface{ AddrPort() netip.AddrPort }); ok {
		return Unmap(u.AddrPort())
	}
	if a == nil {
		return netip.AddrPort{}
	}
	ap, _ := netip.ParseAddrPort(a.String())
	return Unmap(ap)
}
