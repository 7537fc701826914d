package transport

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/internal/simnet"
	"obelus/sip"
)

// listener is a handler that hears everything from the workers.
type listener func(m *sip.Message, f Flow)

// Inline is false for every message.
func (listener) Inline(*sip.Message) bool { return false }

// Serve hands the message on.
func (h listener) Serve(m *sip.Message, f Flow) { h(m, f) }

// request is an OPTIONS of a call, with a number.
func request(callID string, seq int) string {
	return strings.Replace(strings.Replace(options, "c1", callID, 1), "CSeq: 1 ", fmt.Sprintf("CSeq: %d ", seq), 1)
}

func dialUDP(t *testing.T, to string) net.Conn {
	t.Helper()
	c, err := net.Dial("udp", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func openUDP(t *testing.T, address string, h Handler) *Layer {
	t.Helper()
	socks, err := Sockets{Address: address, Count: 2}.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := New(Options{Handler: h, Log: quiet()})
	t.Cleanup(l.Close)
	for _, s := range socks {
		l.ServeUDP(s)
	}
	return l
}

// A socket that listens everywhere answers from the address that was asked, over IPv4 and on Linux also from one socket of both
// kinds.
func TestAnswersFromTheAddressAsked(t *testing.T) {
	if runtime.GOOS != "linux" {
		// Elsewhere only 127.0.0.1 is there to be asked, and the portable path takes the routing table's word: TestUDP.
		return
	}
	for _, bind := range []string{"0.0.0.0:0", "[::]:0"} {
		l := openUDP(t, bind, echoer{})
		for _, ip := range []string{"127.0.0.1", "127.0.0.2", "127.8.9.1"} {
			to := netip.AddrPortFrom(netip.MustParseAddr(ip), l.sockets[0].bound.Port())
			// A connected socket hears only what comes from the very address it sent to.
			if got := talk(t, dialUDP(t, to.String()), options); !strings.HasPrefix(got, "SIP/2.0 200") {
				t.Errorf("%s on %s: %s", ip, bind, got)
			}
		}
	}
}

// Both sockets that share a port are read; what each peer sends stays in order.
func TestOrderWithinACall(t *testing.T) {
	const calls, each = 20, 50
	var mu sync.Mutex
	last, wrong := make(map[string]uint32), 0
	done := make(chan struct{})
	total := 0
	l := openUDP(t, "127.0.0.1:0", listener(func(m *sip.Message, _ Flow) {
		cseq, err := m.CSeq()
		mu.Lock()
		defer mu.Unlock()
		if err != nil || cseq.Seq != last[m.CallID()]+1 {
			wrong++
		}
		last[m.CallID()] = cseq.Seq
		if total++; total == calls*each {
			close(done)
		}
	}))
	to := l.sockets[0].bound.String()
	c := dialUDP(t, to)
	for seq := 1; seq <= each; seq++ {
		for id := range calls {
			if _, err := c.Write([]byte(request(fmt.Sprint("call", id), seq))); err != nil {
				t.Fatal(err)
			}
		}
		if seq%10 == 0 { // not faster than the socket's buffer
			for l.Counters().Received < uint64(seq*calls) {
				runtime.Gosched()
			}
		}
	}
	<-done
	if wrong != 0 {
		t.Errorf("%d messages were out of order", wrong)
	}
}

// inMemoryUDP is a layer on the portable path and a phone's socket.
func inMemoryUDP(t *testing.T, o Options) (*Layer, net.PacketConn, net.Addr) {
	t.Helper()
	n := simnet.New(3)
	server, phone := n.Host("server", netip.MustParseAddr("192.0.2.1")), n.Host("phone", netip.MustParseAddr("192.0.2.2"))
	ours, err := server.ListenPacket("udp", "192.0.2.1:5060")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := phone.ListenPacket("udp", "192.0.2.2:5062")
	if err != nil {
		t.Fatal(err)
	}
	o.Log = quiet()
	l := New(o)
	l.ServeUDP(ours)
	return l, theirs, ours.LocalAddr()
}

func write(t *testing.T, pc net.PacketConn, to net.Addr, text string) {
	t.Helper()
	if _, err := pc.WriteTo([]byte(text), to); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, pc net.PacketConn) string {
	t.Helper()
	if err := pc.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, _, err := pc.ReadFrom(buf)
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

func TestPortableUDP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, phone, server := inMemoryUDP(t, Options{Handler: echoer{}})
		for _, noise := range []string{"\r\n\r\n", "\x00\x00\x00\x00", "\x00", "\x00\x00\x00\x00\x00\x00\x00\x00\r\n", "jaK"} {
			write(t, phone, server, noise)
		}
		write(t, phone, server, strings.Replace(options, "sip:s SIP", "sip:poison SIP", 1))
		write(t, phone, server, options)
		if got := read(t, phone); !strings.HasPrefix(got, "SIP/2.0 200") {
			t.Errorf("got %q", got)
		}
		if n := l.Counters(); n.KeepAlives != 5 || n.Panics != 1 || n.Received != 2 || n.Sent != 1 {
			t.Errorf("%+v", n)
		}
		l.Close()
		phone.Close()
	})
}

// A request that can be answered is answered, whatever is wrong with it; the rest is dropped.
func TestMalformed(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"wrong CSeq":      {strings.Replace(options, "CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 1), "400"},
		"wrong version":   {strings.Replace(options, "SIP/2.0\r\nVia", "SIP/7.0\r\nVia", 1), "505"},
		"body too short":  {strings.Replace(options, "Content-Length: 0", "Content-Length: 50", 1), "400"},
		"no Call-ID":      {strings.Replace(options, "Call-ID: c1\r\n", "", 1), ""},
		"an ACK":          {strings.ReplaceAll(strings.Replace(options, "SIP/2.0\r\nVia", "SIP/7.0\r\nVia", 1), "OPTIONS", "ACK"), ""},
		"a bad response":  {"SIP/7.0 200 OK" + options[strings.Index(options, "\r\n"):], ""},
		"no SIP at all":   {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", ""},
		"half a header":   {options[:60], ""},
		"only a method":   {"OPTIONS\r\n\r\n", ""},
		"binary rubbish":  {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x5a", ""},
		"an empty method": {" sip:s SIP/2.0" + options[strings.Index(options, "\r\n"):], ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			l, phone, server := inMemoryUDP(t, Options{Handler: echoer{}})
			write(t, phone, server, c.text)
			got := read(t, phone)
			if len(got) > 11 {
				got = got[8:11]
			}
			if got != c.want {
				t.Errorf("%s: answered %q, want %q", name, got, c.want)
			}
			if n := l.Counters(); n.Malformed != 1 {
				t.Errorf("%s: %+v", name, n)
			}
			l.Close()
			phone.Close()
		})
	}
}

// Security class 25: when a worker can't follow, requests are refused without state, and nobody else waits.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		l, phone, server := inMemoryUDP(t, Options{Workers: 1, Queue: 2, Handler: listener(func(*sip.Message, Flow) { <-gate })})
		for seq := range 4 {
			write(t, phone, server, request("busy", seq+1))
			synctest.Wait()
		}
		got := read(t, phone)
		if !strings.HasPrefix(got, "SIP/2.0 503") || !strings.Contains(got, "Retry-After:") || !strings.Contains(got, "rport=5062") {
			t.Errorf("the one too many: %q", got)
		}
		write(t, phone, server, strings.ReplaceAll(request("busy", 9), "OPTIONS", "ACK"))
		if got := read(t, phone); got != "" {
			t.Errorf("an ACK was answered: %s", got)
		}
		if n := l.Counters(); n.Overflow != 2 {
			t.Errorf("%+v", n)
		}
		close(gate)
		l.Close()
		phone.Close()
	})
}

func TestTraceSeesBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, phone, server := inMemoryUDP(t, Options{Handler: echoer{}})
		var mu sync.Mutex
		var seen []string
		l.SetTrace(func(d Direction, f Flow, b []byte) {
			mu.Lock()
			defer mu.Unlock()
			line, _, _ := strings.Cut(string(b), "\r\n")
			seen = append(seen, fmt.Sprint(d == Out, " ", f, " ", line))
		})
		write(t, phone, server, options)
		read(t, phone)
		l.SetTrace(nil)
		write(t, phone, server, options)
		read(t, phone)
		const way = " udp 192.0.2.1:5060 192.0.2.2:5062 "
		want := []string{"false" + way + "OPTIONS sip:s SIP/2.0", "true" + way + "SIP/2.0 200 OK"}
		mu.Lock()
		if strings.Join(seen, "\n") != strings.Join(want, "\n") {
			t.Errorf("seen %q", seen)
		}
		mu.Unlock()
		l.Close()
		phone.Close()
	})
}

func TestUDPFlows(t *testing.T) {
	l := openUDP(t, "127.0.0.1:0", echoer{})
	phone := netip.MustParseAddrPort("127.0.0.1:9")
	f, ok := l.UDP(phone)
	if !ok || f.IsZero() || !f.Alive() || f.Connection() == 0 {
		t.Fatalf("%v %v", f, ok)
	}
	if again, ok := l.Find(f.String()); !ok || again.Remote != phone {
		t.Errorf("found %v %v", again, ok)
	}
	if other := f.To(netip.MustParseAddrPort("127.0.0.1:10")); other.Remote.Port() != 10 || other.Local != f.Local {
		t.Errorf("to another port: %v", other)
	}
	if err := f.Send(make([]byte, maxDatagram+1)); !errors.Is(err, ErrTooBig) {
		t.Errorf("too big a datagram: %v", err)
	}
	for _, wrong := range []string{"192.0.2.1:5060", "[::1]:5060"} {
		if f, ok := l.UDP(netip.MustParseAddrPort(wrong)); ok {
			t.Errorf("a loopback socket reaches %s: %v", wrong, f)
		}
	}
	for _, wrong := range []string{"", "udp", "udp a b", "sctp 127.0.0.1:1 127.0.0.1:2", "tcp 127.0.0.1:1 127.0.0.1:2", "tcp 127.0.0.1:1 127.0.0.1:2 #x", "tcp 127.0.0.1:1 127.0.0.1:2 #99"} {
		if f, ok := l.Find(wrong); ok {
			t.Errorf("%q is found: %v", wrong, f)
		}
	}
	l.Close()
	if f.Alive() || !errors.Is(f.Send([]byte("x")), ErrFlowClosed) {
		t.Error("the flow outlives its socket")
	}
}

// TestUDPFrom has requests leave from the address that the phone registered at, as its NAT lets nobody else in; from another where that
// is no longer ours.
func TestUDPFrom(t *testing.T) {
	l := New(Options{Handler: echoer{}})
	defer l.Close()
	open := func(address string) netip.AddrPort {
		t.Helper()
		socks, err := Sockets{Address: address}.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		l.ServeUDP(socks[0])
		return addrPort(socks[0].LocalAddr())
	}
	first, second := open("127.0.0.1:0"), open("127.0.0.1:0")
	everywhere := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), open("0.0.0.0:0").Port())
	phone := netip.MustParseAddrPort("127.0.0.1:9")
	for _, c := range []struct{ local, want netip.AddrPort }{
		{first, first}, {second, second}, {everywhere, everywhere},
		{netip.AddrPortFrom(netip.MustParseAddr("::ffff:127.0.0.1"), second.Port()), second},
		{netip.MustParseAddrPort("127.0.0.1:1"), first},
		{netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), everywhere.Port()), first},
		{netip.AddrPort{}, first},
	} {
		if f, ok := l.UDPFrom(c.local, phone); !ok || f.Local != c.want || f.Remote != phone {
			t.Errorf("from %v: %v %v, want %v", c.local, f, ok, c.want)
		}
	}
	if f, ok := l.UDPFrom(first, netip.MustParseAddrPort("[2001:db8::1]:5060")); ok {
		t.Errorf("an IPv4 socket reaches an IPv6 phone: %v", f)
	}
}

func TestNoFlow(t *testing.T) {
	var f Flow
	if !f.IsZero() || f.Alive() || f.Connection() != 0 || !errors.Is(f.Send(nil), ErrNoFlow) || !errors.Is(f.Reply(nil), ErrNoFlow) {
		t.Errorf("the flow to nowhere: %v", f)
	}
}

func TestTransportNames(t *testing.T) {
	for _, c := range []struct {
		t        Transport
		name     string
		port     uint16
		reliable bool
		secure   bool
	}{
		{UDP, "UDP", 5060, false, false}, {TCP, "TCP", 5060, true, false}, {TLS, "TLS", 5061, true, true},
		{WS, "WS", 80, true, false}, {WSS, "WSS", 443, true, true},
	} {
		got, ok := ParseTransport(c.t.Param())
		if !ok || got != c.t || c.t.String() != c.name || c.t.DefaultPort() != c.port || c.t.Reliable() != c.reliable || c.t.Secure() != c.secure {
			t.Errorf("%v %v %d %v %v", got, ok, c.t.DefaultPort(), c.t.Reliable(), c.t.Secure())
		}
	}
	for _, wrong := range []string{"", "sctp", "NONE", "udp "} {
		if got, ok := ParseTransport(wrong); ok {
			t.Errorf("%q is %v", wrong, got)
		}
	}
	if Transport(0).String() != "NONE" || Transport(77).String() != "NONE" {
		t.Error("what is no transport has a name")
	}
}

func TestSocketsThatCanNotBe(t *testing.T) {
	for _, address := range []string{"192.0.2.200:5060", "127.0.0.1:99999", "nonsense"} {
		if socks, err := (Sockets{Address: address}).Open(t.Context()); err == nil {
			t.Errorf("%s was opened: %v", address, socks)
		}
	}
	taken, err := Sockets{Address: "127.0.0.1:0"}.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer taken[0].Close()
	if _, err := (Sockets{Address: taken[0].LocalAddr().String(), Count: 2}).Open(t.Context()); err == nil {
		t.Error("a port that somebody else has was opened")
	}
}

// A message served in the reader costs one allocation at most, from the kernel to the kernel: the answer's scratch.
func TestUDPRoundTripAllocates(t *testing.T) {
	socks, err := Sockets{Address: "0.0.0.0:0"}.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := New(Options{Handler: echoer{true}, Log: quiet()})
	defer l.Close()
	l.ServeUDP(socks[0])
	if l.sockets[0].batch == nil && runtime.GOOS == "linux" {
		t.Fatal("not the batched path")
	}
	c := dialUDP(t, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), l.sockets[0].bound.Port()).String())
	out, in := []byte(options), make([]byte, 2048)
	n := testing.AllocsPerRun(200, func() {
		if _, err := c.Write(out); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Read(in); err != nil || !strings.HasPrefix(string(in[:12]), "SIP/2.0 200 ") {
			t.Fatalf("%d %v", n, err)
		}
	})
	if n > 1 {
		t.Errorf("%v allocations a round trip", n)
	}
}

func BenchmarkUDPEcho(b *testing.B) {
	socks, err := Sockets{Address: "127.0.0.1:0"}.Open(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	l := New(Options{Handler: echoer{true}, Log: quiet()})
	defer l.Close()
	l.ServeUDP(socks[0])
	c, err := net.Dial("udp", socks[0].LocalAddr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	buf := make([]byte, 2048)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write([]byte(options)); err != nil {
			b.Fatal(err)
		}
		if _, err := c.Read(buf); err != nil {
			b.Fatal(err)
		}
	}
}
