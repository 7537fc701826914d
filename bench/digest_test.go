package main

import (
	"strings"
	"testing"
)

// The example of RFC 2617 section 3.5, and the same without qop.
func TestAnswer(t *testing.T) {
	for _, c := range []struct{ challenge, response, more string }{
		{`Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`,
			"6629fae49393a05397450978507c4ef1", `nc=00000001, cnonce="0a4f113b", opaque="5ccc069c403ebaf9f0171e9517f40e41"`},
		{`Digest algorithm=MD5, realm="testrealm@host.com",nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"`,
			"670fd8c2df070c60b045671b8b24ff02", "algorithm=MD5"},
	} {
		ch, err := parseChallenge(c.challenge)
		if err != nil {
			t.Fatal(err)
		}
		account := &credentials{user: "Mufasa", secret: "Circle Of Life"}
		for range 2 { // with HA1 worked out and remembered
			got := account.answer(ch, "GET", "/dir/index.html")
			if !strings.Contains(got, `response="`+c.response+`"`) || !strings.HasSuffix(got, c.more) {
				t.Errorf("%s\nanswered %s\nwant %s and %s", c.challenge, got, c.response, c.more)
			}
		}
	}
}

func TestParseChallengeErrors(t *testing.T) {
	for _, bad := range []string{"", "Basic realm=\"x\"", "Digest ", `Digest realm="x"`, `Digest realm="x`, "Digest realm", `Digest realm="x", nonce="y", algorithm=SHA-256`} {
		if c, err := parseChallenge(bad); err == nil {
			t.Errorf("%q: %+v", bad, c)
		}
	}
}

func FuzzParseChallenge(f *testing.F) {
	f.Add(`Digest realm="a", nonce="b", qop="auth", algorithm=MD5`)
	f.Add(`Digest realm="a`)
	f.Fuzz(func(t *testing.T, value string) {
		if c, err := parseChallenge(value); err == nil && (c.realm == "" || c.nonce == "") {
			t.Errorf("%q gave %+v", value, c)
		}
	})
}
