package main

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// TestTexting has a server that answers the first text, loses the second once, and
// delivers one of them twice.
func TestTexting(t *testing.T) {
	server, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	conn, err := net.DialUDP("udp", nil, server.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answered := make(chan string, 4)
	go func() {
		buf := make([]byte, 65536)
		for n := 0; ; n++ {
			size, from, err := server.ReadFromUDP(buf)
			if err != nil {
				return
			}
			m := message(append([]byte(nil), buf[:size]...))
			switch {
			case m.status() != 0:
				answered <- m.firstLine() + " " + m.header("Call-ID")
			case n == 1: // lost
			default:
				fmt.Fprintf(connTo{server, from}, "SIP/2.0 202 Accepted\r\nVia: %s\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n", m.header("Via"))
				if n == 0 {
					for range 2 {
						_, body, _ := strings.Cut(string(m), "\r\n\r\n")
						fmt.Fprintf(connTo{server, from}, "MESSAGE sip:x SIP/2.0\r\nVia: v\r\nFrom: f\r\nTo: t\r\nCall-ID: c\r\nCSeq: 9 MESSAGE\r\n\r\n%s", body)
					}
				}
			}
		}
	}()
	g := &texting{conn: conn, window: 1}
	if err := g.write(t.Context(), accounts(2), 2); err != nil {
		t.Fatal(err)
	}
	if err := g.listen(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if g.heard != 1 || g.resent != 1 || len(g.waiting) != 0 {
		t.Errorf("%d heard, %d sent again, %d wait", g.heard, g.resent, len(g.waiting))
	}
	for range 2 {
		select {
		case a := <-answered:
			if a != "SIP/2.0 200 OK c" {
				t.Errorf("it answers %q", a)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("a text is not answered")
		}
	}
	if g.twice != 1 {
		t.Errorf("%d came twice", g.twice)
	}
}

// connTo writes to one address.
type connTo struct {
	conn *net.UDPConn
	to   *net.UDPAddr
}

func (c connTo) Write(b []byte) (int, error) { return c.conn.WriteToUDP(b, c.to) }
