package stun

import (
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"obelus/internal/simnet"
)

// listen opens a socket on the loopback.
func listen(t *testing.T, address string) net.PacketConn {
	t.Helper()
	pc, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	return pc
}

// ask sends a request and waits for the answer, and where it came from.
func ask(t *testing.T, pc net.PacketConn, to net.Addr, request []byte) (Message, netip.AddrPort) {
	t.Helper()
	if _, err := pc.WriteTo(request, to); err != nil {
		t.Fatal(err)
	}
	if err := pc.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1500)
	n, from, err := pc.ReadFrom(b)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(b[:n])
	if err != nil {
		t.Fatal(err)
	}
	return m, addrPort(from)
}

// TestServe has a server on sockets of the system: one address, every address of IPv4, every address of both.
func TestServe(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::]:0"} {
		s := New(Options{Log: quiet()})
		pc := listen(t, address)
		s.Serve(Sockets{Main: pc})
		phone := listen(t, "127.0.0.1:0")
		to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), addrPort(pc.LocalAddr()).Port())
		for _, poison := range [][]byte{nil, []byte("x"), make([]byte, 1400), unhex(t, vectorAnswer4)} {
			if _, err := phone.WriteTo(poison, net.UDPAddrFromAddrPort(to)); err != nil {
				t.Fatal(err)
			}
		}
		id := NewID()
		m, from := ask(t, phone, net.UDPAddrFromAddrPort(to), AppendRequest(nil, id))
		if at, ok := m.Mapped(); !ok || at != addrPort(phone.LocalAddr()) || m.ID != id || from != to {
			t.Errorf("%s: from %v it answers %v", address, from, at)
		}
		if origin, ok := m.Address(ResponseOrigin); ok && origin != to {
			t.Errorf("%s: it says that it is %v", address, origin)
		}
		if len(s.Addrs()) != 1 || s.Addrs()[0] != addrPort(pc.LocalAddr()) {
			t.Errorf("%s: listens on %v", address, s.Addrs())
		}
		phone.Close()
		s.Close()
		if got := s.Stats(); got.Answered != 1 || got.Dropped != 4 {
			t.Errorf("%s: counted %+v", address, got)
		}
		s.Serve(Sockets{Main: listen(t, "127.0.0.1:0")}) // closes it
		s.Close()
	}
}

// TestNATKinds has a client find out, by the tests of RFC 5780, what kind of NAT it is behind.
func TestNATKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind                 simnet.NATKind
		otherBoth, otherPort bool // what gets through from another address and port, from another port
		sameForOther         bool // the mapping is the same for another address
	}{
		{simnet.FullCone, true, true, true},
		{simnet.Restricted, false, true, true},
		{simnet.PortRestricted, false, false, true},
		{simnet.Symmetric, false, false, false},
	} {
		t.Run(c.kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				world := simnet.New(1)
				house := world.Host("house", fourAddrs[0].Addr(), fourAddrs[3].Addr())
				set := [sides]net.PacketConn{}
				for i, a := range fourAddrs {
					pc, err := house.ListenPacket("udp", a.String())
					if err != nil {
						t.Fatal(err)
					}
					set[i] = pc
				}
				s := New(Options{Log: quiet()})
				s.Serve(Sockets{set[0], set[1], set[2], set[3]})
				defer s.Close()
				box := world.NAT("router", netip.MustParseAddr("198.51.100.1"), c.kind, time.Minute)
				pc, err := box.Inside().Host("phone", netip.MustParseAddr("192.168.1.7")).ListenPacket("udp", "192.168.1.7:5060")
				if err != nil {
					t.Fatal(err)
				}
				defer pc.Close()

				m, _ := ask(t, pc, net.UDPAddrFromAddrPort(fourAddrs[0]), request(t, NewID(), ""))
				first, _ := m.Mapped()
				if first.Addr() != box.Addr() {
					t.Fatalf("the phone is told that it is %v", first)
				}
				hears := func(attrs string) bool {
					if _, err := pc.WriteTo(request(t, NewID(), attrs), net.UDPAddrFromAddrPort(fourAddrs[0])); err != nil {
						t.Fatal(err)
					}
					if err := pc.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
						t.Fatal(err)
					}
					_, _, err := pc.ReadFrom(make([]byte, 1500))
					return err == nil
				}
				if got := hears("0003 0004 00000006"); got != c.otherBoth {
					t.Errorf("from another address and port: %v", got)
				}
				if got := hears("0003 0004 00000002"); got != c.otherPort {
					t.Errorf("from another port: %v", got)
				}
				other, _ := m.Address(OtherAddress)
				m, _ = ask(t, pc, net.UDPAddrFromAddrPort(other), request(t, NewID(), ""))
				if second, _ := m.Mapped(); (second == first) != c.sameForOther {
					t.Errorf("mapped to %v and to %v", first, second)
				}
			})
		})
	}
}
