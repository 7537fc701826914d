package show

import (
	"fmt"
	"io"
	"strings"

	"obelus/call"
	"obelus/chansip/sipconf"
)

// Peer prints what sip show peer says of an account's settings, in the original's
// lines: expire is how long its registration lasts, behind whether its phone turned
// out to be behind NAT.
func Peer(w io.Writer, p *sipconf.Peer, expire string, behind bool) {
	fmt.Fprintf(w, "\n\n  * Name       : %s\n", p.Name)
	for _, rows := range [][]row{identityRows(p), callRows(p, expire), mediaRows(p, behind)} {
		for _, r := range rows {
			Line(w, r.label, r.value)
		}
	}
}

// Line prints a line of sip show peer.
func Line(w io.Writer, label, value string) { fmt.Fprintf(w, "  %-13s: %s\n", label, value) }

func identityRows(p *sipconf.Peer) []row {
	return []row{
		{"Description", p.Description},
		{"Secret", setOrNot(p.Secret)},
		{"MD5Secret", setOrNot(p.MD5Secret)},
		{"Remote Secret", setOrNot(p.RemoteSecret)},
		{"Context", p.Context},
		{"Record On feature ", "automon"},
		{"Record Off feature ", "automon"},
		{"Subscr.Cont.", WordOr(p.SubscribeContext, "<Not set>")},
		{"Language", p.Language},
		{"Tonezone", "<Not set>"},
		{"Accountcode", p.Account},
		{"AMA flags", "Unknown"},
		{"Transfer mode", Transfer(p.AllowTransfer)},
		{"CallingPres", presenceWord(p.CIDPres)},
		{"FromUser", p.FromUser},
		{"FromDomain", p.FromDomain},
	}
}

func callRows(p *sipconf.Peer, expire string) []row {
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
		{"Dynamic", Yes(p.Dynamic)},
		{"Callerid", fmt.Sprintf("\"%s\" <%s>", p.CallerID.Name, p.CallerID.Number)},
		{"MaxCallBR", fmt.Sprintf("%d kbps", p.MaxBitrate)},
		{"Expire", expire},
		{"Insecure", p.Insecure.String()},
	}
}

func mediaRows(p *sipconf.Peer, behind bool) []row {
	return []row{
		{"Force rport", NAT(p.NAT.ForceRport, p.NAT.AutoForceRport, behind)},
		{"Symmetric RTP", NAT(p.NAT.Comedia, p.NAT.AutoComedia, behind)},
		{"ACL", Yes(len(p.ACL) > 0)},
		{"ContactACL", Yes(len(p.ContactACL) > 0)},
		{"T.38 support", Yes(p.T38.On)},
		{"T.38 EC mode", FaxCorrection(p.T38)},
		{"T.38 MaxDtgrm", FaxDatagram(p.T38)},
		{"DirectMedia", Yes(p.Direct.Allowed)},
		{"PromiscRedir", Yes(p.PromiscRedir)},
		{"User=Phone", Yes(p.UserEqPhone)},
		{"Video Support", Yes(p.Video)},
		{"Text Support", Yes(p.Text)},
		{"Ign SDP ver", Yes(p.IgnoreSDPVersion)},
		{"Trust RPID", Yes(p.TrustRPID)},
		{"Send RPID", RPID(p.SendRPID)},
		{"Subscriptions", Yes(p.AllowSubscribe)},
		{"Overlap dial", Yes(p.AllowOverlap)},
		{"DTMFmode", DTMF(p.DTMF)},
		{"Timer T1", fmt.Sprint(T1(p).Milliseconds())},
		{"Timer B", fmt.Sprint(TimerB(p).Milliseconds())},
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
