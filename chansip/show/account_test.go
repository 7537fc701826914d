package show

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/chansip/sipconf"
	"obelus/location"
)

// TestAccounts counts who is watched and who is there, and says who turned out to
// be behind NAT.
func TestAccounts(t *testing.T) {
	at := netip.MustParseAddrPort("10.99.0.2:5070")
	phone := func(contact string) []location.Binding {
		return []location.Binding{{Contact: contact, Received: at, Transport: "udp"}}
	}
	auto := sipconf.NAT{AutoForceRport: true, AutoComedia: true}
	up, down := []Status{{"OK (1 ms)", true}}, []Status{{"UNREACHABLE", false}}
	all := []Account{
		{Peer: &sipconf.Peer{Name: "in", Dynamic: true, Common: &sipconf.Common{Qualify: time.Second, NAT: auto}}, Phones: phone("sip:anna@10.99.0.2"), At: at, Status: up},
		{Peer: &sipconf.Peer{Name: "nat", Dynamic: true, Common: &sipconf.Common{Qualify: time.Second, NAT: auto}}, Phones: phone("sip:192.168.1.2"), At: at, Status: down},
		{Peer: &sipconf.Peer{Name: "odd", Dynamic: true, Common: &sipconf.Common{NAT: auto}}, Phones: phone("tel:1"), At: at, Status: up},
		{Peer: &sipconf.Peer{Name: "out", Dynamic: true, Username: "otto", Common: new(sipconf.Common)}, Status: up},
	}
	var b strings.Builder
	Accounts(&b, all)
	lines := strings.Split(b.String(), "\n")
	for i, want := range []string{
		"in/anna 10.99.0.2 D Auto (No) Auto (No) 5070 OK (1 ms)",
		"nat 10.99.0.2 D Auto (Yes) Auto (Yes) 5070 UNREACHABLE",
		"odd/1 10.99.0.2 D Auto (No) Auto (No) 5070 OK (1 ms)",
		"out/otto (Unspecified) D No No 0 OK (1 ms)",
		"4 sip peers [Monitored: 1 online, 1 offline Unmonitored: 1 online, 1 offline]",
	} {
		if got := strings.Join(strings.Fields(lines[i+1]), " "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestPhones has the lines of each phone of an account.
func TestPhones(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := Account{
		Peer: &sipconf.Peer{Name: "1001", Dynamic: true, Common: new(sipconf.Common)}, Freq: time.Minute, At: netip.MustParseAddrPort("10.99.0.3:5070"),
		Phones: []location.Binding{
			{Contact: "sip:b@10.99.0.3", Received: netip.MustParseAddrPort("10.99.0.3:5070"), Transport: "udp", UserAgent: "second\x1b[2J", Expires: now.Add(time.Hour)},
			{Contact: "sip:a@10.99.0.2", Received: netip.MustParseAddrPort("10.99.0.2:5070"), Transport: "tcp", UserAgent: "first", Expires: now.Add(time.Minute)},
		},
		Status: []Status{{"OK (1 ms)", true}, {"UNREACHABLE", false}},
	}
	var b strings.Builder
	Peer(&b, a, now)
	const want = "  Status       : OK (1 ms)\n  Useragent    : second?[2J\n  Reg. Contact : sip:b@10.99.0.3\n    Received   : udp 10.99.0.3:5070\n    Expire     : 3600\n" +
		"  Status       : UNREACHABLE\n  Useragent    : first\n  Reg. Contact : sip:a@10.99.0.2\n    Received   : tcp 10.99.0.2:5070\n    Expire     : 60\n" +
		"  Qualify Freq : 60000 ms\n"
	if !strings.Contains(b.String(), want) || !strings.Contains(b.String(), "  Expire       : 3600\n") {
		t.Errorf("shown is\n%s", b.String())
	}
	a.Phones, a.Status = nil, a.Status[:1]
	b.Reset()
	Peer(&b, a, now)
	if !strings.Contains(b.String(), "  Status       : OK (1 ms)\n  Useragent    : \n  Reg. Contact : \n") || !strings.Contains(b.String(), "  Expire       : -1\n") {
		t.Errorf("without a phone shown is\n%s", b.String())
	}
}
