package chansip

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"

	"obelus/call"
	"obelus/chansip/credential"
	"obelus/chansip/lines"
	"obelus/chansip/q850"
	"obelus/chansip/referral"
	"obelus/chansip/sipconf"
	"obelus/chansip/talk"
	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip"
	"obelus/sip/dialog"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// leg is one call of one phone: the driver's side of a channel.
//
//	in:   ringing ──Answer──► up ──BYE, Hangup──► gone
//	         └── Hangup, Tone, CANCEL ──────────────▲
//	out:  calling ──1xx──► ringing ──2xx──► up ──► gone
//	         └── CANCEL, 3xx-6xx, silence ──────────▲
//
// It has one mutex and calls out of the room only with that free. What it sends
// is rendered under the mutex and sent by the transport, which never blocks.
type leg struct {
	d        *Driver
	set      *Settings
	peer     *Peer  // the account, or the guest's settings
	name     string // of the account, "" for a guest
	incoming bool
	ch       *call.Channel
	told     atomic.Pointer[call.Channel]     // ch, for the media's hooks
	echoes   atomic.Bool                      // the phone hears itself
	line     *lines.Line                      // what counts it
	keysBy   atomic.Pointer[sipconf.DTMFMode] // another dtmfmode than the account's

	mu        sync.Mutex
	state     legState
	dlg       *dialog.Dialog
	flow      transport.Flow      // where our requests go
	atSource  bool                // ... and where they stay: nat= of the account
	contact   string              // our Contact, with its brackets
	talk      *talk.Talk          // nil until there is a description
	from      *leg                // whom the call is made for, where it is one of ours
	far       []talk.Far          // what the phones called for this leg have described
	fax       faxAsk              // a fax that the other phone is asked for
	invite    *transaction.Server // the INVITE that came
	request   *request            // the same, with what answers need
	client    *transaction.Client // our INVITE
	sentBye   bool
	early     bool // 183 with a description has been sent
	delayed   bool // the INVITE had no description: ours is in the 2xx, theirs in the ACK
	ok        *okRepeat
	ack       []byte         // our ACK, for a 2xx that comes again
	inviteSeq uint32         // of our last INVITE
	out       *outgoing      // what a call out began with
	again     *reinvite      // our re-INVITE or UPDATE under way
	point     pointing       // where the phone sends
	sound     silence        // how long nothing has been heard
	theirs    bool           // their re-INVITE is unanswered
	noTexts   bool           // the phone says that it takes none
	session   dialog.Session // the agreed session timer
	refresh   transaction.Timer
	because   call.Cause         // of a leg that ended by itself
	referred  *referral.Referral // the REFER that was sent last
	said      string             // the last answer to our INVITE, for HANGUPCAUSE()
}

type legState uint8

const (
	legRinging legState = iota // in: not answered; out: it may be ringing
	legUp
	legGone
)

// okRepeat is a 2xx that waits for its ACK.
type okRepeat struct {
	repeat *transaction.Repeat
	b      []byte
	seq    uint32
}

// calls are the legs that live.
type calls struct {
	mu       sync.Mutex
	byID     map[dialog.ID]*leg
	byInvite map[*transaction.Server]*leg
	lines    *lines.Book
}

func (c *calls) init(changed func(account string)) {
	c.byID = make(map[dialog.ID]*leg)
	c.byInvite = make(map[*transaction.Server]*leg)
	c.lines = lines.NewBook(changed)
}

// add lists a leg; false where the account has as many calls as it may.
func (c *calls) add(l *leg, limit int) (ok bool) {
	if l.line, ok = c.lines.Take(l.name, limit, !l.incoming); !ok {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.dlg != nil {
		c.byID[l.dlg.ID] = l
	}
	if l.invite != nil {
		c.byInvite[l.invite] = l
	}
	return true
}

func (c *calls) named(id dialog.ID, l *leg) {
	c.mu.Lock()
	c.byID[id] = l
	c.mu.Unlock()
}

func (c *calls) remove(l *leg, ids ...dialog.ID) {
	l.line.End()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		if c.byID[id] == l {
			delete(c.byID, id)
		}
	}
	if l.invite != nil {
		delete(c.byInvite, l.invite)
	}
}

func (c *calls) find(id dialog.ID) *leg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byID[id]
}

func (c *calls) invited(tx *transaction.Server) *leg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byInvite[tx]
}

// count is how many calls an account has.
func (c *calls) count(name string) int { return c.lines.Use(name).InUse }

// all lists the legs, for the console.
func (c *calls) all() []*leg {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := make(map[*leg]bool)
	var out []*leg
	for _, l := range c.byID {
		if !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	return out
}

// legOf is the leg that a request within a dialog belongs to: all three parts of
// its name must agree (security class 16).
func (r *request) legOf() *leg {
	l := r.d.calls.find(dialog.ID{CallID: r.M.CallID(), Local: r.M.ToTag(), Remote: r.M.FromTag()})
	if l != nil && l.name != "" {
		r.Peer = l.peer // its nat= says where the answer goes
	}
	return l
}

// hooks are what the leg hears of its media. They are called by whoever reads
// packets, and take no lock of the leg.
func (l *leg) hooks() rtp.Hooks {
	return rtp.Hooks{
		Digit: func(d rtp.Digit) {
			if ch := l.told.Load(); ch != nil && d.Up {
				ch.Notify(call.Event{
					Kind: call.EventDigit, Indication: call.Digit{Key: d.Key, Duration: d.Duration}, Relayed: d.Relayed,
				})
			}
		},
		Foreign: func(kind media.Kind, from netip.AddrPort) {
			l.log("packets from an address that may not send here are dropped", "kind", kind, "from", from)
		},
		Learned: l.learned,
		Dropped: func(kind media.Kind, f media.Format) {
			l.log("the other phone can't take this format, and it can't be translated", "kind", kind, "format", f)
		},
	}
}

func (l *leg) log(msg string, args ...any) {
	if ch := l.told.Load(); ch != nil {
		ch.Log().Warn(msg, args...)
	}
}

// Formats lists what the phone and we agreed on; before that what its account
// allows.
func (l *leg) Formats() []media.Format {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.talk != nil {
		if f := l.talk.Agreed(); len(f) > 0 {
			return f
		}
		return l.talk.Allowed()
	}
	return l.peer.Formats
}

// Media is the leg's sound.
func (l *leg) Media() call.Media {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.talk == nil {
		return nil
	}
	return legMedia{l.talk.Session(), l}
}

// Hangup ends the leg: by an answer to its INVITE, a CANCEL or a BYE.
func (l *leg) Hangup(cause call.Cause) {
	l.mu.Lock()
	switch {
	case l.state == legGone:
	case l.state == legUp:
		l.sayBye(cause)
	case l.incoming:
		l.refuse(q850.Status(cause), "", cause)
	default:
		l.giveUp(cause)
	}
	l.gone()
	l.mu.Unlock()
}

// refuse answers the INVITE that came with a final failure; l.mu is held.
func (l *leg) refuse(status int, reason string, cause call.Cause) {
	if l.invite == nil || l.invite.Answered() {
		return
	}
	l.request.Answer(status, reason, func(b *sip.Builder) { l.addCause(b, cause) })
}

// addCause adds the headers that say why a call ended. Their names are the
// original's: scripts and phones look for them.
func (l *leg) addCause(b *sip.Builder, cause call.Cause) {
	if cause == call.CauseNone {
		return
	}
	b.Header("X-Asterisk-HangupCause", cause.String())
	b.Header("X-Asterisk-HangupCauseCode", fmt.Sprint(int(cause)))
	if l.peer.UseQ850 {
		b.Header("Reason", fmt.Sprintf("Q.850;cause=%d", int(cause)))
	}
}

// gone closes what the leg holds; l.mu is held.
func (l *leg) gone() {
	if l.state == legGone {
		return
	}
	l.state = legGone
	if l.ok != nil {
		l.ok.repeat.Stop()
	}
	for _, t := range []*transaction.Timer{&l.refresh, &l.point.linger, &l.point.wait, &l.sound.timer} {
		l.d.tx.Wheel().Stop(t)
	}
	if r := l.fax.r; r != nil {
		l.forgetFax()
		r.Answer(487, "", nil) // RFC 3261 section 15.1.2
	}
	ids := []dialog.ID{l.dlg.ID}
	if l.out != nil {
		ids = append(ids, l.out.half.ID)
		ids = append(ids, l.out.forks()...)
	}
	l.d.calls.remove(l, ids...)
	if l.talk != nil {
		if err := l.talk.Session().Close(); err != nil {
			l.d.log.Debug("the media could not be closed", "channel", l.ch.Name(), "why", err)
		}
	}
}

// ended is called when the phone has ended the leg, or is lost; l.mu is not held.
func (l *leg) ended(cause call.Cause) {
	l.mu.Lock()
	l.because = cause
	l.gone()
	l.mu.Unlock()
	l.ch.Gone(cause)
}

// sayBye sends a BYE; l.mu is held.
func (l *leg) sayBye(cause call.Cause) {
	if l.sentBye {
		return
	}
	l.sentBye = true
	b, branch := l.begin(l.dlg, sip.BYE)
	l.addCause(&b, cause)
	l.sendOwn(b.End("", nil), branch, sip.BYE, goodbye{l})
}

// goodbye is the sink of a BYE: a server that wants a proof of it gets one, or it would
// count the call on.
type goodbye struct{ l *leg }

// Response takes the answer in.
func (g goodbye) Response(_ *transaction.Client, m *sip.Message) {
	if status := m.StatusCode(); status != 401 && status != 407 {
		return
	}
	l := g.l
	l.mu.Lock()
	defer l.mu.Unlock()
	uri, _ := l.dlg.RequestURI()
	id, value, err := credential.Proof(l.set, l.peer, m, sip.BYE, uri)
	if err != nil {
		return
	}
	b, branch := l.begin(l.dlg, sip.BYE)
	b.Add(id, value)
	l.sendOwn(b.End("", nil), branch, sip.BYE, ignore{})
}

// Failed is told that nobody answered: the call is over all the same.
func (goodbye) Failed(*transaction.Client, error) {}

// begin writes what every request of ours within a dialog has, in the original's
// order; l.mu is held.
func (l *leg) begin(dlg *dialog.Dialog, method sip.Method) (sip.Builder, string) {
	branch := transaction.NewBranch()
	var b sip.Builder
	uri, routes := dlg.RequestURI()
	b.Request(method, uri)
	l.d.where.AddVia(&b, l.flow, branch)
	for _, r := range routes {
		b.Add(sip.HeaderRoute, r)
	}
	b.Number(sip.HeaderMaxForwards, uint64(l.maxForwards()))
	from, to := dlg.Names()
	b.Add(sip.HeaderFrom, from)
	b.Add(sip.HeaderTo, to)
	if method != sip.MESSAGE { // RFC 3428 section 4
		b.Add(sip.HeaderContact, l.contact)
	}
	b.Add(sip.HeaderCallID, dlg.CallID)
	seq := l.inviteSeq // of an ACK
	if method != sip.ACK {
		seq = dlg.Next()
	}
	b.CSeq(seq, method)
	b.Add(sip.HeaderUserAgent, l.set.General.UserAgent)
	return b, branch
}

func (l *leg) maxForwards() int {
	if l.peer.MaxForwards > 0 {
		return l.peer.MaxForwards
	}
	return 70
}

// sendOwn sends a request of ours; what it comes to is told to sink.
func (l *leg) sendOwn(b []byte, branch string, method sip.Method, sink transaction.Sink) *transaction.Client {
	return l.d.tx.Send(b, branch, method, l.flow, l.timing(), sink)
}

func (l *leg) timing() transaction.Timing {
	return transaction.Timing{T1: l.peer.T1, B: l.peer.TimerB}
}

// ignore is the sink of a request whose answer changes nothing.
type ignore struct{}

func (ignore) Response(*transaction.Client, *sip.Message) {}
func (ignore) Failed(*transaction.Client, error)          {}
