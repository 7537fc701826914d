package scenario

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing/synctest"
	"time"

	"obelus/internal/simnet"
	"obelus/sip"
	"obelus/sip/digest"
)

// phone is a telephone that says what it is told to, byte for byte.
type phone struct {
	h    *house
	name string // its account, and its password
	addr netip.AddrPort
	pc   net.PacketConn
	host *simnet.Host
	to   netip.AddrPort // the house's address outside, for a phone there
	seq  int
}

// house is the address of the house that the phone talks to: of its own family.
func (p *phone) house() netip.AddrPort {
	switch {
	case p.to.IsValid():
		return p.to
	case p.addr.Addr().Is6():
		return houseSix
	}
	return houseAddr
}

// phone puts a telephone on the network.
func (h *house) phone(name string, addr netip.AddrPort) *phone {
	h.t.Helper()
	return h.phoneOn(h.net.Host("phone "+name+" "+addr.Addr().String(), addr.Addr()), name, addr)
}

// phoneOn puts a telephone on a host; two may share one.
func (h *house) phoneOn(host *simnet.Host, name string, addr netip.AddrPort) *phone {
	h.t.Helper()
	pc, err := host.ListenPacket("udp", addr.String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { pc.Close() })
	return &phone{h: h, name: name, addr: addr, pc: pc, host: host}
}

// registered puts a telephone on the network that has registered.
func (h *house) registered(name string, addr netip.AddrPort) *phone {
	h.t.Helper()
	p := h.phone(name, addr)
	p.register()
	return p
}

func (p *phone) register() {
	p.h.t.Helper()
	m := p.request(sip.REGISTER, "sip:10.99.0.1", fmt.Sprintf("Contact: <sip:%s@%s>", p.name, p.addr))
	if m.StatusCode() != 200 {
		p.h.t.Fatalf("phone %s could not register:\n%s", p.name, m.Bytes())
	}
}

// send sends a message written with plain line ends and its body; the
// Content-Length is added.
func (p *phone) send(head string, body string) {
	p.h.t.Helper()
	head = strings.ReplaceAll(strings.TrimRight(head, "\n"), "\n", "\r\n")
	p.sendRaw(fmt.Appendf(nil, "%s\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body))
}

func (p *phone) sendRaw(b []byte) {
	p.h.t.Helper()
	if _, err := p.pc.WriteTo(b, net.UDPAddrFromAddrPort(p.house())); err != nil {
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
	buf := make([]byte, 65536)
	if err := p.pc.SetReadDeadline(time.Now().Add(within)); err != nil {
		p.h.t.Fatal(err)
	}
	n, _, err := p.pc.ReadFrom(buf)
	if err != nil {
		return nil
	}
	return buf[:n]
}

// answer waits for a response and fails the test unless it has that status.
func (p *phone) answer(status int) *sip.Message {
	p.h.t.Helper()
	m := p.hear(2 * time.Minute)
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
	synctest.Wait()
}

// reply answers a request; headers are lines of their own.
func (p *phone) reply(m *sip.Message, status int, headers ...string) {
	p.h.t.Helper()
	p.replyWith(m, status, "phone"+p.name, "", headers...)
}

// replyAs answers a request in words of its own.
func (p *phone) replyAs(m *sip.Message, status int, reason string) {
	p.h.t.Helper()
	var b sip.Builder
	b.Response(m, status, reason, sip.Return{}, "phone"+p.name)
	p.sendRaw(b.End("", nil))
}

// replyWith answers a request with that tag and, if it is not empty, that
// description.
func (p *phone) replyWith(m *sip.Message, status int, tag, body string, headers ...string) {
	p.h.t.Helper()
	var b sip.Builder
	b.Response(m, status, "", sip.Return{}, tag)
	b.Add(sip.HeaderContact, fmt.Sprintf("<sip:%s@%s>", p.name, p.addr))
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		b.Header(name, value)
	}
	if body == "" {
		p.sendRaw(b.End("", nil))
		return
	}
	p.sendRaw(b.End("application/sdp", []byte(body)))
}

// request sends a request of the phone's account outside of a call and, where it
// is asked for it, again with a proof. It returns the final response.
// "To: ..." among the headers replaces the usual one.
func (p *phone) request(method sip.Method, uri string, headers ...string) *sip.Message {
	p.h.t.Helper()
	return p.requestBody(method, uri, "", headers...)
}

func (p *phone) requestBody(method sip.Method, uri, body string, headers ...string) *sip.Message {
	p.h.t.Helper()
	p.seq++
	callID := fmt.Sprintf("%s-%d@%s", p.name, p.seq, p.addr.Addr())
	p.send(p.text(method, uri, callID, 1, headers...), body)
	m := p.final()
	if m.StatusCode() != 401 {
		return m
	}
	p.send(p.text(method, uri, callID, 2, append(headers, p.proof(m, method, uri, p.name))...), body)
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

func (p *phone) text(method sip.Method, uri, callID string, seq int, headers ...string) string {
	to := "To: <sip:" + p.name + "@10.99.0.1>"
	rest := ""
	for _, h := range headers {
		if strings.HasPrefix(h, "To: ") {
			to = h
		} else {
			rest += h + "\n"
		}
	}
	return fmt.Sprintf("%s %s SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s.%d.%s;rport\nMax-Forwards: 70\nFrom: <sip:%s@10.99.0.1>;tag=t%s\n%s\nCall-ID: %s\nCSeq: %d %s\n%s",
		method, uri, p.addr, callID, seq, method, p.name, p.name, to, callID, seq, method, rest)
}
