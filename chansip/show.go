package chansip

import (
	"fmt"
	"io"
	"net/netip"

	"obelus/chansip/reach"
	"obelus/chansip/show"
	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/sip"
)

// online counts the accounts of sip show peers.
type online struct{ total, watchedOn, watchedOff, on, off int }

// ShowPeers prints sip show peers, in the original's columns.
func (d *Driver) ShowPeers(w io.Writer) {
	const row = "%-25.25s %-39.39s %-3.3s %-10.10s %-10.10s %-3.3s %-8s %-11s %-32.32s %s\n"
	fmt.Fprintf(w, row, "Name/username", "Host", "Dyn", "Forcerport", "Comedia", "ACL", "Port", "Status", "Description", "")
	var n online
	for _, p := range d.settings.Load().All() {
		if p.Type&sipconf.TypePeer == 0 {
			continue
		}
		found := d.reach.Registered(p)
		host, port := "(Unspecified)", uint16(0)
		at, there := d.placeOf(p, found)
		if there {
			host, port = at.Addr().String(), at.Port()
		}
		status, ok := d.status(p)
		n.count(p.Qualify > 0, ok, there)
		name := p.Name
		if user := userAt(p, found); user != "" {
			name += "/" + user
		}
		behind := len(found) > 0 && behindNAT(&found[0])
		fmt.Fprintf(w, row, name, host, mark("D", p.Dynamic), show.NAT(p.NAT.ForceRport, p.NAT.AutoForceRport, behind),
			show.NAT(p.NAT.Comedia, p.NAT.AutoComedia, behind), mark("A", len(p.ACL) > 0), fmt.Sprint(port), status, p.Description, "")
	}
	fmt.Fprintf(w, "%d sip peers [Monitored: %d online, %d offline Unmonitored: %d online, %d offline]\n", n.total, n.watchedOn, n.watchedOff, n.on, n.off)
}

func (n *online) count(watched, answers, there bool) {
	n.total++
	switch {
	case watched && answers:
		n.watchedOn++
	case watched:
		n.watchedOff++
	case there:
		n.on++
	default:
		n.off++
	}
}

func mark(letter string, on bool) string {
	if on {
		return " " + letter + " "
	}
	return "   "
}

// behindNAT says whether a phone registered from elsewhere than it says it is.
func behindNAT(b *location.Binding) bool {
	u, err := sip.ParseURI(b.Contact)
	if err != nil {
		return false
	}
	host, err := netip.ParseAddr(u.Host)
	return err == nil && host.Unmap() != b.Received.Addr()
}

// userAt is the user part of where an account is registered, or its defaultuser.
func userAt(p *Peer, found []location.Binding) string {
	if len(found) > 0 {
		if u, err := sip.ParseURI(found[0].Contact); err == nil {
			return show.Plain(u.Who())
		}
	}
	return p.Username
}

// placeOf is where an account is; false where nobody knows.
func (d *Driver) placeOf(p *Peer, found []location.Binding) (netip.AddrPort, bool) {
	if len(found) > 0 {
		return found[0].Received, true
	}
	key, ok := reach.HostOf(p)
	if t := d.reach.Targets(key); ok && len(t) > 0 {
		return t[0].Addr, true
	}
	return netip.AddrPort{}, false
}

// status is how an account answers qualify, and whether it does. Of several
// phones it is the first that a call would ring.
func (d *Driver) status(p *Peer) (text string, answers bool) {
	contact := ""
	if found := d.reach.Registered(p); len(found) > 0 {
		contact = found[0].Contact
	}
	return d.phones.Status(p, contact)
}

// PeerNames lists the accounts, for completion.
func (d *Driver) PeerNames() []string {
	var out []string
	for _, p := range d.settings.Load().All() {
		out = append(out, p.Name)
	}
	return out
}

// ShowRegistry prints sip show registry.
func (d *Driver) ShowRegistry(w io.Writer) { d.out.Show(w) }
