package chansip

import (
	"log/slog"
	"net/netip"
	"testing"

	"obelus/chansip/sipconf"
	"obelus/sip/dialog"
	"obelus/sip/transport"
)

// TestFollow has the address that requests within a dialog go to, by who the other
// side is and what it says.
func TestFollow(t *testing.T) {
	t.Parallel()
	d := New(Config{
		Settings: readConf(t, ""), Log: slog.New(slog.DiscardHandler),
		Resolver: &transport.Resolver{DNS: names{"gw.example": netip.MustParseAddr("192.0.2.7"), "inside.example": netip.MustParseAddr("10.0.0.7")}},
	})
	defer d.Close()
	for _, c := range []struct {
		name     string
		peer     Peer
		atSource bool
		over     transport.Transport
		from     string
		routes   []string
		contact  string
		want     string
	}{
		{name: "Contact", from: "192.0.2.1:5060", contact: "sip:gw@192.0.2.7:5090", want: "192.0.2.7:5090"},
		{name: "the usual port", from: "192.0.2.1:5080", contact: "sip:gw@192.0.2.1", want: "192.0.2.1:5060"},
		{name: "route", from: "192.0.2.1:5060", routes: []string{"<sip:192.0.2.9;lr>", "<sip:10.1.1.1;lr>"}, contact: "sip:gw@10.0.0.7", want: "192.0.2.9:5060"},
		{name: "nat=force_rport", atSource: true, from: "192.0.2.1:5060", contact: "sip:gw@192.0.2.7", want: "192.0.2.1:5060"},
		{name: "a phone that registered", peer: Peer{Dynamic: true, Common: new(sipconf.Common)}, from: "192.0.2.1:4000", contact: "sip:one@192.0.2.7", want: "192.0.2.1:4000"},
		{name: "a connection", over: transport.TCP, from: "192.0.2.1:4000", contact: "sip:gw@192.0.2.7", want: "192.0.2.1:4000"},
		{name: "Contact asks for TCP", from: "192.0.2.1:5060", contact: "sip:gw@192.0.2.7;transport=tcp", want: "192.0.2.1:5060"},
		{name: "a private Contact", from: "192.0.2.1:4000", contact: "sip:one@192.168.1.7", want: "192.0.2.1:4000"},
		{name: "private to private", from: "10.0.0.1:5060", contact: "sip:gw@10.0.0.2", want: "10.0.0.2:5060"},
		{name: "loopback", from: "192.0.2.1:5060", contact: "sip:gw@127.0.0.1", want: "192.0.2.1:5060"},
		{name: "a name", from: "192.0.2.1:5060", contact: "sip:gw@gw.example:5070", want: "192.0.2.7:5070"},
		{name: "a name in a route", from: "192.0.2.1:5060", routes: []string{"<sip:gw.example;lr>"}, contact: "sip:gw@10.0.0.7", want: "192.0.2.7:5060"},
		{name: "a name that leads inside", from: "192.0.2.1:5060", contact: "sip:gw@inside.example", want: "192.0.2.1:5060"},
		{name: "a name that nobody knows", from: "192.0.2.1:5060", contact: "sip:gw@nowhere.example", want: "192.0.2.1:5060"},
		{name: "IPv6", from: "[2001:db8::1]:5060", contact: "sip:gw@[2001:db8::7]:5070", want: "[2001:db8::7]:5070"},
		{name: "the other family", from: "192.0.2.1:5060", contact: "sip:gw@[2001:db8::7]", want: "192.0.2.1:5060"},
		{name: "nobody", from: "192.0.2.1:5060", contact: "sip:gw@0.0.0.0", want: "192.0.2.1:5060"},
	} {
		if c.peer.Common == nil {
			c.peer.Common = new(sipconf.Common)
		}
		if c.over == 0 {
			c.over = transport.UDP
		}
		l := &leg{d: d, set: d.Settings(), peer: &c.peer, atSource: c.atSource, dlg: &dialog.Dialog{Routes: c.routes, Target: c.contact},
			flow: transport.FlowFunc(c.over, netip.MustParseAddrPort("192.0.2.100:5060"), netip.MustParseAddrPort(c.from), nil)}
		l.mu.Lock()
		l.follow()
		l.mu.Unlock()
		d.jobs.Wait() // for a name
		if got := l.flow.Remote.String(); got != c.want {
			t.Errorf("%s: requests go to %s, want %s", c.name, got, c.want)
		}
	}
}
