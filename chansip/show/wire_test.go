package show

import (
	"net/netip"
	"strings"
	"testing"

	"obelus/sip/transport"
)

// TestWire has messages shown in the original's frame, without what proves a
// password or opens a call.
func TestWire(t *testing.T) {
	f := transport.Flow{Transport: transport.UDP, Remote: netip.MustParseAddrPort("[::ffff:10.99.0.2]:5070")}
	const asked = "REGISTER sip:x SIP/2.0\r\n" +
		"Authorization: Digest username=\"1001\", response=\"0123456789abcdef\", uri=\"sip:x\"\r\n" +
		"Proxy-Authorization: Digest response=\"fedcba9876543210\", nc=1\r\n\r\n" +
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0IGtleSBvZiBhIGNhbGwgdGhhdCBpcyBzYWZl\r\n"
	in, out := Wire(transport.In, f, []byte(asked)), Wire(transport.Out, f, []byte(asked))
	if !strings.HasPrefix(in, "<--- SIP read from UDP:10.99.0.2:5070 --->\nREGISTER sip:x SIP/2.0\r\n") || !strings.HasSuffix(in, "\n<------------->") {
		t.Errorf("what comes in is shown as\n%s", in)
	}
	if !strings.HasPrefix(out, "<--- Transmitting to UDP:10.99.0.2:5070 --->\nREGISTER sip:x SIP/2.0\r\n") || !strings.HasSuffix(out, "\n<------------>") {
		t.Errorf("what goes out is shown as\n%s", out)
	}
	for _, secret := range []string{"0123456789abcdef", "fedcba9876543210", "c2VjcmV0IGtleSBvZiBhIGNhbGwgdGhhdCBpcyBzYWZl"} {
		if strings.Contains(in, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	for _, kept := range []string{`username="1001", response="...", uri="sip:x"`, `response="...", nc=1`} {
		if !strings.Contains(in, kept) {
			t.Errorf("%s is not shown in\n%s", kept, in)
		}
	}
	if got := masked(`response="no end`); got != `response="no end` {
		t.Errorf("what has no end is %s", got)
	}
}
