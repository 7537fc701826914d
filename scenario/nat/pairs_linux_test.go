package nat

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"obelus/scenario/phones"
)

// Addresses of the two NATs, and the ports that every phone has.
const (
	publicOne = publicNet + "101"
	publicTwo = publicNet + "102"
	sipPort   = 5060
)

// pairs has linphonec and baresip call and write to each other through every
// pairing of two NATs.
func (w *work) pairs(t *testing.T) {
	for _, one := range Kinds() {
		for _, two := range Kinds() {
			t.Run(string(one)+" and "+string(two), func(t *testing.T) {
				t.Parallel()
				w.table.row(t, one, two)
				d := w.desk(t, one, two, deskSetup{})
				phones.PlayCall(d.linphone, d.baresip)
				phones.PlayCall(d.baresip, d.linphone)
				phones.PlayText(t, d.linphone, d.baresip)
			})
		}
	}
}

// together has both phones behind the same NAT, so that they have one public
// address.
func (w *work) together(t *testing.T) {
	for _, kind := range []Kind{PortRestricted, Symmetric} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			lab := NewLab(t, w.numbers)
			host := lab.Public("server", publicServer)
			phones.StartServerAt(t, phones.ServerSetup{
				Binary: w.binary, Netns: host.Netns, Addr: host.Addr, Files: phones.SeedConfig(t, ""),
			})
			box := lab.Behind("one", kind, publicOne)
			two := place{Host: box.Beside("two", privateNet+"21"), server: publicServer, ports: sipPort + 40}
			linphone, baresip := startPair(t, place{Host: box.Inside, server: publicServer}, two)
			phones.PlayCall(linphone, baresip)
			phones.PlayCall(baresip, linphone)
			phones.PlayText(t, linphone, baresip)
		})
	}
}

// options are the other ways to say nat=yes: they find out by themselves that
// the phone is behind NAT, or say it in other words.
func (w *work) options(t *testing.T) {
	for _, nat := range []string{"force_rport,comedia", "auto_force_rport,auto_comedia", "force_rport,auto_comedia"} {
		for _, kind := range []Kind{Restricted, Symmetric} {
			t.Run("nat="+nat+", "+string(kind), func(t *testing.T) {
				t.Parallel()
				w.callAndText(t, w.desk(t, kind, Symmetric, deskSetup{account: "nat=" + nat}))
			})
		}
	}
}

// desk is two phones, each behind its own NAT, that have registered with a
// server.
type desk struct {
	lab               *Lab
	server            *phones.Server
	one, two          *Box
	linphone, baresip phones.Line
}

// deskSetup is what is not as usual.
type deskSetup struct {
	account string        // lines of both accounts instead of nat=yes
	general string        // lines for the section general of sip.conf
	memory  time.Duration // of the NATs, for a flow without packets; 0: the usual
	phone   phones.Setup  // how both phones reach the server: TCP, TLS, STUN
}

// desk builds the network, starts the server and the phones, and returns when
// both have registered. The server has the configuration of the seed.
func (w *work) desk(t *testing.T, one, two Kind, setup deskSetup) *desk {
	t.Helper()
	d := &desk{lab: NewLab(t, w.numbers)}
	host := d.lab.Public("server", publicServer, publicOther)
	d.one, d.two = d.lab.Behind("one", one, publicOne), d.lab.Behind("two", two, publicTwo)
	if setup.memory > 0 {
		d.one.Impatience(setup.memory)
		d.two.Impatience(setup.memory)
	}
	files := phones.SeedConfig(t, setup.general)
	if setup.account != "" {
		files["sip.conf"] = strings.ReplaceAll(files["sip.conf"], "nat=yes\n", setup.account+"\n")
	}
	d.server = phones.StartServerAt(t, phones.ServerSetup{Binary: w.binary, Netns: host.Netns, Addr: host.Addr, Files: files})
	a := account(setup.phone, "1001", "1002", d.one.Inside, phones.LowTone)
	b := account(setup.phone, "1002", "1001", d.two.Inside, phones.HighTone)
	d.linphone = phones.Line{Phone: phones.StartLinphone(t, a), User: a.User, URI: b.Friend, Tone: a.Tone}
	d.baresip = phones.Line{Phone: phones.StartBaresip(t, b), User: b.User, URI: a.Friend, Tone: b.Tone}
	d.linphone.WaitRegistered()
	d.baresip.WaitRegistered()
	return d
}

// account is a phone of the seed's, at a host.
func account(s phones.Setup, user, friend string, at Host, tone float64) phones.Setup {
	s.User, s.Password, s.Tone, s.Ports = user, user, tone, cmp.Or(s.Ports, sipPort)
	s.Netns, s.Host, s.Server = at.Netns, at.Addr, cmp.Or(s.Server, publicServer)
	s.Friend = s.Number(friend)
	return s
}
