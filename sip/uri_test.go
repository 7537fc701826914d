package sip

import (
	"errors"
	"testing"
)

func TestParseURI(t *testing.T) {
	tests := []struct {
		in   string
		want URI
	}{
		{"sip:1001@10.99.0.1", URI{Scheme: "sip", User: "1001", Host: "10.99.0.1"}},
		{"SIP:alice:secret@Example.com:5070;transport=tcp;lr?Subject=hi&a=b",
			URI{Scheme: "sip", User: "alice", Password: "secret", Host: "Example.com", Port: 5070, Params: ";transport=tcp;lr", Headers: "Subject=hi&a=b"}},
		{"sips:[2001:db8::10]:5061", URI{Scheme: "sips", Host: "2001:db8::10", Port: 5061}},
		{"sip:user;par=u%40example.net@example.com", URI{Scheme: "sip", User: "user;par=u%40example.net", Host: "example.com"}},
		{"sip:a?b/c@h", URI{Scheme: "sip", User: "a?b/c", Host: "h"}},
		{"sip:*72#9@pbx_1", URI{Scheme: "sip", User: "*72#9", Host: "pbx_1"}},
		{"tel:+1-201-555-0123;phone-context=example.com", URI{Scheme: "tel", User: "+1-201-555-0123", Params: ";phone-context=example.com"}},
		{"urn:service:sos", URI{Scheme: "urn", Opaque: "service:sos"}},
		{"http://example.com/a@b", URI{Scheme: "http", Opaque: "//example.com/a@b"}},
	}
	for _, test := range tests {
		got, err := ParseURI(test.in)
		if err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v", test.in, got, err)
		}
		again, err := ParseURI(got.String())
		if err != nil || again != got {
			t.Errorf("%s: printed %s: %+v, %v", test.in, got, again, err)
		}
	}
}

func TestParseURIRefuses(t *testing.T) {
	for _, in := range []string{
		"", "sip", "sip:", ":a", "1sip:a@b", "s p:a@b", "tel:", "urn:",
		"sip:@", "sip:a@", "sip:a@b:", "sip:a@b:x", "sip:a@b:65536", "sip:a@b:-1", "sip:a@b@c",
		"sip:a@[::1", "sip:a@[]", "sip:a@[1.2.3.4]", "sip:a@[fe80::1%25eth0]", "sip:a@[::1]x", "sip:2001:db8::10",
		"sip:a b@c", "sip:a@b c", "sip:a\r\nb@c", "sip:a\x00@b", "sip:\"a\"@b", "sip:<a>@b", "sip:a%@b", "sip:a%4@b", "sip:a%zz@b",
	} {
		if u, err := ParseURI(in); !errors.Is(err, ErrURI) {
			t.Errorf("%q: %+v, %v", in, u, err)
		}
	}
}

// The examples of RFC 3261 section 19.1.4, and those of RFC 5954 and RFC 3966.
func TestURIEqual(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true},
		{"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true},
		{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com", "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
		{"sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
		{"sip:a@b", "sips:a@b", false},
		{"sip:a@b", "sip:a:x@b", false},
		{"sip:a%3Bb@c", "sip:a;b@c", false},
		{"sip:a%3bb@c", "sip:a%3Bb@c", true},
		{"sip:a@[2001:db8::9]", "sip:a@[2001:0DB8:0::9]", true},
		{"sip:a@[2001:db8::9]", "sip:a@[2001:db8::8]", false},
		{"tel:+1-201-555-0123", "tel:+12015550123", true},
		{"tel:+1-201-555-0123", "tel:+12015550123;ext=1", false},
		{"tel:12", "tel:123", false},
		{"urn:service:sos", "urn:service:sos", true},
		{"urn:service:sos", "urn:service:fire", false},
	}
	for _, test := range tests {
		a, err1 := ParseURI(test.a)
		b, err2 := ParseURI(test.b)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if a.Equal(b) != test.want || b.Equal(a) != test.want {
			t.Errorf("%s and %s: want %v", a, b, test.want)
		}
	}
}

func TestEscapes(t *testing.T) {
	for _, text := range []string{"", "1001", "a b", "50%", "#31#", "user@host", "é\x00\r\n<>\"", "a;b?c/d"} {
		user := string(AppendEscapedUser(nil, text))
		if got := Unescape(user); got != text {
			t.Errorf("%q: %q came back as %q", text, user, got)
		}
		if u, err := ParseURI("sip:" + user + "@h"); err != nil || u.UserName() != text {
			t.Errorf("%q in a URI: %q, %v", text, u.UserName(), err)
		}
		header := string(AppendEscapedHeader(nil, text))
		if u, err := ParseURI("sip:h?x=" + header); err != nil || Unescape(u.Headers) != "x="+text {
			t.Errorf("%q in a URI's header: %q, %v", text, u.Headers, err)
		}
	}
	for in, want := range map[string]string{"%": "%", "a%4": "a%4", "%zz": "%zz", "%41%": "A%"} {
		if got := Unescape(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzURI(f *testing.F) {
	for _, s := range []string{
		"sip:1001@10.99.0.1", "sips:a:b@[2001:db8::1]:5061;transport=tls;lr?x=y&z", "tel:+1-2;ext=3", "urn:service:sos",
		"sip:%61@h", "sip:a@b@c", "sip:a;b=c?d@e;f?g",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, s, other string) {
		u, err := ParseURI(s)
		if err != nil {
			return
		}
		again, err := ParseURI(u.String())
		if err != nil || again != u {
			t.Fatalf("%q: %+v printed %q: %+v, %v", s, u, u.String(), again, err)
		}
		if v, err := ParseURI(other); err == nil && u.Equal(v) != v.Equal(u) {
			t.Fatalf("%q and %q: not the same both ways", s, other)
		}
	})
}
