package show

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/sip"
)

// Account is an account with what is known of it now.
type Account struct {
	Peer   *sipconf.Peer
	Phones []location.Binding // that have registered, the first that a call would ring first
	At     netip.AddrPort     // where it is; invalid where nobody knows
	Freq   time.Duration      // how often it is asked whether it is there
	Status []Status           // of each of its phones, at least one
}

// Status is how a phone answers when it is asked whether it is there.
type Status struct {
	Text    string
	Answers bool
}

// online counts the accounts of sip show peers.
type online struct{ total, watchedOn, watchedOff, on, off int }

// Accounts prints sip show peers, in the original's columns.
func Accounts(w io.Writer, all []Account) {
	const row = "%-25.25s %-39.39s %-3.3s %-10.10s %-10.10s %-3.3s %-8s %-11s %-32.32s %s\n"
	fmt.Fprintf(w, row, "Name/username", "Host", "Dyn", "Forcerport", "Comedia", "ACL", "Port", "Status", "Description", "")
	var n online
	for i := range all {
		a := &all[i]
		p, behind := a.Peer, a.behindNAT()
		host, port := "(Unspecified)", uint16(0)
		if a.At.IsValid() {
			host, port = a.At.Addr().String(), a.At.Port()
		}
		n.count(p.Qualify > 0, a.Status[0].Answers, a.At.IsValid())
		name := p.Name
		if user := a.user(); user != "" {
			name += "/" + user
		}
		fmt.Fprintf(w, row, name, host, mark("D", p.Dynamic), nat(p.NAT.ForceRport, p.NAT.AutoForceRport, behind), nat(p.NAT.Comedia, p.NAT.AutoComedia, behind),
			mark("A", len(p.ACL) > 0), fmt.Sprint(port), a.Status[0].Text, p.Description, "")
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

// behindNAT says whether the account's phone registered from elsewhere than it
// says it is.
func (a *Account) behindNAT() bool {
	if len(a.Phones) == 0 {
		return false
	}
	u, err := sip.ParseURI(a.Phones[0].Contact)
	if err != nil {
		return false
	}
	host, err := netip.ParseAddr(u.Host)
	return err == nil && host.Unmap() != a.Phones[0].Received.Addr()
}

// user is the user part of where an account is registered, or its defaultuser.
func (a *Account) user() string {
	if len(a.Phones) > 0 {
		if u, err := sip.ParseURI(a.Phones[0].Contact); err == nil {
			return Plain(u.Who())
		}
	}
	return a.Peer.Username
}
