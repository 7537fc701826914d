package chansip

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/event"
	"obelus/sip"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// peerStates is how the phones of accounts with qualify= answer.
type peerStates struct {
	mu     sync.Mutex
	phones map[watchedKey]*watched
}

// watchedKey names a phone: the account and its contact, "" for a fixed host.
type watchedKey struct{ peer, contact string }

// watched is one phone that is asked again and again whether it is there. Its
// timer rings when it is to be asked; peerStates.mu guards it.
//
//	unknown ──answer──► ok, or lagged where it took longer than qualify=
//	any ──no answer within twice qualify=──► not there
type watched struct {
	d       *Driver
	key     watchedKey
	timer   transaction.Timer
	pending bool // an OPTIONS is under way
	state   reachState
	last    time.Duration // round trip of the last answer
}

type reachState uint8

const (
	reachUnknown reachState = iota
	reachOK
	reachLagged
	reachNot
)

// The original's pauses between two OPTIONS.
const (
	qualifyAway     = 10 * time.Second       // to a phone that did not answer
	qualifyNameless = time.Second            // where DNS has not found the host yet
	qualifyAfter    = 100 * time.Millisecond // after a phone has registered: its 200 goes first
)

// reachable says whether a phone may be called: not one that is asked and did
// not answer, or too slowly.
func (s *peerStates) reachable(p *Peer, contact string) bool {
	if p.Qualify == 0 {
		return true
	}
	r, _ := s.shown(p.Name, contact)
	return r == reachUnknown || r == reachOK
}

// shown is a phone's state and its last round trip.
func (s *peerStates) shown(peer, contact string) (reachState, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.phones[watchedKey{peer, contact}]; r != nil {
		return r.state, r.last
	}
	return reachUnknown, 0
}

// watch has a phone asked after a while, unless it is being asked already.
func (d *Driver) watch(peer, contact string, after time.Duration) {
	s := &d.states
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phones[watchedKey{peer, contact}] == nil {
		d.begin(watchedKey{strings.Clone(peer), strings.Clone(contact)}, after)
	}
}

// begin makes a phone's state; states.mu is held.
func (d *Driver) begin(key watchedKey, after time.Duration) {
	s := &d.states
	if s.phones == nil {
		s.phones = make(map[watchedKey]*watched)
	}
	r := &watched{d: d, key: key}
	s.phones[key] = r
	d.tx.Wheel().Set(&r.timer, r, after)
}

// here has a phone asked that has just registered. One that did not answer before
// may be called until it fails to answer again. For every other it is a look-up.
func (d *Driver) here(peer, contact string) {
	s := &d.states
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.phones[watchedKey{peer, contact}]
	switch {
	case r == nil:
		d.begin(watchedKey{strings.Clone(peer), strings.Clone(contact)}, qualifyAfter)
	case r.state == reachNot && !r.pending:
		r.state = reachUnknown
		d.tx.Wheel().Set(&r.timer, r, qualifyAfter)
	}
}

// qualify has the phones asked that the settings want asked, spread over time,
// so that a start does not ask thousands at once: qualifypeers of them, then
// after qualifygap the next.
func (d *Driver) qualify(set *Settings) {
	i, gap, peers := 0, max(set.General.QualifyGap, time.Millisecond), max(set.General.QualifyPeers, 1)
	for _, p := range set.Peers {
		if !asked(p) {
			continue
		}
		var contacts []string
		for _, b := range d.reach.Registered(p) {
			contacts = append(contacts, b.Contact)
		}
		if len(contacts) == 0 {
			contacts = append(contacts, "")
		}
		for _, c := range contacts {
			d.watch(p.Name, c, time.Duration(i/peers)*gap+rand.N(gap))
			i++
		}
	}
}

// asked says whether an account's phones are asked.
func asked(p *Peer) bool { return p.Qualify > 0 && p.Type&sipconf.TypePeer != 0 }

func qualifyFreq(p *Peer, set *Settings) time.Duration {
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
func (r *watched) Ring(t *transaction.Timer, turn uint32) {
	s := &r.d.states
	set := r.d.settings.Load()
	p := set.Peer(r.key.peer)
	wanted := p != nil && asked(p) && r.d.expects(p, r.key.contact)
	s.mu.Lock()
	if !t.Due(turn) {
		s.mu.Unlock()
		return
	}
	if !wanted {
		delete(s.phones, r.key)
		s.mu.Unlock()
		return
	}
	r.pending = true
	s.mu.Unlock()
	if route, ok := reach.RouteOf(p); ok && (route.Transport != transport.UDP) {
		r.d.job(func(context.Context) { r.ask(set, p) }) // a connection may have to be opened
		return
	}
	r.ask(set, p)
}

// expects says whether an account has a phone of that contact, or a fixed host.
func (d *Driver) expects(p *Peer, contact string) bool {
	if contact == "" {
		_, ok := reach.HostOf(p)
		return ok
	}
	for _, b := range d.reach.Registered(p) {
		if b.Contact == contact {
			return true
		}
	}
	return false
}

// ask sends an OPTIONS.
func (r *watched) ask(set *Settings, p *Peer) {
	for _, w := range r.d.reach.Ways(p) {
		if w.Contact == r.key.contact {
			r.d.sendOptions(set, p, w, &pinged{r: r, set: set, peer: p, at: now()})
			return
		}
	}
	if route, ok := reach.RouteOf(p); ok && len(r.d.reach.Targets(route)) == 0 {
		r.wait(qualifyNameless)
		return
	}
	r.settle(reachNot, 0, p, set) // no way there: a connection that is gone, or that nobody takes
}

// wait has the phone asked later; nothing is known of it.
func (r *watched) wait(after time.Duration) {
	s := &r.d.states
	s.mu.Lock()
	defer s.mu.Unlock()
	r.pending = false
	r.d.tx.Wheel().Set(&r.timer, r, after)
}

// sendOptions asks a phone whether it is there, as the original does.
func (d *Driver) sendOptions(set *Settings, p *Peer, w reach.Way, sink transaction.Sink) {
	user := p.FromUser
	if user == "" {
		user = set.General.CallerID
	}
	branch := transaction.NewBranch()
	var b sip.Builder
	b.Request(sip.OPTIONS, w.URI)
	d.where.AddVia(&b, w.Flow, branch)
	b.Number(sip.HeaderMaxForwards, 70)
	b.Add(sip.HeaderFrom, string(sip.AppendQuoted(nil, set.General.CallerID))+" <"+d.where.URI(&set.General, p, w.Flow, user)+">;tag="+outside.NewTag())
	b.Add(sip.HeaderTo, "<"+w.URI+">")
	b.Add(sip.HeaderContact, d.where.Contact(&set.General, w.Flow, w.URI, user))
	b.Add(sip.HeaderCallID, d.where.NewCallID(&set.General, w.Flow))
	b.CSeq(102, sip.OPTIONS)
	b.Add(sip.HeaderUserAgent, set.General.UserAgent)
	b.Header("Date", sip.Date(now()))
	b.Add(sip.HeaderAllow, outside.Allow)
	b.Add(sip.HeaderSupported, outside.Supported)
	timing := transaction.Timing{T1: p.T1, B: 2 * p.Qualify}
	d.tx.Send(b.End("", nil), branch, sip.OPTIONS, w.Flow, timing, sink)
}

// pinged waits for the answer to one OPTIONS. Any answer says that the phone is
// there.
type pinged struct {
	r    *watched
	set  *Settings
	peer *Peer
	at   time.Time
}

// Response takes the answer in.
func (p *pinged) Response(_ *transaction.Client, m *sip.Message) {
	if m.StatusCode() < 200 {
		return
	}
	took := max(now().Sub(p.at), time.Millisecond)
	state := reachOK
	if took > p.peer.Qualify {
		state = reachLagged
	}
	p.r.settle(state, took, p.peer, p.set)
}

// Failed is told when there was none.
func (p *pinged) Failed(*transaction.Client, error) { p.r.settle(reachNot, 0, p.peer, p.set) }

// settle notes how the phone answered, and has it asked again.
func (r *watched) settle(state reachState, took time.Duration, p *Peer, set *Settings) {
	next := qualifyFreq(p, set)
	if state == reachNot {
		next = qualifyAway
	}
	s := &r.d.states
	s.mu.Lock()
	was, before := r.state, r.last
	r.state, r.pending = state, false
	if took > 0 {
		r.last = took
	}
	r.d.tx.Wheel().Set(&r.timer, r, next)
	s.mu.Unlock()
	if was == state {
		return
	}
	log := r.d.log.With("peer", p.Name, "contact", r.key.contact)
	if state == reachNot {
		event.Publish(r.d.cfg.Bus, event.PeerUnreachable{Peer: p.Name, Last: before})
		log.Info("a peer is now UNREACHABLE", "last", before)
		return
	}
	event.Publish(r.d.cfg.Bus, event.PeerReachable{Peer: p.Name, RoundTrip: took, Lagged: state == reachLagged})
	log.Info("a peer is now reachable", "took", took, "lagged", state == reachLagged)
}
