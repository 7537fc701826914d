package rtp

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"obelus/media"
)

// engine opens ports and reads them.
type engine interface {
	name() string
	// open listens on an address and hands each packet to h, one after the
	// other. near may be a wire to be served by the same core, or nil.
	open(at portAt, h handler, near wire) (wire, error)
	// close waits until no handler runs. All wires are closed by then.
	close()
}

// portAt is a port to be opened.
type portAt struct {
	addr        netip.AddrPort
	mark        Mark
	noChecksums bool
	unmarked    func(error) // hears why the mark can't be set; the port serves all the same
}

// marked says whether there is anything to set.
func (at *portAt) marked() bool { return at.mark != Mark{} || at.noChecksums }

// wire is an open port.
type wire interface {
	send(b []byte, to netip.AddrPort) error
	close() error
}

// handler takes a packet. It may change b, and may not keep it.
type handler func(b []byte, from netip.AddrPort, now time.Time)

func newEngine(o *Options) (engine, error) {
	switch o.Engine {
	case EngineGo:
		return newGoEngine(o), nil
	case EngineEpoll:
		if o.Listen != nil {
			return nil, fmt.Errorf("it opens its own ports and can't be given a Listen")
		}
		return newEpollEngine(o)
	case "", EngineAuto:
		if o.Listen != nil {
			return newGoEngine(o), nil
		}
		if e, err := newEpollEngine(o); err == nil {
			return e, nil
		}
		return newGoEngine(o), nil
	}
	return nil, fmt.Errorf("there is none of this name; use %s, %s or %s", EngineAuto, EngineGo, EngineEpoll)
}

// network is the name that the net package gives to UDP at the address.
func network(a netip.Addr) string {
	if a.Is4() {
		return "udp4"
	}
	return "udp"
}

// openStream takes a pair of ports that nobody else on this machine has.
func (p *Plane) openStream(s *Session, kind media.Kind, c SessionConfig) (*Stream, error) {
	bind := c.Bind
	if !bind.IsValid() {
		bind = netip.IPv4Unspecified()
	}
	var near wire
	if c.Near != nil {
		near = c.Near.audio.out.rtp
	}
	var last error
	settings := p.settings.Load()
	for range min(p.ports.pairs(), 100) {
		port, ok := p.ports.take(time.Now())
		if !ok {
			break
		}
		st := newStream(s, kind, netip.AddrPortFrom(bind, uint16(port)))
		if last = st.listen(portAt{mark: c.mark(kind), noChecksums: settings.NoChecksums, unmarked: p.unmarked}, near); last == nil {
			return st, nil
		}
		p.ports.give(port)
	}
	if last != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPort, last)
	}
	return nil, fmt.Errorf("%w: all %d pairs of %d-%d are in use or at rest; widen rtpstart and rtpend",
		ErrNoPort, p.ports.pairs(), settings.Start, settings.End)
}

// listen opens both ports.
func (st *Stream) listen(at portAt, near wire) error {
	e := st.session.plane.engine
	at.addr = st.local
	rtp, err := e.open(at, st.rtpPacket, near)
	if err != nil {
		return err
	}
	at.addr = netip.AddrPortFrom(st.local.Addr(), st.local.Port()+1)
	rtcp, err := e.open(at, st.rtcpPacket, rtp)
	if err != nil {
		rtp.close()
		return err
	}
	st.out.open(rtp, rtcp)
	return nil
}

// unmarked says once why packets go unmarked.
func (p *Plane) unmarked(why error) {
	p.marking.Do(func() {
		p.options.Log.Warn("media packets are not marked as tos_, cos_ and rtpchecksums say", "why", why)
	})
}

// listenPacket is the Listen of the system.
func listenPacket(network, address string) (net.PacketConn, error) {
	return net.ListenPacket(network, address)
}
