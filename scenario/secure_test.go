package scenario

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pion/srtp/v3"

	"obelus/internal/selfsigned"
	"obelus/sip"
	"obelus/sip/sdp"
	"obelus/sip/transport"
)

// houseTLS is where the house listens for TLS.
var houseTLS = netip.AddrPortFrom(houseAddr.Addr(), 5061)

// listenTLS gives the house a certificate, and returns whom phones are to believe.
func (h *house) listenTLS() *selfsigned.Authority {
	h.t.Helper()
	ca := selfsigned.NewAuthority(h.t)
	cert := selfsigned.File(h.t, h.t.TempDir(), "house.pem", ca.Issue(h.t, houseAddr.Addr().String()))
	if err := h.certs.Load(transport.TLSOptions{Cert: cert}); err != nil {
		h.t.Fatal(err)
	}
	ln, err := h.host.Listen("tcp", houseTLS.String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.wire.ServeTCP(ln, transport.TLS)
	return ca
}

// overTLS is a phone's connection as the socket that a phone of these tests has:
// one message a packet.
type overTLS struct {
	*tls.Conn
	came     chan []byte
	deadline time.Time
}

// read cuts what comes into messages.
func (o *overTLS) read() {
	defer close(o.came)
	var kept []byte
	buf := make([]byte, 8192)
	for {
		n, err := o.Read(buf)
		if err != nil {
			return
		}
		kept = append(kept, buf[:n]...)
		for {
			n, err := sip.Frame(kept, 65536)
			if n == 0 || err != nil {
				break
			}
			o.came <- bytes.Clone(kept[:n])
			kept = kept[n:]
		}
	}
}

func (o *overTLS) ReadFrom(b []byte) (int, net.Addr, error) {
	wait := time.NewTimer(time.Until(o.deadline))
	defer wait.Stop()
	select {
	case m, ok := <-o.came:
		if !ok {
			return 0, nil, net.ErrClosed
		}
		return copy(b, m), o.RemoteAddr(), nil
	case <-wait.C:
		return 0, nil, os.ErrDeadlineExceeded
	}
}

func (o *overTLS) SetReadDeadline(t time.Time) error { o.deadline = t; return nil }

func (o *overTLS) WriteTo(b []byte, _ net.Addr) (int, error) {
	return o.Write(bytes.Replace(b, []byte("SIP/2.0/UDP"), []byte("SIP/2.0/TLS"), 1))
}

// connected puts a telephone on the network that has registered by TLS.
func (h *house) connected(name string, addr netip.AddrPort, ca *selfsigned.Authority) *phone {
	h.t.Helper()
	host := h.net.Host("phone "+name, addr.Addr())
	raw, err := host.DialContext(h.t.Context(), "tcp", houseTLS.String())
	if err != nil {
		h.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM)
	o := &overTLS{Conn: tls.Client(raw, &tls.Config{RootCAs: roots, ServerName: houseAddr.Addr().String()}), came: make(chan []byte, 100)}
	if err := o.Handshake(); err != nil {
		h.t.Fatal(err)
	}
	go o.read()
	h.t.Cleanup(func() { o.Close() })
	p := &phone{h: h, name: name, addr: addr, pc: o, host: host}
	p.register()
	return p
}

// phoneKey is what the phone with SRTP says of its key.
var phoneKey = bytes.Repeat([]byte{7}, 30)

const suite = "AES_CM_128_HMAC_SHA1_80"

// secured is a phone's description with SRTP.
func (p *phone) secured(tag string) string {
	var m sdp.Media
	m.AddCrypto(sdp.NewCrypto(tag, suite, phoneKey))
	return strings.Replace(p.description("a=crypto:"+m.Attributes[0].Value), "RTP/AVP", "RTP/SAVP", 1)
}

// cipherPort is a port of a phone that does SRTP.
type cipherPort struct {
	net.PacketConn
	out, in *srtp.Context
}

// encrypted has a phone's ear do SRTP, with the house's key from a description.
func (e *ear) encrypted(t *testing.T, m *sip.Message) *ear {
	t.Helper()
	s, err := sdp.Parse(m.Body())
	if err != nil {
		t.Fatal(err)
	}
	audio, ok := s.First("audio")
	if !ok || audio.Proto != "RTP/SAVP" || len(audio.Cryptos()) == 0 {
		t.Fatalf("no SRTP in\n%s", m.Bytes())
	}
	theirs, _, err := audio.Cryptos()[0].Key()
	if err != nil {
		t.Fatal(err)
	}
	context := func(key []byte) *srtp.Context {
		c, err := srtp.CreateContext(key[:16], key[16:], srtp.ProtectionProfileAes128CmHmacSha1_80)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	e.pc = &cipherPort{e.pc, context(phoneKey), context(theirs)}
	return e
}

func (c *cipherPort) WriteTo(b []byte, to net.Addr) (int, error) {
	b, err := c.out.EncryptRTP(nil, b, nil)
	if err != nil {
		return 0, err
	}
	return c.PacketConn.WriteTo(b, to)
}

func (c *cipherPort) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	if err != nil || n > 1 && b[1] >= 192 && b[1] <= 223 {
		return n, from, err
	}
	plain, err := c.in.DecryptRTP(nil, b[:n], nil)
	return copy(b, plain), from, err
}

// hearEachOther has both phones speak and hear.
func hearEachOther(t *testing.T, h *house, one, two *ear) {
	t.Helper()
	for i := range uint16(10) {
		one.says(t, i, 0x11)
		two.says(t, i, 0x22)
		h.pass(20 * time.Millisecond)
	}
	for who, c := range map[string]struct {
		*ear
		sample byte
	}{"the first": {one, 0x22}, "the second": {two, 0x11}} {
		heard := c.hears(t, 0, time.Second)
		if len(heard) < 9 || heard[5][80] != c.sample {
			t.Errorf("%s heard %d packets", who, len(heard))
		}
	}
}

// secureFiles are the seed's with an account that insists on SRTP.
func secureFiles(t *testing.T) files {
	f := seed(t)
	f.extensions = strings.Replace(f.extensions, "[my]\n", "[my]\nexten => secure,1,Answer()\nsame => n,SendText(${CHANNEL(secure_signaling)}+${CHANNEL(secure_media)})\nsame => n,Wait(2)\n", 1)
	f.sip = strings.Replace(f.sip, "[1001]\n", "[1001]\nencryption=yes\n", 1)
	return f
}

// TestSecureCalls has a phone with TLS and SRTP and a plain one call each other, and
// send texts.
func TestSecureCalls(t *testing.T) {
	inHouse(t, secureFiles(t), func(h *house) {
		ca := h.listenTLS()
		one, two := h.connected("1001", addrOne, ca), h.registered("1002", addrTwo)

		caller := one.begins("1002")
		caller.body = one.secured("3")
		caller.invites()
		one.answer(100)
		m := two.asked(sip.INVITE)
		if body := string(m.Body()); !strings.Contains(body, "RTP/AVP ") || strings.Contains(body, "crypto") {
			t.Errorf("the plain phone is offered\n%s", body)
		}
		theirs := two.listens(m)
		two.takes(m)
		ok := caller.accepted()
		if via, contact := ok.Value(sip.HeaderVia), ok.Value(sip.HeaderContact); !strings.HasPrefix(via, "SIP/2.0/TLS ") ||
			!strings.Contains(contact, "10.99.0.1:5061;transport=tls") || !strings.Contains(string(ok.Body()), "a=crypto:3 "+suite+" inline:") {
			t.Errorf("the phone with TLS is told\n%s", ok.Bytes())
		}
		mine := one.listens(ok).encrypted(t, ok)
		h.pass(time.Second)
		hearEachOther(t, h, mine, theirs)
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		mine.pc.Close()
		theirs.pc.Close()

		back := two.call("1001")
		m = one.asked(sip.INVITE)
		if !strings.HasPrefix(m.Value(sip.HeaderVia), "SIP/2.0/TLS 10.99.0.1:5061") || !strings.Contains(m.Value(sip.HeaderContact), ";transport=tls") {
			t.Errorf("the phone with TLS is called by\n%s", m.Bytes())
		}
		mine = one.listens(m).encrypted(t, m)
		callee := one.called(m, "callee1001")
		one.replyWith(m, 200, callee.ourTag, one.secured("1"))
		one.asked(sip.ACK)
		theirs = two.listens(back.accepted())
		h.pass(time.Second)
		hearEachOther(t, h, mine, theirs)
		callee.bye()
		two.reply(two.asked(sip.BYE), 200)

		text := two.requestBody(sip.MESSAGE, "sip:1001@10.99.0.1", "hello", "To: <sip:1001@10.99.0.1>", "Content-Type: text/plain")
		if text.StatusCode() != 202 {
			t.Errorf("the text was answered\n%s", text.Bytes())
		}
		m = one.asked(sip.MESSAGE)
		if string(m.Body()) != "hello" || !strings.HasPrefix(m.Value(sip.HeaderVia), "SIP/2.0/TLS ") {
			t.Errorf("the phone with TLS is sent\n%s", m.Bytes())
		}
		one.reply(m, 200)
		h.quiet()
	})
}

// TestEncryptionIsInsistedOn refuses a plain call of an account that insists on
// SRTP, and one to it that its phone takes without.
func TestEncryptionIsInsistedOn(t *testing.T) {
	inHouse(t, secureFiles(t), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.begins("1002").invites()
		caller.ackRefusal(one.answer(488))

		back := two.call("1001")
		m := one.asked(sip.INVITE)
		if !strings.Contains(string(m.Body()), "RTP/SAVP ") {
			t.Errorf("offered\n%s", m.Body())
		}
		one.replyWith(m, 200, "callee", one.description())
		one.asked(sip.ACK)
		one.reply(one.asked(sip.BYE), 200)
		refusal := two.final()
		if refusal.StatusCode() < 400 || !strings.Contains(string(refusal.Bytes()), "X-Asterisk-HangupCauseCode: 58") {
			t.Errorf("the caller is told\n%s", refusal.Bytes())
		}
		back.ackRefusal(refusal)
		h.quiet()
	})
}

// TestSecureIsTold has the dialplan ask a channel whether it is encrypted, and the
// console show it.
func TestSecureIsTold(t *testing.T) {
	inHouse(t, secureFiles(t), func(h *house) {
		ca := h.listenTLS()
		one, two := h.connected("1001", addrOne, ca), h.registered("1002", addrTwo)
		for _, c := range []struct {
			*phone
			body, told, shown string
		}{{one, one.secured("1"), "1+1", "SRTP, " + suite}, {two, two.description(), "+", "RTP"}} {
			caller := c.begins("secure")
			caller.body = c.body
			caller.invites()
			c.answer(100)
			caller.accepted()
			m := c.asked(sip.MESSAGE)
			if string(m.Body()) != c.told {
				t.Errorf("phone %s is told %q", c.name, m.Body())
			}
			var out strings.Builder
			h.sip.ShowChannel(&out, caller.callID)
			if !strings.Contains(out.String(), "Media:                  "+c.shown+"\n") {
				t.Errorf("shown is\n%s", &out)
			}
			c.reply(m, 200)
			c.reply(c.asked(sip.BYE), 200)
		}
		for name, word := range map[string]string{"1001": "Yes", "1002": "No"} {
			var out strings.Builder
			h.sip.ShowPeer(&out, name)
			if !strings.Contains(out.String(), "  Encryption   : "+word+"\n") {
				t.Errorf("shown is\n%s", &out)
			}
		}
		h.quiet()
	})
}

// TestSips has a phone call a sips: URI, and be called at the one that it registered
// (RFC 3261 section 26.2.2).
func TestSips(t *testing.T) {
	inHouse(t, seed(t), func(h *house) {
		ca := h.listenTLS()
		one, two := h.connected("1001", addrOne, ca), h.registered("1002", addrTwo)
		if m := one.request(sip.REGISTER, "sips:10.99.0.1", "Contact: <sips:1001@10.99.0.2:5070>"); m.StatusCode() != 200 ||
			!strings.Contains(m.Value(sip.HeaderContact), "<sips:1001@10.99.0.2:5070>") {
			t.Errorf("registered\n%s", m.Bytes())
		}
		caller := one.begins("1002")
		caller.target = "sips:1002@10.99.0.1"
		caller.invites()
		one.answer(100)
		two.takes(two.asked(sip.INVITE))
		if c := caller.accepted().Value(sip.HeaderContact); !strings.HasPrefix(c, "<sips:1002@10.99.0.1:5061") {
			t.Errorf("our Contact is %s", c)
		}
		h.pass(time.Second)
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)

		back := two.call("1001")
		m := one.asked(sip.INVITE)
		if m.RawURI() != "sips:1001@10.99.0.2:5070" || !strings.HasPrefix(m.Value(sip.HeaderVia), "SIP/2.0/TLS ") ||
			!strings.HasPrefix(m.Value(sip.HeaderContact), "<sips:1002@") {
			t.Errorf("called by\n%s", m.Bytes())
		}
		one.takes(m)
		back.accepted()
		h.pass(time.Second)
		back.bye()
		one.reply(one.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestSecurity40OnlyTLS has an account with transport=tls register by TLS alone, and
// lets nobody know whether there is such an account.
func TestSecurity40OnlyTLS(t *testing.T) {
	f := seed(t)
	f.sip = strings.Replace(f.sip, "[1001]\n", "[1001]\ntransport=tls\n", 1)
	inHouse(t, f, func(h *house) {
		ca := h.listenTLS()
		plain := h.phone("1001", addrThree)
		plain.send(plain.text(sip.REGISTER, "sip:10.99.0.1", "probe", 1, "Contact: <sip:1001@10.99.0.4:5070>"), "")
		if m := plain.final(); m.StatusCode() != 401 {
			t.Errorf("without a proof:\n%s", m.Bytes())
		}
		if m := plain.request(sip.REGISTER, "sip:10.99.0.1", "Contact: <sip:1001@10.99.0.4:5070>"); m.StatusCode() != 403 {
			t.Errorf("over UDP:\n%s", m.Bytes())
		}
		one, two := h.connected("1001", addrOne, ca), h.registered("1002", addrTwo)
		caller := two.call("1001")
		one.takes(one.asked(sip.INVITE))
		caller.accepted()
		h.pass(time.Second)
		caller.bye()
		one.reply(one.asked(sip.BYE), 200)
		h.quiet()
	})
}
