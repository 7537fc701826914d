package rtp

import (
	"fmt"
	"net/netip"
	"time"

	"obelus/media"
	"obelus/media/wire"
)

// openStream takes a pair of ports that nobody else on this machine has.
func (p *Plane) openStream(s *Session, kind media.Kind, c SessionConfig) (*Stream, error) {
	bind := c.Bind
	if !bind.IsValid() {
		bind = netip.IPv4Unspecified()
	}
	var near wire.Port
	if c.Near != nil {
		near = c.Near.audio.out.rtp
	}
	var last error
	settings := p.settings.Load()
	for range min(p.ports.Pairs(), 100) {
		port, ok := p.ports.Take(time.Now())
		if !ok {
			break
		}
		st := newStream(s, kind, netip.AddrPortFrom(bind, uint16(port)))
		if last = st.listen(wire.At{Mark: c.mark(kind), NoChecksums: settings.NoChecksums, Unmarked: p.unmarked}, near); last == nil {
			return st, nil
		}
		p.ports.Give(port)
		p.ports.Elsewhere()
	}
	if last != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPort, last)
	}
	return nil, fmt.Errorf("%w: all %d pairs of %d-%d are in use or at rest; widen rtpstart and rtpend",
		ErrNoPort, p.ports.Pairs(), settings.Start, settings.End)
}

// listen opens both ports.
func (st *Stream) listen(at wire.At, near wire.Port) error {
	e := st.session.plane.engine
	at.Addr = st.local
	rtp, err := e.Open(at, st.rtpPacket, near)
	if err != nil {
		return err
	}
	at.Addr = netip.AddrPortFrom(st.local.Addr(), st.local.Port()+1)
	rtcp, err := e.Open(at, st.rtcpPacket, rtp)
	if err != nil {
		rtp.Close()
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
