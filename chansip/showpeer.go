package chansip

import (
	"fmt"
	"io"
	"strings"
	"time"

	"obelus/call"
	"obelus/chansip/show"
	"obelus/chansip/sipconf"
	"obelus/location"
)

// row is a line of sip show peer: a label and a value.
type row struct{ label, value string }

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
		{"Subscr.Cont.", show.WordOr(p.SubscribeContext, "<Not set>")},
		{"Language", p.Language},
		{"Tonezone", "<Not set>"},
		{"Accountcode", p.Account},
		{"AMA flags", "Unknown"},
		{"Transfer mode", show.Transfer(p.AllowTransfer)},
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
		{"Dynamic", show.Yes(p.Dynamic)},
		{"Callerid", fmt.Sprintf("\"%s\" <%s>", p.CallerID.Name, p.CallerID.Number)},
		{"MaxCallBR", fmt.Sprintf("%d kbps", p.MaxBitrate)},
		{"Expire", expire},
		{"Insecure", p.Insecure.String()},
	}
}

func mediaRows(p *Peer, behind bool) []row {
	return []row{
		{"Force rport", show.NAT(p.NAT.ForceRport, p.NAT.AutoForceRport, behind)},
		{"Symmetric RTP", show.NAT(p.NAT.Comedia, p.NAT.AutoComedia, behind)},
		{"ACL", show.Yes(len(p.ACL) > 0)},
		{"ContactACL", show.Yes(len(p.ContactACL) > 0)},
		{"T.38 support", show.Yes(p.T38.On)},
		{"T.38 EC mode", show.FaxCorrection(p.T38)},
		{"T.38 MaxDtgrm", show.FaxDatagram(p.T38)},
		{"DirectMedia", show.Yes(p.Direct.Allowed)},
		{"PromiscRedir", show.Yes(p.PromiscRedir)},
		{"User=Phone", show.Yes(p.UserEqPhone)},
		{"Video Support", show.Yes(p.Video)},
		{"Text Support", show.Yes(p.Text)},
		{"Ign SDP ver", show.Yes(p.IgnoreSDPVersion)},
		{"Trust RPID", show.Yes(p.TrustRPID)},
		{"Send RPID", show.RPID(p.SendRPID)},
		{"Subscriptions", show.Yes(p.AllowSubscribe)},
		{"Overlap dial", show.Yes(p.AllowOverlap)},
		{"DTMFmode", show.DTMF(p.DTMF)},
		{"Timer T1", fmt.Sprint(show.T1(p).Milliseconds())},
		{"Timer B", fmt.Sprint(show.TimerB(p).Milliseconds())},
	}
}

func (d *Driver) placeRows(set *Settings, p *Peer, found []location.Binding) []row {
	host, at, fallback := "", "(null)", show.AddrOr(p.DefaultAddr, "(null)")
	if !p.Dynamic {
		host = p.Host
	}
	if a, there := d.placeOf(p, found); there {
		at = a.String()
	}
	mode, refresher := show.Timers(p)
	rows := []row{
		{"ToHost", host},
		{"Addr->IP", at},
		{"Defaddr->IP", fallback},
		{"Prim.Transp.", p.Transport().String()},
		{"Allowed.Trsp", show.Transports(p)},
		{"Def. Username", userAt(p, found)},
		{"Outb. proxy", show.WordOr(p.OutboundProxy, "<not set>")},
		{"Codecs", "(" + show.Formats(p.Formats) + ")"},
		{"Auto-Framing", show.Yes(p.AutoFraming)},
	}
	rows = append(rows, d.phoneRows(p, found)...)
	return append(rows, []row{
		{"Qualify Freq", show.Millis(qualifyFreq(p, set))},
		{"Keepalive", show.Millis(p.Keepalive)},
		{"Sess-Timers", mode},
		{"Sess-Refresh", refresher},
		{"Sess-Expires", show.Secs(p.Timers.Expires)},
		{"Min-Sess", show.Secs(p.Timers.Min)},
		{"Encryption", show.Encryption(p.Encryption)},
		{"RTCP Mux", show.Yes(p.RTCPMux)},
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
		rows = append(rows, row{"Status", status}, row{"Useragent", show.Plain(b.UserAgent)}, row{"Reg. Contact", show.Plain(b.Contact)})
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
