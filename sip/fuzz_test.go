package sip

import (
	"net/netip"
	"testing"
)

// Whatever comes in: no panic; what was read reads the same when it is printed;
// an answer to it is a message that copies what an answer must.
func FuzzParse(f *testing.F) {
	for _, test := range rfc4475 {
		f.Add(readTorture(f, "rfc4475", test.name))
	}
	for _, test := range rfc5118 {
		f.Add(readTorture(f, "rfc5118", test.name))
	}
	f.Add(crlf(registerText))
	f.Add(crlf(registerOK))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > MaxLine/2 { // printing may make a line longer, and must not pass the limit
			return
		}
		m, err := Parse(data)
		if err != nil {
			return
		}
		walk(m)
		checkReprint(t, m)
		if !m.IsRequest() {
			return
		}
		var b Builder
		b.Response(m, 400, "", Return{netip.MustParseAddr("192.0.2.1"), 5060}, "tag")
		resp, err := Parse(b.End("", nil))
		if err != nil {
			return // the copied Via has grown beyond the limit, say
		}
		if resp.CallID() != m.CallID() || resp.Value(HeaderFrom) != m.Value(HeaderFrom) || resp.Count(HeaderVia) != m.Count(HeaderVia) {
			t.Fatalf("%q answered by %q", data, resp.Bytes())
		}
		if status, _ := Validate(m); status != 0 {
			return
		}
		if status, reason := Validate(resp); status != 0 {
			t.Fatalf("%q answered by %q: %s", data, resp.Bytes(), reason)
		}
		if resp.ToTag() == "" {
			t.Fatalf("%q answered without a tag", data)
		}
	})
}

func FuzzNameAddr(f *testing.F) {
	for _, s := range []string{`"J Rosenberg \\\"" <sip:jdrosen@example.com>;tag=98asjd8`, "sip:1001@10.99.0.1;tag=x", "*", "*;expires=0", "<tel:+1>",
		`caller<sip:c@h>;a="x;y,z";b`, "Bell, Alexander <sip:a@b>;tag=43", ">", "<<sip:a>", `a"b <sip:c>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseNameAddr(s)
		if err != nil {
			return
		}
		again, err := ParseNameAddr(a.String())
		a.Bracketed = !a.IsStar()
		if err != nil || again != a {
			t.Fatalf("%q: %+v printed %q: %+v, %v", s, a, a, again, err)
		}
	})
}
