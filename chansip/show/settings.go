// Package show writes what the console of the original says of SIP: settings (sip
// show settings), accounts (sip show peers, sip show peer), calls (sip show
// channels and its kin), and what goes over the wire (sip set debug).
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
		{"RTP Bindaddress:", addrOr(g.RTPBind, "Disabled")},
		{"Videosupport:", yes(g.Default.Video)},
		{"Textsupport:", yes(g.Default.Text)},
		{"Ignore SDP sess. ver.:", yes(g.Default.IgnoreSDPVersion)},
		{"AutoCreate Peer:", onOff(g.AutoCreate)},
		{"Match Auth Username:", yes(g.MatchAuthUsername)},
		{"Allow unknown access:", yes(g.AllowGuest)},
		{"Allow subscriptions:", yes(g.AllowSubscribe)},
		{"Allow overlap dialing:", yes(g.Default.AllowOverlap)},
		{"Allow promisc. redir:", yes(g.Default.PromiscRedir)},
		{"Enable call counters:", yes(g.Default.CallCounter)},
		{"SIP domain support:", yes(g.HasDomains())},
		{"Path support :", yes(g.Default.SupportPath)},
		{"Realm. auth:", yes(len(g.Credentials) > 0)},
		{"Our auth realm", g.Realm},
		{"Use domains as realms:", yes(g.DomainsAsRealm)},
		{"Call to non-local dom.:", yes(g.AllowExternal)},
		{"URI user is phone no:", yes(g.Default.UserEqPhone)},
		{"Always auth rejects:", yes(g.AlwaysAuthReject)},
		{"Direct RTP setup:", yes(g.DirectRTPSetup)},
		{"User Agent:", g.UserAgent},
		{"SDP Session Name:", g.SDPSession},
		{"SDP Owner Name:", g.SDPOwner},
		{"Reg. context:", wordOr(g.RegContext, "(not set)")},
		{"Regexten on Qualify:", yes(g.RegextenOnQualify)},
		{"Trust RPID:", yes(g.Default.TrustRPID)},
		{"Send RPID:", rpid(g.Default.SendRPID)},
		{"Legacy userfield parse:", yes(g.LegacyUserField)},
		{"Send Diversion:", yes(g.SendDiversion)},
		{"Caller ID:", g.CallerID},
		{"From: Domain:", g.FromDomain},
		{"Record SIP history:", "Off"},
		{"Auth. Failure Events:", "Off"},
		{"T.38 support:", yes(g.Default.T38.On)},
		{"T.38 EC mode:", faxCorrection(g.Default.T38)},
		{"T.38 MaxDtgrm:", faxDatagram(g.Default.T38)},
		{"SIP realtime:", "Disabled"},
		{"Qualify Freq :", millis(g.QualifyFreq)},
		{"Q.850 Reason header:", yes(g.Default.UseQ850)},
		{"Store SIP_CAUSE:", yes(g.StoreCause)},
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
		{"Externhost:", wordOr(g.ExternHost, "<none>")},
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
	mode, refresher := timers(p)
	return block{"Global Signalling Settings:", "---------------------------", []row{
		{"Codecs:", "(" + formats(p.Formats) + ")"},
		{"Relax DTMF:", yes(g.RelaxDTMF)},
		{"RFC2833 Compensation:", yes(p.CompensateDTMF)},
		{"Symmetric RTP:", yes(p.NAT.Comedia)},
		{"Compact SIP headers:", yes(g.CompactHeaders)},
		{"RTP Keepalive:", secondsOff(p.RTPKeepalive)},
		{"RTP Timeout:", secondsOff(p.RTPTimeout)},
		{"RTP Hold Timeout:", secondsOff(p.RTPHoldTimeout)},
		{"MWI NOTIFY mime type:", g.Lamps.MWIType},
		{"DNS SRV lookup:", yes(g.SRVLookup)},
		{"Pedantic SIP support:", "Yes"},
		{"Reg. min duration", secs(g.MinExpiry)},
		{"Reg. max duration:", secs(g.MaxExpiry)},
		{"Reg. default duration:", secs(g.DefaultExpiry)},
		{"Sub. min duration", secs(g.Lamps.MinExpiry)},
		{"Sub. max duration:", secs(g.Lamps.MaxExpiry)},
		{"Outbound reg. timeout:", secs(g.RegisterTimeout)},
		{"Outbound reg. attempts:", fmt.Sprint(g.RegisterAttempts)},
		{"Outbound reg. retry 403:\t", yes(g.RegisterRetry403)},
		{"Notify ringing state:", g.Lamps.Ringing.String()},
		{"  Include CID:", g.Lamps.CID.String()},
		{"Notify hold state:", yes(g.Lamps.Hold)},
		{"SIP Transfer mode:", transfer(p.AllowTransfer)},
		{"Max Call Bitrate:", fmt.Sprintf("%d kbps", p.MaxBitrate)},
		{"Auto-Framing:", yes(p.AutoFraming)},
		{"Outb. proxy:", wordOr(proxy(p), "<not set> ")},
		{"Session Timers:", mode},
		{"Session Refresher:", refresher},
		{"Session Expires:", secs(p.Timers.Expires)},
		{"Session Min-SE:", secs(p.Timers.Min)},
		{"Timer T1:", fmt.Sprint(timerT1(p).Milliseconds())},
		{"Timer T1 minimum:", fmt.Sprint(g.T1Min.Milliseconds())},
		{"Timer B:", fmt.Sprint(timerB(p).Milliseconds())},
		{"No premature media:", yes(!g.PrematureMedia)},
		{"Max forwards:", fmt.Sprint(p.MaxForwards)},
	}}
}

func defaultBlock(p *sipconf.Peer) block {
	return block{"Default Settings:", "-----------------", []row{
		{"Allowed transports:", transports(p)},
		{"Outbound transport:\t", "\t  " + p.Transport().String()},
		{"Context:", p.Context},
		{"Record on feature:", "automon"},
		{"Record off feature:", "automon"},
		{"Force rport:", nat(p.NAT.ForceRport, p.NAT.AutoForceRport, false)},
		{"DTMF:", dtmf(p.DTMF)},
		{"Qualify:", fmt.Sprint(p.Qualify.Milliseconds())},
		{"Keepalive:", fmt.Sprint(int(p.Keepalive.Seconds()))},
		{"Use ClientCode:", "No"},
		// progressinband=no sends 183 where it must: only never is a No here, as in the original.
		{"Progress inband:", yes(p.ProgressInband == "yes" || p.ProgressInband == "no")},
		{"Language:", p.Language},
		{"Tone zone:", wordOr(p.ToneZone, "<Not set>")},
		{"MOH Interpret:", wordOr(p.Music, "default")},
		{"MOH Suggest:", p.MusicSuggest},
		{"Voice Mail Extension:", p.VMExten},
		{"RTCP Multiplexing:", yes(p.RTCPMux)},
	}}
}

// timers are the words for how session timers are used, and by whom.
func timers(p *sipconf.Peer) (mode, refresher string) {
	mode = wordOr(p.Timers.Mode, "accept")
	mode = strings.ToUpper(mode[:1]) + mode[1:]
	if p.Timers.RefresherUAC {
		return mode, "uac"
	}
	return mode, "uas"
}

// timerT1 is timer T1 of RFC 3261 section 17 for requests to an account.
func timerT1(p *sipconf.Peer) time.Duration {
	if p.T1 > 0 {
		return p.T1
	}
	return 500 * time.Millisecond
}

// timerB is timer B of RFC 3261 section 17 for requests to an account.
func timerB(p *sipconf.Peer) time.Duration {
	if p.TimerB > 0 {
		return p.TimerB
	}
	return 64 * timerT1(p)
}

func bound(on bool, at []netip.AddrPort) string {
	if !on || len(at) == 0 {
		return "Disabled"
	}
	return at[0].String()
}

// addrOr is an address, or the word for none.
func addrOr(a netip.Addr, none string) string {
	if a.IsValid() {
		return a.String()
	}
	return none
}

// wordOr is a word, or that for none.
func wordOr(s, none string) string {
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

// millis writes a time in milliseconds.
func millis(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// secs writes a time in seconds.
func secs(d time.Duration) string { return fmt.Sprintf("%d secs", int(d.Seconds())) }

func secondsOff(d time.Duration) string {
	if d <= 0 {
		return "0 (Disabled)"
	}
	return fmt.Sprintf("%d (Enabled)", int(d.Seconds()))
}

// rpid is the word for sendrpid=.
func rpid(s string) string {
	switch s {
	case "pai":
		return "pai"
	case "", "no":
		return "No"
	}
	return "rpid"
}

// faxCorrection is the error correction of t38pt_udptl.
func faxCorrection(t sipconf.T38) string {
	if !t.On {
		return "Unknown"
	}
	return t.Correction.String()
}

// faxDatagram is maxdatagram of t38pt_udptl; the original shows none as -1
// without a sign.
func faxDatagram(t sipconf.T38) string {
	if t.MaxDatagram == 0 {
		return "4294967295"
	}
	return fmt.Sprint(t.MaxDatagram)
}

// transfer is the word for allowtransfer=.
func transfer(allowed bool) string {
	if allowed {
		return "open"
	}
	return "closed"
}

// transports lists how an account may be reached.
func transports(p *sipconf.Peer) string {
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

// dtmf is the word for dtmfmode=.
func dtmf(m sipconf.DTMFMode) string {
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

// formats writes formats as the original does: ulaw|alaw|gsm.
func formats(fs []media.Format) string {
	if len(fs) == 0 {
		return "nothing"
	}
	var names []string
	for _, f := range fs {
		names = append(names, f.String())
	}
	return strings.Join(names, "|")
}

// yes says Yes or No.
func yes(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// nat is how a half of nat= is shown: with auto, whether the phone turned out
// to be behind NAT.
func nat(on, auto, behind bool) string {
	switch {
	case auto && behind:
		return "Auto (Yes)"
	case auto:
		return "Auto (No)"
	}
	return yes(on)
}
