package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

// TestKnock: a server is alive when it answers, and not when its socket is merely open.
func TestKnock(t *testing.T) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	at := pc.LocalAddr().(*net.UDPAddr).AddrPort()
	if err := knock(t.Context(), at, 30*time.Millisecond); !errors.Is(err, errNoAnswer) {
		t.Errorf("a server that hangs: %v", err)
	}
	go func() {
		b := make([]byte, 2048)
		for n := 0; ; n++ {
			if _, from, err := pc.ReadFrom(b); err != nil {
				return
			} else if n > 0 { // the first is lost
				pc.WriteTo([]byte("SIP/2.0 404 Not Found\r\n\r\n"), from)
			}
		}
	}()
	// Whoever listens on all addresses is asked on loopback.
	for _, a := range []netip.AddrPort{at, netip.AddrPortFrom(netip.IPv4Unspecified(), at.Port())} {
		if err := knock(t.Context(), a, 10*time.Second); err != nil {
			t.Errorf("a server that answers at %s: %v", a, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := knock(ended, at, time.Second); err == nil {
		t.Error("asked after the end")
	}
}
