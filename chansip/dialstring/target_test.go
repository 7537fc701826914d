package dialstring

import (
	"testing"

	"obelus/sip/transport"
)

// TestParse reads every form.
func TestParse(t *testing.T) {
	for s, want := range map[string]Target{
		"":                                   {},
		"1001":                               {Host: "1001"},
		"trunk/5551234":                      {Host: "trunk", Number: "5551234"},
		"trunk/":                             {Host: "trunk"},
		"5551234@trunk":                      {Host: "trunk", Number: "5551234"},
		"5551234@10.0.0.1:5070":              {Host: "10.0.0.1:5070", Number: "5551234"},
		"trunk/5551234/10.0.0.9":             {Host: "trunk", Number: "5551234", Via: "10.0.0.9"},
		"5551234@provider.example//10.0.0.9": {Host: "provider.example", Number: "5551234", Via: "10.0.0.9"},
		"me:secret@host":                     {Host: "host", Number: "me", Secret: "secret"},
		"me::0123@host":                      {Host: "host", Number: "me", MD5Secret: "0123"},
		"me:secret::auth:tcp@host:5070":      {Host: "host:5070", Number: "me", Secret: "secret", AuthUser: "auth", Transport: transport.TCP},
		"me:s::a:carrier@host":               {Host: "host", Number: "me", Secret: "s", AuthUser: "a", Odd: "'carrier' is not a valid transport option to Dial() for SIP calls, using udp by default."},
		"1001!2000":                          {Host: "1001", To: "2000"},
		"1001!2000@here!3000@there":          {Host: "1001", To: "2000@here", FromUser: "3000", FromDomain: "there"},
		"1001!!@there":                       {Host: "1001", FromDomain: "there"},
		"a@b@c":                              {Host: "c", Number: "a@b"},
		"[2001:db8::1]:5060":                 {Host: "[2001:db8::1]:5060"},
	} {
		if got := Parse(s); got != want {
			t.Errorf("%q is %+v, want %+v", s, got, want)
		}
	}
	p := Parse("me:secret@host")
	if q := Parse("me@host"); !p.Proves() || q.Proves() {
		t.Error("who proves something")
	}
}

// FuzzParse has no dial string bring the reader down.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1001", "a/b/c", "a:b:c:d:e@f!g!h@i", "@", "!", "//", ":::::@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Parse(s); len(got.Host)+len(got.Number) > len(s) {
			t.Errorf("%q is %+v", s, got)
		}
	})
}
