package chansip

import (
	"fmt"
	"io"

	"obelus/chansip/direct"
	"obelus/chansip/qualify"
	"obelus/chansip/show"
	"obelus/chansip/sipconf"
	"obelus/sip/sdp"
)

// ShowPeers prints sip show peers.
func (d *Driver) ShowPeers(w io.Writer) {
	set := d.settings.Load()
	var all []show.Account
	for _, p := range set.All() {
		if p.Type&sipconf.TypePeer != 0 {
			all = append(all, d.shownAccount(set, p))
		}
	}
	show.Accounts(w, all)
}

// ShowPeer prints sip show peer NAME; false where there is none of that name.
func (d *Driver) ShowPeer(w io.Writer, name string) bool {
	set := d.settings.Load()
	p := set.Peer(name)
	if p == nil || p.Type&sipconf.TypePeer == 0 {
		fmt.Fprintf(w, "Peer %s not found.\n\n", name)
		return false
	}
	show.Peer(w, d.shownAccount(set, p), now())
	return true
}

// shownAccount is an account as the console shows it.
func (d *Driver) shownAccount(set *Settings, p *Peer) show.Account {
	a := show.Account{Peer: p, Phones: d.reach.Registered(p), At: d.reach.At(p), Freq: qualify.Freq(p, set)}
	for i := range a.Phones {
		status := d.shownStatus(p, a.Phones[i].Contact)
		if d.reach.Gone(&a.Phones[i]) {
			status = show.Status{Text: "UNREACHABLE"} // until it registers again
		}
		a.Status = append(a.Status, status)
	}
	if len(a.Phones) == 0 {
		a.Status = append(a.Status, d.shownStatus(p, ""))
	}
	return a
}

func (d *Driver) shownStatus(p *Peer, contact string) show.Status {
	text, answers := d.phones.Status(p, contact)
	return show.Status{Text: text, Answers: answers}
}

// PeerItem is what SIPPEER(name,item) says; false where there is no such account, or
// nothing of that name to say of it.
func (d *Driver) PeerItem(name, item string) (string, bool) {
	set := d.settings.Load()
	p := set.Peer(name)
	if p == nil || p.Type&sipconf.TypePeer == 0 {
		return "", false
	}
	a := d.shownAccount(set, p)
	return a.Item(item, d.calls.count(p.Name))
}

// IsDomain says whether sip.conf has a domain for ours: where it names none, none is.
func (d *Driver) IsDomain(name string) bool {
	_, ours := d.settings.Load().General.Domain(name)
	return ours
}

// Registered is whose registration has an extension exist, as regcontext= says; false for
// nobody's.
func (d *Driver) Registered(context, exten string) (name string, ok bool) {
	set := d.settings.Load()
	for _, p := range set.OfExtension(context, exten) {
		for _, b := range d.reach.Registered(p) {
			if !set.General.RegextenOnQualify || d.phones.Reachable(p, b.Contact) {
				return p.Name, true
			}
		}
	}
	return "", false
}

// PeerNames lists the accounts, for completion.
func (d *Driver) PeerNames() []string {
	var out []string
	for _, p := range d.settings.Load().All() {
		out = append(out, p.Name)
	}
	return out
}

// ShowUsers prints sip show users.
func (d *Driver) ShowUsers(w io.Writer) { show.Users(w, d.settings.Load()) }

// ShowDomains prints sip show domains.
func (d *Driver) ShowDomains(w io.Writer) { show.Domains(w, &d.settings.Load().General) }

// ShowInUse prints sip show inuse.
func (d *Driver) ShowInUse(w io.Writer, all bool) {
	show.InUse(w, d.settings.Load(), all, func(account string) (inUse, ringing, held int) {
		u := d.calls.lines.Use(account)
		return u.InUse, u.Ringing, u.OnHold
	})
}

// ShowRegistry prints sip show registry.
func (d *Driver) ShowRegistry(w io.Writer) { d.out.Show(w) }

// ShowChannels prints sip show channels.
func (d *Driver) ShowChannels(w io.Writer) { show.Channels(w, d.shownCalls()) }

// ShowChannelStats prints sip show channelstats.
func (d *Driver) ShowChannelStats(w io.Writer) { show.ChannelStats(w, d.shownCalls()) }

// ShowChannel prints sip show channel ID; false where there is none.
func (d *Driver) ShowChannel(w io.Writer, id string) bool {
	return show.Channel(w, d.shownCalls(), id)
}

// ChannelIDs lists the Call-IDs there are, for completion.
func (d *Driver) ChannelIDs() []string {
	var out []string
	for _, c := range d.shownCalls() {
		out = append(out, show.Plain(c.CallID))
	}
	return out
}

func (d *Driver) shownCalls() []show.Call {
	var out []show.Call
	for _, l := range d.calls.all() {
		out = append(out, l.shown())
	}
	return out
}

// shown is the leg as the console shows it. Its time runs from its beginning, as
// in the original.
func (l *leg) shown() show.Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.facts()
}

// facts is shown; l.mu is held.
func (l *leg) facts() show.Call {
	id := l.dlg.ID
	c := show.Call{
		Incoming: l.incoming, Up: l.state == legUp, Gone: l.state == legGone, Account: l.name, CallID: id.CallID, Ours: id.Local, Theirs: id.Remote,
		Target: l.dlg.Target, Remote: l.flow.Remote, Transport: l.flow.Transport.String(), AtSource: l.atSource, Timed: l.session.Interval > 0, Peer: l.peer,
	}
	if ch := l.told.Load(); ch != nil {
		c.Channel, c.Lasted = ch.Name(), now().Sub(ch.Created())
	}
	if l.talk != nil {
		audio := l.talk.Session().Audio()
		c.HasMedia, c.Held, c.Faxing, c.Agreed = true, l.talk.Held(), l.talk.Faxing(), l.talk.Agreed()
		c.Events, c.Stats, c.Sound = audio.HasEvents(), audio.Stats(), l.pointsAt()
	}
	return c
}

// pointsAt is where the phone is told to send its sound, and why: in a bridge what
// became of direct media; l.mu is held.
func (l *leg) pointsAt() string {
	if told := l.point.told; told != nil {
		return direct.Audio(told).String() + " (Outside bridge)"
	}
	ours := sdp.ConnectionTo(l.talk.Addr()).Address + " (local)"
	if p := l.point.pair.Load(); p != nil && !p.Over() {
		ours += "; " + p.String()
	} else if why := l.point.held.Load(); why != nil {
		ours += "; no direct media: " + *why
	}
	return ours
}
