package show

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"obelus/call"
	"obelus/chansip/sipconf"
	"obelus/sip"
)

// Peer prints sip show peer NAME, in the original's lines; what only obelus has stands at
// their end. Several phones of one account follow each other under Reg. Contact.
func Peer(w io.Writer, a Account, now time.Time) {
	expire, behind := "-1", a.behindNAT()
	if len(a.Phones) > 0 {
		expire = fmt.Sprint(sip.Seconds(a.Phones[0].Expires.Sub(now)))
	}
	fmt.Fprintf(w, "\n\n  * Name       : %s\n", a.Peer.Name)
	for _, rows := range [][]row{
		identityRows(a.Peer), callRows(a.Peer, expire), mediaRows(a.Peer, behind), policyRows(a.Peer), a.placeRows(now), a.sessionRows(), ownRows(a.Peer),
	} {
		for _, r := range rows {
			if r.label == "" { // one more of what is above
				fmt.Fprintf(w, "                 %s\n", r.value)
				continue
			}
			fmt.Fprintf(w, "  %-13s: %s\n", r.label, r.value)
		}
	}
	fmt.Fprintln(w)
}

// where keeps rows that have a value: the original leaves out what is not set.
func where(rows ...row) []row {
	return slices.DeleteFunc(rows, func(r row) bool { return r.value == "" })
}

func identityRows(p *sipconf.Peer) []row {
	rows := []row{
		{"Description", p.Description},
		{"Secret", setOrNot(p.Secret)},
		{"MD5Secret", setOrNot(p.MD5Secret)},
		{"Remote Secret", setOrNot(p.RemoteSecret)},
	}
	for _, c := range p.Credentials {
		kind := "<Not set>"
		switch {
		case c.Secret != "":
			kind = "<Secret set>"
		case c.MD5Secret != "":
			kind = "<MD5secret set>"
		}
		rows = append(rows, row{"Realm-auth", fmt.Sprintf("Realm %-15.15s User %-10.20s %s", c.Realm, c.User, kind)})
	}
	rows = append(rows, []row{
		{"Context", p.Context},
		{"Record On feature ", "automon"},
		{"Record Off feature ", "automon"},
		{"Subscr.Cont.", wordOr(p.SubscribeContext, "<Not set>")},
		{"Language", p.Language},
		{"Tonezone", wordOr(p.ToneZone, "<Not set>")},
	}...)
	rows = append(rows, where(row{"Accountcode", p.Account})...)
	rows = append(rows, []row{
		{"AMA flags", amaFlags(p.AMAFlags)},
		{"Transfer mode", transfer(p.AllowTransfer)},
		{"CallingPres", presentation(p.CIDPres)},
	}...)
	return append(rows, where(row{"FromUser", p.FromUser}, row{"FromDomain", fromDomain(p.FromDomain)})...)
}

// fromDomain is fromdomain= with its port, "" for none.
func fromDomain(domain string) string {
	if domain == "" {
		return ""
	}
	host, port := sipconf.SplitHostPort(domain)
	if port == 0 {
		port = 5060
	}
	return fmt.Sprintf("%s Port %d", host, port)
}

// amaFlags is the word for amaflags=.
func amaFlags(flags int) string {
	switch flags {
	case 1:
		return "OMIT"
	case 2:
		return "BILLING"
	case 3:
		return "DOCUMENTATION"
	}
	return "Unknown"
}

// presentation is the original's description of callingpres=.
func presentation(p call.Presentation) string {
	if p == call.PresUnavailable {
		return "Number Unavailable"
	}
	word := "Allowed"
	if p&0x60 != 0 {
		word = "Prohibited"
	}
	return "Presentation " + word + ", " + [...]string{"Not Screened", "Passed Screen", "Failed Screen", "Network Number"}[p&0x03]
}

func callRows(p *sipconf.Peer, expire string) []row {
	rows := []row{
		{"Callgroup", call.GroupNumbers(p.Groups.Call)},
		{"Pickupgroup", call.GroupNumbers(p.Groups.Pickup)},
		{"Named Callgr", strings.Join(p.Groups.NamedCall, ",")},
		{"Nam. Pickupgr", strings.Join(p.Groups.NamedPickup, ",")},
		{"MOH Suggest", p.MusicSuggest},
		{"Mailbox", strings.Join(p.Mailboxes, ",")},
		{"VM Extension", p.VMExten},
		{"Call limit", fmt.Sprint(p.CallLimit)},
		{"Max forwards", fmt.Sprint(p.MaxForwards)},
	}
	if p.BusyLevel > 0 {
		rows = append(rows, row{"Busy level", fmt.Sprint(p.BusyLevel)})
	}
	return append(rows, []row{
		{"Dynamic", yes(p.Dynamic)},
		{"Callerid", fmt.Sprintf("\"%s\" <%s>", p.CallerID.Name, p.CallerID.Number)},
		{"MaxCallBR", fmt.Sprintf("%d kbps", p.MaxBitrate)},
		{"Expire", expire},
		{"Insecure", p.Insecure.String()},
	}...)
}

func mediaRows(p *sipconf.Peer, behind bool) []row {
	return []row{
		{"Force rport", nat(p.NAT.ForceRport, p.NAT.AutoForceRport, behind)},
		{"Symmetric RTP", nat(p.NAT.Comedia, p.NAT.AutoComedia, behind)},
		{"ACL", yes(len(p.ACL) > 0)},
		{"ContactACL", yes(len(p.ContactACL) > 0)},
		{"DirectMedACL", yes(len(p.DirectACL) > 0)},
		{"T.38 support", yes(p.T38.On)},
		{"T.38 EC mode", faxCorrection(p.T38)},
		{"T.38 MaxDtgrm", faxDatagram(p.T38)},
		{"DirectMedia", yes(p.Direct.Allowed)},
		{"PromiscRedir", yes(p.PromiscRedir)},
		{"User=Phone", yes(p.UserEqPhone)},
		{"Video Support", yes(p.Video)},
		{"Text Support", yes(p.Text)},
		{"Ign SDP ver", yes(p.IgnoreSDPVersion)},
	}
}

// policyRows are what an account is believed, told and let do.
func policyRows(p *sipconf.Peer) []row {
	rows := []row{
		{"Trust RPID", yes(p.TrustRPID)},
		{"Send RPID", rpid(p.SendRPID)},
		{"Path support", yes(p.SupportPath)},
		{"Path", "N/A"},
		{"TrustIDOutbnd", p.TrustID.String()},
		{"Subscriptions", yes(p.AllowSubscribe)},
		{"Overlap dial", yes(p.AllowOverlap)},
	}
	rows = append(rows, where(row{"Outb. proxy", proxy(p)})...)
	return append(rows, []row{
		{"DTMFmode", dtmf(p.DTMF)},
		{"Timer T1", fmt.Sprint(timerT1(p).Milliseconds())},
		{"Timer B", fmt.Sprint(timerB(p).Milliseconds())},
	}...)
}

// proxy is outboundproxy=, "" for none.
func proxy(p *sipconf.Peer) string {
	host, forced, _ := strings.Cut(p.OutboundProxy, ",")
	if host == "" {
		return ""
	}
	if forced != "" {
		forced = "(forced)"
	}
	return strings.TrimSpace(host) + " " + forced
}

func setOrNot(secret string) string {
	if secret == "" {
		return "<Not set>"
	}
	return "<Set>"
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
	rows := []row{
		{"ToHost", host},
		{"Addr->IP", at},
		{"Defaddr->IP", fallback},
		{"Prim.Transp.", p.Transport().String()},
		{"Allowed.Trsp", transports(p)},
	}
	rows = append(rows, where(row{"Reg. exten", p.Exten})...)
	rows = append(rows, []row{
		{"Def. Username", a.user()},
		{"SIP Options", "(none)"},
		{"Codecs", "(" + formats(p.Formats) + ")"},
		{"Auto-Framing", yes(p.AutoFraming)},
	}...)
	return append(rows, a.phoneRows(now)...)
}

// sessionRows are how its calls are kept up.
func (a *Account) sessionRows() []row {
	p := a.Peer
	mode, refresher := timers(p)
	rows := []row{{"Qualify Freq", millis(a.Freq)}, {"Keepalive", millis(p.Keepalive)}}
	for i, v := range p.Vars {
		if i == 0 {
			rows = append(rows, row{"Variables", ""})
		}
		rows = append(rows, row{"", v.Name + " = " + v.Value})
	}
	return append(rows, []row{
		{"Sess-Timers", mode},
		{"Sess-Refresh", refresher},
		{"Sess-Expires", secs(p.Timers.Expires)},
		{"Min-Sess", secs(p.Timers.Min)},
		{"RTP Engine", "asterisk"},
		{"Parkinglot", ""},
		{"Use Reason", yes(p.UseQ850)},
		{"Encryption", encryption(p.Encryption)},
		{"RTCP Mux", yes(p.RTCPMux)},
	}...)
}

// ownRows are what only obelus has.
func ownRows(p *sipconf.Peer) []row {
	return append(where(row{"Callback", p.Callback}), row{"Max contacts", fmt.Sprint(max(p.MaxContacts, 1))}, row{"Defined at", p.Line})
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
