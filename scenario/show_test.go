package scenario

import (
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// TestShowChannelStats has the console count a call in the original's columns.
func TestShowChannelStats(t *testing.T) {
	const head = "Peer             Call ID      Duration Recv: Pack  Lost       (     %) Jitter Send: Pack  Lost       (     %) Jitter\n"
	tell(t, []story{{"a call", func(h *house, one, two *phone) {
		if got := printed(h.sip.ShowChannelStats); got != head+"0 active SIP channels\n" {
			t.Errorf("without a call:\n%s", got)
		}
		caller, mine, theirs := talking(h, one, two)
		for i := range uint16(10) {
			if i != 4 {
				mine.says(t, i, 0x11)
			}
			theirs.says(t, i, 0x22)
			h.pass(20 * time.Millisecond)
		}
		got := printed(h.sip.ShowChannelStats)
		id := caller.callID[:11]
		line := regexp.MustCompile(`(?m)^10\.99\.0\.2        ` + regexp.QuoteMeta(id) + `  00:00:01 0000000009  0000000001 \(10\.00%\) 0\.00\d\d 00000000\d\d  0000000000 \( 0\.00%\) 0\.00\d\d$`)
		other := regexp.MustCompile(`(?m)^10\.99\.0\.3        [0-9a-f]{11}  00:00:01 0000000010  0000000000 \( 0\.00%\) 0\.00\d\d 00000000\d\d  0000000000 \( 0\.00%\) 0\.00\d\d$`)
		if !strings.HasPrefix(got, head) || !line.MatchString(got) || !other.MatchString(got) || !strings.HasSuffix(got, "\n2 active SIP channels\n") {
			t.Errorf("shown:\n%s", got)
		}
		var b strings.Builder
		if !h.sip.ShowChannel(&b, caller.callID[:8]) || h.sip.ShowChannel(&b, "nobody") {
			t.Error("a call is found by its whole name only")
		}
		for _, want := range []string{
			"\n  * SIP Call\n", "  Curr. trans. direction:  Incoming\n", "  Call-ID:                " + caller.callID + "\n",
			"  Our Codec Capability:   (ulaw|alaw|gsm|h263)\n", "  Joint Codec Capability:   (ulaw)\n", "  Format:                 (ulaw)\n",
			"  T.38 support            No\n", "  Theoretical Address:    10.99.0.2:5070\n", "  Audio source:           10.99.0.2:40000\n",
			"  DTMF Mode:              rfc2833\n", "  Media:                  RTP\n", "No such SIP Call ID starting with 'nobody'\n",
		} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%q is not in\n%s", want, b.String())
			}
		}
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
	}}})
}

// printed is what the console prints.
func printed(show func(w io.Writer)) string {
	var b strings.Builder
	show(&b)
	return b.String()
}
