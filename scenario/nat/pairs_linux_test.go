package nat

import (
	"testing"

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
	general string // lines for the section general of sip.conf
	tcp     bool
}

// desk builds the network, starts the server and the phones, and returns when
// both have registered. The server has the configuration of the seed.
func (w *work) desk(t *testing.T, one, two Kind, setup deskSetup) *desk {
	t.Helper()
	d := &desk{lab: NewLab(t, w.numbers)}
	host := d.lab.Public("server", publicServer)
	d.one, d.two = d.lab.Behind("one", one, publicOne), d.lab.Behind("two", two, publicTwo)
	d.server = phones.StartServerAt(t, phones.ServerSetup{
		Binary: w.binary, Netns: host.Netns, Addr: host.Addr, Files: phones.SeedConfig(t, setup.general),
	})
	a := account("1001", "1002", d.one.Inside, phones.LowTone)
	b := account("1002", "1001", d.two.Inside, phones.HighTone)
	a.TCP, b.TCP = setup.tcp, setup.tcp
	a.Friend, b.Friend = d.server.Number("1002", setup.tcp), d.server.Number("1001", setup.tcp)
	d.linphone = phones.Line{Phone: phones.StartLinphone(t, a), User: a.User, URI: b.Friend, Tone: a.Tone}
	d.baresip = phones.Line{Phone: phones.StartBaresip(t, b), User: b.User, URI: a.Friend, Tone: b.Tone}
	d.linphone.WaitRegistered()
	d.baresip.WaitRegistered()
	return d
}

// account is a phone of the seed's, at a host.
func account(user, friend string, at Host, tone float64) phones.Setup {
	return phones.Setup{
		User: user, Password: user, Netns: at.Netns, Host: at.Addr, Ports: sipPort,
		Server: publicServer, Friend: "sip:" + friend + "@" + publicServer, Tone: tone,
	}
}
