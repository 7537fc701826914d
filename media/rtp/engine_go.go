package rtp

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

func (e *goEngine) name() string { return EngineGo }

func (e *goEngine) close() { e.readers.Wait() }

func (e *goEngine) open(at portAt, h handler, _ wire) (wire, error) {
	c, err := e.listen(network(at.addr.Addr()), at.addr.String())
	if err != nil {
		return nil, err
	}
	if at.marked() {
		if err := markConn(c, at); err != nil {
			at.unmarked(err)
		}
	}
	w := newGoWire(c)
	e.readers.Go(func() { e.read(w, h, at.addr) })
	return w, nil
}

// maxReadErrors is how many reads may fail in a row. Some systems report an
// earlier packet's ICMP error to the next read, so one says nothing.
const maxReadErrors = 1000

func (e *goEngine) read(w *goWire, h handler, at netip.AddrPort) {
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
			h(buf[:n], plain(from), time.Now())
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

// goWire is a port as net.PacketConn.
type goWire struct {
	net.PacketConn
	fast addrPortConn // nil where the port has no such methods
}

func newGoWire(c net.PacketConn) *goWire {
	fast, _ := c.(addrPortConn)
	return &goWire{PacketConn: c, fast: fast}
}

func (w *goWire) read(b []byte) (int, netip.AddrPort, error) {
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

func (w *goWire) send(b []byte, to netip.AddrPort) error {
	if w.fast != nil {
		_, err := w.fast.WriteToUDPAddrPort(b, to)
		return err
	}
	_, err := w.WriteTo(b, net.UDPAddrFromAddrPort(to))
	return err
}

func (w *goWire) close() error { return w.Close() }
