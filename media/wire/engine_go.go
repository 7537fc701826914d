package wire

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"obelus/media/packet"
)

// goEngine reads each port with a goroutine of its own.
type goEngine struct {
	listen  func(network, address string) (net.PacketConn, error)
	log     *slog.Logger
	readers sync.WaitGroup
}

func newGoEngine(o *Options) *goEngine {
	listen := o.Listen
	if listen == nil {
		listen = listenPacket
	}
	return &goEngine{listen: listen, log: o.Log}
}

func (e *goEngine) Name() string { return Go }

func (e *goEngine) Close() { e.readers.Wait() }

func (e *goEngine) Open(at At, h Handler, _ Port) (Port, error) {
	c, err := e.listen(network(at.Addr.Addr()), at.Addr.String())
	if err != nil {
		return nil, err
	}
	if at.marked() {
		if err := markConn(c, at); err != nil {
			at.Unmarked(err)
		}
	}
	w := newGoPort(c)
	e.readers.Go(func() { e.read(w, h, at.Addr) })
	return w, nil
}

// maxReadErrors is how many reads may fail in a row. Some systems report an
// earlier packet's ICMP error to the next read, so one says nothing.
const maxReadErrors = 1000

func (e *goEngine) read(w *goPort, h Handler, at netip.AddrPort) {
	buf := make([]byte, packet.MaxLen)
	for failed := 0; failed < maxReadErrors; {
		n, from, err := w.read(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			failed++
		default:
			failed = 0
			h(buf[:n], Plain(from), time.Now())
		}
	}
	e.log.Error("media port can't be read any more", "port", at.Port())
}

// addrPortConn is what *net.UDPConn has beyond net.PacketConn: reading and
// writing without an allocation.
type addrPortConn interface {
	ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort([]byte, netip.AddrPort) (int, error)
}

// goPort is a port as net.PacketConn.
type goPort struct {
	net.PacketConn
	fast addrPortConn // nil where the port has no such methods
}

func newGoPort(c net.PacketConn) *goPort {
	fast, _ := c.(addrPortConn)
	return &goPort{PacketConn: c, fast: fast}
}

func (w *goPort) read(b []byte) (int, netip.AddrPort, error) {
	if w.fast != nil {
		return w.fast.ReadFromUDPAddrPort(b)
	}
	n, a, err := w.ReadFrom(b)
	if err != nil {
		return n, netip.AddrPort{}, err
	}
	if u, ok := a.(*net.UDPAddr); ok {
		return n, u.AddrPort(), nil
	}
	from, err := netip.ParseAddrPort(a.String())
	return n, from, err
}

func (w *goPort) Send(b []byte, to netip.AddrPort) error {
	if w.fast != nil {
		_, err := w.fast.WriteToUDPAddrPort(b, to)
		return err
	}
	_, err := w.WriteTo(b, net.UDPAddrFromAddrPort(to))
	return err
}
