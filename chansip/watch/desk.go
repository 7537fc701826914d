// Package watch is subscriptions (RFC 6665): the lamps of phones, which show the
// state of extensions (presence, RFC 3856; dialog, RFC 4235), and their waiting
// messages (message-summary, RFC 3842).
//
// A [Desk] takes SUBSCRIBEs in. Each that is taken becomes a subscription: a dialog
// with a timer and at most one NOTIFY under way. What changes meanwhile is sent when
// that one has been answered, the last state only, as in the original. Nobody gets
// one who has not proved who they are. Subscriptions end with the server: phones
// subscribe again when theirs is over, as with the original.
package watch

import (
	"log/slog"
	"net/netip"
	"strings"
	"sync"

	"obelus/call"
	"obelus/chansip/lines"
	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/device"
	"obelus/location"
	"obelus/sip"
	"obelus/sip/dialog"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// Mailboxes know how many messages wait. Its methods may be called from any
// goroutine, and never wait.
type Mailboxes interface {
	// Counts are the messages of a mailbox; urgent ones count among the new and the
	// old, too. ok is false where there is no such mailbox.
	Counts(context, box string) (new, old, urgentNew, urgentOld int, ok bool)
}

// Config is what a [Desk] is made of.
type Config struct {
	Log      *slog.Logger
	Settings func() *sipconf.Settings
	Board    *device.Board // nil: no extension has a hint
	Boxes    Mailboxes     // nil: no message waits
	Reach    *reach.Directory
	Outside  *outside.Finder
	Lines    *lines.Book
	// Ways are those to an account's phones that can be reached now.
	Ways         func(p *sipconf.Peer) []reach.Way
	Transactions *transaction.Layer
	// Reachable says whether a phone of an account answers qualify.
	Reachable func(p *sipconf.Peer, contact string) bool
	// Prove answers a challenge of an account's server: with a header and its value.
	Prove func(p *sipconf.Peer, challenge *sip.Message, method sip.Method, uri string) (sip.HeaderID, string, error)
	// Job runs f where it may wait for a connection.
	Job func(f func())
}

// Desk is where phones subscribe. Its methods may be called from any goroutine.
type Desk struct {
	c Config

	mu        sync.Mutex
	all       map[dialog.ID]*subscription
	byAccount map[string]map[*subscription]bool
	bySource  map[netip.Addr]int
	closed    bool

	boxes boxIndex
}

// How many subscriptions there may be: of one account, from one address (a NAT may
// have many phones behind it), and in all. Each takes some hundred bytes, a timer,
// and a NOTIFY whenever a call comes or goes.
const (
	maxOfAccount = 1000
	maxOfSource  = 20_000
	maxInAll     = 200_000
)

// New makes a desk without subscriptions.
func New(c Config) *Desk {
	return &Desk{
		c: c, all: make(map[dialog.ID]*subscription), byAccount: make(map[string]map[*subscription]bool), bySource: make(map[netip.Addr]int),
	}
}

// add lists a subscription; false where there are too many.
func (d *Desk) add(s *subscription) bool {
	source := transport.Unmap(s.flow.Remote).Addr()
	d.mu.Lock()
	defer d.mu.Unlock()
	of := d.byAccount[s.peer.Name]
	if d.closed || len(of) >= maxOfAccount || d.bySource[source] >= maxOfSource || len(d.all) >= maxInAll {
		return false
	}
	if of == nil {
		of = make(map[*subscription]bool)
		d.byAccount[s.peer.Name] = of
	}
	of[s] = true
	s.source = source
	d.bySource[source]++
	d.all[s.dlg.ID] = s
	return true
}

// remove forgets a subscription; once.
func (d *Desk) remove(s *subscription) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all[s.dlg.ID] != s {
		return
	}
	delete(d.all, s.dlg.ID)
	if d.bySource[s.source]--; d.bySource[s.source] == 0 {
		delete(d.bySource, s.source)
	}
	of := d.byAccount[s.peer.Name]
	delete(of, s)
	if len(of) == 0 {
		delete(d.byAccount, s.peer.Name)
	}
}

// find is the subscription that a request within a dialog belongs to: all three
// parts of its name must agree (security class 16).
func (d *Desk) find(m *sip.Message) *subscription {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[dialog.ID{CallID: m.CallID(), Local: m.ToTag(), Remote: m.FromTag()}]
}

// Has says whether an account has subscriptions.
func (d *Desk) Has(account string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.byAccount[account]) > 0
}

// of lists the subscriptions of an account.
func (d *Desk) of(account string) []*subscription {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []*subscription
	for s := range d.byAccount[account] {
		out = append(out, s)
	}
	return out
}

// everyone lists the subscriptions.
func (d *Desk) everyone() []*subscription {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]*subscription, 0, len(d.all))
	for _, s := range d.all {
		out = append(out, s)
	}
	return out
}

// Close takes no more subscriptions, and stops those there are without a word: the
// phones subscribe again when the server is back.
func (d *Desk) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	for _, s := range d.everyone() {
		s.drop()
	}
}

func (d *Desk) isClosed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// Changed says that something about an account's phones has changed: its lamp is
// looked at again. It never blocks.
func (d *Desk) Changed(account string) {
	if d.c.Board != nil {
		d.c.Board.Changed("SIP/" + account)
	}
}

// Rebound has subscriptions follow a phone that has registered from somewhere new.
func (d *Desk) Rebound(p *sipconf.Peer, b *location.Binding, to transport.Flow) {
	for _, s := range d.of(p.Name) {
		s.follow(b, to)
	}
}

// Ringing is the call that a phone of an account wants to take: it names, in
// Replaces, the Call-ID that its lamp has shown it, pickup- and that of its
// subscription. nil for any other, and where nothing rings any more.
func (d *Desk) Ringing(account, callID string) *call.Channel {
	callID, ok := strings.CutPrefix(callID, pickupPrefix)
	if !ok {
		return nil
	}
	for _, s := range d.of(account) {
		if s.dlg.CallID == callID && s.exten != "" {
			s.mu.Lock()
			c := s.caller()
			s.mu.Unlock()
			return c.Channel
		}
	}
	return nil
}

// DeviceState is the state of SIP/name, as the original has it: calls count only
// where the account has callcounter or call-limit.
func (d *Desk) DeviceState(name string) device.State {
	name = name[strings.LastIndexByte(name, '@')+1:]
	p := d.c.Settings().Peer(name)
	if p == nil || p.Type&sipconf.TypePeer == 0 {
		return device.Invalid
	}
	there, answers := d.there(p)
	if !there {
		return device.Unavailable
	}
	u := d.c.Lines.Use(p.Name)
	if !p.CallCounter && p.CallLimit == 0 {
		u.InUse, u.Ringing = 0, 0
	}
	switch {
	case u.OnHold > 0 && d.c.Settings().General.Lamps.Hold:
		return device.OnHold
	case u.Ringing > 0 && u.Ringing == u.InUse:
		return device.Ringing
	case u.Ringing > 0:
		return device.RingInUse
	case p.CallLimit > 0 && u.InUse >= p.CallLimit, p.BusyLevel > 0 && u.InUse >= p.BusyLevel:
		return device.Busy
	case u.InUse > 0:
		return device.InUse
	case !answers:
		return device.Unavailable
	}
	return device.NotInUse
}

// there says whether an account has an address, and whether one of its phones
// answers qualify.
func (d *Desk) there(p *sipconf.Peer) (there, answers bool) {
	if p.Dynamic {
		phones := d.c.Reach.Registered(p)
		for i := range phones {
			there = true
			answers = answers || d.c.Reachable(p, phones[i].Contact)
		}
		if there {
			return there, answers
		}
	}
	if _, ok := reach.HostOf(p); ok {
		return true, d.c.Reachable(p, "")
	}
	return false, false
}
