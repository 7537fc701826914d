package main

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestNumbers(t *testing.T) {
	if got, err := numbers("200,1000"); err != nil || len(got) != 2 || got[1] != 1000 {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range []string{"", "0", "3", "2,", "x", "100000"} {
		if _, err := numbers(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestQuantile(t *testing.T) {
	var h histogram
	for i := range 100 {
		h.add(time.Duration(i) * 100 * time.Microsecond)
	}
	if half, most := h.quantile(0.5), h.quantile(0.99); half != 5010*time.Microsecond || most != 9910*time.Microsecond {
		t.Errorf("p50 %v p99 %v", half, most)
	}
	h.add(time.Hour)
	h.add(-time.Hour) // clocks of one machine don't do that, and it must not panic
}

func TestReadAnswer(t *testing.T) {
	var port int
	if err := read("o0 d3:sdp20:m=audio 30004 RTP/AVP6:result2:oke", "ok", &port); err != nil || port != 30004 {
		t.Errorf("%d %v", port, err)
	}
	if err := read("o0 d12:error-reason4:nope6:result5:errore", "ok", &port); err == nil {
		t.Error("an error is taken for an answer")
	}
	if err := read("o0 d6:result2:oke", "ok", &port); err == nil {
		t.Error("an answer without a port is taken")
	}
}

// An answer to an earlier command is not taken for that of this one.
func TestAsk(t *testing.T) {
	server, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		b := make([]byte, 1024)
		n, from, err := server.ReadFrom(b)
		if err != nil || !strings.HasPrefix(string(b[:n]), "c1 d") || !strings.Contains(string(b[:n]), "7:command4:ping") {
			return
		}
		for _, answer := range []string{"c0 d6:result5:errore", "c1 d6:result4:ponge"} {
			_, _ = server.WriteTo([]byte(answer), from)
		}
	}()
	c, err := net.Dial("udp4", server.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := ask(context.Background(), c, "c1", map[string]string{"command": "ping"}, "pong", nil); err != nil {
		t.Error(err)
	}
}

// Two phones that talk without a relay between them: all is heard, and what
// comes from elsewhere is told.
func TestPhones(t *testing.T) {
	l := &lines{phones: make([]phone, 2)}
	var err error
	if l.epoll, err = unix.EpollCreate1(0); err != nil {
		t.Fatal(err)
	}
	defer l.close()
	var at [2]netip.AddrPort
	for i := range l.phones {
		p := &l.phones[i]
		p.fill(uint32(i))
		if err := p.open(netip.MustParseAddrPort("127.0.0.1:0")); err != nil {
			t.Fatal(err)
		}
		sa, err := unix.Getsockname(p.fd)
		if err != nil {
			t.Fatal(err)
		}
		at[i] = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(sa.(*unix.SockaddrInet4).Port))
		if err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, p.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}); err != nil {
			t.Fatal(err)
		}
		l.slot[i] = []int{i}
	}
	l.dial(func(i int) netip.AddrPort { return at[i^1] })
	if err := l.run(context.Background(), 2*frame, true); err != nil {
		t.Fatal(err)
	}
	if l.hear(); l.sent != 4 || l.heard != 4 || l.wrong != 0 {
		t.Errorf("sent %d, heard %d, wrong %d", l.sent, l.heard, l.wrong)
	}
	l.phones[1].relay.Port++
	l.send(&l.phones[0])
	if l.hear(); l.wrong != 1 {
		t.Errorf("a packet from a stranger is not told: %d", l.wrong)
	}
}

func TestTable(t *testing.T) {
	var all results
	direct := result{packets: 1000, half: time.Millisecond, most: 2 * time.Millisecond}
	for _, us := range []int{9, 7, 8} {
		r := direct
		r.cpu = spent{relay: time.Duration(us) * time.Millisecond, whole: time.Duration(us) * time.Millisecond}
		all.add("c", 200, r, direct)
	}
	text := all.table(options{rounds: 3, measured: time.Second})
	if !strings.Contains(text, "8.00 (7.00 to 9.00)") || !strings.Contains(text, "3000") {
		t.Error(text)
	}
}
