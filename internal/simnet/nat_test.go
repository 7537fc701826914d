package simnet

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

var (
	natAddr   = netip.MustParseAddr("198.51.100.1")
	phoneAddr = netip.MustParseAddr("10.0.0.2")
)

func TestNATKinds(t *testing.T) {
	for _, c := range []struct {
		kind NATKind
		// who reaches the phone at the mapping it made towards a:1
		peer, samePlace, stranger bool
		oneMapping                bool // is the mapping towards b the same
	}{
		{FullCone, true, true, true, true},
		{Restricted, true, true, false, true},
		{PortRestricted, true, false, false, true},
		{Symmetric, true, false, false, false},
	} {
		t.Run(c.kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := New(1)
				box := n.NAT("box", natAddr, c.kind, time.Minute)
				phone := listenPacket(t, box.Inside().Host("phone", phoneAddr), ":5060")
				ah, bh := n.Host("a", addrA), n.Host("b", addrB)
				a, a2, b := listenPacket(t, ah, ":1"), listenPacket(t, ah, ":2"), listenPacket(t, bh, ":1")
				sendTo(t, phone, "192.0.2.1:1", "hello")
				expect(t, a, "hello<198.51.100.1:20000")
				for _, try := range []struct {
					from   *PacketConn
					passes bool
				}{{a, c.peer}, {a2, c.samePlace}, {b, c.stranger}} {
					sendTo(t, try.from, "198.51.100.1:20000", "hi")
					if try.passes {
						expect(t, phone, "hi<"+udpFrom(try.from))
					} else {
						expect(t, phone)
					}
				}
				sendTo(t, phone, "192.0.2.2:1", "hello")
				want := "hello<198.51.100.1:20001"
				if c.oneMapping {
					want = "hello<198.51.100.1:20000"
				}
				expect(t, b, want)
			})
		})
	}
}

// udpFrom is the address of a socket bound to any, as its peer sees it.
func udpFrom(pc *PacketConn) string {
	return netip.AddrPortFrom(pc.host.Addr(), pc.local.Port()).String()
}

func TestNATMappingTimesOut(t *testing.T) {
	for _, kind := range []NATKind{FullCone, Restricted, PortRestricted, Symmetric} {
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := New(1)
				box := n.NAT("box", natAddr, kind, time.Minute)
				phone := listenPacket(t, box.Inside().Host("phone", phoneAddr), ":5060")
				a := listenPacket(t, n.Host("a", addrA), ":1")
				sendTo(t, phone, "192.0.2.1:1", "1")
				expect(t, a, "1<198.51.100.1:20000")
				time.Sleep(50 * time.Second)
				sendTo(t, phone, "192.0.2.1:1", "kept alive")
				expect(t, a, "kept alive<198.51.100.1:20000")
				time.Sleep(50 * time.Second)
				sendTo(t, a, "198.51.100.1:20000", "in time")
				expect(t, phone, "in time<192.0.2.1:1")
				time.Sleep(10 * time.Second) // what came in did not keep it
				sendTo(t, a, "198.51.100.1:20000", "too late")
				expect(t, phone)
				sendTo(t, phone, "192.0.2.1:1", "new")
				expect(t, a, "new<198.51.100.1:20001")
			})
		})
	}
}

func TestNATWithoutTimeoutAndReboot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		box := n.NAT("box", natAddr, FullCone, 0)
		phone := listenPacket(t, box.Inside().Host("phone", phoneAddr), ":5060")
		a := listenPacket(t, n.Host("a", addrA), ":1")
		sendTo(t, phone, "192.0.2.1:1", "1")
		expect(t, a, "1<198.51.100.1:20000")
		time.Sleep(24 * time.Hour)
		sendTo(t, a, "198.51.100.1:20000", "still")
		expect(t, phone, "still<192.0.2.1:1")
		box.Reboot()
		sendTo(t, a, "198.51.100.1:20000", "gone")
		expect(t, phone)
	})
}

func TestNATHairpinAndTwoLayers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		carrier := n.NAT("carrier", natAddr, FullCone, time.Minute)
		home := carrier.Inside().NAT("home", netip.MustParseAddr("100.64.0.9"), FullCone, time.Minute)
		inner := listenPacket(t, home.Inside().Host("inner", phoneAddr), ":5060")
		outer := listenPacket(t, carrier.Inside().Host("outer", netip.MustParseAddr("100.64.0.2")), ":5060")
		a := listenPacket(t, n.Host("a", addrA), ":1")
		sendTo(t, inner, "192.0.2.1:1", "in")
		sendTo(t, outer, "192.0.2.1:1", "out")
		expect(t, a, "in<198.51.100.1:20000", "out<198.51.100.1:20001")
		sendTo(t, a, "198.51.100.1:20000", "back")
		expect(t, inner, "back<192.0.2.1:1")
		sendTo(t, outer, "198.51.100.1:20000", "hairpin")
		expect(t, inner, "hairpin<198.51.100.1:20001")
		if carrier.Addr() != natAddr {
			t.Error(carrier.Addr())
		}
	})
}

func TestNATForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		box := n.NAT("box", natAddr, Symmetric, time.Minute)
		server := box.Inside().Host("server", phoneAddr)
		box.Forward(5060, netip.AddrPortFrom(phoneAddr, 5060))
		pc, err := server.ListenPacket("udp", "10.0.0.2:5060")
		if err != nil {
			t.Fatal(err)
		}
		s := pc.(*PacketConn)
		ah := n.Host("a", addrA)
		a := listenPacket(t, ah, ":1")
		sendTo(t, a, "198.51.100.1:5060", "call")
		expect(t, s, "call<192.0.2.1:1")
		sendTo(t, s, "192.0.2.1:1", "answer")
		expect(t, a, "answer<198.51.100.1:5060")

		l, err := server.Listen("tcp", ":5060")
		if err != nil {
			t.Fatal(err)
		}
		c, err := ah.DialContext(context.Background(), "tcp", "198.51.100.1:5060")
		if err != nil {
			t.Fatal(err)
		}
		far, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if c.RemoteAddr().String() != "198.51.100.1:5060" || far.LocalAddr().String() != "10.0.0.2:5060" || far.RemoteAddr().String() != c.LocalAddr().String() {
			t.Errorf("near %v %v, far %v %v", c.LocalAddr(), c.RemoteAddr(), far.LocalAddr(), far.RemoteAddr())
		}
	})
}

func TestNATKindNames(t *testing.T) {
	if Symmetric.String() != "symmetric" || NATKind(9).String() != "NATKind(9)" {
		t.Error(Symmetric, NATKind(9))
	}
}
