package chansip

import (
	"strings"
	"testing"
)

// TestSecurity39TraceHidesSecrets shows a message to whoever watches the wire: no
// proof of a password and no key of a call is in it.
func TestSecurity39TraceHidesSecrets(t *testing.T) {
	const key = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
	in := "INVITE sip:1 SIP/2.0\r\n" +
		"Authorization: Digest username=\"1\", response=\"0123456789abcdef\"\r\n" +
		"Proxy-Authorization: Digest username=\"1\", response=\"fedcba9876543210\"\r\n\r\n" +
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key + "|2^31\r\n" +
		"a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:" + key + "\r\n"
	got := masked(in)
	for _, secret := range []string{"0123456789abcdef", "fedcba9876543210", key} {
		if strings.Contains(got, secret) {
			t.Errorf("%q is shown in %q", secret, got)
		}
	}
	for _, kept := range []string{"INVITE sip:1", `username="1"`, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:...|2^31\r\n", "a=crypto:2 "} {
		if !strings.Contains(got, kept) {
			t.Errorf("%q is missing in %q", kept, got)
		}
	}
	if half := `response="abc`; masked(half) != half {
		t.Errorf("%q became %q", half, masked(half))
	}
}
