package phones

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
)

// TestFamilies has a phone of IPv4 and one of IPv6 call each other through a
// server that listens on every address of both: the tones are heard both ways.
func TestFamilies(t *testing.T) {
	t.Parallel()
	if pc, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Log("this machine has no IPv6, so no phone can have it: the calls are made on the network in memory alone, by scenario:", err)
		return
	} else if err := pc.Close(); err != nil {
		t.Fatal(err)
	}
	four := loopback(LeasePorts(t) + sipPort)
	six := netip.AddrPortFrom(netip.IPv6Loopback(), netip.MustParseAddrPort(four).Port()).String()
	files := serverConfig(t, four)
	files["sip.conf"] = SeedConfig(t, fmt.Sprintf("udpbindaddr=[::]:%d\n", netip.MustParseAddrPort(four).Port()))["sip.conf"]
	s := StartServerAt(t, ServerSetup{Binary: BuildServer(t), Addr: four, Files: files})
	a, b := setups(t, s, false)
	b.Host, b.Server, b.Friend = "::1", six, Setup{Server: six}.server("1001@")
	linphone := Line{StartLinphone(t, a), a.User, s.Number(a.User, false), a.Tone}
	baresip := Line{StartBaresip(t, b), b.User, s.Number(b.User, false), b.Tone}
	linphone.WaitRegistered()
	baresip.WaitRegistered()
	s.waitConsole("sip show peers", `1002/\S+ +::1 `)
	PlayCall(linphone, baresip)
	linphone.URI = Setup{Server: six}.server("1001@")
	PlayCall(baresip, linphone)
}
