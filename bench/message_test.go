package main

import "testing"

const answer401 = "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 127.0.0.1:5;branch=z9hG4bK1-2-1;received=127.0.0.1\r\n" +
	"Via: SIP/2.0/UDP 127.0.0.2:5\r\nCall-id: x\r\nCSeq: 7 REGISTER\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n" +
	"Contact: \"A\" <sip:a@127.0.0.1:6>;expires=5\r\nContent-Length: 0\r\n\r\nVia: not a header"

func TestMessage(t *testing.T) {
	m := message(answer401)
	if m.status() != 401 || m.method() != "REGISTER" || m.branch() != "1-2-1" || m.header("call-ID") != "x" ||
		len(m.headers("Via")) != 2 || m.target() != "sip:a@127.0.0.1:6" || m.firstLine() != "SIP/2.0 401 Unauthorized" {
		t.Errorf("%d %q %q %q %q %q", m.status(), m.method(), m.branch(), m.header("call-ID"), m.headers("Via"), m.target())
	}
	c, header, err := m.challenge()
	if err != nil || header != "Authorization" || c.realm != "r" || c.nonce != "n" {
		t.Errorf("%+v %s %v", c, header, err)
	}
	if m := message("BYE sip:a@b SIP/2.0\r\nContact: sip:x@y;q=1\r\n\r\n"); m.status() != 0 || m.method() != "BYE" || m.target() != "sip:x@y" || m.header("To") != "" {
		t.Errorf("%d %q %q", m.status(), m.method(), m.target())
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(answer401))
	f.Add([]byte("SIP/2.0 "))
	f.Add([]byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := message(b)
		if s := m.status(); s < -99 || s > 999 {
			t.Errorf("status %d", s)
		}
		_, _, _ = m.challenge()
		_, _, _, _ = m.method(), m.target(), m.branch(), m.firstLine()
	})
}
