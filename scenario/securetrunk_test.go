package scenario

import (
	"crypto/tls"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/internal/selfsigned"
	"obelus/sip"
	"obelus/sip/transport"
)

// provider is another server that the house registers with by TLS.
type provider struct {
	came chan *phone // a phone of these tests for each connection
}

var providerAddr = netip.MustParseAddrPort("10.99.0.9:5061")

// provides has a server listen that shows a certificate for a name.
func (h *house) provides(ca *selfsigned.Authority, name string) *provider {
	h.t.Helper()
	host := h.net.Host("provider", providerAddr.Addr())
	ln, err := host.Listen("tcp", providerAddr.String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { ln.Close() })
	pem := ca.Issue(h.t, name)
	own, err := tls.X509KeyPair(pem, pem)
	if err != nil {
		h.t.Fatal(err)
	}
	p := &provider{came: make(chan *phone, 10)}
	go func() {
		for {
			raw, err := ln.Accept()
			if err != nil {
				return
			}
			o := &overTLS{Conn: tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{own}}), came: make(chan []byte, 100)}
			if o.Handshake() != nil {
				raw.Close()
				continue
			}
			go o.read()
			h.t.Cleanup(func() { o.Close() })
			p.came <- &phone{h: h, name: "provider", addr: providerAddr, pc: o, host: host}
		}
	}()
	return p
}

// trunkFiles are the seed's with a provider.
func trunkFiles(t *testing.T) files {
	f := secureFiles(t)
	f.sip = strings.Replace(f.sip, "[general]\n", "[general]\nregister => tls://us:pw@10.99.0.9:5061/1002\n", 1) +
		"\n[provider]\ntype=peer\nhost=10.99.0.9\nport=5061\ntransport=tls\ninsecure=invite\ncontext=my\nencryption=yes\n"
	f.extensions = strings.Replace(f.extensions, "[my]\n", "[my]\nexten => 0,1,Dial(SIP/123@provider)\n", 1)
	return f
}

// TestTLSTrunk registers with a provider by TLS; calls come and go over that
// connection, with SRTP.
func TestTLSTrunk(t *testing.T) {
	inHouse(t, trunkFiles(t), func(h *house) {
		ca := selfsigned.NewAuthority(t)
		h.believe(ca)
		p := h.provides(ca, providerAddr.Addr().String())
		far := <-p.came
		m := far.asked(sip.REGISTER)
		if via := m.Value(sip.HeaderVia); !strings.HasPrefix(via, "SIP/2.0/TLS 10.99.0.1:") || !strings.Contains(m.Value(sip.HeaderContact), ";transport=tls>") {
			t.Errorf("registered by\n%s", m.Bytes())
		}
		far.reply(m, 200, "Expires: 3600")
		two := h.registered("1002", addrTwo)

		in := far.begins("1002")
		in.us, in.body = "<sip:999@10.99.0.9>", far.secured("1")
		in.send(sip.INVITE, in.body)
		far.answer(100)
		m = two.asked(sip.INVITE)
		theirs := two.listens(m)
		two.takes(m)
		ok := in.accepted()
		mine := far.listens(ok).encrypted(t, ok)
		h.pass(time.Second)
		hearEachOther(t, h, mine, theirs)
		in.bye()
		two.reply(two.asked(sip.BYE), 200)
		mine.pc.Close()
		theirs.pc.Close()

		out := two.call("0")
		m = far.asked(sip.INVITE)
		if !strings.HasPrefix(m.RawURI(), "sip:123@10.99.0.9") || !strings.Contains(string(m.Body()), "RTP/SAVP ") {
			t.Errorf("the provider is called by\n%s", m.Bytes())
		}
		far.reply(m, 486)
		far.asked(sip.ACK)
		out.ackRefusal(two.answer(486))
		if n := len(p.came); n > 0 {
			t.Errorf("%d more connections", n)
		}
		h.quiet()
	})
}

// TestTLSTrunkIsProved neither registers with nor calls whoever answers at the
// provider's address without its certificate.
func TestTLSTrunkIsProved(t *testing.T) {
	inHouse(t, trunkFiles(t), func(h *house) {
		ca := selfsigned.NewAuthority(t)
		h.believe(ca)
		p := h.provides(ca, "10.99.0.10")
		two := h.registered("1002", addrTwo)
		h.pass(time.Minute)
		out := two.call("0")
		refusal := two.final()
		if refusal.StatusCode() < 400 {
			t.Errorf("the call was answered\n%s", refusal.Bytes())
		}
		out.ackRefusal(refusal)
		for len(p.came) > 0 {
			if m := (<-p.came).hear(time.Second); m != nil {
				t.Errorf("whoever it is was sent\n%s", m.Bytes())
			}
		}
		h.quiet()
	})
}

// believe has the house believe an authority.
func (h *house) believe(ca *selfsigned.Authority) {
	h.t.Helper()
	file := selfsigned.File(h.t, h.t.TempDir(), "ca.pem", ca.PEM)
	if err := h.certs.Load(transport.TLSOptions{CAFile: file}); err != nil {
		h.t.Fatal(err)
	}
}
