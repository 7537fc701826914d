package show

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/media/rtp"
)

// Call is a call of a phone as the console is to show it.
type Call struct {
	Incoming, Up, Gone     bool
	Account                string // "" for a guest
	CallID, Ours, Theirs   string // the names of its dialog
	Channel                string // "" where there is none yet
	Target                 string // where requests within it go
	Remote                 netip.AddrPort
	Transport              string
	AtSource               bool // requests go where it sends from
	Timed                  bool // it has a session timer
	Lasted                 time.Duration
	Peer                   *sipconf.Peer
	HasMedia, Held, Faxing bool
	Agreed                 []media.Format
	Events                 bool   // it takes keys as events
	Sound                  string // where the phone is told to send its sound
	Stats                  rtp.Stats
}

// sorted puts calls in the order of their Call-IDs.
func sorted(calls []Call) []Call {
	out := slices.Clone(calls)
	slices.SortFunc(out, func(a, b Call) int { return strings.Compare(a.CallID, b.CallID) })
	return out
}

// Channels prints sip show channels.
func Channels(w io.Writer, calls []Call) {
	const row = "%-15.15s  %-15.15s  %-15.15s  %-15.15s  %-7.7s  %-15.15s %-10.10s %-10.10s\n"
	fmt.Fprintf(w, row, "Peer", "User/ANR", "Call ID", "Format", "Hold", "Last Message", "Expiry", "Peer")
	for _, c := range sorted(calls) {
		format := "(nothing)"
		if c.HasMedia {
			format = "(" + formats(c.Agreed) + ")"
		}
		last := "Rx: INVITE"
		switch {
		case c.Up && c.Incoming:
			last = "Rx: ACK"
		case c.Up:
			last = "Tx: ACK"
		case !c.Incoming:
			last = "Tx: INVITE"
		}
		fmt.Fprintf(w, row, c.host(), wordOr(c.Account, "(None)"), Plain(c.CallID), format, yes(c.Held), last, "", c.Account)
	}
	fmt.Fprintf(w, "%d active SIP dialog%s\n", len(calls), plural(len(calls)))
}

func (c *Call) host() string { return c.Remote.Addr().Unmap().String() }

// ChannelStats prints sip show channelstats, in the original's columns: what came
// from each phone and what it says of what it got.
func ChannelStats(w io.Writer, calls []Call) {
	fmt.Fprintf(w, "%-15.15s  %-11.11s  %-8.8s %-10.10s  %-10.10s (     %%) %-6.6s %-10.10s  %-10.10s (     %%) %-6.6s\n",
		"Peer", "Call ID", "Duration", "Recv: Pack", "Lost", "Jitter", "Send: Pack", "Lost", "Jitter")
	n := 0
	for _, c := range sorted(calls) {
		if s := &c.Stats; c.HasMedia {
			fmt.Fprintf(w, "%-15.15s  %-11.11s  %-8.8s %s %s\n", c.host(), Plain(c.CallID), clock(c.Lasted),
				counted(s.PacketsIn, s.Lost, s.Jitter), counted(s.PacketsOut, s.RemoteLost, s.RemoteJitter))
			n++
		}
	}
	fmt.Fprintf(w, "%d active SIP channel%s\n", n, plural(n))
}

// counted is a half of a line: packets, in thousands where they are many, lost
// ones and their share, jitter in seconds.
func counted(packets uint64, lost int64, jitter time.Duration) string {
	missing := uint64(max(lost, 0))
	share := 0.0
	if all := packets + missing; all > 0 {
		share = float64(missing) / float64(all) * 100
	}
	unit := " "
	if packets > 100_000 {
		packets, unit = packets/1000, "K"
	}
	return fmt.Sprintf("%-10.10d%s %-10.10d (%5.2f%%) %-6.4f", packets, unit, missing, share, jitter.Seconds())
}

// clock writes hours, minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Seconds())
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Channel prints sip show channel ID, in the original's lines, for each call whose
// Call-ID begins so; false where there is none.
func Channel(w io.Writer, calls []Call, id string) bool {
	found := false
	for _, c := range sorted(calls) {
		if strings.HasPrefix(strings.ToLower(c.CallID), strings.ToLower(id)) {
			found = true
			fmt.Fprint(w, "\n  * SIP Call\n")
			for _, r := range c.rows() {
				fmt.Fprintf(w, "  %-24s%s\n", r.label, r.value)
			}
			fmt.Fprint(w, "\n\n")
		}
	}
	if !found {
		fmt.Fprintf(w, "No such SIP Call ID starting with '%s'\n", Plain(id))
	}
	return found
}

func (c *Call) rows() []row {
	direction, timer := "Outgoing", "Inactive"
	if c.Incoming {
		direction = "Incoming"
	}
	if c.Timed {
		timer = "Active"
	}
	rows := []row{
		{"Curr. trans. direction:  ", direction},
		{"Call-ID:", Plain(c.CallID)},
		{"Owner channel ID:", wordOr(c.Channel, "<none>")},
		{"Our Codec Capability:", "(" + formats(c.Peer.Formats) + ")"},
	}
	return append(append(rows, c.mediaRows()...), []row{
		{"Theoretical Address:", c.Remote.String()},
		{"Received Address:", c.Remote.String()},
		{"SIP Transfer mode:", transfer(c.Peer.AllowTransfer)},
		{"Force rport:", nat(c.Peer.NAT.ForceRport, c.Peer.NAT.AutoForceRport, c.AtSource)},
		{"Our Tag:", Plain(c.Ours)},
		{"Their Tag:", Plain(c.Theirs)},
		{"Username:", c.Peer.Username},
		{"Peername:", c.Account},
		{"Original uri:", Plain(c.Target)},
		{"Need Destroy:", yes(c.Gone)},
		{"Promiscuous Redir:", yes(c.Peer.PromiscRedir)},
		{"DTMF Mode:", dtmf(c.Peer.DTMF)},
		{"Session-Timer:", timer},
		{"Transport:", c.Transport},
	}...)
}

// mediaRows are those about sound.
func (c *Call) mediaRows() []row {
	if !c.HasMedia {
		return []row{{"Media:", "None"}}
	}
	events, at, kind := "0", "None", "RTP"
	if c.Events {
		events = "1"
	}
	if c.Stats.Learned.IsValid() {
		at = c.Stats.Learned.String()
	}
	switch {
	case c.Faxing:
		kind = "T.38"
	case c.Stats.Suite != "":
		kind = "SRTP, " + string(c.Stats.Suite)
	}
	return []row{
		{"Non-Codec Capability (DTMF):   ", events},
		{"Joint Codec Capability:   ", "(" + formats(c.Agreed) + ")"},
		{"Format:", "(" + formats(c.Agreed[:min(len(c.Agreed), 1)]) + ")"},
		{"T.38 support", yes(c.Peer.T38.On)},
		{"Video support", yes(c.Peer.Video)},
		{"MaxCallBR:", fmt.Sprintf("%d kbps", c.Peer.MaxBitrate)},
		{"Audio IP:", c.Sound},
		{"Audio source:", at},
		{"Media:", kind},
	}
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// Plain is text of a phone without what would steer a terminal (security class
// 31).
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

// encryption is what sip show peer says of encryption=.
func encryption(e sipconf.Encryption) string {
	if e == sipconf.EncryptTry {
		return "Try"
	}
	return yes(e == sipconf.EncryptYes)
}
