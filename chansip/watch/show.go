package watch

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
)

// shownSubscription is a subscription as the console shows it.
type shownSubscription struct {
	account, callID, exten, state, word, mailbox, agent, remote, target, ours, theirs, event string
	version                                                                                  uint32
	left                                                                                     time.Duration
}

// shown lists the subscriptions by Call-ID.
func (d *Desk) shown() []shownSubscription {
	var out []shownSubscription
	for _, s := range d.everyone() {
		out = append(out, s.shown())
	}
	slices.SortFunc(out, func(a, b shownSubscription) int {
		return cmp.Or(strings.Compare(a.account, b.account), strings.Compare(a.exten, b.exten), strings.Compare(a.callID, b.callID))
	})
	return out
}

func (s *subscription) shown() shownSubscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := shownSubscription{
		account: s.peer.Name, callID: s.dlg.CallID, exten: "--", state: "<none>", word: s.format.word, mailbox: "<none>", agent: s.agent,
		remote: s.flow.Remote.Addr().Unmap().String(), target: s.dlg.Target, ours: s.dlg.ID.Local, theirs: s.dlg.ID.Remote, event: s.event,
		version: s.version, left: time.Until(s.ends),
	}
	if s.exten != "" {
		v.exten, v.state = s.exten+"@"+s.context, s.latest.State.String()
	} else {
		v.mailbox = strings.Join(s.peer.Mailboxes, ",")
	}
	return v
}

// Show prints sip show subscriptions.
func (d *Desk) Show(w io.Writer) {
	const row = "%-15.15s  %-15.15s  %-15.15s  %-15.15s  %-13.13s  %-15.15s %-10.10s %-6.6s\n"
	fmt.Fprintf(w, row, "Peer", "User", "Call ID", "Extension", "Last state", "Type", "Mailbox", "Expiry")
	all := d.shown()
	for _, s := range all {
		fmt.Fprintf(w, row, s.remote, s.account, plain(s.callID), plain(s.exten), s.state, s.word, s.mailbox, fmt.Sprintf("%06d", max(int(s.left.Seconds()), 0)))
	}
	plural := "s"
	if len(all) == 1 {
		plural = ""
	}
	fmt.Fprintf(w, "%d active SIP subscription%s\n", len(all), plural)
}

// ShowOne prints sip show subscription ID, for each whose Call-ID begins so; false
// where there is none.
func (d *Desk) ShowOne(w io.Writer, id string) bool {
	found := false
	for _, s := range d.shown() {
		if !strings.HasPrefix(strings.ToLower(s.callID), strings.ToLower(id)) {
			continue
		}
		found = true
		fmt.Fprint(w, "\n  * SIP Subscription\n")
		for _, r := range [][2]string{
			{"Call-ID:", plain(s.callID)}, {"Peername:", s.account}, {"Extension:", plain(s.exten)}, {"Event:", plain(s.event)}, {"Type:", s.word},
			{"Last state:", s.state}, {"Mailbox:", s.mailbox}, {"NOTIFYs sent:", fmt.Sprint(s.version)}, {"Expires in:", fmt.Sprintf("%d secs", max(int(s.left.Seconds()), 0))},
			{"Address:", s.remote}, {"Contact:", plain(s.target)}, {"Our Tag:", plain(s.ours)}, {"Their Tag:", plain(s.theirs)}, {"User agent:", plain(s.agent)},
		} {
			fmt.Fprintf(w, "  %-24s%s\n", r[0], r[1])
		}
		fmt.Fprint(w, "\n\n")
	}
	if !found {
		fmt.Fprintf(w, "No such SIP Call ID starting with '%s'\n", plain(id))
	}
	return found
}

// IDs lists the Call-IDs there are, for completion.
func (d *Desk) IDs() []string {
	var out []string
	for _, s := range d.shown() {
		out = append(out, plain(s.callID))
	}
	return out
}

// plain is text of a phone without what would steer a terminal (security class 31).
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}
