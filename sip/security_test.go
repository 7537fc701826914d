package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// request returns a valid request with one header replaced or added.
func request(header string) string {
	name, _, _ := strings.Cut(header, ":")
	text := "INVITE sip:1002@example.com SIP/2.0\r\n"
	for _, h := range []string{"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", "From: <sip:1001@example.com>;tag=1",
		"To: <sip:1002@example.com>", "Call-ID: 1", "CSeq: 1 INVITE", "Contact: <sip:1001@192.0.2.1>", "Content-Length: 0"} {
		if own, _, _ := strings.Cut(h, ":"); own != name {
			text += h + "\r\n"
		}
	}
	if header != "" {
		text += header + "\r\n"
	}
	return text + "\r\n"
}

func mustParse(t testing.TB, text string) *Message {
	t.Helper()
	m, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheRequestOfTheseTestsIsValid(t *testing.T) {
	if status, reason := Validate(mustParse(t, request(""))); status != 0 {
		t.Fatal(status, reason)
	}
}

// Class 1: malformed Via, URI, To and Contact crash.
func TestSecurityMalformedAddresses(t *testing.T) {
	values := []string{"", ";", ",", "<", ">", "<>", "\"", "\"\\", "\"a\"", "sip:", "<sip:>", "<sip:@>", "<sip:[>", "<sip:[]>", "sip:%",
		"<sip:a@b", "sip:a@b>", "<<sip:a@b>>", "<sip:a@b>x", "<sip:a@b:99999>", "\"a\" sip:a@b", "<sip:a@b\x01>", "<sip:a@[::1>", "a <b <sip:c>"}
	for _, name := range []string{"From", "To", "Contact"} {
		for _, v := range values {
			m := mustParse(t, request(name+": "+v))
			if status, _ := Validate(m); status != 400 && (name != "Contact" || v != "" && v != ",") {
				t.Errorf("%s: %s: %d", name, v, status)
			}
			walk(m)
		}
	}
	for _, v := range []string{"", ";", ",", "SIP", "SIP/2.0", "SIP/2.0/", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP//UDP h", "SIP/2.0/UDP :5060",
		"SIP/2.0/UDP h:", "SIP/2.0/UDP h:x", "SIP/2.0/UDP [::1", "SIP/2.0/UDP h i", "SIP/2.0/UDP h, x", "/ / h", "SIP/2.0/UDP h,SIP"} {
		m := mustParse(t, request("Via: "+v))
		if status, _ := Validate(m); status != 400 {
			t.Errorf("Via: %s: %d", v, status)
		}
		walk(m)
	}
}

// Class 3: several lengths make a message that two readers cut differently.
func TestSecurityContentLengthSmuggling(t *testing.T) {
	for _, h := range []string{"Content-Length: 0\r\nContent-Length: 4", "Content-Length: 4\r\nl: 4", "Content-Length : 4\r\nL: 0",
		"Content-Length: 4\r\n , 0", "Content-Length: 99999999999999999999", "Content-Length: -1", "Content-Length: 4 4"} {
		text := request(h) + "abcd"
		if status, _ := Validate(mustParse(t, text)); status != 400 {
			t.Errorf("%q: answered %d", h, status)
		}
		if _, err := Frame([]byte(text), MaxMessage); !errors.Is(err, ErrContentLength) {
			t.Errorf("%q: Frame: %v", h, err)
		}
	}
}

// Class 4: a header that hides behind spacing, letter case, its compact form
// or folding is found all the same.
func TestSecurityHeaderSmuggling(t *testing.T) {
	for _, h := range []string{"Refer-To: X", "refer-to:X", "REFER-TO : X", "Refer-To\t: X", "r: X", "R :X", "Refer-To:\r\n X", "Refer-To\r\n : X", "r\r\n\t:\r\n\tX"} {
		m := mustParse(t, request(h))
		if got := m.Value(HeaderReferTo); got != "X" {
			t.Errorf("%q: %q", h, got)
		}
		if got, ok := m.Header("rEFER-tO"); got != "X" || !ok {
			t.Errorf("%q by name: %q", h, got)
		}
	}
	for id := HeaderOther + 1; id < headerCount; id++ {
		if LookupHeader(strings.ToUpper(id.String())) != id || LookupHeader(strings.ToLower(id.String())) != id {
			t.Errorf("%s is not found", id)
		}
	}
	if LookupHeader("\u212aeader") != HeaderOther || LookupHeader("\u212a") != HeaderOther {
		t.Error("a KELVIN SIGN passed for a k")
	}
	for _, bad := range []string{" Refer-To: X", "Refer To: X", "Refer-To\x00: X", "Refer-To X", ": X"} {
		m, err := Parse([]byte("INVITE sip:a SIP/2.0\r\n" + bad + "\r\n" + request("")[37:]))
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := Validate(m); status != 400 {
			t.Errorf("%q: %d", bad, status)
		}
	}
}

// Class 6: headers without bound, long lines, big bodies.
func TestSecurityOversized(t *testing.T) {
	long := strings.Repeat("a", MaxLine)
	tests := []struct {
		name, text string
		want       error
	}{
		{"many headers", request(strings.Repeat("Accept: a/b\r\n", MaxHeaders)), ErrManyHeaders},
		{"long line", request("CSeq: " + long), ErrLineTooLong},
		{"long folded line", request("Contact: a" + strings.Repeat("\r\n "+long[:1000], 9)), ErrLineTooLong},
		{"long start line", "INVITE sip:" + long + " SIP/2.0\r\n\r\n", ErrLineTooLong},
		{"long head", request(strings.Repeat("Route: "+long[:8000]+"\r\n", 9)), ErrHeadTooLong},
		{"big message", request("") + strings.Repeat("a", MaxMessage), ErrTooLarge},
		{"nothing", "", ErrEmpty},
		{"line ends", "\r\n\r\n", ErrEmpty},
		{"noise", "\x00\x01\x02", ErrStartLine},
		{"noise with spaces", "a b", ErrStartLine},
		{"status of four digits", "SIP/2.0 2000 OK\r\n\r\n", ErrStartLine},
		{"status 99", "SIP/2.0 099 OK\r\n\r\n", ErrStartLine},
		{"status that is none", "SIP/2.0\r\n\r\n", ErrStartLine},
	}
	for _, test := range tests {
		if _, err := Parse([]byte(test.text)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	contacts := "Contact: " + strings.TrimSuffix(strings.Repeat("<sip:a@b>,", 800), ",")
	m, n := mustParse(t, request(contacts)), 0
	for _, err := range m.Contacts() {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if n != 800 {
		t.Errorf("%d contacts", n)
	}
}

// Class 7: headers that are missing, empty or half.
func TestSecurityMissingHeaders(t *testing.T) {
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		text := strings.Replace(request(""), "\r\n"+name+":", "\r\nX-Was-"+name+":", 1)
		m := mustParse(t, text)
		if status, reason := Validate(m); status != 400 || reason != "Missing "+name {
			t.Errorf("without %s: %d %s", name, status, reason)
		}
		walk(m)
		if status, _ := Validate(mustParse(t, request(name+":"))); status != 400 {
			t.Errorf("with an empty %s: %d", name, status)
		}
	}
	for id := HeaderOther + 1; id < headerCount; id++ {
		for _, v := range []string{"", ";", "=", ";=;", "\"", ",", "Digest", "Digest ,", "Digest a", "Digest =", "1", "1 ", "1 1"} {
			walk(mustParse(t, request(id.String()+": "+v)))
		}
	}
	walk(&Message{})
	walk(mustParse(t, "SIP/2.0 200 OK"))
}

// Class 31 at its root: control characters from the wire.
func TestSecurityControlCharacters(t *testing.T) {
	for _, h := range []string{"Subject: a\x1b[2J", "Call-ID: a\\\x00b", "From: \"a\x07\" <sip:a@b>;tag=1", "User-Agent: \\\x1b[31m", "Subject: \x7f"} {
		if status, _ := Validate(mustParse(t, request(h))); status != 400 {
			t.Errorf("%q: %d", h, status)
		}
	}
	m := mustParse(t, request("From: \"a\\\x1b[2J\\\x00\" <sip:a@b>;tag=1"))
	if status, reason := Validate(m); status != 0 {
		t.Errorf("a quoted-pair: %d %s", status, reason)
	}
	if from, err := m.From(); err != nil || from.Display != "a [2J " {
		t.Errorf("display name %q, %v", from.Display, err)
	}
	var b Builder
	b.Request("INVITE\r\nX: 1", "sip:a@b\r\nX: 2")
	b.Header("Subject\r\nX", "a\r\nX: 3\x00")
	b.Addr(HeaderTo, NameAddr{Display: "a\"\r\nX: 4", Addr: "sip:a\r\nX: 5"}, "6\r\nX: 7")
	b.Via("UDP\r\nX: 8", "h", 0, "9\r\nX: 10", false)
	b.CSeq(1, "INVITE\r\nX: 11")
	out := mustParse(t, string(b.End("text/plain\r\nX: 12", []byte("a"))))
	if _, found := out.Header("X"); found {
		t.Errorf("a header was smuggled in:\n%s", out.Bytes())
	}
}

// A response never carries what the request claimed of its own source.
func TestSecurityReceivedIsOurs(t *testing.T) {
	m := mustParse(t, request("Via: SIP/2.0/UDP h;rport=1;received=203.0.113.9;branch=z9hG4bK1;Received=2.2.2.2"))
	var b Builder
	b.Response(m, 401, "", Return{netip.MustParseAddr("::ffff:192.0.2.7"), 4000}, "t")
	resp := mustParse(t, string(b.End("", nil)))
	if got, want := resp.Value(HeaderVia), "SIP/2.0/UDP h;branch=z9hG4bK1;received=192.0.2.7;rport=4000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// walk calls everything that can be asked of a message; it must not panic.
func walk(m *Message) {
	Validate(m)
	m.Unsupported()
	m.RequestURI()
	for id := HeaderOther; id <= headerCount; id++ {
		m.Addr(id)
		m.Number(id)
		m.Count(id)
		v := m.Valued(id)
		for range v.Params.All() {
			_ = v.Params.Has("x")
		}
		for a, err := range m.Addrs(id) {
			if u, uerr := a.URI(); err == nil && uerr == nil {
				_ = u.Equal(u)
				_ = u.UserName() + u.Transport() + a.String()
			}
			a.Expires()
		}
		for a := range m.Auths(id) {
			for name := range a.All() {
				a.Get(name)
			}
		}
	}
	for v := range m.Vias() {
		v.RPort()
		_ = v.Branch() + v.Received() + v.MAddr() + string(v.Append(nil))
	}
	m.RAck()
	m.SessionExpires()
	_ = fmt.Sprint(m.Method(), m.ContentType(), m.FromTag(), m.ToTag(), m.CallID(), m.Leniencies())
}
