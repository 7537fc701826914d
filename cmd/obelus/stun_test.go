package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obelus/cmd/obelus/settings"
	"obelus/console"
	"obelus/internal/filetree"
	"obelus/stun"
)

// freePorts are ports that nobody has.
func freePorts(t *testing.T, n int) (out []uint16) {
	for range n {
		pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer pc.Close()
		out = append(out, netip.MustParseAddrPort(pc.LocalAddr().String()).Port())
	}
	return out
}

// asksSTUN has a port of loopback say where we are.
func asksSTUN(t *testing.T, port uint16) {
	t.Helper()
	conn, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(stun.AppendRequest(nil, stun.NewID())); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1500)
	n, err := conn.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	m, err := stun.Parse(b[:n])
	if at, ok := m.Mapped(); err != nil || !ok || at.String() != conn.LocalAddr().String() {
		t.Errorf("port %d says that we are %v: %v", port, at, err)
	}
}

// TestServeSTUN has the whole server answer STUN on the port of [stun], and on that
// of SIP, and ask itself where it is by stunaddr.
func TestServeSTUN(t *testing.T) {
	ports := freePorts(t, 2)
	home := t.TempDir()
	dir := filetree.Write(t, map[string]string{
		"asterisk.conf":   "[directories]\nastdbdir=" + home + "\nastrundir=" + filepath.Join(home, "run") + "\n",
		"sip.conf":        fmt.Sprintf("[general]\nallowguest=no\nudpbindaddr=127.0.0.1:%d\nlocalnet=10.0.0.0/8\nstunaddr=127.0.0.1:%d\n", ports[0], ports[1]),
		"obelus.conf":     fmt.Sprintf("[stun]\nport=%d\n", ports[1]),
		"extensions.conf": "[default]\nexten => s,1,Hangup()\n",
	})
	main := filepath.Join(dir, "asterisk.conf")
	code, out := captured(t, func() int {
		ended := make(chan int, 1)
		go func() { ended <- run("asterisk", []string{"-fC", main}) }()
		if code := awaitServer(t, filepath.Join(home, "run", "asterisk.ctl"), ended); code != 0 {
			return code
		}
		if code := run("asterisk", []string{"-C", main, "-rx", "core waitfullybooted"}); code != 0 {
			return code
		}
		asksSTUN(t, ports[0])
		asksSTUN(t, ports[1])
		awaitShown(t, filepath.Join(home, "run", "asterisk.ctl"), "stun show status", " OK ")
		for _, command := range []string{"stun show server", "stun show status", "core stop now"} {
			if code := run("asterisk", []string{"-C", main, "-rx", command}); code != 0 {
				t.Errorf("%s: exit %d", command, code)
			}
		}
		return <-ended
	})
	if code != 0 {
		t.Errorf("the server: exit %d\n%s", code, out)
	}
	for _, want := range []string{
		fmt.Sprintf("  STUN server   127.0.0.1:%d (UDP)\n", ports[1]), fmt.Sprintf("Listening on:    127.0.0.1:%d\n", ports[1]),
		fmt.Sprintf("127.0.0.1                 %-5d 30      5        OK      127.0.0.1        %d\n", ports[1], ports[0]),
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing:\n%s", want, out)
		}
	}
}

// awaitShown gives a console command until what it prints has a text in it.
func awaitShown(t *testing.T, socket, command, want string) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	var out strings.Builder
	for range 1000 {
		<-again.C
		out.Reset()
		c, err := console.Dial(socket, &out)
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := c.Run(command); err != nil {
			t.Error(err)
		}
		c.Close()
		if strings.Contains(out.String(), want) {
			return
		}
	}
	t.Errorf("%s never says %q:\n%s", command, want, out.String())
}

// TestListenSTUN has the server wired: it answers, from its second port as well,
// goes on where a port is taken, and shows what it did.
func TestListenSTUN(t *testing.T) {
	ports := freePorts(t, 2)
	var said strings.Builder
	s := &server{log: slog.New(slog.NewTextHandler(&said, nil))}
	s.stun = stun.New(stun.Options{Log: s.log})
	defer s.stun.Close()
	home := netip.MustParseAddr("127.0.0.1")
	c := settings.STUN{Enable: true, Port: ports[0], AltPort: ports[1]}
	s.listenSTUN(t.Context(), &c, []netip.AddrPort{netip.AddrPortFrom(home, 5060)})
	if said.Len() > 0 || len(s.stun.Addrs()) != 2 {
		t.Fatalf("it listens on %v: %s", s.stun.Addrs(), said.String())
	}
	asksSTUN(t, ports[0])

	s.listenSTUN(t.Context(), &settings.STUN{Port: ports[1]}, []netip.AddrPort{netip.AddrPortFrom(home, 5060)})
	if !strings.Contains(said.String(), "can't listen here") {
		t.Errorf("a taken port: %q", said.String())
	}
	var shown strings.Builder
	s.showSTUNServer(&shown)
	want := fmt.Sprintf("Listening on:    127.0.0.1:%d, 127.0.0.1:%d\nReceived:        1\nAnswered:        1\n", ports[0], ports[1])
	if !strings.HasPrefix(shown.String(), want) {
		t.Errorf("shown is\n%swant\n%s", shown.String(), want)
	}
	s.stun.Close()
	s.stun = nil
	shown.Reset()
	s.showSTUNServer(&shown)
	if !strings.Contains(shown.String(), "off") {
		t.Errorf("without a server %q", shown.String())
	}
}
