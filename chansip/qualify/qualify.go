package qualify

import (
	"context"
	"strings"
	"time"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/event"
	"obelus/sip"
	"obelus/sip/transaction"
)

// phoneKey names a phone: the account and its contact, "" for a fixed host.
type phoneKey struct{ peer, contact string }

// phone is one that is asked again and again whether it is there. Its timer rings
// when it is to be asked; Phones.mu guards it.
//
//	unknown ──answer──► answers, or lagged where it took longer than qualify=
//	any ──no answer within twice qualify=──► away
type phone struct {
	q       *Phones
	key     phoneKey
	timer   transaction.Timer
	pending bool // an OPTIONS is under way
	missed  bool // it could not be called since it answered last
	state   state
	last    time.Duration // round trip of the last answer
}

type state uint8

const (
	unknown state = iota
	answers
	lagged // it answers too slowly
	away
)

// The original's pauses between two OPTIONS.
const (
	pauseAway     = 10 * time.Second       // to a phone that did not answer
	pauseNameless = time.Second            // where DNS has not found the host yet
	pauseAfter    = 100 * time.Millisecond // after a phone has registered: its 200 goes first
)

// begin makes a phone's state; q.mu is held.
func (q *Phones) begin(key phoneKey, after time.Duration) {
	key = phoneKey{strings.Clone(key.peer), strings.Clone(key.contact)}
	r := &phone{q: q, key: key}
	q.phones[key] = r
	q.c.Transactions.Wheel().Set(&r.timer, r, after)
}

// Here has a phone asked that has just registered, if its account wants that. One
// that did not answer before may be called until it fails to answer again. For
// every other it is a look-up.
func (q *Phones) Here(p *sipconf.Peer, contact string) {
	if !asked(p) {
		return
	}
	key := phoneKey{p.Name, contact}
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.phones[key]
	switch {
	case r == nil:
		q.begin(key, pauseAfter)
	case r.state == away && !r.pending:
		r.state = unknown
		if q.c.Changed != nil {
			q.c.Changed(p.Name)
		}
		q.c.Transactions.Wheel().Set(&r.timer, r, pauseAfter)
	}
}

// asked says whether an account's phones are asked.
func asked(p *sipconf.Peer) bool { return p.Qualify > 0 && p.Type&sipconf.TypePeer != 0 }

// Freq is how often an account's phones are asked: qualifyfreq, its own or that of
// all.
func Freq(p *sipconf.Peer, set *sipconf.Settings) time.Duration {
	if p.QualifyFreq > 0 {
		return p.QualifyFreq
	}
	if set.General.QualifyFreq > 0 {
		return set.General.QualifyFreq
	}
	return time.Minute
}

// Ring is called by the wheel when the phone is to be asked. One that is no
// longer registered, or no longer to be asked, is forgotten.
func (r *phone) Ring(t *transaction.Timer, turn uint32) {
	q := r.q
	set := q.c.Settings()
	p := set.Peer(r.key.peer)
	wanted := p != nil && asked(p) && q.expects(p, r.key.contact)
	q.mu.Lock()
	if !t.Due(turn) {
		q.mu.Unlock()
		return
	}
	if !wanted {
		delete(q.phones, r.key)
		q.mu.Unlock()
		return
	}
	r.pending = true
	q.mu.Unlock()
	if q.c.Reach.Waits(p) {
		q.c.Job(func(context.Context) { r.ask(set, p) }) // a connection may have to be opened
		return
	}
	r.ask(set, p)
}

// expects says whether an account has a phone of that contact, or a fixed host.
func (q *Phones) expects(p *sipconf.Peer, contact string) bool {
	if contact == "" {
		_, ok := reach.HostOf(p)
		return ok
	}
	for _, b := range q.c.Reach.Registered(p) {
		if b.Contact == contact {
			return true
		}
	}
	return false
}

// ask sends an OPTIONS.
func (r *phone) ask(set *sipconf.Settings, p *sipconf.Peer) {
	q := r.q
	for _, w := range q.c.Reach.Flows(p) {
		if w.Contact == r.key.contact {
			q.options(set, p, w, &pinged{r: r, set: set, peer: p, at: time.Now()})
			return
		}
	}
	if route, ok := reach.RouteOf(p); ok && len(q.c.Reach.Targets(route)) == 0 {
		r.wait(pauseNameless)
		return
	}
	r.settle(away, 0, p, set) // no way there: a connection that is gone, or that nobody takes
}

// wait has the phone asked later; nothing is known of it.
func (r *phone) wait(after time.Duration) {
	q := r.q
	q.mu.Lock()
	defer q.mu.Unlock()
	r.pending = false
	q.c.Transactions.Wheel().Set(&r.timer, r, after)
}

// options asks a phone whether it is there, as the original does.
func (q *Phones) options(set *sipconf.Settings, p *sipconf.Peer, w reach.Way, sink transaction.Sink) {
	user := p.FromUser
	if user == "" {
		user = set.General.CallerID
	}
	branch := transaction.NewBranch()
	var b sip.Builder
	b.Request(sip.OPTIONS, w.URI)
	q.c.Outside.AddVia(&b, w.Flow, branch)
	for _, route := range w.Routes {
		b.Add(sip.HeaderRoute, route)
	}
	b.Number(sip.HeaderMaxForwards, 70)
	b.Add(sip.HeaderFrom, string(sip.AppendQuoted(nil, set.General.CallerID))+" <"+q.c.Outside.URI(&set.General, p, w.Flow, user)+">;tag="+outside.NewTag())
	b.Add(sip.HeaderTo, "<"+w.URI+">")
	b.Add(sip.HeaderContact, q.c.Outside.Contact(&set.General, w.Flow, w.URI, user))
	b.Add(sip.HeaderCallID, q.c.Outside.NewCallID(&set.General, w.Flow))
	b.CSeq(102, sip.OPTIONS)
	b.Add(sip.HeaderUserAgent, set.General.UserAgent)
	b.Header("Date", sip.Date(time.Now()))
	b.Add(sip.HeaderAllow, outside.Allow)
	b.Add(sip.HeaderSupported, outside.Supported)
	timing := transaction.Timing{T1: p.T1, B: 2 * p.Qualify}
	q.c.Transactions.Send(b.End("", nil), branch, sip.OPTIONS, w.Flow, timing, sink)
}

// pinged waits for the answer to one OPTIONS. Any answer says that the phone is
// there.
type pinged struct {
	r    *phone
	set  *sipconf.Settings
	peer *sipconf.Peer
	at   time.Time
}

// Response takes the answer in.
func (p *pinged) Response(_ *transaction.Client, m *sip.Message) {
	if m.StatusCode() < 200 {
		return
	}
	took := max(time.Since(p.at), time.Millisecond)
	how := answers
	if took > p.peer.Qualify {
		how = lagged
	}
	p.r.settle(how, took, p.peer, p.set)
}

// Failed is told when there was none.
func (p *pinged) Failed(*transaction.Client, error) { p.r.settle(away, 0, p.peer, p.set) }

// settle notes how the phone answered, and has it asked again.
func (r *phone) settle(now state, took time.Duration, p *sipconf.Peer, set *sipconf.Settings) {
	next := Freq(p, set)
	if now == away {
		next = pauseAway
	}
	q := r.q
	q.mu.Lock()
	was, before, back := r.state, r.last, r.missed && now == answers
	r.state, r.pending, r.missed = now, false, now != answers
	if took > 0 {
		r.last = took
	}
	q.c.Transactions.Wheel().Set(&r.timer, r, next)
	q.mu.Unlock()
	if back && q.c.Back != nil {
		q.c.Back(p.Name) // also where it has registered meanwhile: that alone does not say that it is there
	}
	if was == now {
		return
	}
	if q.c.Changed != nil {
		q.c.Changed(p.Name)
	}
	log := q.c.Log.With("peer", p.Name, "contact", r.key.contact)
	if now == away {
		event.Publish(q.c.Bus, event.PeerUnreachable{Peer: p.Name, Last: before})
		log.Info("a peer is now UNREACHABLE", "last", before)
		return
	}
	event.Publish(q.c.Bus, event.PeerReachable{Peer: p.Name, RoundTrip: took, Lagged: now == lagged})
	log.Info("a peer is now reachable", "took", took, "lagged", now == lagged)
}
