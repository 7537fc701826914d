package nat

import (
	"cmp"
	"regexp"
	"strings"
	"testing"

	"obelus/scenario/phones"
)

// Where the server is on its network behind the NAT.
const privateServer = privateNet + "10"

// sites has the server itself behind a NAT whose ports are forwarded, one phone
// beside it and one outside, there on a public address or behind a NAT of its own
// with the same private addresses as the site's.
func (w *work) sites(t *testing.T) {
	for _, out := range []Kind{"", FullCone, Symmetric} {
		for _, linphoneInside := range []bool{true, false} {
			name := map[bool]string{true: "linphonec", false: "baresip"}[linphoneInside] + " inside, the other behind " + cmp.Or(string(out), "no NAT")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				lab := NewLab(t, w.numbers)
				w.site(t, lab, out, linphoneInside, "externaddr="+publicOne)
			})
		}
	}
	t.Run("found out by STUN", func(t *testing.T) {
		t.Parallel()
		lab := NewLab(t, w.numbers)
		host := lab.Public("stun", publicServer)
		phones.StartServerAt(t, phones.ServerSetup{Binary: w.binary, Netns: host.Netns, Addr: host.Addr, Files: phones.SeedConfig(t, "")})
		w.site(t, lab, Symmetric, true, "stunaddr="+host.Addr)
	})
}

// site plays with one phone beside the server and one outside; extern says in
// sip.conf how the server knows its address outside.
func (w *work) site(t *testing.T, lab *Lab, out Kind, linphoneInside bool, extern string) {
	box := lab.Behind("inside", PortRestricted, publicOne)
	host := box.Beside("server", privateServer)
	box.Forward(host)
	server := phones.StartServerAt(t, phones.ServerSetup{
		Binary: w.binary, Netns: host.Netns, Addr: host.Addr,
		Files: phones.SeedConfig(t, extern+"\nlocalnet="+privateNet+"0/24\n"),
	})
	if strings.HasPrefix(extern, "stunaddr") {
		server.WaitSays("stun show status", regexp.QuoteMeta(publicOne))
	}
	inside, outside := place{Host: box.Inside, server: server.Host()}, place{Host: lab.outside(out), server: publicOne}
	if !linphoneInside {
		inside, outside = outside, inside
	}
	linphone, baresip := startPair(t, inside, outside)
	phones.PlayCall(linphone, baresip)
	phones.PlayCall(baresip, linphone)
	phones.PlayText(t, linphone, baresip)
}

// outside is a host on the public network, or behind a NAT of a kind there.
func (l *Lab) outside(kind Kind) Host {
	l.t.Helper()
	if kind == "" {
		return l.Public("outside", publicTwo)
	}
	return l.Behind("outside", kind, publicTwo).Inside
}

// place is where a phone is, and the server as seen from there.
type place struct {
	Host
	server string
	ports  int  // the phone's first; 0: those of every phone
	srtp   bool // the phone has SRTP only
}

// startPair starts the two phones of the seed's accounts at their places, and
// returns when both have registered.
func startPair(t *testing.T, one, two place) (linphone, baresip phones.Line) {
	t.Helper()
	a := account(phones.Setup{Server: one.server, Ports: one.ports, SRTP: one.srtp}, "1001", "1002", one.Host, phones.LowTone)
	b := account(phones.Setup{Server: two.server, Ports: two.ports, SRTP: two.srtp, Bare: true}, "1002", "1001", two.Host, phones.HighTone)
	linphone = phones.Line{Phone: phones.StartLinphone(t, a), User: a.User, URI: b.Friend, Tone: a.Tone}
	baresip = phones.Line{Phone: phones.StartBaresip(t, b), User: b.User, URI: a.Friend, Tone: b.Tone}
	linphone.WaitRegistered()
	baresip.WaitRegistered()
	return linphone, baresip
}
