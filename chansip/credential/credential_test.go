package credential

import (
	"errors"
	"strings"
	"testing"

	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/sip"
)

func settings(t testing.TB, text string) *sipconf.Settings {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("sip.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	set, _ := sipconf.ReadSettings(f, nil, "obelus test")
	return set
}

// challenge is a 401 or 407 of a realm.
func challenge(t testing.TB, status, realm, nonce, more string) *sip.Message {
	t.Helper()
	header := "WWW-Authenticate"
	if status == "407" {
		header = "Proxy-Authenticate"
	}
	text := "SIP/2.0 " + status + " Who\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:1@x>;tag=a\r\nTo: <sip:1@x>\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n" +
		header + `: Digest realm="` + realm + `", nonce="` + nonce + `"` + more + "\r\nContent-Length: 0\r\n\r\n"
	m, err := sip.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestProof has each account prove itself with what sip.conf gives it for a realm.
func TestProof(t *testing.T) {
	const general = "[general]\nauth=everywhere:one@roof\n[authentication]\nauth=hashed#0123456789abcdef0123456789abcdef@hall\n"
	for _, c := range []struct{ name, account, realm, user string }{
		{"secret", "secret=a", "x", "trunk"},
		{"defaultuser", "secret=a\ndefaultuser=me", "x", "me"},
		{"old name", "secret=a\nusername=me", "x", "me"},
		{"remotesecret alone", "remotesecret=a", "x", "trunk"},
		{"md5secret alone", "md5secret=0123456789abcdef0123456789abcdef", "x", "trunk"},
		{"nothing", "defaultuser=me", "x", ""},
		{"by realm", "", "ROOF", "everywhere"},
		{"by realm, hashed", "secret=a", "hall", "hashed"},
		{"its own for the realm", "auth=mine:b@roof", "roof", "mine"},
		{"another realm", "auth=mine:b@roof\nsecret=a", "cellar", "trunk"},
	} {
		set := settings(t, general+"[trunk]\ntype=peer\nhost=10.0.0.1\n"+c.account+"\n")
		_, value, err := Proof(set, set.Peer("trunk"), challenge(t, "401", c.realm, "n", ""), sip.INVITE, "sip:x")
		if c.user == "" {
			if !errors.Is(err, ErrNone) {
				t.Errorf("%s: %q, %v", c.name, value, err)
			}
			continue
		}
		if err != nil || !strings.Contains(value, `username="`+c.user+`"`) {
			t.Errorf("%s: %q, %v", c.name, value, err)
		}
	}
	set := settings(t, general+"[phone]\ntype=friend\nhost=dynamic\nsecret=a\n")
	if _, value, err := Proof(set, set.Peer("phone"), challenge(t, "401", "roof", "n", ""), sip.INVITE, "sip:x"); !errors.Is(err, ErrNone) {
		t.Errorf("a phone of ours is told %q, %v", value, err)
	}
}

// TestProofs has a proxy and its server asked by turns, and nobody for ever.
func TestProofs(t *testing.T) {
	set := settings(t, "[trunk]\ntype=peer\nhost=10.0.0.1\nsecret=a\n")
	var o Proofs
	take := func(m *sip.Message) error { return o.Take(set, set.Peer("trunk"), m, sip.INVITE, "sip:x") }
	if err := take(challenge(t, "407", "proxy", "n1", "")); err != nil {
		t.Fatal(err)
	}
	if err := take(challenge(t, "401", "server", "n2", "")); err != nil {
		t.Fatal(err)
	}
	if err := take(challenge(t, "407", "proxy", "n3", ", stale=TRUE")); err != nil {
		t.Fatal(err)
	}
	var b sip.Builder
	o.Write(&b)
	text := string(b.Bytes())
	if strings.Count(text, "\r\n") != 2 || !strings.Contains(text, "Proxy-Authorization: ") || !strings.Contains(text, `nonce="n3"`) || !strings.Contains(text, `nonce="n2"`) {
		t.Errorf("written is\n%s", text)
	}
	if err := take(challenge(t, "407", "proxy", "n4", ", stale=true")); !errors.Is(err, ErrRefused) {
		t.Errorf("a fourth time: %v", err)
	}
	o = Proofs{}
	if err := take(challenge(t, "401", "server", "n1", "")); err != nil {
		t.Fatal(err)
	}
	if err := take(challenge(t, "401", "server", "n2", "")); !errors.Is(err, ErrRefused) {
		t.Errorf("the same password again: %v", err)
	}
	if err := take(challenge(t, "401", "another", "n3", "")); err != nil {
		t.Errorf("a new realm: %v", err)
	}
}
