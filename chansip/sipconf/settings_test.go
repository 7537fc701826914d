package sipconf

import (
	"net/netip"
	"testing"
)

// TestByAddr finds accounts by where a request comes from, as the original does.
func TestByAddr(t *testing.T) {
	set, found := read(t, `
[udp]
type=peer
host=10.0.0.1
[both]
type=peer
host=10.0.0.2:5070
transport=udp,tcp
[anyport]
type=friend
secret=Zq81kk2w
host=10.0.0.3
insecure=port
[caller]
type=user
secret=Zq81kk2w
host=10.0.0.4
[first]
type=peer
host=10.0.0.5
[second]
type=peer
port=5061
host=10.0.0.5
[six]
type=peer
host=[2001:db8::1]
port=5080
[named]
type=peer
host=sip.example
`)
	if len(found) != 0 {
		t.Errorf("found %q", found)
	}
	for _, c := range []struct {
		from       string
		connection bool
		want       string
	}{
		{"10.0.0.1:5060", false, "udp"},
		{"10.0.0.1:5061", false, ""},
		{"10.0.0.1:40000", true, ""}, // its transport is UDP
		{"10.0.0.2:5070", false, "both"},
		{"10.0.0.2:5060", false, ""},
		{"10.0.0.2:40000", true, "both"},
		{"10.0.0.3:40000", false, "anyport"},
		{"10.0.0.4:5060", false, ""}, // a user is known by its name alone
		{"10.0.0.5:5060", false, "first"},
		{"10.0.0.5:5061", false, "second"},
		{"[2001:db8::1]:5080", false, "six"},
		{"10.0.0.9:5060", false, ""},
	} {
		got := ""
		if p := set.ByAddr(netip.MustParseAddrPort(c.from), c.connection, ""); p != nil {
			got = p.Name
		}
		if got != c.want {
			t.Errorf("%s (connection: %v) is %q, want %q", c.from, c.connection, got, c.want)
		}
	}
	if p := set.Peer("named"); p.Addr.IsValid() || p.Host != "sip.example" {
		t.Errorf("got %+v", p)
	}
	if n := testing.AllocsPerRun(100, func() {
		set.Peer("udp")
		set.ByAddr(netip.MustParseAddrPort("10.0.0.3:40000"), false, "")
	}); n != 0 {
		t.Errorf("%v allocations to find an account", n)
	}
}

// TestKeyOptions reads how keys are heard: in general, and for one account.
func TestKeyOptions(t *testing.T) {
	set, found := read(t, `
[general]
relaxdtmf=yes
rfc2833compensate=yes
dtmfmode=inband
[old]
type=friend
secret=Zq81kk2w
host=dynamic
[new]
type=friend
secret=Zq81kk2w
host=dynamic
rfc2833compensate=no
dtmfmode=auto
`)
	if len(found) != 0 {
		t.Errorf("found %q", found)
	}
	before, now := set.Peer("old"), set.Peer("new")
	if !set.General.RelaxDTMF || !before.CompensateDTMF || now.CompensateDTMF || before.DTMF != DTMFInband || now.DTMF != DTMFAuto {
		t.Errorf("relaxed %v, compensated %v and %v, modes %v and %v", set.General.RelaxDTMF, before.CompensateDTMF, now.CompensateDTMF, before.DTMF, now.DTMF)
	}
}
