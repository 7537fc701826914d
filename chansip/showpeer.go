package chansip

import (
	"fmt"
	"io"
	"strings"
	"time"

	"obelus/call"
	"obelus/chansip/sipconf"
	"obelus/location"
)

// ShowPeer prints sip show peer NAME, in the original's lines; false where there
// is none of that name. Several phones of one account follow each other under
// Reg. Contact.
func (d *Driver) ShowPeer(w io.Writer, name string) bool {
	set := d.settings.Load()
	p := set.Peer(name)
	if p == nil || p.Type&sipconf.TypePeer == 0 {
		fmt.Fprintf(w, "Peer %s not found.\n\n", name)
		return false
	}
	found := d.registered(p)
	fmt.Fprintf(w, "\n\n  * Name       : %s\n", p.Name)
	for _, rows := range [][]row{identityRows(p), callRows(p, found), mediaRows(p, len(found) > 0 && behindNAT(&found[0])), d.placeRows(set, p, found)} {
		for _, r := range rows {
			fmt.Fprintf(w, "  %-13s: %s\n", r.label, r.value)
		}
	}
	fmt.Fprintln(w)
	return true
}

func identityRows(p *Peer) []row {
	return []row{
		{"Description", p.Description},
		{"Secret", setOrNot(p.Secret)},
		{"MD5Secret", setOrNot(p.MD5Secret)},
		{"Remote Secret", setOrNot(p.RemoteSecret)},
		{"Context", p.Context},
		{"Record On feature ", "automon"},
		{"Record Off feature ", "automon"},
		{"Subscr.Cont.", wordOr(p.SubscribeContext, "<Not set>")},
		{"Language", p.Language},
		{"Tonezone", "<Not set>"},
		{"Accountcode", p.Account},
		{"AMA flags", "Unknown"},
		{"Transfer mode", transferWord(p.AllowTransfer)},
		{"CallingPres", presenceWord(p.CIDPres)},
		{"FromUser", p.FromUser},
		{"FromDomain", p.FromDomain},
	}
}

func callRows(p *Peer, found []location.Binding) []row {
	expire := "-1"
	if len(found) > 0 {
		expire = fmt.Sprint(seconds(found[0].Expires.Sub(now())))
	}
	return []row{
		{"Callgroup", ""},
		{"Pickupgroup", ""},
		{"MOH Suggest", p.MusicSuggest},
		{"Mailbox", strings.Join(p.Mailboxes, ",")},
		{"VM Extension", "asterisk"},
		{"Call limit", fmt.Sprint(p.CallLimit)},
		{"Max forwards", fmt.Sprint(p.MaxForwards)},
		{"Busy level", fmt.Sprint(p.BusyLevel)},
		{"Max contacts", fmt.Sprint(max(p.MaxContacts, 1))},
		{"Dynamic", yes(p.Dynamic)},
		{"Callerid", fmt.Sprintf("\"%s\" <%s>", p.CallerID.Name, p.CallerID.Number)},
		{"MaxCallBR", fmt.Sprintf("%d kbps", p.MaxBitrate)},
		{"Expire", expire},
		{"Insecure", p.Insecure.String()},
	}
}

func mediaRows(p *Peer, behind bool) []row {
	return []row{
		{"Force rport", natWord(p.NAT.ForceRport, p.NAT.AutoForceRport, behind)},
		{"Symmetric RTP", natWord(p.NAT.Comedia, p.NAT.AutoComedia, behind)},
		{"ACL", yes(len(p.ACL) > 0)},
		{"ContactACL", yes(len(p.ContactACL) > 0)},
		{"T.38 support", yes(p.T38.On)},
		{"T.38 EC mode", faxWord(p.T38)},
		{"T.38 MaxDtgrm", datagramWord(p.T38)},
		{"DirectMedia", "No"},
		{"PromiscRedir", yes(p.PromiscRedir)},
		{"User=Phone", yes(p.UserEqPhone)},
		{"Video Support", yes(p.Video)},
		{"Text Support", yes(p.Text)},
		{"Ign SDP ver", yes(p.IgnoreSDPVersion)},
		{"Trust RPID", yes(p.TrustRPID)},
		{"Send RPID", rpidWord(p.SendRPID)},
		{"Subscriptions", yes(p.AllowSubscribe)},
		{"Overlap dial", yes(p.AllowOverlap)},
		{"DTMFmode", dtmfWord(p.DTMF)},
		{"Timer T1", fmt.Sprint(t1(p).Milliseconds())},
		{"Timer B", fmt.Sprint(timerB(p).Milliseconds())},
	}
}

func (d *Driver) placeRows(set *Settings, p *Peer, found []location.Binding) []row {
	host, at, fallback := "", "(null)", addrOr(p.DefaultAddr, "(null)")
	if !p.Dynamic {
		host = p.Host
	}
	if a, there := d.placeOf(p, found); there {
		at = a.String()
	}
	mode, refresher := timersOf(p)
	rows := []row{
		{"ToHost", host},
		{"Addr->IP", at},
		{"Defaddr->IP", fallback},
		{"Prim.Transp.", p.Transport().String()},
		{"Allowed.Trsp", transportList(p)},
		{"Def. Username", userAt(p, found)},
		{"Outb. proxy", wordOr(p.OutboundProxy, "<not set>")},
		{"Codecs", "(" + formatList(p.Formats) + ")"},
		{"Auto-Framing", yes(p.AutoFraming)},
	}
	rows = append(rows, d.phoneRows(p, found)...)
	return append(rows, []row{
		{"Qualify Freq", millis(qualifyFreq(p, set))},
		{"Keepalive", millis(p.Keepalive)},
		{"Sess-Timers", mode},
		{"Sess-Refresh", refresher},
		{"Sess-Expires", secs(p.Timers.Expires)},
		{"Min-Sess", secs(p.Timers.Min)},
		{"Encryption", "No"},
		{"RTCP Mux", yes(p.RTCPMux)},
		{"Defined at", p.Line},
	}...)
}

// phoneRows are the phones of an account, at least the lines of one.
func (d *Driver) phoneRows(p *Peer, found []location.Binding) []row {
	if len(found) == 0 {
		status, _ := d.status(p)
		return []row{{"Status", status}, {"Useragent", ""}, {"Reg. Contact", ""}}
	}
	var rows []row
	for _, b := range found {
		status, _ := d.statusOf(p, b.Contact)
		rows = append(rows, row{"Status", status}, row{"Useragent", plain(b.UserAgent)}, row{"Reg. Contact", plain(b.Contact)})
		if len(found) > 1 {
			rows = append(rows, row{"  Received", b.Transport + " " + b.Received.String()}, row{"  Expire", fmt.Sprint(int(b.Expires.Sub(now()) / time.Second))})
		}
	}
	return rows
}

func setOrNot(secret string) string {
	if secret == "" {
		return "<Not set>"
	}
	return "<Set>"
}

func presenceWord(p call.Presentation) string {
	if p&0x60 == 0 {
		return "Presentation Allowed, Not Screened"
	}
	return "Presentation Prohibited, Not Screened"
}
