package wire

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"
)

// Each engine hands on what comes to its ports, and nothing once they are closed.
func TestEngines(t *testing.T) {
	for _, name := range []string{Auto, Go} {
		e, err := New(&Options{Engine: name, Coalesce: time.Millisecond, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		type got struct {
			b    []byte
			from netip.AddrPort
		}
		heard := make(chan got, 100)
		local := netip.MustParseAddr("127.0.0.1")
		a, toA := opened(t, e, local, func([]byte, netip.AddrPort, time.Time) {}, nil)
		b, toB := opened(t, e, local, func(b []byte, from netip.AddrPort, _ time.Time) {
			heard <- got{bytes.Clone(b), from}
		}, a)
		for i := range 50 {
			if err := a.Send([]byte{byte(i), 1}, toB); err != nil {
				t.Fatal(err)
			}
			if g := <-heard; g.from != toA || !bytes.Equal(g.b, []byte{byte(i), 1}) {
				t.Fatalf("%s: % x from %v", e.Name(), g.b, g.from)
			}
		}
		for _, p := range []Port{a, b} {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}
		if a.Send([]byte{1}, toB) == nil {
			t.Errorf("%s: a closed port sends", e.Name())
		}
		e.Close()
	}
}

// opened opens a port of a number that is free.
func opened(t *testing.T, e Engine, a netip.Addr, h Handler, near Port) (Port, netip.AddrPort) {
	t.Helper()
	var last error
	for port := uint16(32000); port < 32999; port++ {
		at := netip.AddrPortFrom(a, port)
		p, err := e.Open(At{Addr: at}, h, near)
		if err == nil {
			return p, at
		}
		last = err
	}
	t.Fatal(last)
	return nil, netip.AddrPort{}
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []Options{
		{Engine: "steam"},
		{Engine: Epoll, Listen: func(string, string) (net.PacketConn, error) { return nil, nil }},
	} {
		if e, err := New(&o); err == nil {
			e.Close()
			t.Errorf("%q was taken", o.Engine)
		}
	}
}
