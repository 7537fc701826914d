package sdp

import (
	"net/netip"
	"strings"
)

// Direction says which way sound may flow, seen by who writes the description (RFC 3264 §5.1).
type Direction uint8

// The directions: two bits, send and receive.
const (
	Inactive Direction = 0
	SendOnly Direction = 1
	RecvOnly Direction = 2
	SendRecv Direction = SendOnly | RecvOnly
)

// String is the attribute's name.
func (d Direction) String() string {
	return [...]string{"inactive", "sendonly", "recvonly", "sendrecv"}[d&SendRecv]
}

// Sends says whether the writer of the description may send.
func (d Direction) Sends() bool { return d&SendOnly != 0 }

// Receives says whether the writer of the description wants to receive.
func (d Direction) Receives() bool { return d&RecvOnly != 0 }

// Reverse is the same direction seen from the other side.
func (d Direction) Reverse() Direction { return (d&SendOnly)<<1 | (d&RecvOnly)>>1 }

// Answer is the direction an answer may carry for the offered direction d when we would like want: we receive only what the peer
// sends, and send only what it receives (RFC 3264 §6.1).
func (d Direction) Answer(want Direction) Direction { return d.Reverse() & want }

// direction finds the last direction attribute of a list.
func direction(as []Attribute) (Direction, bool) {
	for i := len(as) - 1; i >= 0; i-- {
		if d, ok := directionNamed(as[i].Name); ok {
			return d, true
		}
	}
	return SendRecv, false
}

func directionNamed(name string) (Direction, bool) {
	for d := Inactive; d <= SendRecv; d++ {
		if strings.EqualFold(name, d.String()) {
			return d, true
		}
	}
	return SendRecv, false
}

// SetDirection writes the stream's direction: over the attribute it has, or at the end.
func (m *Media) SetDirection(d Direction) {
	for i := range m.Attributes {
		if _, ok := directionNamed(m.Attributes[i].Name); ok {
			m.Attributes[i] = Attribute{Name: d.String()}
			return
		}
	}
	m.Add(d.String(), "")
}

// Direction is the direction that holds for a stream: its own, else the session's, else sendrecv (RFC 3264 §5.1).
func (s *Session) Direction(m *Media) Direction {
	if d, ok := direction(m.Attributes); ok {
		return d
	}
	d, _ := direction(s.Attributes)
	return d
}

// ConnectionOf is the c= line that holds for a stream: its own, else the session's, else the address in o=.
func (s *Session) ConnectionOf(m *Media) Connection {
	if m.Connection != (Connection{}) {
		return m.Connection
	}
	if s.Connection != (Connection{}) {
		return s.Connection
	}
	return Connection{AddrType: s.Origin.AddrType, Address: s.Origin.Address}
}

// RTPAddr is where the sender of the description wants to receive a stream. It is false for a host name, port 0 or no address.
func (s *Session) RTPAddr(m *Media) (netip.AddrPort, bool) {
	a, ok := s.ConnectionOf(m).IP()
	return netip.AddrPortFrom(a, uint16(m.Port)), ok && m.Port > 0
}

// RTCPAddr is where the sender of the description wants to receive a stream's RTCP: a=rtcp if given (RFC 3605), else the next
// port. That it would share the RTP port (a=rtcp-mux) counts only where both say so (RFC 5761 §5.1.1), which one description
// can't tell.
func (s *Session) RTCPAddr(m *Media) (netip.AddrPort, bool) {
	rtp, ok := s.RTPAddr(m)
	if !ok {
		return rtp, false
	}
	port, addr := m.rtcp()
	if port == 0 {
		return netip.AddrPortFrom(rtp.Addr(), rtp.Port()+1), rtp.Port() < 65535
	}
	if !addr.IsValid() {
		addr = rtp.Addr()
	}
	return netip.AddrPortFrom(addr, port), true
}

// OnHold says whether the sender of the description holds a stream: it no longer wants to receive, or its address is
// 0.0.0.0 or :: (the way of RFC 2543, kept by RFC 3264 §8.4). Port 0 is no hold but a stream that is off.
func (s *Session) OnHold(m *Media) bool {
	if m.Rejected() {
		return false
	}
	a, ok := s.ConnectionOf(m).IP()
	return ok && a.IsUnspecified() || !s.Direction(m).Receives()
}

// First returns the first stream of a kind that is not rejected.
func (s *Session) First(kind string) (*Media, bool) {
	for i := range s.Media {
		if m := &s.Media[i]; m.Is(kind) && !m.Rejected() {
			return m, true
		}
	}
	return nil, false
}

// Decline is the answer to a stream that is not wanted: the same line with port 0 (RFC 3264 §6).
func (m *Media) Decline() Media {
	return Media{Kind: m.Kind, Proto: m.Proto, Formats: append([]string(nil), m.Formats...)}
}
