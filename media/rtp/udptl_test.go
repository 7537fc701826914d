package rtp

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/learn"
	"obelus/media/wire"
)

// machine is a fax machine: its ear and where it sends.
type machine struct {
	e  *ear
	to netip.AddrPort
	n  uint16
}

// fax gives a leg a fax, and its machine.
func (h *house) fax(l *leg, addr string, symmetric bool, signal string) (*Image, *machine) {
	h.t.Helper()
	im, err := l.s.OpenImage()
	if err != nil {
		h.t.Fatal(err)
	}
	var from netip.Addr
	if signal != "" {
		from = netip.MustParseAddr(signal)
	}
	e := h.phone(addr)
	im.SetRemote(e.addr, symmetric, from)
	return im, &machine{e: e, to: netip.AddrPortFrom(at, uint16(im.Port()))}
}

// sends sends packets of UDPTL with numbers in a row.
func (m *machine) sends(count int) {
	for range count {
		m.e.c.WriteTo([]byte{byte(m.n >> 8), byte(m.n), 2, 0x60, byte(m.n), 0}, net.UDPAddrFromAddrPort(m.to))
		m.n++
		time.Sleep(media.Frame)
	}
}

func (m *machine) as(h *house, addr string) *machine { return &machine{e: h.phone(addr), to: m.to} }

func TestFaxGoesBothWays(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, ulaw)
		check(t, Connect(a.s, b.s))
		ia, ma := h.fax(a, "198.51.100.1:4002", false, "")
		ib, mb := h.fax(b, "198.51.100.2:5002", false, "")
		ma.sends(20)
		mb.sends(10)
		toB, toA := mb.e.take(), ma.e.take()
		if len(toB) != 20 || len(toA) != 10 {
			t.Fatalf("%d and %d packets came through", len(toB), len(toA))
		}
		if want := []byte{0, 19, 2, 0x60, 19, 0}; !bytes.Equal(toB[19].raw, want) || toB[19].from.Port() != uint16(ib.Port()) {
			t.Errorf("the last is %x from port %d, want %x from %d", toB[19].raw, toB[19].from.Port(), want, ib.Port())
		}
		s := ia.Stats()
		if s.PacketsIn != 20 || s.BytesIn != 120 || s.PacketsOut != 10 || s.BytesOut != 60 || s.Learned != ma.e.addr || s.Foreign != 0 {
			t.Errorf("stats %+v", s)
		}
		if a.s.LastReceived() != s.LastReceived || s.LastReceived.IsZero() {
			t.Errorf("a fax is no silence: %v, %v", a.s.LastReceived(), s.LastReceived)
		}
		a.v.say(3) // the sound goes on beside it
		if got := b.e.take(); len(got) != 3 {
			t.Errorf("%d of 3 packets of sound came through", len(got))
		}
		again, err := a.s.OpenImage()
		if err != nil || again != ia || a.s.Image() != ia {
			t.Errorf("opened again: %p, %v, want %p", again, err, ia)
		}
		check(t, a.s.CloseImage())
		check(t, a.s.CloseImage())
		mb.sends(1)
		ma.sends(1)
		if a.s.Image() != nil || len(ma.e.take()) != 0 || len(mb.e.take()) != 0 {
			t.Error("the fax goes on when it is over")
		}
	})
}

// TestSecurityFaxFromElsewhere: class 19, for UDPTL: before, during and after.
func TestSecurityFaxFromElsewhere(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, ulaw)
		check(t, Connect(a.s, b.s))
		ia, ma := h.fax(a, "198.51.100.1:4002", false, "")
		_, mb := h.fax(b, "198.51.100.2:5002", false, "")
		evil := ma.as(h, "203.0.113.9:4002")
		evil.sends(10)
		ma.sends(1)
		evil.sends(10)
		time.Sleep(10 * time.Second)
		evil.sends(10)
		if got := mb.e.take(); len(got) != 1 {
			t.Errorf("%d packets came through, want the machine's", len(got))
		}
		ma.e.c.WriteTo([]byte{0, 1, 1}, net.UDPAddrFromAddrPort(ma.to))
		time.Sleep(media.Frame)
		if s := ia.Stats(); s.Foreign != 30 || s.PacketsIn != 1 || s.Malformed != 1 || s.Learned != ma.e.addr {
			t.Errorf("stats %+v", s)
		}
	})
}

// TestFaxBehindNAT has a machine that names a private address be learned: at once
// from where it calls from, from elsewhere after a run.
func TestFaxBehindNAT(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, ulaw)
		check(t, Connect(a.s, b.s))
		ia, inside := h.fax(a, "10.0.0.5:4002", true, "203.0.113.7")
		_, mb := h.fax(b, "198.51.100.2:5002", true, "")
		outside := inside.as(h, "203.0.113.7:61000")
		outside.sends(1)
		mb.sends(1)
		if len(mb.e.take()) != 1 || len(outside.e.take()) != 1 || len(inside.e.take()) != 0 {
			t.Errorf("not learned at once: %+v", ia.Stats())
		}
		moved := inside.as(h, "203.0.113.8:7000")
		moved.sends(10)
		if got := mb.e.take(); len(got) != 0 {
			t.Errorf("%d packets of another came through while the first speaks", len(got))
		}
		time.Sleep(learn.Silence)
		moved.sends(learn.FaxRun - 1)
		if got := mb.e.take(); len(got) != 0 {
			t.Errorf("%d packets came through before a run", len(got))
		}
		moved.sends(2)
		mb.sends(1)
		if len(mb.e.take()) != 2 || len(moved.e.take()) != 1 {
			t.Errorf("not learned after a run: %+v", ia.Stats())
		}
		moved.n += 5
		moved.sends(1)
		if got := mb.e.take(); len(got) != 1 {
			t.Error("a gap of the numbers of who is learned is a fault")
		}
	})
}

// TestSecurityFaxReflection: class 20: an address that nobody sends from gets a
// bounded number of packets.
func TestSecurityFaxReflection(t *testing.T) {
	inHouse(t, Options{Unproven: 7}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, ulaw)
		check(t, Connect(a.s, b.s))
		_, ma := h.fax(a, "198.51.100.1:4002", false, "")
		ib, victim := h.fax(b, "203.0.113.9:53", false, "")
		ma.sends(20)
		if got := victim.e.take(); len(got) != 7 {
			t.Errorf("the victim got %d packets, want 7", len(got))
		}
		if s := ib.Stats(); s.Withheld != 13 {
			t.Errorf("stats %+v", s)
		}
		victim.sends(1)
		ma.sends(20)
		if got := victim.e.take(); len(got) != 20 {
			t.Errorf("who speaks got %d packets, want 20", len(got))
		}
	})
}

func TestFaxOfAClosedSession(t *testing.T) {
	inHouse(t, Options{Start: 20000, End: 20005}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		im, _ := h.fax(a, "198.51.100.1:4002", false, "")
		b := h.open(SessionConfig{})
		if _, err := b.OpenImage(); !errors.Is(err, ErrNoPort) {
			t.Errorf("a fourth pair of three: %v", err)
		}
		check(t, a.s.Close())
		if _, err := a.s.OpenImage(); !errors.Is(err, ErrClosed) {
			t.Errorf("opened in a closed session: %v", err)
		}
		im.send([]byte{0, 1, 1, 0}) // late, and no fault
		time.Sleep(wire.Rest)
		if _, err := b.OpenImage(); err != nil {
			t.Errorf("the port was not given back: %v", err)
		}
	})
}

// TestFaxTakesNoMemory counts what a packet on its way takes.
func TestFaxTakesNoMemory(t *testing.T) {
	plane, err := New(Options{Engine: EngineGo, Listen: func(string, string) (net.PacketConn, error) { return silentConn{}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	var images [2]*Image
	var sessions [2]*Session
	for i := range images {
		if sessions[i], err = plane.Open(SessionConfig{}); err != nil {
			t.Fatal(err)
		}
		if images[i], err = sessions[i].OpenImage(); err != nil {
			t.Fatal(err)
		}
		images[i].SetRemote(netip.AddrPortFrom(at, uint16(4000+i)), false, netip.Addr{})
	}
	check(t, Connect(sessions[0], sessions[1]))
	images[1].packet([]byte{0, 1, 1, 0}, netip.AddrPortFrom(at, 4001), time.Now())
	b, from, now := []byte{0, 1, 2, 3, 4, 5}, netip.AddrPortFrom(at, 4000), time.Now()
	if n := testing.AllocsPerRun(100, func() { images[0].packet(b, from, now) }); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
	if s := images[1].Stats(); s.PacketsOut < 100 {
		t.Errorf("stats %+v", s)
	}
}

// silentConn is a port where nothing comes and all can be sent.
type silentConn struct{ net.PacketConn }

func (silentConn) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	return 0, netip.AddrPort{}, net.ErrClosed
}
func (silentConn) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) { return len(b), nil }
func (silentConn) Close() error                                               { return nil }
