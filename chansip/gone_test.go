package chansip

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/call"
	"obelus/location"
)

// TestConnectionGone has a phone whose connection ended with the last run known and
// shown as unreachable, called at no place and by no timeout, until it returns.
func TestConnectionGone(t *testing.T) {
	inHouse(t, twoPhones, nil, func(h *house) {
		b := location.Binding{Contact: "sip:1001@192.168.1.9:5070;transport=tcp", Transport: "tcp", Flow: location.GoneFlow, Received: netip.MustParseAddrPort("10.99.0.2:40000"),
			CallID: "last run", CSeq: 1, Expires: time.Now().Add(time.Hour)}
		if _, _, err := h.where.Bind(nil, "1001", []location.Binding{b}, 1, time.Now(), nil); err != nil {
			t.Fatal(err)
		}
		shown := func() string {
			var s strings.Builder
			h.d.ShowPeers(&s)
			for line := range strings.Lines(s.String()) {
				if strings.HasPrefix(line, "1001") {
					return line
				}
			}
			return ""
		}
		if got := shown(); !strings.Contains(got, "10.99.0.2") || !strings.Contains(got, "UNREACHABLE") {
			t.Errorf("it is shown as %q", got)
		}
		began := time.Now()
		if _, err := h.d.Dial(t.Context(), call.Request{Target: "1001"}); err == nil || time.Since(began) > 0 {
			t.Errorf("a call to it: %v after %v", err, time.Since(began))
		}
		p := h.phoneTCP("1001", phoneOne.Addr())
		p.register("1001")
		if got := shown(); strings.Contains(got, "UNREACHABLE") || h.ways("1001") == "" {
			t.Errorf("when it is back it is shown as %q, and called at %q", got, h.ways("1001"))
		}
	})
}
