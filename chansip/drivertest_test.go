package chansip

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/event"
	"obelus/internal/simnet"
	"obelus/location"
	"obelus/media/rtp"
	"obelus/message"
	"obelus/sip"
	"obelus/sip/digest"
	"obelus/sip/transport"
)

// The addresses of the house under test and of the phones around it.
var (
	houseAddr     = netip.MustParseAddrPort("10.99.0.1:5060")
	houseSix      = netip.MustParseAddrPort("[2001:db8::1]:5060")
	phoneOne      = netip.MustParseAddrPort("10.99.0.2:5070")
	phoneTwo      = netip.MustParseAddrPort("10.99.0.3:5070")
	phoneTwoFlows = netip.MustParseAddrPort("10.99.0.2:5071") // phoneOne's second
	trunkAddr     = netip.MustParseAddrPort("10.99.0.30:5060")
)

// house is a driver on a network in memory, with everything that it needs. To be
// made in a bubble; it ends with the test.
type house struct {
	t     *testing.T
	net   *simnet.Network
	host  *simnet.Host
	d     *Driver
	wire  *transport.Layer
	where *location.Registrar
	bus   *event.Bus
	calls *call.Registry
}

// inHouse runs a test in a bubble, with a house that has this sip.conf. change,
// if not nil, sees the driver's configuration before it is made.
func inHouse(t *testing.T, sipConf string, change func(*Config), test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, sipConf, change)
		defer h.close()
		test(h)
	})
}

func newHouse(t *testing.T, sipConf string, change func(*Config)) *house {
	h := &house{t: t, net: simnet.New(1), bus: &event.Bus{}}
	h.host = h.net.Host("house", houseAddr.Addr(), houseSix.Addr())
	h.net.Capture().OnFailure(t)
	log := slog.New(slog.NewTextHandler(logTo{t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if h.where, err = location.Open(t.Context(), location.Config{Bus: h.bus, Log: log}); err != nil {
		t.Fatal(err)
	}
	plane, err := rtp.New(rtp.Options{Listen: h.host.ListenPacket, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	h.calls = call.NewRegistry(log, h.bus)
	c := Config{
		Settings: readConf(t, sipConf), Location: h.where, Registry: h.calls, Media: plane, Bus: h.bus, Log: log,
		Resolver: &transport.Resolver{DNS: names{}},
		Incoming: func(string, string, int) call.Order { return nil },
		Exists:   func(context, exten, _ string) bool { return context == "my" && exten == "1002" },
		CanMatch: func(string, string, string) bool { return false },
		Text:     func(_ *message.Message, done func(error)) { done(nil) },
	}
	if change != nil {
		change(&c)
	}
	if c.Location != h.where {
		if err := h.where.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.where = c.Location
	}
	h.d = New(c)
	h.wire = transport.New(transport.Options{Handler: h.d, Log: log, Dial: h.host.DialContext, Closed: h.d.Disconnected})
	h.d.Attach(h.wire)
	h.listen()
	h.d.Start()
	return h
}

func (h *house) listen() {
	for _, a := range []netip.AddrPort{houseAddr, houseSix} {
		pc, err := h.host.ListenPacket("udp", a.String())
		if err != nil {
			h.t.Fatal(err)
		}
		h.wire.ServeUDP(pc)
	}
	ln, err := h.host.Listen("tcp", houseAddr.String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.wire.ServeTCP(ln, transport.TCP)
}

func (h *house) close() {
	h.d.Stop()
	h.calls.HangupAll(call.CauseNormalClearing)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := h.calls.Wait(ctx); err != nil {
		h.t.Error("calls did not end:", err)
	}
	h.d.Close()
	h.wire.Close()
	if err := h.d.cfg.Media.Close(); err != nil {
		h.t.Error(err)
	}
	if err := h.where.Close(ctx); err != nil {
		h.t.Error(err)
	}
}

// pass lets time go by, and everything happen that is due.
func (h *house) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// reload gives the house another sip.conf.
func (h *house) reload(sipConf string) { h.d.Reload(readConf(h.t, sipConf)) }

func readConf(t testing.TB, text string) *Settings {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("sip.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	set, _ := sipconf.ReadSettings(f, nil, "obelus test")
	return set
}

// logTo is a test's log as a writer.
type logTo struct{ t testing.TB }

func (l logTo) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// names is a DNS with these hosts.
type names map[string]netip.Addr

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if a, ok := n[host]; ok {
		return []netip.Addr{a}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (n names) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "no such service", Name: name, IsNotFound: true}
}

// withNames has DNS know some hosts.
func withNames(c *Config) {
	c.Resolver = &transport.Resolver{DNS: names{
		"trunk.example": netip.MustParseAddr("10.99.0.30"), "proxy.example": netip.MustParseAddr("10.99.0.41"),
	}}
}

// phone is a telephone that says what it is told to, byte for byte.
type phone struct {
	h    *house
	name string
	addr netip.AddrPort
	to   netip.AddrPort // our address that it talks to
	host *simnet.Host
	pc   net.PacketConn
	conn net.Conn // instead of pc
	in   []byte
	seq  int
}

// phone puts a telephone on the network.
func (h *house) phone(name string, addr netip.AddrPort) *phone {
	h.t.Helper()
	return h.phoneOn(h.net.Host("phone "+name, addr.Addr()), name, addr)
}

// phoneOn puts a telephone on a host; two may share one.
func (h *house) phoneOn(host *simnet.Host, name string, addr netip.AddrPort) *phone {
	h.t.Helper()
	pc, err := host.ListenPacket("udp", addr.String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { pc.Close() })
	return &phone{h: h, name: name, addr: addr, to: houseAddr, host: host, pc: pc}
}

// phoneTCP puts a telephone on the network that has a connection to the house.
func (h *house) phoneTCP(name string, addr netip.Addr) *phone {
	h.t.Helper()
	return h.phoneTCPOn(h.net.Host("phone "+name, addr), name)
}

// phoneTCPOn puts a telephone with a connection on a host.
func (h *house) phoneTCPOn(host *simnet.Host, name string) *phone {
	h.t.Helper()
	conn, err := host.DialContext(h.t.Context(), "tcp", houseAddr.String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	return &phone{h: h, name: name, addr: conn.LocalAddr().(*net.TCPAddr).AddrPort(), host: host, conn: conn}
}

// send sends a message written with plain line ends. Content-Length is added
// where there is no body.
func (p *phone) send(text string) {
	p.h.t.Helper()
	if !strings.Contains(text, "\n\n") {
		text = strings.TrimRight(text, "\n") + "\nContent-Length: 0\n\n"
	}
	p.sendRaw([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
}

func (p *phone) sendRaw(b []byte) {
	p.h.t.Helper()
	var err error
	if p.conn != nil {
		_, err = p.conn.Write(b)
	} else {
		_, err = p.pc.WriteTo(b, net.UDPAddrFromAddrPort(p.to))
	}
	if err != nil {
		p.h.t.Fatal(err)
	}
}

// hear waits for the next message; nil if none comes within that time.
func (p *phone) hear(within time.Duration) *sip.Message {
	p.h.t.Helper()
	b := p.hearRaw(within)
	if b == nil {
		return nil
	}
	m, err := sip.Parse(b)
	if err != nil {
		p.h.t.Fatalf("phone %s heard what is no SIP message: %v\n%s", p.name, err, b)
	}
	return m
}

func (p *phone) hearRaw(within time.Duration) []byte {
	p.h.t.Helper()
	until := time.Now().Add(within)
	buf := make([]byte, 65536)
	if p.conn == nil {
		if err := p.pc.SetReadDeadline(until); err != nil {
			p.h.t.Fatal(err)
		}
		n, _, err := p.pc.ReadFrom(buf)
		if err != nil {
			return nil
		}
		return buf[:n]
	}
	if err := p.conn.SetReadDeadline(until); err != nil {
		p.h.t.Fatal(err)
	}
	for {
		if n, err := sip.Frame(p.in, 65536); err != nil {
			p.h.t.Fatal(err)
		} else if n > 0 {
			b := bytes.Clone(p.in[:n])
			p.in = p.in[n:]
			return b
		}
		n, err := p.conn.Read(buf)
		if err != nil {
			return nil
		}
		p.in = append(p.in, buf[:n]...)
	}
}

// answer waits for a response and fails the test unless it has that status.
func (p *phone) answer(status int) *sip.Message {
	p.h.t.Helper()
	m := p.hear(40 * time.Second)
	if m == nil {
		p.h.t.Fatalf("phone %s waited for %d and heard nothing", p.name, status)
	}
	if m.IsRequest() || m.StatusCode() != status {
		p.h.t.Fatalf("phone %s waited for %d and heard\n%s", p.name, status, m.Bytes())
	}
	return m
}

// asked waits for a request of that method.
func (p *phone) asked(method sip.Method) *sip.Message {
	p.h.t.Helper()
	m := p.hear(2 * time.Minute)
	if m == nil {
		p.h.t.Fatalf("phone %s waited for %s and heard nothing", p.name, method)
	}
	if !m.IsRequest() || m.Method() != method {
		p.h.t.Fatalf("phone %s waited for %s and heard\n%s", p.name, method, m.Bytes())
	}
	return m
}

// silent fails the test if the phone hears anything for that long.
func (p *phone) silent(long time.Duration) {
	p.h.t.Helper()
	if b := p.hearRaw(long); b != nil {
		p.h.t.Fatalf("phone %s should hear nothing, and heard\n%s", p.name, b)
	}
}

// reply answers a request; headers are lines of their own.
func (p *phone) reply(m *sip.Message, status int, headers ...string) {
	p.h.t.Helper()
	var b sip.Builder
	b.Response(m, status, "", sip.Return{}, "phone"+p.name)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		b.Header(name, value)
	}
	p.sendRaw(b.End("", nil))
}

// request sends a request of the phone's account and, where it is asked for it,
// again with a proof. It returns the final response to it. headers are lines;
// "To: ..." replaces the usual one.
func (p *phone) request(method sip.Method, uri, secret string, headers ...string) *sip.Message {
	p.h.t.Helper()
	p.seq++
	callID := fmt.Sprintf("%s-%d@phone", p.name, p.seq)
	text := p.requestText(method, uri, callID, 1, headers...)
	p.send(text)
	m := p.final()
	if m.StatusCode() != 401 || secret == "" {
		return m
	}
	p.send(p.requestText(method, uri, callID, 2, append(headers, p.proof(m, method, uri, secret))...))
	return p.final()
}

// proof is the Authorization line that answers a 401.
func (p *phone) proof(challenge *sip.Message, method sip.Method, uri, secret string) string {
	p.h.t.Helper()
	id, value, err := digest.Respond(challenge, digest.Answer{User: p.name, Secret: secret, Method: method, URI: uri})
	if err != nil {
		p.h.t.Fatal(err)
	}
	return id.String() + ": " + value
}

// final waits for a final response.
func (p *phone) final() *sip.Message {
	p.h.t.Helper()
	for {
		m := p.hear(40 * time.Second)
		if m == nil {
			p.h.t.Fatalf("phone %s waited for an answer and heard nothing", p.name)
		}
		if !m.IsRequest() && m.StatusCode() >= 200 {
			return m
		}
	}
}

func (p *phone) requestText(method sip.Method, uri, callID string, seq int, headers ...string) string {
	proto := "UDP"
	if p.conn != nil {
		proto = "TCP"
	}
	to := "To: <sip:" + p.name + "@10.99.0.1>"
	rest := ""
	for _, h := range headers {
		if strings.HasPrefix(h, "To: ") {
			to = h
		} else {
			rest += h + "\n"
		}
	}
	return fmt.Sprintf("%s %s SIP/2.0\nVia: SIP/2.0/%s %s;branch=z9hG4bK%s.%d;rport\nMax-Forwards: 70\nFrom: <sip:%s@10.99.0.1>;tag=t%s\n%s\nCall-ID: %s\nCSeq: %d %s\n%s",
		method, uri, proto, p.addr, callID, seq, p.name, p.name, to, callID, seq, method, rest)
}

// register registers the phone at its address and fails the test if that is
// refused.
func (p *phone) register(secret string, headers ...string) *sip.Message {
	p.h.t.Helper()
	contact := fmt.Sprintf("Contact: <sip:%s@%s>", p.name, p.addr)
	if p.conn != nil {
		contact = fmt.Sprintf("Contact: <sip:%s@%s;transport=tcp>", p.name, p.addr)
	}
	m := p.request(sip.REGISTER, "sip:10.99.0.1", secret, append([]string{contact}, headers...)...)
	if m.StatusCode() != 200 {
		p.h.t.Fatalf("phone %s could not register:\n%s", p.name, m.Bytes())
	}
	return m
}
