package watch

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/device"
	"obelus/sip"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// boxIndex is whose mailboxes are whose: accounts by mailbox@context.
type boxIndex struct {
	mu       sync.Mutex
	accounts map[string][]string
}

// Apply notes the mailboxes of new settings.
func (d *Desk) Apply(set *sipconf.Settings) {
	accounts := make(map[string][]string)
	for _, p := range set.All() {
		for _, m := range p.Mailboxes {
			box, context := cutMailbox(m)
			accounts[box+"@"+context] = append(accounts[box+"@"+context], p.Name)
		}
	}
	d.boxes.mu.Lock()
	d.boxes.accounts = accounts
	d.boxes.mu.Unlock()
}

// cutMailbox reads one mailbox of mailbox=, whose context is "default" unless it
// says so.
func cutMailbox(s string) (box, context string) {
	box, context, ok := strings.Cut(s, "@")
	if !ok || context == "" {
		context = "default"
	}
	return box, context
}

// Messages says that the messages of a mailbox have changed: the phones of accounts
// with it are told. It never blocks.
func (d *Desk) Messages(context, box string) {
	if d.c.Board != nil {
		d.c.Board.Changed("MWI:" + box + "@" + context)
	}
	if d.isClosed() {
		return
	}
	d.boxes.mu.Lock()
	accounts := d.boxes.accounts[box+"@"+context]
	d.boxes.mu.Unlock()
	for _, name := range accounts {
		if p := d.c.Settings().Peer(name); p != nil {
			d.tellMessages(p)
		}
	}
}

// mailboxPause is how long after its registration a phone is told of its messages:
// its 200 goes first.
const mailboxPause = 100 * time.Millisecond

// arrival is a phone that has registered and is to be told of its messages.
type arrival struct {
	d                *Desk
	account, contact string
	timer            transaction.Timer
}

// Here says that a phone has registered: as in the original it is told of its
// messages each time, unless it asks for them. For an account without a mailbox it is
// a look.
func (d *Desk) Here(p *sipconf.Peer, contact string) {
	if len(p.Mailboxes) == 0 || p.SubscribeMWI {
		return
	}
	a := &arrival{d: d, account: p.Name, contact: strings.Clone(contact)}
	d.c.Transactions.Wheel().Set(&a.timer, a, mailboxPause)
}

// Ring is called by the wheel.
func (a *arrival) Ring(*transaction.Timer, uint32) {
	set := a.d.c.Settings()
	p := set.Peer(a.account)
	if p == nil || a.d.isClosed() || a.d.asked(p)[a.contact] {
		return
	}
	phones := a.d.c.Reach.Registered(p)
	for i := range phones {
		if phones[i].Contact == a.contact {
			if w, ok := a.d.c.Reach.WayTo(p, &phones[i]); ok {
				a.d.unasked(set, p, w)
			}
			return
		}
	}
}

// asked are the Contacts of an account's phones that watch its mailboxes.
func (d *Desk) asked(p *sipconf.Peer) map[string]bool {
	out := make(map[string]bool)
	for _, s := range d.of(p.Name) {
		if s.format == messageSummary {
			out[s.target()] = true
		}
	}
	return out
}

// tellMessages tells an account's phones: those that have asked by their
// subscriptions, the others unasked.
func (d *Desk) tellMessages(p *sipconf.Peer) {
	asked := make(map[string]bool)
	for _, s := range d.of(p.Name) {
		if s.format == messageSummary {
			asked[s.told()] = true
		}
	}
	if p.SubscribeMWI {
		return
	}
	set := d.c.Settings()
	tell := func() {
		for _, w := range d.c.Ways(p) {
			if !asked[w.URI] {
				d.unasked(set, p, w)
			}
		}
	}
	if d.c.Reach.Waits(p) {
		d.c.Job(tell)
		return
	}
	tell()
}

// told sends the counts to who has asked, and returns where.
func (s *subscription) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		s.send()
	}
	return s.dlg.Target
}

// target is the Contact of who watches.
func (s *subscription) target() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dlg.Target
}

// counts are the messages of an account's mailboxes together.
func (d *Desk) counts(p *sipconf.Peer) (unheard, heard, urgent, urgentHeard int) {
	if d.c.Boxes == nil {
		return
	}
	for _, m := range p.Mailboxes {
		box, context := cutMailbox(m)
		if n, o, u, v, ok := d.c.Boxes.Counts(context, box); ok {
			unheard, heard, urgent, urgentHeard = unheard+n, heard+o, urgent+u, urgentHeard+v
		}
	}
	return
}

// summary writes RFC 3842 section 5.2 in the original's lines.
func (d *Desk) summary(set *sipconf.Settings, p *sipconf.Peer, flow transport.Flow) []byte {
	unheard, heard, urgent, urgentHeard := d.counts(p)
	waiting := "no"
	if unheard > 0 {
		waiting = "yes"
	}
	account := d.c.Outside.URI(&set.General, p, flow, p.VMExten)
	if flow.Transport.Reliable() {
		account += ";transport=" + flow.Transport.Param()
	}
	b := fmt.Appendf(make([]byte, 0, 160), "Messages-Waiting: %s\r\nMessage-Account: %s\r\nVoice-Message: %d/%d", waiting, account, unheard, heard)
	if !p.BuggyMWI {
		b = fmt.Appendf(b, " (%d/%d)", urgent, urgentHeard)
	}
	return append(b, "\r\n"...)
}

func writeMessageSummary(s *subscription, set *sipconf.Settings) []byte {
	p := set.Peer(s.peer.Name) // its mailboxes now
	if p == nil {
		p = s.peer
	}
	return s.d.summary(set, p, s.flow)
}

// unasked tells a phone of its messages in a NOTIFY of no subscription, which phones
// expect of the original. What it answers changes nothing.
func (d *Desk) unasked(set *sipconf.Settings, p *sipconf.Peer, w reach.Way) {
	user, name := set.General.CallerID, set.General.CallerID
	if from := set.General.Lamps.MWIFrom; from != "" {
		user, name = from, from
	} else if p.FromUser != "" {
		user = p.FromUser
	}
	b, branch := d.outOfDialog(set, p, w, user, name)
	b.Add(sip.HeaderEvent, "message-summary")
	body := d.summary(set, p, w.Flow)
	d.c.Transactions.Send(b.End(set.General.Lamps.MWIType, body), branch, sip.NOTIFY, w.Flow, transaction.Timing{T1: p.T1, B: p.TimerB}, deaf{})
}

// MailboxState is the state of MWI:box@context: in use while new messages wait.
func (d *Desk) MailboxState(name string) device.State {
	if d.c.Boxes == nil {
		return device.Unknown
	}
	box, context := cutMailbox(name)
	unheard, _, _, _, _ := d.c.Boxes.Counts(context, box)
	if unheard > 0 {
		return device.InUse
	}
	return device.NotInUse
}
