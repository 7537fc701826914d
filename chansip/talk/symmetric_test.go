package talk

import (
	"net/netip"
	"strings"
	"testing"

	"obelus/chansip/sipconf"
)

// TestSymmetric has every value of nat= decide where sound goes, for each place
// that a phone may call from and name in its description.
func TestSymmetric(t *testing.T) {
	t.Parallel()
	values := map[string]sipconf.NAT{
		"no": {}, "force_rport": {ForceRport: true}, "comedia": {Comedia: true}, "yes": {ForceRport: true, Comedia: true},
		"auto_force_rport": {AutoForceRport: true}, "auto_comedia": {AutoComedia: true}, "auto_force_rport,auto_comedia": {AutoForceRport: true, AutoComedia: true},
	}
	const always = "comedia yes"
	for _, c := range []struct{ name, from, said, symmetric string }{
		{"honest", "198.51.100.2", "198.51.100.2", always},
		{"honest, in the clothes of IPv6", "::ffff:198.51.100.2", "198.51.100.2", always},
		{"behind NAT", "198.51.100.2", "192.168.1.7", always + " auto_comedia auto_force_rport,auto_comedia auto_force_rport"},
		{"behind a carrier's NAT", "198.51.100.2", "100.64.3.4", always + " auto_comedia auto_force_rport,auto_comedia auto_force_rport"},
		{"behind NAT, of IPv6", "2001:db8::2", "fd00::7", always + " auto_comedia auto_force_rport,auto_comedia auto_force_rport"},
		{"sound elsewhere, in public", "198.51.100.2", "198.51.100.3", always + " auto_comedia auto_force_rport,auto_comedia"},
		{"both private", "10.0.0.2", "192.168.1.7", always + " auto_comedia auto_force_rport,auto_comedia"},
		{"public sound of a private caller", "10.0.0.2", "198.51.100.2", always + " auto_comedia auto_force_rport,auto_comedia"},
		{"nobody knows from where", "", "192.168.1.7", always},
	} {
		from, _ := netip.ParseAddr(c.from)
		want := make(map[string]bool)
		for _, v := range strings.Fields(c.symmetric) {
			want[v] = true
		}
		for name, nat := range values {
			talk := &Talk{peer: &sipconf.Peer{Common: &sipconf.Common{NAT: nat}}, signal: from}
			if got := talk.symmetric(netip.AddrPortFrom(netip.MustParseAddr(c.said), 4000)); got != want[name] {
				t.Errorf("nat=%s, %s: symmetric is %v", name, c.name, got)
			}
		}
	}
}
