package simnet

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// maxDatagram is the largest payload of a UDP packet over IPv4.
	maxDatagram = 65507
	// receiveQueue is how many datagrams wait in a socket; more are dropped,
	// as a kernel does.
	receiveQueue = 4096
)

// PacketConn is a UDP socket of a host. It has the methods of *net.UDPConn
// that portable code uses; opened by DialContext it is connected: it hears
// only its peer.
type PacketConn struct {
	host  *Host
	local netip.AddrPort
	peer  netip.AddrPort // of a connected socket

	// All below is under the world's lock.
	ready    *sync.Cond
	queue    []*datagram
	closed   bool
	deadline deadline // of reads; a write never waits
}

// openPacket makes a socket at a free address. The lock is held.
func (h *Host) openPacket(local netip.AddrPort) *PacketConn {
	pc := &PacketConn{host: h, local: local, ready: sync.NewCond(&h.net.w.mu)}
	pc.deadline.ready = pc.ready
	h.packets[local] = pc
	return pc
}

func (h *Host) dialPacket(from netip.Addr, remote netip.AddrPort) (*PacketConn, error) {
	h.net.w.mu.Lock()
	defer h.net.w.mu.Unlock()
	local, err := h.freePort(from, 0, func(a netip.AddrPort) bool { return h.packets[a] != nil })
	if err != nil {
		return nil, err
	}
	pc := h.openPacket(local)
	pc.peer = remote
	return pc, nil
}

// push takes a datagram that arrived. The lock is held.
func (c *PacketConn) push(d *datagram) {
	switch {
	case c.peer.IsValid() && c.peer != d.from:
		d.rec.fate("not from the peer")
	case len(c.queue) >= receiveQueue:
		d.rec.fate("queue full")
	default:
		c.queue = append(c.queue, d)
		c.ready.Signal()
	}
}

// ReadFromUDPAddrPort waits for a datagram, copies what fits into b and says
// who sent it.
func (c *PacketConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	w := c.host.net.w
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, netip.AddrPort{}, c.opError("read", net.ErrClosed)
		case c.deadline.passed():
			return 0, netip.AddrPort{}, c.opError("read", os.ErrDeadlineExceeded)
		case len(c.queue) > 0:
			d := c.queue[0]
			c.queue[0] = nil
			c.queue = c.queue[1:]
			return copy(b, d.data), d.from, nil
		}
		c.ready.Wait()
	}
}

// ReadFrom waits for a datagram; the address is a *net.UDPAddr.
func (c *PacketConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return 0, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// Read waits for a datagram.
func (c *PacketConn) Read(b []byte) (int, error) {
	n, _, err := c.ReadFromUDPAddrPort(b)
	return n, err
}

// WriteToUDPAddrPort sends a datagram. It never waits; that nobody listens
// is no error.
func (c *PacketConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if len(b) > maxDatagram {
		return 0, c.opError("write", syscall.EMSGSIZE)
	}
	from := c.local
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	if from.Addr().IsUnspecified() {
		from = netip.AddrPortFrom(c.host.sourceFor(to.Addr()), from.Port())
	}
	if !from.Addr().IsValid() || !to.Addr().IsValid() || from.Addr().Is4() != to.Addr().Is4() {
		return 0, c.opError("write", fmt.Errorf("to %s: %w", to, syscall.EHOSTUNREACH))
	}
	d := &datagram{from: from, to: to, data: append([]byte(nil), b...)}
	w := c.host.net.w
	stopped := w.stops(Packet{Proto: "udp", FromName: c.host.name, From: from, To: to, Data: d.data})
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.closed {
		return 0, c.opError("write", net.ErrClosed)
	}
	if stopped {
		w.record("udp", c.host.name, nameOf(c.host.net.next(to.Addr()), to), from, to, d.data).fate("stopped")
		return len(b), nil
	}
	c.host.net.send(c.host.name, d)
	return len(b), nil
}

// WriteTo sends a datagram to a *net.UDPAddr.
func (c *PacketConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	to, ok := addr.(*net.UDPAddr)
	if !ok {
		return 0, c.opError("write", fmt.Errorf("to %v: %w", addr, syscall.EINVAL))
	}
	return c.WriteToUDPAddrPort(b, to.AddrPort())
}

// Write sends a datagram to the peer of a connected socket.
func (c *PacketConn) Write(b []byte) (int, error) {
	if !c.peer.IsValid() {
		return 0, c.opError("write", syscall.EDESTADDRREQ)
	}
	return c.WriteToUDPAddrPort(b, c.peer)
}

// Close closes the socket; whoever waits in a read gets net.ErrClosed.
func (c *PacketConn) Close() error {
	c.host.net.w.mu.Lock()
	defer c.host.net.w.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.close()
	return nil
}

func (c *PacketConn) close() {
	c.closed = true
	c.queue = nil
	c.deadline.stop()
	delete(c.host.packets, c.local)
	c.ready.Broadcast()
}

// LocalAddr returns the address the socket is bound to, a *net.UDPAddr.
func (c *PacketConn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.local) }

// RemoteAddr returns the peer of a connected socket, else nil.
func (c *PacketConn) RemoteAddr() net.Addr {
	if !c.peer.IsValid() {
		return nil
	}
	return net.UDPAddrFromAddrPort(c.peer)
}

// SetDeadline sets the time at which reads give up.
func (c *PacketConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline sets the time at which reads give up; the zero Time is never.
func (c *PacketConn) SetReadDeadline(t time.Time) error {
	c.host.net.w.mu.Lock()
	defer c.host.net.w.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	c.deadline.set(t)
	return nil
}

// SetWriteDeadline does nothing: a write never waits.
func (c *PacketConn) SetWriteDeadline(time.Time) error { return nil }

func (c *PacketConn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

var (
	_ net.PacketConn = (*PacketConn)(nil)
	_ io.ReadWriter  = (*PacketConn)(nil)
)
