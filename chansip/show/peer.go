package show

import (
	"fmt"
	"io"
	"strings"
	"time"

	"obelus/call"
	"obelus/chansip/sipconf"
	"obelus/sip"
)

// Peer prints sip show peer NAME, in the original's lines. Several phones of one
// account follow each other under Reg. Contact.
func Peer(w io.Writer, a Account, now time.Time) {
	expire, behind := "-1", a.behindNAT()
	if len(a.Phones) > 0 {
		expire = fmt.Sprint(sip.Seconds(a.Phones[0].Expires.Sub(now)))
	}
	fmt.Fprintf(w, "\n\n  * Name       : %s\n", a.Peer.Name)
	for _, rows := range [][]row{identityRows(a.Peer), callRows(a.Peer, expire), mediaRows(a.Peer, behind), a.placeRows(now)} {
		for _, r := range rows {
			fmt.Fprintf(w, "  %-13s: %s\n", r.label, r.value)
		}
	}
	fmt.Fprintln(w)
}

func identityRows(p *sipconf.Peer) []row {
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
		{"Transfer mode", transfer(p.AllowTransfer)},
		{"CallingPres", presenceWord(p.CIDPres)},
		{"FromUser", p.FromUser},
		{"FromDomain", p.FromDomain},
	}
}

func callRows(p *sipconf.Peer, expire string) []row {
	return []row{
		{"Callgroup", call.GroupNumbers(p.Groups.Call)},
		{"Pickupgroup", call.GroupNumbers(p.Groups.Pickup)},
		{"MOH Suggest", p.MusicSuggest},
		{"Mailbox", strings.Join(p.Mailboxes, ",")},
		{"VM Extension", p.VMExten},
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

func mediaRows(p *sipconf.Peer, behind bool) []row {
	return []row{
		{"Force rport", nat(p.NAT.ForceRport, p.NAT.AutoForceRport, behind)},
		{"Symmetric RTP", nat(p.NAT.Comedia, p.NAT.AutoComedia, behind)},
		{"ACL", yes(len(p.ACL) > 0)},
		{"ContactACL", yes(len(p.ContactACL) > 0)},
		{"T.38 support", yes(p.T38.On)},
		{"T.38 EC mode", faxCorrection(p.T38)},
		{"T.38 MaxDtgrm", faxDatagram(p.T38)},
		{"DirectMedia", yes(p.Direct.Allowed)},
		{"PromiscRedir", yes(p.PromiscRedir)},
		{"User=Phone", yes(p.UserEqPhone)},
		{"Video Support", yes(p.Video)},
		{"Text Support", yes(p.Text)},
		{"Ign SDP ver", yes(p.IgnoreSDPVersion)},
		{"Trust RPID", yes(p.TrustRPID)},
		{"Send RPID", rpid(p.SendRPID)},
		{"Subscriptions", yes(p.AllowSubscribe)},
		{"Overlap dial", yes(p.AllowOverlap)},
		{"DTMFmode", dtmf(p.DTMF)},
		{"Timer T1", fmt.Sprint(timerT1(p).Milliseconds())},
		{"Timer B", fmt.Sprint(timerB(p).Milliseconds())},
	}
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

// placeRows are where the account is, and how it is talked to.
func (a *Account) placeRows(now time.Time) []row {
	p := a.Peer
	host, at, fallback := "", "(null)", addrOr(p.DefaultAddr, "(null)")
	if !p.Dynamic {
		host = p.Host
	}
	if a.At.IsValid() {
		at = a.At.String()
	}
	mode, refresher := timers(p)
	rows := []row{
		{"ToHost", host},
		{"Addr->IP", at},
		{"Defaddr->IP", fallback},
		{"Prim.Transp.", p.Transport().String()},
		{"Allowed.Trsp", transports(p)},
		{"Def. Username", a.user()},
		{"Outb. proxy", wordOr(p.OutboundProxy, "<not set>")},
		{"Codecs", "(" + formats(p.Formats) + ")"},
		{"Auto-Framing", yes(p.AutoFraming)},
	}
	rows = append(rows, a.phoneRows(now)...)
	return append(rows, []row{
		{"Qualify Freq", millis(a.Freq)},
		{"Keepalive", millis(p.Keepalive)},
		{"Sess-Timers", mode},
		{"Sess-Refresh", refresher},
		{"Sess-Expires", secs(p.Timers.Expires)},
		{"Min-Sess", secs(p.Timers.Min)},
		{"Encryption", encryption(p.Encryption)},
		{"RTCP Mux", yes(p.RTCPMux)},
		{"Defined at", p.Line},
	}...)
}

// phoneRows are the phones of an account, at least the lines of one.
func (a *Account) phoneRows(now time.Time) []row {
	if len(a.Phones) == 0 {
		return []row{{"Status", a.Status[0].Text}, {"Useragent", ""}, {"Reg. Contact", ""}}
	}
	var rows []row
	for i, b := range a.Phones {
		rows = append(rows, row{"Status", a.Status[i].Text}, row{"Useragent", Plain(b.UserAgent)}, row{"Reg. Contact", Plain(b.Contact)})
		if len(a.Phones) > 1 {
			rows = append(rows, row{"  Received", b.Transport + " " + b.Received.String()}, row{"  Expire", fmt.Sprint(int(b.Expires.Sub(now) / time.Second))})
		}
	}
	return rows
}
