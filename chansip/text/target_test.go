package text

import (
	"errors"
	"strings"
	"testing"

	"obelus/message"
	"obelus/sip"
)

// TestReadAddress reads each form of a destination.
func TestReadAddress(t *testing.T) {
	for s, want := range map[string]address{
		"sip:1002":                               {"sip:", "", "1002", ""},
		"SIP:1002":                               {"sip:", "", "1002", ""},
		"sip:1002@10.99.0.1:5070":                {"sip:", "1002", "10.99.0.1:5070", ""},
		"sip:1002:secret@trunk":                  {"sip:", "1002", "trunk", ""},
		"sips:1002@there.example":                {"sips:", "1002", "there.example", ""},
		"sip:1002@there.example;transport=tcp":   {"sip:", "1002", "there.example", ";transport=tcp"},
		"sip:1002@there.example?Subject=x":       {"sip:", "1002", "there.example", ""},
		"SIP/1002":                               {"sip:", "", "1002", ""},
		"SIP/trunk/4711":                         {"sip:", "4711", "trunk", ""},
		"SIP/4711@trunk":                         {"sip:", "4711", "trunk", ""},
		"1002":                                   {"", "", "1002", ""},
		`"Bob" <sip:1002@there.example>`:         {"sip:", "1002", "there.example", ""},
		"<sip:1002@[2001:db8::1]:5070;lr>;tag=x": {"sip:", "1002", "[2001:db8::1]:5070", ";lr"},
		"sip:1002@there.example>":                {"sip:", "1002", "there.example", ""},
	} {
		if got, err := readAddress(s); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "sip:", "SIP/", "sip:1002@", "sip:a b", "sip:@", "sip:x@y\r\nz", `sip:"x`} {
		if a, err := readAddress(s); !errors.Is(err, message.ErrURI) {
			t.Errorf("%q is read as %+v, %v", s, a, err)
		}
	}
}

// FuzzReadAddress: whatever the dialplan writes, what is read is one word.
func FuzzReadAddress(f *testing.F) {
	for _, s := range []string{"sip:1002@10.99.0.1:5070;transport=tcp", `"Bob" <sip:1002@there.example>`, "SIP/trunk/4711", "1002"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := readAddress(s)
		if err == nil && a.host == "" {
			t.Errorf("%q means nobody", s)
		}
	})
}

// TestRequestName tells the same request, sent again, from the next one of a phone whose
// branches are those of RFC 2543, or that has none.
func TestRequestName(t *testing.T) {
	const first = "MESSAGE sip:1002@h SIP/2.0\r\nVia: SIP/2.0/UDP 10.99.0.2:5070;branch=1\r\nFrom: <sip:1001@h>;tag=a\r\nTo: <sip:1002@h>\r\n" +
		"Call-ID: c\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n"
	name := func(old, now string) string {
		m, err := sip.Parse([]byte(strings.Replace(first, old, now, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return requestName(m)
	}
	if a, b := name("", ""), name("Content-Length", "l"); a != b || a == "" {
		t.Errorf("the same again is %q, then %q", a, b)
	}
	for _, old := range []string{"CSeq: 1", ";branch=1", ":5070", "ID: c", "0.2"} {
		if name(old, old[:len(old)-1]+"9") == name("", "") {
			t.Errorf("another %s does not count", old)
		}
	}
}
