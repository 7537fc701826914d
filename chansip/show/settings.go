// Package show writes what the settings of sip.conf are, as the console of the
// original does: sip show settings, and the words that sip show peer shares with
// it.
package show

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/sip/transport"
)

// row is a line of what the console shows: a label, which in the original has its
// colon or has none, and a value. A label that ends in a tab has the value stand
// right behind it.
type row struct{ label, value string }

// block is a part of it, with a headline and the line under it.
type block struct {
	head, rule string
	rows       []row
}

// Settings prints sip show settings, line for line as the original. What
// obelus does not do stands there as switched off.
func Settings(w io.Writer, set *sipconf.Settings) {
	fmt.Fprint(w, "\n\n")
	for _, b := range []block{
		globalBlock(set), qosBlock(&set.General), networkBlock(&set.General), signallingBlock(&set.General), defaultBlock(&set.General.Default),
	} {
		fmt.Fprintf(w, "%s\n%s\n", b.head, b.rule)
		for _, r := range b.rows {
			label, tight := strings.CutSuffix(r.label, "\t")
			if !tight {
				label = fmt.Sprintf("%-23s ", label)
			}
			fmt.Fprintf(w, "  %s%s\n", label, r.value)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "----\n")
}

func globalBlock(set *sipconf.Settings) block {
	g := &set.General
	return block{"Global Settings:", "----------------", []row{
		{"UDP Bindaddress:", bound(g.UDP, g.UDPBind)},
		{"TCP SIP Bindaddress:", bound(g.TCP, g.TCPBind)},
		{"TLS SIP Bindaddress:", bound(g.TLSEnable, g.TLSBind)},
		{"RTP Bindaddress:", AddrOr(g.RTPBind, "Disabled")},
		{"Videosupport:", Yes(g.Default.Video)},
		{"Textsupport:", Yes(g.Default.Text)},
		{"Ignore SDP sess. ver.:", Yes(g.Default.IgnoreSDPVersion)},
		{"AutoCreate Peer:", onOff(g.AutoCreate)},
		{"Match Auth Username:", Yes(g.MatchAuthUsername)},
		{"Allow unknown access:", Yes(g.AllowGuest)},
		{"Allow subscriptions:", Yes(g.AllowSubscribe)},
		{"Allow overlap dialing:", Yes(g.Default.AllowOverlap)},
		{"Allow promisc. redir:", Yes(g.Default.PromiscRedir)},
		{"Enable call counters:", "No"},
		{"SIP domain support:", "No"},
		{"Path support :", "No"},
		{"Realm. auth:", "No"},
		{"Our auth realm", g.Realm},
		{"Use domains as realms:", "No"},
		{"Call to non-local dom.:", Yes(g.AllowExternal)},
		{"URI user is phone no:", Yes(g.Default.UserEqPhone)},
		{"Always auth rejects:", Yes(g.AlwaysAuthReject)},
		{"Direct RTP setup:", "No"},
		{"User Agent:", g.UserAgent},
		{"SDP Session Name:", g.SDPSession},
		{"SDP Owner Name:", g.SDPOwner},
		{"Reg. context:", "(not set)"},
		{"Regexten on Qualify:", "No"},
		{"Trust RPID:", Yes(g.Default.TrustRPID)},
		{"Send RPID:", RPID(g.Default.SendRPID)},
		{"Legacy userfield parse:", Yes(g.LegacyUserField)},
		{"Send Diversion:", "Yes"},
		{"Caller ID:", g.CallerID},
		{"From: Domain:", g.FromDomain},
		{"Record SIP history:", "Off"},
		{"Auth. Failure Events:", "Off"},
		{"T.38 support:", Yes(g.Default.T38.On)},
		{"T.38 EC mode:", FaxCorrection(g.Default.T38)},
		{"T.38 MaxDtgrm:", FaxDatagram(g.Default.T38)},
		{"SIP realtime:", "Disabled"},
		{"Qualify Freq :", Millis(g.QualifyFreq)},
		{"Q.850 Reason header:", Yes(g.UseQ850)},
		{"Store SIP_CAUSE:", "No"},
	}}
}

func qosBlock(g *sipconf.General) block {
	kinds := []struct {
		name  string
		marks sipconf.Marks
	}{{"SIP", g.SIPMarks}, {"RTP audio", g.AudioMarks}, {"RTP video", g.VideoMarks}, {"RTP text", g.TextMarks}}
	rows := []row{}
	for _, of := range kinds {
		rows = append(rows, row{"IP ToS " + of.name + ":", sipconf.TOSName(of.marks.TOS)})
	}
	for _, of := range kinds {
		rows = append(rows, row{"802.1p CoS " + of.name + ":", strconv.Itoa(of.marks.COS)})
	}
	return block{"Network QoS Settings:", "---------------------------", append(rows, row{"Jitterbuffer enabled:", "No"})}
}

func networkBlock(g *sipconf.General) block {
	remap := "Disabled, no localnet list"
	if len(g.LocalNets) > 0 {
		switch {
		case g.ExternAddr.Addr().IsValid():
			remap = "Enabled using externaddr"
		case g.ExternHost != "":
			remap = "Enabled using externhost"
		case g.STUNAddr != "":
			remap = "Enabled using stunaddr"
		default:
			remap = "Disabled, no externaddr"
		}
	}
	ext := "(null)"
	if g.ExternAddr.Addr().IsValid() {
		ext = fmt.Sprintf("%s:%d", g.ExternAddr.Addr(), g.ExternAddr.Port())
	}
	b := block{"Network Settings:", "---------------------------", []row{
		{"SIP address remapping:", remap},
		{"Externhost:", WordOr(g.ExternHost, "<none>")},
		{"Externaddr:", ext},
		{"Externrefresh:", fmt.Sprint(int(g.ExternRefresh.Seconds()))},
	}}
	for i, n := range g.LocalNets {
		label := ""
		if i == 0 {
			label = "Localnet:"
		}
		b.rows = append(b.rows, row{label, n.String()})
	}
	return b
}

func signallingBlock(g *sipconf.General) block {
	p := &g.Default
	mode, refresher := Timers(p)
	return block{"Global Signalling Settings:", "---------------------------", []row{
		{"Codecs:", "(" + Formats(p.Formats) + ")"},
		{"Relax DTMF:", Yes(g.RelaxDTMF)},
		{"RFC2833 Compensation:", Yes(p.CompensateDTMF)},
		{"Symmetric RTP:", Yes(p.NAT.Comedia)},
		{"Compact SIP headers:", Yes(g.CompactHeaders)},
		{"RTP Keepalive:", secondsOff(p.RTPKeepalive)},
		{"RTP Timeout:", secondsOff(p.RTPTimeout)},
		{"RTP Hold Timeout:", secondsOff(p.RTPHoldTimeout)},
		{"MWI NOTIFY mime type:", "application/simple-message-summary"},
		{"DNS SRV lookup:", Yes(g.SRVLookup)},
		{"Pedantic SIP support:", "Yes"},
		{"Reg. min duration", Secs(g.MinExpiry)},
		{"Reg. max duration:", Secs(g.MaxExpiry)},
		{"Reg. default duration:", Secs(g.DefaultExpiry)},
		{"Sub. min duration", "60 secs"},
		{"Sub. max duration:", "3600 secs"},
		{"Outbound reg. timeout:", Secs(g.RegisterTimeout)},
		{"Outbound reg. attempts:", fmt.Sprint(g.RegisterAttempts)},
		{"Outbound reg. retry 403:\t", Yes(g.RegisterRetry403)},
		{"Notify ringing state:", "Yes"},
		{"  Include CID:", "No"},
		{"Notify hold state:", "No"},
		{"SIP Transfer mode:", Transfer(p.AllowTransfer)},
		{"Max Call Bitrate:", fmt.Sprintf("%d kbps", p.MaxBitrate)},
		{"Auto-Framing:", Yes(p.AutoFraming)},
		{"Outb. proxy:", WordOr(p.OutboundProxy, "<not set>") + " "},
		{"Session Timers:", mode},
		{"Session Refresher:", refresher},
		{"Session Expires:", Secs(p.Timers.Expires)},
		{"Session Min-SE:", Secs(p.Timers.Min)},
		{"Timer T1:", fmt.Sprint(T1(p).Milliseconds())},
		{"Timer T1 minimum:", "100"},
		{"Timer B:", fmt.Sprint(TimerB(p).Milliseconds())},
		{"No premature media:", Yes(!g.PrematureMedia)},
		{"Max forwards:", fmt.Sprint(p.MaxForwards)},
	}}
}

func defaultBlock(p *sipconf.Peer) block {
	return block{"Default Settings:", "-----------------", []row{
		{"Allowed transports:", Transports(p)},
		{"Outbound transport:\t", "\t  " + p.Transport().String()},
		{"Context:", p.Context},
		{"Record on feature:", "automon"},
		{"Record off feature:", "automon"},
		{"Force rport:", NAT(p.NAT.ForceRport, p.NAT.AutoForceRport, false)},
		{"DTMF:", DTMF(p.DTMF)},
		{"Qualify:", fmt.Sprint(p.Qualify.Milliseconds())},
		{"Keepalive:", fmt.Sprint(int(p.Keepalive.Seconds()))},
		{"Use ClientCode:", "No"},
		// progressinband=no sends 183 where it must: only never is a No here, as in the original.
		{"Progress inband:", Yes(p.ProgressInband == "yes" || p.ProgressInband == "no")},
		{"Language:", p.Language},
		{"Tone zone:", "<Not set>"},
		{"MOH Interpret:", WordOr(p.Music, "default")},
		{"MOH Suggest:", p.MusicSuggest},
		{"Voice Mail Extension:", "asterisk"},
		{"RTCP Multiplexing:", Yes(p.RTCPMux)},
	}}
}

// Timers are the words for how session timers are used, and by whom.
func Timers(p *sipconf.Peer) (mode, refresher string) {
	mode = WordOr(p.Timers.Mode, "accept")
	mode = strings.ToUpper(mode[:1]) + mode[1:]
	if p.Timers.RefresherUAC {
		return mode, "uac"
	}
	return mode, "uas"
}

// T1 is timer T1 of RFC 3261 section 17 for requests to an account.
func T1(p *sipconf.Peer) time.Duration {
	if p.T1 > 0 {
		return p.T1
	}
	return 500 * time.Millisecond
}

// TimerB is timer B of RFC 3261 section 17 for requests to an account.
func TimerB(p *sipconf.Peer) time.Duration {
	if p.TimerB > 0 {
		return p.TimerB
	}
	return 64 * T1(p)
}

func bound(on bool, at []netip.AddrPort) string {
	if !on || len(at) == 0 {
		return "Disabled"
	}
	return at[0].String()
}

// AddrOr is an address, or the word for none.
func AddrOr(a netip.Addr, none string) string {
	if a.IsValid() {
		return a.String()
	}
	return none
}

// WordOr is a word, or that for none.
func WordOr(s, none string) string {
	if s == "" {
		return none
	}
	return s
}

func onOff(b bool) string {
	if b {
		return "On"
	}
	return "Off"
}

// Millis writes a time in milliseconds.
func Millis(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// Secs writes a time in seconds.
func Secs(d time.Duration) string { return fmt.Sprintf("%d secs", int(d.Seconds())) }

func secondsOff(d time.Duration) string {
	if d <= 0 {
		return "0 (Disabled)"
	}
	return fmt.Sprintf("%d (Enabled)", int(d.Seconds()))
}

// RPID is the word for sendrpid=.
func RPID(s string) string {
	switch s {
	case "pai":
		return "pai"
	case "", "no":
		return "No"
	}
	return "rpid"
}

// FaxCorrection is the error correction of t38pt_udptl.
func FaxCorrection(t sipconf.T38) string {
	if !t.On {
		return "Unknown"
	}
	return t.Correction.String()
}

// FaxDatagram is maxdatagram of t38pt_udptl; the original shows none as -1
// without a sign.
func FaxDatagram(t sipconf.T38) string {
	if t.MaxDatagram == 0 {
		return "4294967295"
	}
	return fmt.Sprint(t.MaxDatagram)
}

// Transfer is the word for allowtransfer=.
func Transfer(allowed bool) string {
	if allowed {
		return "open"
	}
	return "closed"
}

// Transports lists how an account may be reached.
func Transports(p *sipconf.Peer) string {
	list := p.Transports
	if len(list) == 0 {
		list = []transport.Transport{transport.UDP}
	}
	var names []string
	for _, t := range list {
		names = append(names, t.String())
	}
	return strings.Join(names, ",")
}

// DTMF is the word for dtmfmode=.
func DTMF(m sipconf.DTMFMode) string {
	switch m {
	case sipconf.DTMFInfo:
		return "info"
	case sipconf.DTMFShortInfo:
		return "shortinfo"
	case sipconf.DTMFInband:
		return "inband"
	case sipconf.DTMFAuto:
		return "auto"
	}
	return "rfc2833"
}

// Formats writes formats as the original does: ulaw|alaw|gsm.
func Formats(fs []media.Format) string {
	if len(fs) == 0 {
		return "nothing"
	}
	var names []string
	for _, f := range fs {
		names = append(names, f.String())
	}
	return strings.Join(names, "|")
}

// Yes says Yes or No.
func Yes(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// NAT is how a half of nat= is shown: with auto, whether the phone turned out
// to be behind NAT.
func NAT(on, auto, behind bool) string {
	switch {
	case auto && behind:
		return "Auto (Yes)"
	case auto:
		return "Auto (No)"
	}
	return Yes(on)
}
