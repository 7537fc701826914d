package outside

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"obelus/chansip/sipconf"
	"obelus/sip"
	"obelus/sip/transport"
)

// TestOurAddr has us named as the other end can reach us.
func TestOurAddr(t *testing.T) {
	const behind = "externaddr=192.0.2.7\nlocalnet=10.99.0.0/255.255.0.0\n"
	for _, c := range []struct {
		name, conf string
		t          transport.Transport
		local      string
		remote     string
		want       string
	}{
		{"as asked", "", transport.UDP, "10.99.0.1:5060", "10.99.0.2:5070", "<sip:1002@10.99.0.1:5060>"},
		{"over TCP", "tcpenable=yes\n", transport.TCP, "10.99.0.1:41000", "10.99.0.2:5070", "<sip:1002@10.99.0.1:5060;transport=tcp>"},
		{"IPv6", "", transport.UDP, "[2001:db8::1]:5060", "[2001:db8::2]:5070", "<sip:1002@[2001:db8::1]:5060>"},
		{"mapped", "", transport.UDP, "[::ffff:10.99.0.1]:5060", "[::ffff:10.99.0.2]:5070", "<sip:1002@10.99.0.1:5060>"},
		{"to the inside", behind, transport.UDP, "10.99.0.1:5060", "10.99.0.2:5070", "<sip:1002@10.99.0.1:5060>"},
		{"to the outside", behind, transport.UDP, "10.99.0.1:5060", "198.51.100.2:5070", "<sip:1002@192.0.2.7:5060>"},
		{"its own port", strings.Replace(behind, "192.0.2.7", "192.0.2.7:7060", 1), transport.UDP, "10.99.0.1:5060", "198.51.100.2:5070", "<sip:1002@192.0.2.7:7060>"},
		{"its own TCP port", behind + "tcpenable=yes\nexterntcpport=7061\n", transport.TCP, "10.99.0.1:5060", "198.51.100.2:5070", "<sip:1002@192.0.2.7:7061;transport=tcp>"},
		{"no localnet", "externaddr=192.0.2.7\n", transport.UDP, "10.99.0.1:5060", "198.51.100.2:5070", "<sip:1002@10.99.0.1:5060>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := settings(t, c.conf)
			d := New(Config{Settings: func() *sipconf.Settings { return set }})
			f := transport.Flow{Transport: c.t, Local: netip.MustParseAddrPort(c.local), Remote: netip.MustParseAddrPort(c.remote)}
			if got := d.Contact(&set.General, f, "sip:", "1002"); got != c.want {
				t.Errorf("contact %s, want %s", got, c.want)
			}
			var b sip.Builder
			d.AddVia(&b, f, "z9hG4bK1")
			at := d.Signalling(&set.General, f)
			if got, want := string(b.Bytes()), "Via: SIP/2.0/"+c.t.String()+" "+at.String()+";branch=z9hG4bK1;rport\r\n"; got != want {
				t.Errorf("via %q, want %q", got, want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	set := settings(t, "")
	d := New(Config{Settings: func() *sipconf.Settings { return set }})
	here := netip.MustParseAddrPort("10.99.0.1:5060")
	f := transport.Flow{Transport: transport.UDP, Local: here, Remote: netip.MustParseAddrPort("10.99.0.2:5070")}
	if tag := NewTag(); !regexp.MustCompile(`^as[0-9a-f]{8}$`).MatchString(tag) || tag == NewTag() {
		t.Errorf("tag %q", tag)
	}
	if id := d.NewCallID(&set.General, f); !regexp.MustCompile(`^[0-9a-f]{32}@10\.99\.0\.1:5060$`).MatchString(id) || id == d.NewCallID(&set.General, f) {
		t.Errorf("Call-ID %q", id)
	}
	if got := d.Contact(&set.General, f, "sip:", `a"b>#`); got != "<sip:a%22b%3E%23@10.99.0.1:5060>" {
		t.Errorf("contact %s", got)
	}
	if got := d.Contact(&set.General, f, "sip:", ""); got != "<sip:10.99.0.1:5060>" {
		t.Errorf("contact %s", got)
	}
}

// TestWho has us called in From by our domain, or by our address without the usual port.
func TestWho(t *testing.T) {
	flow := transport.Flow{Transport: transport.UDP, Local: netip.MustParseAddrPort("10.99.0.1:5060"), Remote: netip.MustParseAddrPort("10.99.0.2:5070")}
	other := flow
	other.Local = netip.MustParseAddrPort("10.99.0.1:5080")
	for _, c := range []struct {
		conf string
		peer sipconf.Peer
		flow transport.Flow
		want string
	}{
		{"", sipconf.Peer{Common: new(sipconf.Common)}, flow, "sip:me@10.99.0.1"},
		{"", sipconf.Peer{Common: new(sipconf.Common)}, other, "sip:me@10.99.0.1:5080"},
		{"fromdomain=all.example", sipconf.Peer{Common: new(sipconf.Common)}, flow, "sip:me@all.example"},
		{"fromdomain=all.example", sipconf.Peer{Common: &sipconf.Common{FromDomain: "its.example"}}, flow, "sip:me@its.example"},
	} {
		set := settings(t, c.conf)
		f := New(Config{Settings: func() *sipconf.Settings { return set }})
		if got := f.URI(&set.General, &c.peer, c.flow, "me"); got != c.want {
			t.Errorf("with %q %s, want %s", c.conf, got, c.want)
		}
	}
}
