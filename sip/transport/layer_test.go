package transport

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/internal/simnet"
	"obelus/sip"
)

const options = "OPTIONS sip:s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bK1;rport\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:s>\r\n" +
	"Call-ID: c1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"

// echoer answers 200 to every request; one whose user is "poison" makes it panic.
type echoer struct{ inline bool }

func (e echoer) Inline(*sip.Message) bool { return e.inline }

func (e echoer) Serve(m *sip.Message, f Flow) {
	if !m.IsRequest() {
		return
	}
	if strings.Contains(m.RawURI(), "poison") {
		panic("poisoned")
	}
	var scratch [1024]byte
	b := sip.NewBuilder(scratch[:0])
	b.Response(m, 200, "", sip.Return{Received: f.Remote.Addr(), RPort: f.Remote.Port()}, "t")
	f.Reply(b.End("", nil))
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func talk(t *testing.T, c net.Conn, out string) string {
	t.Helper()
	if _, err := io.WriteString(c, out); err != nil {
		t.Fatal(err)
	}
	return hear(t, c)
}

func hear(t *testing.T, c net.Conn) string {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

func TestUDP(t *testing.T) {
	for _, inline := range []bool{true, false} {
		for _, bind := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
			l := New(Options{Handler: echoer{inline}, Log: quiet()})
			socks, err := Sockets{Address: bind}.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			l.ServeUDP(socks[0])
			port := addrPort(socks[0].LocalAddr()).Port()
			c, err := net.Dial("udp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port).String())
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(c, "\r\n\r\n")
			io.WriteString(c, "hello world\r\n\r\n")
			io.WriteString(c, strings.Replace(options, "sip:s", "sip:poison", 1))
			if got := talk(t, c, options); !strings.HasPrefix(got, "SIP/2.0 200 OK\r\n") || !strings.Contains(got, "received=127.0.0.1") {
				t.Errorf("inline %v on %s: %s", inline, bind, got)
			}
			if n := l.Counters(); n.Panics != 1 || n.KeepAlives != 1 || n.Malformed != 1 {
				t.Errorf("%+v", n)
			}
			f, ok := l.UDP(addrPort(c.LocalAddr()))
			if !ok || f.Local != addrPort(c.RemoteAddr()) || f.Send([]byte("x")) != nil || hear(t, c) != "x" {
				t.Errorf("a flow of our own: %v %v", f, ok)
			}
			l.Close()
			c.Close()
		}
	}
}

func TestInlineUDPAllocates(t *testing.T) {
	l := New(Options{Handler: echoer{true}, Log: quiet()})
	defer l.Close()
	sent := 0
	f := FlowFunc(UDP, netip.MustParseAddrPort("127.0.0.1:5060"), netip.MustParseAddrPort("127.0.0.1:5070"), func([]byte, netip.AddrPort) error {
		sent++
		return nil
	})
	m := new(sip.Message)
	b := []byte(options)
	if n := testing.AllocsPerRun(100, func() { l.take(b, f, m) }); n > 1 {
		t.Errorf("%v allocations to parse, serve and answer", n)
	}
	if sent == 0 {
		t.Error("nothing was answered")
	}
}

// net is a layer at a host of an in-memory network, and a phone that dials it.
func inMemory(t *testing.T, o Options) (*Layer, func() net.Conn) {
	n := simnet.New(1)
	server, phone := n.Host("server", netip.MustParseAddr("192.0.2.1")), n.Host("phone", netip.MustParseAddr("192.0.2.2"))
	ln, err := server.Listen("tcp", "192.0.2.1:5060")
	if err != nil {
		t.Fatal(err)
	}
	o.Log = quiet()
	l := New(o)
	l.ServeTCP(ln, TCP)
	return l, func() net.Conn {
		c, err := phone.DialContext(context.Background(), "tcp", "192.0.2.1:5060")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

func TestStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, dial := inMemory(t, Options{Handler: echoer{}})
		c := dial()
		two := strings.ReplaceAll(options, "UDP", "TCP")
		two += strings.Replace(two, "c1", "c2", 1)
		io.WriteString(c, two[:50])
		time.Sleep(time.Second)
		io.WriteString(c, two[50:])
		got := hear(t, c)
		synctest.Wait()
		if strings.Count(got, "SIP/2.0 200") < 2 {
			got += hear(t, c)
		}
		if strings.Count(got, "SIP/2.0 200") != 2 {
			t.Errorf("two messages in pieces: %s", got)
		}
		if got := talk(t, c, "\r\n\r\n"); got != "\r\n" {
			t.Errorf("a keep-alive is answered %q", got)
		}
		if got := talk(t, c, strings.Replace(options, "CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 1)); !strings.HasPrefix(got, "SIP/2.0 400") {
			t.Errorf("a bad message: %s", got)
		}
		if got := talk(t, c, options); !strings.HasPrefix(got, "SIP/2.0 200") {
			t.Errorf("the connection lives on: %s", got)
		}
		c.Close()
		l.Close()
	})
}

// Security class 3: two lengths could hide a message in another's body.
func TestConflictingLengthsEndTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, dial := inMemory(t, Options{Handler: echoer{}})
		c := dial()
		got := talk(t, c, strings.Replace(options, "Content-Length: 0", "Content-Length: 0\r\nContent-Length: 5", 1)+"smuggled")
		if !strings.HasPrefix(got, "SIP/2.0 400") {
			t.Errorf("got %s", got)
		}
		if _, err := c.Read(make([]byte, 10)); err == nil {
			t.Error("the connection is still there")
		}
		l.Close()
	})
}

// Security class 26: connections that prove nothing end, and are few.
func TestUnprovedConnectionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, dial := inMemory(t, Options{Handler: echoer{}, AuthTimeout: 10 * time.Second, AuthLimit: 3})
		var open []net.Conn
		for range 5 {
			open = append(open, dial())
		}
		synctest.Wait()
		if n := l.Counters(); n.Connections != 3 || n.RefusedConns != 2 {
			t.Errorf("%+v", n)
		}
		io.WriteString(open[0], "OPTIONS sip:s SIP/2.0\r\nVia: ") // and never goes on
		l.mu.Lock()
		var one *stream
		for _, s := range l.conns {
			one = s
		}
		l.mu.Unlock()
		l.Authenticated(one.flow)
		time.Sleep(11 * time.Second)
		if n := l.Counters(); n.Connections != 1 {
			t.Errorf("%d connections are left", n.Connections)
		}
		if f, ok := l.Find(one.flow.String()); !ok || !f.Alive() {
			t.Error("the one that proved itself is gone")
		}
		time.Sleep(messageTime)
		for _, c := range open {
			c.Close()
		}
		l.Close()
		if _, ok := l.Find(one.flow.String()); ok {
			t.Error("a closed flow is found")
		}
	})
}

// Security class 26: a peer that reads nothing costs its own connection.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, dial := inMemory(t, Options{Handler: echoer{}})
		c := dial()
		synctest.Wait()
		l.mu.Lock()
		var one *stream
		for _, s := range l.conns {
			one = s
		}
		l.mu.Unlock()
		big := make([]byte, 32<<10)
		var err error
		for range 10 * writeQueue {
			if err = one.flow.Send(big); err != nil {
				break
			}
		}
		if err == nil || one.alive() {
			t.Errorf("it still lives: %v", err)
		}
		c.Close()
		l.Close()
	})
}

func TestResolve(t *testing.T) {
	r := &Resolver{DNS: fakeDNS{}}
	for uri, want := range map[string]string{
		"sip:1@192.0.2.7":                    "udp 192.0.2.7:5060",
		"sip:1@192.0.2.7:5070;transport=tcp": "tcp 192.0.2.7:5070",
		"sip:1@[2001:db8::1]":                "udp [2001:db8::1]:5060",
		"sip:1@host.example":                 "udp 192.0.2.9:5060",
		"sip:1@service.example":              "udp 192.0.2.9:5080, udp 192.0.2.9:5090",
		"sip:1@service.example:5062":         "udp 192.0.2.9:5062",
	} {
		u, err := sip.ParseURI(uri)
		if err != nil {
			t.Fatal(err)
		}
		targets, err := r.Resolve(t.Context(), u, true)
		var got []string
		for _, x := range targets {
			got = append(got, x.Transport.Param()+" "+x.Addr.String())
		}
		if strings.Join(got, ", ") != want || err != nil {
			t.Errorf("%s: %v %v, want %s", uri, got, err, want)
		}
	}
	u, _ := sip.ParseURI("sip:1@nosuch.example")
	if _, err := r.Resolve(t.Context(), u, true); err == nil {
		t.Error("a host that does not exist is found")
	}
}

type fakeDNS struct{}

func (fakeDNS) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if name != "service.example" || service != "sip" || proto != "udp" {
		return "", nil, &net.DNSError{IsNotFound: true}
	}
	return "", []*net.SRV{{Target: "b.example", Port: 5090, Priority: 2}, {Target: "a.example", Port: 5080, Priority: 1}}, nil
}

func (fakeDNS) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if host == "nosuch.example" {
		return nil, &net.DNSError{IsNotFound: true}
	}
	return []netip.Addr{netip.MustParseAddr("192.0.2.9")}, nil
}
