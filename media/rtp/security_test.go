package rtp

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/packet"
	"obelus/media/wire"
)

// Security classes 21 and 22: what belongs to STUN, DTLS or TURN on a port of
// RTP is no RTP. It is not answered, teaches nothing, and reaches nobody.
func TestSecurity22StunAndDtlsOnMediaPorts(t *testing.T) {
	stun := append([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...) // Binding request, RFC 8489 §5
	hello := append([]byte{22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 1}, make([]byte, 39)...)
	channel := append([]byte{0x40, 0, 0, 172}, make([]byte, 172)...)
	for _, mux := range []bool{false, true} {
		inHouse(t, Options{}, func(h *house) {
			s := h.open(SessionConfig{})
			far := h.leg("198.51.100.99:9000", 9, ulaw)
			check(t, Connect(s, far.s))
			phone, stranger := h.phone("203.0.113.7:61000"), h.phone("203.0.113.66:6666")
			set(t, s.Audio(), Remote{Addr: netip.MustParseAddrPort("10.0.0.9:4000"), Payloads: []Payload{ulaw}, Symmetric: true, Mux: mux})
			flood := func() {
				for range 20 {
					for _, b := range [][]byte{stun, hello, channel} {
						for port := range uint16(2) {
							to := netip.AddrPortFrom(at, uint16(s.Audio().Port())+port)
							_, err := stranger.c.WriteTo(b, net.UDPAddrFromAddrPort(to))
							check(t, err)
						}
					}
				}
				time.Sleep(media.Frame)
			}
			flood() // while learning
			if got := s.Audio().Stats(); got.Learned.IsValid() || got.Malformed == 0 {
				t.Errorf("mux %v: %+v", mux, got)
			}
			phone.voice(s.Audio(), 0, 1).say(10)
			flood() // and behind it
			if got := s.Audio().Stats().Learned; got != phone.addr {
				t.Errorf("mux %v: learned %v", mux, got)
			}
			if n := len(far.e.take()); n != 7 {
				t.Errorf("mux %v: %d packets reached the other phone, want those of the phone", mux, n)
			}
			if n := len(stranger.take()); n != 0 {
				t.Errorf("mux %v: the stranger is answered %d times", mux, n)
			}
		})
	}
}

// Security class 24: ports run out with an error that says what to do; those in
// use go on, and those given back serve again once they have rested. (Ports are
// opened for nobody who has not proved who he is: chansip.)
func TestSecurity24PortsRunOutAndRecover(t *testing.T) {
	inHouse(t, Options{Start: 20000, End: 20019}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, ulaw)
		check(t, Connect(a.s, b.s))
		for round := range 3 {
			var open []*Session
			for {
				s, err := h.plane.Open(SessionConfig{Bind: at})
				if err != nil {
					if !errors.Is(err, ErrNoPort) || !strings.Contains(err.Error(), "widen rtpstart and rtpend") {
						t.Fatalf("err = %v", err)
					}
					break
				}
				open = append(open, s)
			}
			if len(open) != 8 {
				t.Fatalf("round %d: %d sessions beside the call", round, len(open))
			}
			a.v.say(5)
			if n := len(b.e.take()); n != 5 {
				t.Errorf("round %d: %d packets of the call came through", round, n)
			}
			for _, s := range open {
				check(t, s.Close())
			}
			if _, err := h.plane.Open(SessionConfig{Bind: at}); !errors.Is(err, ErrNoPort) {
				t.Errorf("round %d: a port that was just closed was given out: %v", round, err)
			}
			time.Sleep(wire.Rest)
		}
	})
}

// Reports of a symmetric phone behind NAT come from a port that nobody named:
// ours go back there (RFC 4961), those to a phone that is not symmetric stay where
// it wants them.
func TestSymmetricRTCP(t *testing.T) {
	for _, symmetric := range []bool{true, false} {
		inHouse(t, Options{}, func(h *house) {
			s := h.open(SessionConfig{})
			phone := h.phone("203.0.113.7:61000")
			named, mapped := h.phone("203.0.113.7:61001"), h.phone("203.0.113.7:33333")
			set(t, s.Audio(), Remote{Addr: phone.addr, Payloads: []Payload{ulaw}, Symmetric: symmetric})
			phone.voice(s.Audio(), 0, 1).say(5)
			report := []byte{0x80, packet.TypeRR, 0, 1, 0, 0, 0, 1}
			_, err := mapped.c.WriteTo(report, net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, uint16(s.Audio().Port())+1)))
			check(t, err)
			time.Sleep(3 * reportEvery)
			want, other := mapped, named
			if !symmetric {
				want, other = named, mapped
			}
			if n := len(want.take()); n < 2 {
				t.Errorf("symmetric %v: %d reports", symmetric, n)
			}
			if n := len(other.take()); n != 0 {
				t.Errorf("symmetric %v: %d reports to the other port", symmetric, n)
			}
		})
	}
}

// A phone of IPv6 talks to one of IPv4, through the sockets of the kernel; with a
// socket for both families too.
func TestEnginesJoinFamilies(t *testing.T) {
	everyEngine(t, Options{}, func(t *testing.T, p *Plane) {
		for _, c := range []struct{ bindA, phoneA, bindB, phoneB string }{
			{"::1", "::1", "127.0.0.1", "127.0.0.1"},
			{"::1", "::1", "::1", "::1"},
			{"::", "127.0.0.1", "::", "::1"},
		} {
			open := func(bind, phone string) (*Session, *net.UDPConn, netip.AddrPort) {
				local := netip.MustParseAddr(phone)
				u, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0)))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { u.Close() })
				s, err := p.Open(SessionConfig{Bind: netip.MustParseAddr(bind)})
				if err != nil {
					t.Fatal(err)
				}
				set(t, s.Audio(), Remote{Addr: u.LocalAddr().(*net.UDPAddr).AddrPort(), Payloads: []Payload{ulaw}, Signal: local})
				return s, u, netip.AddrPortFrom(local, uint16(s.Audio().Port()))
			}
			a, ua, toA := open(c.bindA, c.phoneA)
			b, ub, toB := open(c.bindB, c.phoneB)
			check(t, Connect(a, b))
			buf := make([]byte, 2000)
			for i := range 20 {
				for _, way := range []struct {
					from, to *net.UDPConn
					at, by   netip.AddrPort
				}{{ua, ub, toA, toB}, {ub, ua, toB, toA}} {
					_, err := way.from.WriteToUDPAddrPort(rtpBytes(packet.Header{Seq: uint16(i), TS: uint32(i), SSRC: 7}, []byte{byte(i)}), way.at)
					check(t, err)
					way.to.SetReadDeadline(time.Now().Add(10 * time.Second))
					n, from, err := way.to.ReadFromUDPAddrPort(buf)
					check(t, err)
					if h, ok := packet.Parse(buf[:n]); !ok || wire.Plain(from) != way.by || buf[h.Start] != byte(i) {
						t.Fatalf("%+v: packet %d came as % x from %v", c, i, buf[:n], from)
					}
				}
			}
			check(t, a.Close())
			check(t, b.Close())
		}
	})
}
