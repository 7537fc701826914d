package phones

import (
	"net/netip"
	"os/exec"
	"strings"
	"testing"
)

// TestSTUN has linphonec ask the built-in STUN server where it is, register, call
// and be called: what the server tells it does no harm. The tones are heard both
// ways.
func TestSTUN(t *testing.T) {
	t.Parallel()
	s := StartServer(t, BuildServer(t))
	a, b := setups(t, s, false)
	a.STUN = s.STUN()
	linphone := Line{StartLinphone(t, a), a.User, s.Number(a.User, false), a.Tone}
	baresip := Line{StartBaresip(t, b), b.User, s.Number(b.User, false), b.Tone}
	linphone.WaitRegistered()
	baresip.WaitRegistered()
	PlayCall(linphone, baresip)
	PlayCall(baresip, linphone)
	s.waitConsole("stun show server", `Answered: +[1-9]`)
}

// TestSTUNDiscovery has coturn's client find out, by the tests of RFC 5780 and with
// two addresses of ours, that there is no NAT on loopback that would keep anything
// out.
func TestSTUNDiscovery(t *testing.T) {
	t.Parallel()
	addr := loopback(LeasePorts(t) + sipPort)
	files := serverConfig(t, addr)
	files["obelus.conf"] += "bindaddr=127.0.0.1\naltaddr=127.0.0.2\n"
	s := StartServerAt(t, ServerSetup{Binary: BuildServer(t), Addr: addr, Files: files})
	at := netip.MustParseAddrPort(s.STUN())
	out, err := exec.Command("turnutils_natdiscovery", "-m", "-f", "-p", strings.TrimPrefix(s.STUN(), at.Addr().String()+":"), at.Addr().String()).CombinedOutput()
	if err != nil {
		t.Errorf("turnutils_natdiscovery: %v", err)
	}
	for _, want := range []string{"NAT with Endpoint Independent Mapping!", "NAT with Endpoint Independent Filtering!"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it does not find %q:\n%s", want, out)
		}
	}
}
