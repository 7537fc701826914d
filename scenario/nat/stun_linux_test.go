package nat

import (
	"fmt"
	"strings"
	"testing"

	"obelus/scenario/netns"
	"obelus/scenario/phones"
)

// stun has linphonec ask the server's own STUN server where it is.
func (w *work) stun(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			d := w.desk(t, kind, Symmetric, deskSetup{phone: phones.Setup{STUN: publicServer + ":3478"}})
			w.callAndText(t, d)
			if !d.one.Knows("udp", 3478) {
				t.Error("linphonec has not asked the STUN server")
			}
		})
	}
}

// discovery has coturn's client find out by the tests of RFC 5780, with the
// server's two addresses, of which kind a NAT is: a second witness of the kind,
// and a witness of the STUN server.
func (w *work) discovery(t *testing.T) {
	for kind, want := range map[Kind][2]string{
		FullCone:       {"Endpoint Independent Mapping", "Endpoint Independent Filtering"},
		Restricted:     {"Endpoint Independent Mapping", "Address Dependent Filtering"},
		PortRestricted: {"Endpoint Independent Mapping", "Address and Port Dependent Filtering"},
		Symmetric:      {"Address and Port Dependent Mapping", "Address and Port Dependent Filtering"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			lab := NewLab(t, w.numbers)
			host := lab.Public("server", publicServer, publicOther)
			files := phones.SeedConfig(t, "")
			files["obelus.conf"] = fmt.Sprintf("[stun]\nbindaddr=%s\naltaddr=%s\n", publicServer, publicOther)
			phones.StartServerAt(t, phones.ServerSetup{Binary: w.binary, Netns: host.Netns, Addr: host.Addr, Files: files})
			inside := lab.Behind("phone", kind, publicOne).Inside
			for i, flag := range []string{"-m", "-f"} {
				// A port of its own for each: what one test has opened would tell in the other.
				out, err := netns.Output(inside.Netns, "turnutils_natdiscovery", flag,
					"-L", inside.Addr, "-l", fmt.Sprint(5110+i), publicServer)
				if err != nil {
					t.Errorf("turnutils_natdiscovery %s: %v", flag, err)
				}
				if !strings.Contains(out, "NAT with "+want[i]+"!") {
					t.Errorf("turnutils_natdiscovery %s does not find %q:\n%s", flag, want[i], out)
				}
			}
		})
	}
}
