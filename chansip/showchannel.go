package chansip

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"obelus/chansip/direct"
	"obelus/chansip/show"
	"obelus/media"
	"obelus/sip/sdp"
)

// ShowChannelStats prints sip show channelstats, in the original's columns: what
// came from each phone and what it says of what it got.
func (d *Driver) ShowChannelStats(w io.Writer) {
	fmt.Fprintf(w, "%-15.15s  %-11.11s  %-8.8s %-10.10s  %-10.10s (     %%) %-6.6s %-10.10s  %-10.10s (     %%) %-6.6s\n",
		"Peer", "Call ID", "Duration", "Recv: Pack", "Lost", "Jitter", "Send: Pack", "Lost", "Jitter")
	n := 0
	for _, l := range d.sorted() {
		l.mu.Lock()
		remote, id, t := l.flow.Remote.Addr().Unmap().String(), l.dlg.ID.CallID, l.talk
		l.mu.Unlock()
		if t == nil {
			continue
		}
		s := t.Session().Audio().Stats()
		fmt.Fprintf(w, "%-15.15s  %-11.11s  %-8.8s %s %s\n", remote, id, clock(l.lasted()), counted(s.PacketsIn, s.Lost, s.Jitter), counted(s.PacketsOut, s.RemoteLost, s.RemoteJitter))
		n++
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

// lasted is how long a call has been up, as the original counts: from its
// beginning.
func (l *leg) lasted() time.Duration {
	if ch := l.told.Load(); ch != nil {
		return now().Sub(ch.Created())
	}
	return 0
}

// clock writes hours, minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Seconds())
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// sorted lists the legs by their Call-ID.
func (d *Driver) sorted() []*leg {
	legs := d.calls.all()
	slices.SortFunc(legs, func(a, b *leg) int { return strings.Compare(a.dlgID().CallID, b.dlgID().CallID) })
	return legs
}

// ChannelIDs lists the Call-IDs there are, for completion.
func (d *Driver) ChannelIDs() []string {
	var out []string
	for _, l := range d.sorted() {
		out = append(out, l.dlgID().CallID)
	}
	return out
}

// ShowChannel prints sip show channel ID, in the original's lines, for each call
// whose Call-ID begins so; false where there is none.
func (d *Driver) ShowChannel(w io.Writer, id string) bool {
	found := false
	for _, l := range d.sorted() {
		if strings.HasPrefix(strings.ToLower(l.dlgID().CallID), strings.ToLower(id)) {
			found = true
			fmt.Fprint(w, "\n  * SIP Call\n")
			for _, r := range l.rows() {
				fmt.Fprintf(w, "  %-24s%s\n", r.label, r.value)
			}
			fmt.Fprint(w, "\n\n")
		}
	}
	if !found {
		fmt.Fprintf(w, "No such SIP Call ID starting with '%s'\n", plain(id))
	}
	return found
}

func (l *leg) rows() []row {
	l.mu.Lock()
	defer l.mu.Unlock()
	owner := "<none>"
	if ch := l.told.Load(); ch != nil {
		owner = ch.Name()
	}
	rows := []row{
		{"Curr. trans. direction:  ", [...]string{"Outgoing", "Incoming"}[index(l.incoming)]},
		{"Call-ID:", plain(l.dlg.ID.CallID)},
		{"Owner channel ID:", owner},
	}
	rows = append(rows, l.mediaRows()...)
	return append(rows, []row{
		{"Theoretical Address:", l.flow.Remote.String()},
		{"Received Address:", l.flow.Remote.String()},
		{"SIP Transfer mode:", show.Transfer(l.peer.AllowTransfer)},
		{"Force rport:", show.NAT(l.peer.NAT.ForceRport, l.peer.NAT.AutoForceRport, l.atSource)},
		{"Our Tag:", plain(l.dlg.ID.Local)},
		{"Their Tag:", plain(l.dlg.ID.Remote)},
		{"Username:", l.peer.Username},
		{"Peername:", l.name},
		{"Original uri:", plain(l.dlg.Target)},
		{"Need Destroy:", show.Yes(l.state == legGone)},
		{"Promiscuous Redir:", show.Yes(l.peer.PromiscRedir)},
		{"DTMF Mode:", show.DTMF(l.peer.DTMF)},
		{"Session-Timer:", [...]string{"Inactive", "Active"}[index(l.session.Interval > 0)]},
		{"Transport:", l.flow.Transport.String()},
	}...)
}

// mediaRows are those about sound; l.mu is held.
func (l *leg) mediaRows() []row {
	rows := []row{{"Our Codec Capability:", "(" + show.Formats(l.peer.Formats) + ")"}}
	if l.talk == nil {
		return append(rows, row{"Media:", "None"})
	}
	audio := l.talk.Session().Audio()
	var first []media.Format
	if agreed := l.talk.Agreed(); len(agreed) > 0 {
		first = agreed[:1]
	}
	at := "None"
	if to := audio.Stats().Learned; to.IsValid() {
		at = to.String()
	}
	kind := "RTP"
	if l.talk.Faxing() {
		kind = "T.38"
	}
	return append(rows, []row{
		{"Non-Codec Capability (DTMF):   ", fmt.Sprint(index(audio.HasEvents()))},
		{"Joint Codec Capability:   ", "(" + show.Formats(l.talk.Agreed()) + ")"},
		{"Format:", "(" + show.Formats(first) + ")"},
		{"T.38 support", show.Yes(l.peer.T38.On)},
		{"Video support", show.Yes(l.peer.Video)},
		{"MaxCallBR:", fmt.Sprintf("%d kbps", l.peer.MaxBitrate)},
		{"Audio IP:", l.pointsAt()},
		{"Audio source:", at},
		{"Media:", kind},
	}...)
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

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}
