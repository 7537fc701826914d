package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// fake is a small real server: it registers accounts, checks their digests
// and carries calls from one leg to another.
type fake struct {
	t      *testing.T
	conn   *net.UDPConn
	addr   netip.AddrPort
	refuse string // the account that is always refused
	deaf   int    // how many of the first packets are lost

	mu       sync.Mutex
	contacts map[string]netip.AddrPort
	legs     map[string]fakeLeg // by Call-ID of the outgoing leg
	heard    int
}

// fakeLeg is the caller's INVITE that an outgoing leg belongs to.
type fakeLeg struct {
	invite message
	from   netip.AddrPort
}

func newFake(t *testing.T, set ...func(*fake)) *fake {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, conn: conn, addr: conn.LocalAddr().(*net.UDPAddr).AddrPort(),
		contacts: make(map[string]netip.AddrPort), legs: make(map[string]fakeLeg)}
	for _, one := range set {
		one(f)
	}
	done := make(chan struct{})
	go func() { defer close(done); f.serve() }()
	t.Cleanup(func() { conn.Close(); <-done })
	return f
}

func (f *fake) serve() {
	buf := make([]byte, 65536)
	for {
		n, from, err := f.conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		f.mu.Lock()
		if f.heard++; err == nil && f.heard > f.deaf {
			f.handle(append(message(nil), buf[:n]...), from)
		}
		f.mu.Unlock()
	}
}

func (f *fake) send(b []byte, to netip.AddrPort) {
	if _, err := f.conn.WriteToUDPAddrPort(b, to); err != nil && !errors.Is(err, net.ErrClosed) {
		f.t.Error(err)
	}
}

func (f *fake) handle(m message, from netip.AddrPort) {
	switch {
	case m.status() != 0:
		f.legAnswered(m)
	case m.method() == "REGISTER" || m.method() == "INVITE":
		f.challenged(m, from)
	case m.method() == "BYE":
		f.send(reply(m, "200 OK", "fake", "", ""), from)
		out := strings.Replace(string(m), m.header("Call-ID"), "out-"+m.header("Call-ID"), 1)
		f.send([]byte(out), f.contacts["10001"])
	}
}

func (f *fake) challenged(m message, from netip.AddrPort) {
	const ask = "WWW-Authenticate: Digest algorithm=MD5, realm=\"asterisk\", nonce=\"1234\"\r\n"
	user, _, _ := strings.Cut(strings.TrimPrefix(m.header("From"), "<sip:"), "@")
	given := m.header("Authorization")
	uri := strings.Fields(m.firstLine())[1]
	want := hash(hash(user+":asterisk:pw"+user) + ":1234:" + hash(m.method()+":"+uri))
	switch {
	case given == "":
		f.send(reply(m, "401 Unauthorized", "fake", ask, ""), from)
	case !strings.Contains(given, `response="`+want+`"`) || user == f.refuse:
		f.send(reply(m, "403 Forbidden", "fake", "", ""), from)
	case m.method() == "REGISTER":
		f.contacts[user] = from
		f.send(reply(m, "200 OK", "fake", "Contact: "+m.header("Contact")+"\r\n", ""), from)
	case strings.Contains(uri, stepsExten):
		f.send(reply(m, "486 Busy Here", "fake", "", ""), from)
	default:
		id := "out-" + m.header("Call-ID")
		f.legs[id] = fakeLeg{m, from}
		f.send(fmt.Appendf(nil, "INVITE sip:10001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nFrom: <sip:f@127.0.0.1>;tag=f\r\nTo: <sip:10001@127.0.0.1>\r\nCall-ID: %s\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n", f.addr, id, id), f.contacts["10001"])
	}
}

// legAnswered passes a callee's answer to INVITE on, the 200 twice, as a
// server does that has not heard the ACK yet.
func (f *fake) legAnswered(m message) {
	leg, ok := f.legs[m.header("Call-ID")]
	if !ok || m.method() != "INVITE" {
		return
	}
	_, status, _ := strings.Cut(m.firstLine(), " ")
	answer := reply(leg.invite, status, "fake", "Contact: <sip:fake@"+f.addr.String()+">\r\n", "")
	f.send(answer, leg.from)
	if m.status() == 200 {
		f.send(answer, leg.from)
	}
}
