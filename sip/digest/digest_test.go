package digest

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func register(t testing.TB, callID string, cseq int, authorization string) *sip.Message {
	t.Helper()
	text := fmt.Sprintf("REGISTER sip:s SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:1001@s>;tag=1\r\nTo: <sip:1001@s>\r\n"+
		"Call-ID: %s\r\nCSeq: %d REGISTER\r\n", callID, cseq)
	if authorization != "" {
		text += "Authorization: " + authorization + "\r\n"
	}
	m, err := sip.Parse([]byte(text + "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// proof answers a challenge the way the notes' phone does.
func prove(t testing.TB, challenge, user, secret string) string {
	t.Helper()
	resp, err := sip.Parse([]byte("SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\n" +
		"Call-ID: c\r\nCSeq: 1 REGISTER\r\nWWW-Authenticate: " + challenge + "\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, value, err := Respond(resp, Answer{User: user, Secret: secret, Method: sip.REGISTER, URI: "sip:s"})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestServer(t *testing.T) {
	s := NewServer(Options{})
	check := func(m *sip.Message, now time.Time) Result {
		return s.Verify(Check{Message: m, Realm: "asterisk", User: "1001", Secret: "1001", Now: now})
	}
	challenge := s.Challenge("asterisk", false, noon)
	if !strings.HasPrefix(challenge, `Digest algorithm=MD5, realm="asterisk", nonce="`) || strings.Contains(challenge, "qop") {
		t.Errorf("challenge %s", challenge)
	}
	good := prove(t, challenge, "1001", "1001")
	steps := []struct {
		what string
		m    *sip.Message
		at   time.Time
		want Result
	}{
		{"no proof", register(t, "a", 1, ""), noon, Missing},
		{"another realm", register(t, "a", 2, strings.Replace(good, "asterisk", "other", 1)), noon, Missing},
		{"the right one", register(t, "a", 3, good), noon, Good},
		{"the same request sent again", register(t, "a", 3, good), noon.Add(time.Second), Good},
		{"the nonce used for another request", register(t, "a", 4, good), noon, Stale},
		{"replayed under another Call-ID", register(t, "b", 3, good), noon, Stale},
		{"wrong password", register(t, "c", 1, prove(t, s.Challenge("asterisk", false, noon), "1001", "guess")), noon, Bad},
		{"another user's name", register(t, "c", 2, prove(t, s.Challenge("asterisk", false, noon), "1002", "1001")), noon, Bad},
		{"too old", register(t, "d", 1, prove(t, s.Challenge("asterisk", false, noon), "1001", "1001")), noon.Add(time.Hour), Stale},
		{"a nonce of nobody's, wrong password", register(t, "e", 1, prove(t, `Digest realm="asterisk", nonce="1cb3a6b9"`, "1001", "x")), noon, Missing},
		{"a nonce of before the restart", register(t, "e", 2, prove(t, `Digest realm="asterisk", nonce="1cb3a6b9"`, "1001", "1001")), noon, Stale},
		{"SHA-256", register(t, "f", 1, prove(t, strings.Replace(s.Challenge("asterisk", false, noon), "MD5", "SHA-256", 1), "1001", "1001")), noon, Good},
		{"qop=auth", register(t, "g", 1, prove(t, s.Challenge("asterisk", false, noon)+`, qop="auth-int, auth"`, "1001", "1001")), noon, Good},
	}
	for _, c := range steps {
		if got := check(c.m, c.at); got != c.want {
			t.Errorf("%s: %d, want %d", c.what, got, c.want)
		}
	}
	sum := md5.Sum([]byte("1001:asterisk:1001"))
	m := register(t, "h", 1, prove(t, s.Challenge("asterisk", true, noon), "1001", "1001"))
	if got := s.Verify(Check{Message: m, Realm: "asterisk", User: "1001", HA1: hex.EncodeToString(sum[:]), Now: noon}); got != Good {
		t.Errorf("md5secret: %d", got)
	}
}

// Class 12 and 17: what was heard on the wire is worth nothing to the listener.
func TestSecurityReplay(t *testing.T) {
	s := NewServer(Options{})
	phone, thief := netip.MustParseAddrPort("192.0.2.1:5060"), netip.MustParseAddrPort("203.0.113.9:5060")
	proof := prove(t, s.Challenge("asterisk", false, noon), "1001", "1001")
	check := func(m *sip.Message, from netip.AddrPort) Result {
		return s.Verify(Check{Message: m, Realm: "asterisk", User: "1001", Secret: "1001", Now: noon, Source: from})
	}
	m := register(t, "a", 3, proof)
	if got := check(m, phone); got != Good {
		t.Fatalf("the phone: %d", got)
	}
	if got := check(m, phone); got != Good {
		t.Errorf("the phone's retransmission: %d", got)
	}
	if got := check(m, thief); got != Stale {
		t.Errorf("the same bytes from elsewhere: %d", got)
	}
	moved, err := sip.Parse([]byte(strings.Replace(string(m.Bytes()), "\r\nCall-ID", "\r\nContact: <sip:x@203.0.113.9>\r\nCall-ID", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []netip.AddrPort{phone, thief} {
		if got := check(moved, from); got != Stale {
			t.Errorf("another Contact under the same Call-ID and CSeq, from %s: %d", from, got)
		}
	}
}

// Class 12: a nonce belongs to its realm's proof, a count is no way round it.
func TestSecurityDowngrade(t *testing.T) {
	s := NewServer(Options{})
	for _, edit := range [][2]string{{"qop=auth", "qop=auth-int"}, {"nc=00000001", "nc=00000000"}, {"nc=00000001", "nc=1"}, {"algorithm=MD5", "algorithm=MD4"},
		{"algorithm=MD5", "algorithm=SHA-256"}, {"qop=auth, nc=00000001", "x=y"}} {
		good := prove(t, s.Challenge("r", false, noon)+`, qop="auth"`, "1001", "1001")
		bad := strings.Replace(good, edit[0], edit[1], 1)
		if bad == good {
			t.Fatalf("%s is not in %s", edit[0], good)
		}
		for _, c := range []Check{{Secret: "1001"}, {HA1: "00000000000000000000000000000000"}, {HA1: "short"}, {Secret: s.Dummy()}} {
			c.Message, c.Realm, c.User, c.Now = register(t, "a", 1, bad), "r", "1001", noon
			if got := s.Verify(c); got == Good || got == Stale {
				t.Errorf("%s: %d", bad, got)
			}
		}
	}
}

// RFC 7616 section 3.9.1: the example with both algorithms.
func TestExampleOfRFC7616(t *testing.T) {
	q := question{user: "Mufasa", realm: "http-auth@example.org", secret: "Circle of Life", method: "GET", uri: "/dir/index.html",
		nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc: "00000001", cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop: "auth"}
	var out [64]byte
	if got := string(out[:q.answer(out[:])]); got != "8ca523f5e9506fed4657c9700eebdbec" {
		t.Errorf("MD5: %s", got)
	}
	q.sha256 = true
	if got := string(out[:q.answer(out[:])]); got != "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" {
		t.Errorf("SHA-256: %s", got)
	}
}

func TestRespondWithHA1(t *testing.T) {
	sum := md5.Sum([]byte("1001:asterisk:1001"))
	resp, err := sip.Parse([]byte("SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest algorithm=SHA-256, realm=\"asterisk\", nonce=\"1\"\r\n" +
		"WWW-Authenticate: Digest algorithm=MD5, realm=\"asterisk\", nonce=\"3ca4c506\"\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, value, err := Respond(resp, Answer{User: "1001", HA1: strings.ToUpper(hex.EncodeToString(sum[:])), Method: sip.REGISTER, URI: "sip:10.99.0.1"})
	if err != nil || !strings.Contains(value, `response="0faf060bc3532f2d039a7f833143b36d"`) {
		t.Errorf("%s, %v", value, err)
	}
}

func TestMACIsHMAC(t *testing.T) {
	key, stamp := [16]byte{1, 2, 3, 255}, [8]byte{9, 8, 7}
	h := hmac.New(sha256.New, key[:])
	h.Write(stamp[:])
	k := newKey(key)
	if got := k.mac(stamp); !hmac.Equal(got[:], h.Sum(nil)) {
		t.Errorf("got %x", got)
	}
}

func TestVerifyAllocatesNothing(t *testing.T) {
	s := NewServer(Options{})
	m := register(t, "a", 1, prove(t, s.Challenge("asterisk", false, noon), "1001", "1001"))
	for _, c := range []Check{{Secret: "1001"}, {HA1: "AB"}, {Secret: s.Dummy()}} {
		c.Message, c.Realm, c.User, c.Now = m, "asterisk", "1001", noon
		if n := testing.AllocsPerRun(100, func() { s.Verify(c) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

// The trace of the notes: what linphonec answered to Asterisk.
func TestKnownAnswer(t *testing.T) {
	q := question{user: "1001", realm: "asterisk", secret: "1001", nonce: "3ca4c506", method: "REGISTER", uri: "sip:10.99.0.1"}
	var out [64]byte
	if got := string(out[:q.answer(out[:])]); got != "0faf060bc3532f2d039a7f833143b36d" {
		t.Errorf("got %s", got)
	}
}

func TestAuthIntAloneIsRefused(t *testing.T) {
	m, err := sip.Parse([]byte("SIP/2.0 407 x\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n" +
		"Proxy-Authenticate: Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\"\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, v, err := Respond(m, Answer{User: "u"}); err == nil {
		t.Errorf("answered %s", v)
	}
}

func TestUsedNoncesAreRemembered(t *testing.T) {
	s := NewServer(Options{})
	first := prove(t, s.Challenge("r", false, noon), "u", "p")
	use := func(p, id string) Result {
		return s.Verify(Check{Message: register(t, id, 1, p), Realm: "r", User: "u", Secret: "p", Now: noon})
	}
	if use(first, "x") != Good {
		t.Fatal("the first use")
	}
	s.serial.Add(ring - 1) // as if that many had been asked
	if use(prove(t, s.Challenge("r", false, noon), "u", "p"), "y") != Good {
		t.Fatal("one that falls into the same place")
	}
	if got := use(first, "z"); got != Stale {
		t.Errorf("one pushed out counts as used, got %d", got)
	}
}

func BenchmarkVerify(b *testing.B) {
	s := NewServer(Options{})
	m := register(b, "a", 1, prove(b, s.Challenge("asterisk", false, noon), "1001", "1001"))
	b.ReportAllocs()
	for b.Loop() {
		s.Verify(Check{Message: m, Realm: "asterisk", User: "1001", Secret: "1001", Now: noon})
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(`Digest username="1001", realm="asterisk", nonce="3ca4c506", uri="sip:x", response="0faf"`)
	f.Add(`Digest realm="asterisk", qop=auth, nonce=` + strings.Repeat("0", nonceLen))
	s := NewServer(Options{})
	f.Fuzz(func(t *testing.T, value string) {
		m, err := sip.Parse([]byte("REGISTER sip:s SIP/2.0\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\nAuthorization: " + value + "\r\n\r\n"))
		if err != nil {
			return
		}
		if s.Verify(Check{Message: m, Realm: "asterisk", User: "1001", Secret: s.Dummy(), Now: noon}) == Good {
			t.Fatal("a guess was right")
		}
	})
}
