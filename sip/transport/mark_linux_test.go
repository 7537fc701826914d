package transport

import (
	"context"
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// option reads an option of a socket.
func option(t *testing.T, c syscall.Conn, level, name int) int {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	got := -1
	if err := raw.Control(func(fd uintptr) { got, err = unix.GetsockoptInt(int(fd), level, name) }); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestMark: tos_sip and cos_sip are on the sockets of UDP, on what a TCP listener accepts and on what is dialled.
func TestMark(t *testing.T) {
	mark := Mark{TOS: 0x60, Priority: 4}
	refused := func(err error) { t.Error(err) }
	check := func(what string, c syscall.Conn, level, name int) {
		t.Helper()
		if got := option(t, c, level, name); got != mark.TOS {
			t.Errorf("%s: type of service %d, want %d", what, got, mark.TOS)
		}
	}
	for address, opt := range map[string][2]int{
		"127.0.0.1:0": {unix.IPPROTO_IP, unix.IP_TOS}, "[::1]:0": {unix.IPPROTO_IPV6, unix.IPV6_TCLASS},
	} {
		socks, err := Sockets{Address: address, Count: 2, Mark: mark, Unmarked: refused}.Open(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range socks {
			defer s.Close()
			check(address, s.(*net.UDPConn), opt[0], opt[1])
			if got := option(t, s.(*net.UDPConn), unix.SOL_SOCKET, unix.SO_PRIORITY); got != mark.Priority {
				t.Errorf("%s: priority %d", address, got)
			}
		}
	}
	listen := net.ListenConfig{Control: mark.Control(refused)}
	ln, err := listen.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	dial := net.Dialer{Control: mark.Control(refused)}
	out, err := dial.Dial("tcp4", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	in, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	check("dialled", out.(*net.TCPConn), unix.IPPROTO_IP, unix.IP_TOS)
	check("accepted", in.(*net.TCPConn), unix.IPPROTO_IP, unix.IP_TOS)
}

// TestMarkRefused: a mark that can't be set is told, and the socket serves.
func TestMarkRefused(t *testing.T) {
	told := 0
	socks, err := Sockets{Address: "127.0.0.1:0", Mark: Mark{Priority: -70000}, Unmarked: func(error) { told++ }}.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	socks[0].Close()
	if Mark.Control(Mark{}, nil) != nil {
		t.Error("no mark needs no control")
	}
	if told > 1 {
		t.Errorf("told %d times", told)
	}
}
