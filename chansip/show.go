package chansip

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"obelus/media"
	"obelus/sip"
	"obelus/sip/dialog"
)

// ShowPeers prints sip show peers, in the original's columns.
func (d *Driver) ShowPeers(w io.Writer) {
	const row = "%-25.25s %-39.39s %-3.3s %-10.10s %-10.10s %-3.3s %-8s %-11s %-32.32s \n"
	fmt.Fprintf(w, row, "Name/username", "Host", "Dyn", "Forcerport", "Comedia", "ACL", "Port", "Status", "Description")
	set := d.settings.Load()
	peers := slices.Clone(set.Peers)
	slices.SortFunc(peers, func(a, b *Peer) int { return strings.Compare(a.Name, b.Name) })
	var total, monOn, monOff, on, off int
	for _, p := range peers {
		if p.Type&TypePeer == 0 {
			continue
		}
		total++
		host, port, there := d.placeOf(p)
		status, ok := d.status(p)
		switch {
		case p.Qualify > 0 && ok:
			monOn++
		case p.Qualify > 0:
			monOff++
		case there:
			on++
		default:
			off++
		}
		name := p.Name
		if user := d.userOf(p); user != "" {
			name += "/" + user
		}
		dyn, acl := "", ""
		if p.Dynamic {
			dyn = " D"
		}
		if len(p.ACL) > 0 {
			acl = " A"
		}
		fmt.Fprintf(w, row, name, host, dyn, natWord(p.NAT.ForceRport, p.NAT.AutoForceRport), natWord(p.NAT.Comedia, p.NAT.AutoComedia),
			acl, fmt.Sprint(port), status, p.Description)
	}
	fmt.Fprintf(w, "%d sip peers [Monitored: %d online, %d offline Unmonitored: %d online, %d offline]\n", total, monOn, monOff, on, off)
}

func natWord(on, auto bool) string {
	switch {
	case auto:
		return "Auto (No)"
	case on:
		return "Yes"
	}
	return "No"
}

// userOf is the user part of where an account is reached, or its defaultuser.
func (d *Driver) userOf(p *Peer) string {
	if p.Username != "" {
		return p.Username
	}
	if p.Dynamic {
		for _, b := range d.cfg.Location.Lookup(nil, p.Name, now()) {
			if user, _, ok := strings.Cut(strings.TrimPrefix(b.Contact, "sip:"), "@"); ok {
				return user
			}
		}
	}
	return ""
}

// placeOf is the address of an account as the console shows it.
func (d *Driver) placeOf(p *Peer) (host string, port uint16, there bool) {
	if p.Dynamic {
		found := d.cfg.Location.Lookup(nil, p.Name, now())
		if len(found) == 0 {
			return "(Unspecified)", p.Port, false
		}
		return found[0].Received.Addr().String(), found[0].Received.Port(), true
	}
	key, _ := p.host()
	if t := d.targetsOf(key); len(t) > 0 {
		return t[0].Addr.Addr().String(), t[0].Addr.Port(), true
	}
	return p.Host, p.Port, false
}

// status is how an account answers qualify, and whether it does.
func (d *Driver) status(p *Peer) (string, bool) {
	if p.Qualify == 0 {
		return "Unmonitored", true
	}
	contact := ""
	if found := d.registered(p); len(found) > 0 {
		contact = found[0].Contact
	}
	state, took := d.states.shown(p.Name, contact)
	switch state {
	case reachOK:
		return fmt.Sprintf("OK (%d ms)", took.Milliseconds()), true
	case reachLagged:
		return fmt.Sprintf("LAGGED (%d ms)", took.Milliseconds()), false
	case reachNot:
		return "UNREACHABLE", false
	}
	return "UNKNOWN", false
}

// PeerNames lists the accounts, for completion.
func (d *Driver) PeerNames() []string {
	var out []string
	for _, p := range d.settings.Load().Peers {
		out = append(out, p.Name)
	}
	slices.Sort(out)
	return out
}

func yes(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// ShowPeer prints sip show peer NAME; false where there is none of that name.
func (d *Driver) ShowPeer(w io.Writer, name string) bool {
	p := d.settings.Load().Peer(name)
	if p == nil {
		fmt.Fprintf(w, "Peer %s not found.\n\n", name)
		return false
	}
	line := func(label, format string, args ...any) {
		fmt.Fprintf(w, "  %-13s: %s\n", label, fmt.Sprintf(format, args...))
	}
	set := "<Not set>"
	secret := set
	if p.Secret != "" {
		secret = "<Set>"
	}
	md5 := set
	if p.MD5Secret != "" {
		md5 = "<Set>"
	}
	fmt.Fprintf(w, "\n\n  * Name       : %s\n", p.Name)
	line("Description", "%s", p.Description)
	line("Secret", "%s", secret)
	line("MD5Secret", "%s", md5)
	line("Context", "%s", p.Context)
	line("Language", "%s", p.Language)
	line("Accountcode", "%s", p.Account)
	line("Transport", "%s", p.transportOf())
	line("FromUser", "%s", p.FromUser)
	line("FromDomain", "%s", p.FromDomain)
	line("Mailbox", "%s", strings.Join(p.Mailboxes, ","))
	line("MaxCallBR", "%d kbps", p.MaxBitrate)
	line("Call limit", "%d", p.CallLimit)
	line("Busy level", "%d", p.BusyLevel)
	line("Dynamic", "%s", yes(p.Dynamic))
	line("Callerid", "\"%s\" <%s>", p.CallerID.Name, p.CallerID.Number)
	line("Max contacts", "%d", max(p.MaxContacts, 1))
	line("Insecure", "%s", insecureWord(p.Insecure))
	line("Force rport", "%s", natWord(p.NAT.ForceRport, p.NAT.AutoForceRport))
	line("Symmetric RTP", "%s", natWord(p.NAT.Comedia, p.NAT.AutoComedia))
	line("ACL", "%s", yes(len(p.ACL) > 0))
	line("DirectMedia", "%s", yes(p.Direct.Allowed))
	line("TrustRPID", "%s", yes(p.TrustRPID))
	line("DTMFmode", "%s", dtmfWord(p.DTMF))
	line("Codecs", "(%s)", formatList(p.Formats))
	status, _ := d.status(p)
	line("Status", "%s", status)
	host, port, _ := d.placeOf(p)
	line("ToHost", "%s", toHost(p))
	line("Addr->IP", "%s:%d", host, port)
	line("Defined at", "%s", p.Line)
	for _, b := range d.cfg.Location.Lookup(nil, p.Name, now()) {
		line("Reg. Contact", "%s", b.Contact)
		line("  Received", "%s %s", b.Transport, b.Received)
		line("  Useragent", "%s", b.UserAgent)
		line("  Expires in", "%d", int(time.Until(b.Expires).Seconds()))
	}
	fmt.Fprintln(w)
	return true
}

func toHost(p *Peer) string {
	if p.Dynamic {
		return ""
	}
	return p.Host
}

func insecureWord(i Insecure) string {
	switch {
	case i.Port && i.Invite:
		return "port,invite"
	case i.Port:
		return "port"
	case i.Invite:
		return "invite"
	}
	return "no"
}

func dtmfWord(m DTMFMode) string {
	switch m {
	case DTMFInfo:
		return "info"
	case DTMFShortInfo:
		return "shortinfo"
	case DTMFInband:
		return "inband"
	case DTMFAuto:
		return "auto"
	}
	return "rfc2833"
}

// formatList writes formats as the original does: ulaw|alaw|gsm.
func formatList(fs []media.Format) string {
	if len(fs) == 0 {
		return "nothing"
	}
	var names []string
	for _, f := range fs {
		names = append(names, f.String())
	}
	return strings.Join(names, "|")
}

// ShowChannels prints sip show channels.
func (d *Driver) ShowChannels(w io.Writer) {
	const row = "%-15.15s  %-15.15s  %-15.15s  %-15.15s  %-7.7s  %-15.15s %-10.10s %-10.10s\n"
	fmt.Fprintf(w, row, "Peer", "User/ANR", "Call ID", "Format", "Hold", "Last Message", "Expiry", "Peer")
	legs := d.calls.all()
	slices.SortFunc(legs, func(a, b *leg) int { return strings.Compare(a.dlgID().CallID, b.dlgID().CallID) })
	for _, l := range legs {
		l.mu.Lock()
		format, hold := "(nothing)", "No"
		if l.talk != nil {
			format = "(" + formatList(l.talk.agreed()) + ")"
			if l.talk.held {
				hold = "Yes"
			}
		}
		last := "Rx: INVITE"
		switch {
		case l.state == legUp && l.incoming:
			last = "Rx: ACK"
		case l.state == legUp:
			last = "Tx: ACK"
		case !l.incoming:
			last = "Tx: INVITE"
		}
		remote := l.flow.Remote.Addr().Unmap().String()
		id := l.dlg.ID.CallID
		l.mu.Unlock()
		user := l.name
		if user == "" {
			user = "(None)"
		}
		fmt.Fprintf(w, row, remote, user, id, format, hold, last, "", l.name)
	}
	fmt.Fprintf(w, "%d active SIP dialog%s\n", len(legs), plural(len(legs)))
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func (l *leg) dlgID() dialog.ID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dlg.ID
}

// ShowRegistry prints sip show registry.
func (d *Driver) ShowRegistry(w io.Writer) {
	const row = "%-39.39s %-6.6s %-12.12s  %8.8s %-20.20s %-25.25s\n"
	fmt.Fprintf(w, row, "Host", "dnsmgr", "Username", "Refresh", "State", "Reg.Time")
	d.out.mu.Lock()
	list := slices.Clone(d.out.list)
	d.out.mu.Unlock()
	for _, g := range list {
		g.mu.Lock()
		at := ""
		if !g.at.IsZero() {
			at = g.at.Format("Mon, 02 Jan 2006 15:04:05")
		}
		port := g.r.Port
		if port == 0 {
			port = 5060
		}
		fmt.Fprintf(w, row, fmt.Sprintf("%s:%d", g.r.Host, port), "N", g.r.User, fmt.Sprint(int(g.next.Seconds())), g.state, at)
		g.mu.Unlock()
	}
	fmt.Fprintf(w, "%d SIP registrations.\n", len(list))
}

// Tell answers CHANNEL(item) and SIP_HEADER(name).
func (l *leg) Tell(item string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch item {
	case "peerip", "recvip":
		return l.flow.Remote.Addr().Unmap().String(), true
	case "peername":
		return l.name, true
	case "useragent":
		if l.request != nil {
			return strings.Clone(l.request.m.Value(sip.HeaderUserAgent)), true
		}
		return "", true
	case "from":
		return l.dlg.Remote, true
	case "uri":
		return l.dlg.Target, true
	case "audionativeformat", "audioreadformat", "audiowriteformat":
		for _, f := range l.peer.Formats {
			if l.talk != nil && len(l.talk.agreed()) > 0 {
				return l.talk.agreed()[0].String(), true
			}
			return f.String(), true
		}
	case "channeltype":
		return "SIP", true
	case "callid":
		return l.dlg.CallID, true
	}
	if name, ok := strings.CutPrefix(item, "SIP_HEADER:"); ok && l.request != nil {
		v, has := l.request.m.Header(name)
		return strings.Clone(v), has
	}
	return "", false
}
