package show

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/location"
)

// TestRegistry: what scripts read by database get SIP/Registry.
func TestRegistry(t *testing.T) {
	where, err := location.Open(t.Context(), location.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer where.Close(t.Context())
	now := time.Now()
	for _, b := range []location.Binding{
		{AOR: "1001", Contact: "sip:anna@10.0.0.2:5062;ob", Received: netip.MustParseAddrPort("192.0.2.7:5062"), Expires: now.Add(time.Hour)},
		{AOR: "1001", Contact: "sip:anna@10.0.0.3", Received: netip.MustParseAddrPort("192.0.2.8:5060"), Expires: now.Add(time.Minute)},
		{AOR: "1002", Contact: "tel:\x1b5", Received: netip.MustParseAddrPort("192.0.2.9:5060"), Expires: now.Add(time.Minute)},
	} {
		if _, _, err := where.Bind(nil, b.AOR, []location.Binding{b}, 2, now, nil); err != nil {
			t.Fatal(err)
		}
	}
	r := Registry{where}
	for account, want := range map[string]string{
		"1001": "192.0.2.8:5060:60:anna:sip:anna@10.0.0.3", "1002": "192.0.2.9:5060:60:", "1003": "",
	} {
		got, ok := r.Get(account)
		if ok != (want != "") || !strings.HasPrefix(got, want) || strings.Contains(got, "\x1b") {
			t.Errorf("%s: %q %v, want %q", account, got, ok, want)
		}
	}
	if got := strings.Join(r.Keys(), ","); got != "1001,1002" {
		t.Errorf("the keys are %s", got)
	}
}
