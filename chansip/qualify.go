package chansip

import (
	"context"
	"math/rand/v2"
	"time"

	"obelus/event"
	"obelus/sip"
	"obelus/sip/transaction"
)

// reach is how an account answers OPTIONS.
type reach struct {
	asked   bool          // it has been asked since it came
	last    time.Duration // round trip; negative: no answer
	state   reachState
	next    time.Time // when it is asked again
	pending bool
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
	qualifyAway  = 10 * time.Second // to a phone that did not answer
	qualifyAfter = 2 * time.Second  // after a phone has registered
	qualifyTick  = 500 * time.Millisecond
)

// reachable says whether an account may be called: not one that is asked and did
// not answer, or too slowly.
func (s *peerStates) reachable(p *Peer) bool {
	if p.Qualify == 0 {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.reach[p.Name]
	return r == nil || r.state != reachNot && r.state != reachLagged
}

// of returns an account's state, made if there is none; s.mu is held.
func (s *peerStates) of(name string) *reach {
	if s.reach == nil {
		s.reach = make(map[string]*reach)
	}
	r := s.reach[name]
	if r == nil {
		r = &reach{}
		s.reach[name] = r
	}
	return r
}

// shown is an account's state for the console.
func (s *peerStates) shown(name string) reach {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.reach[name]; r != nil {
		return *r
	}
	return reach{}
}

// pingSoon has an account asked: its phone has just registered.
func (d *Driver) pingSoon(name string) {
	d.states.mu.Lock()
	defer d.states.mu.Unlock()
	r := d.states.of(name)
	if r.state == reachNot || !r.asked {
		r.next = now().Add(qualifyAfter)
		r.state = reachUnknown // it is there: it may be called until it fails to answer
	}
}

// qualify asks every account that has qualify= whether it is there, spread over
// the time between two askings.
func (d *Driver) qualify(ctx context.Context) {
	t := time.NewTicker(qualifyTick)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		set := d.settings.Load()
		for _, p := range set.Peers {
			if p.Qualify > 0 && p.Type&TypePeer != 0 && d.due(set, p) {
				d.ping(set, p)
			}
		}
	}
}

// due says whether an account is to be asked now. The first time is at random
// within the interval, so that a start asks thousands not at once.
func (d *Driver) due(set *Settings, p *Peer) bool {
	at := now()
	d.states.mu.Lock()
	defer d.states.mu.Unlock()
	r := d.states.of(p.Name)
	if r.next.IsZero() {
		r.next = at.Add(rand.N(min(p.qualifyFreq(set), time.Duration(len(set.Peers)+1)*100*time.Millisecond)))
		return false
	}
	if r.pending || at.Before(r.next) {
		return false
	}
	r.pending = true
	return true
}

func (p *Peer) qualifyFreq(set *Settings) time.Duration {
	if p.QualifyFreq > 0 {
		return p.QualifyFreq
	}
	if set.General.QualifyFreq > 0 {
		return set.General.QualifyFreq
	}
	return time.Minute
}

// ping asks one account.
func (d *Driver) ping(set *Settings, p *Peer) {
	ways := d.pingWays(p)
	if len(ways) == 0 {
		d.states.mu.Lock()
		r := d.states.of(p.Name)
		r.pending, r.next, r.asked, r.state = false, now().Add(p.qualifyFreq(set)), false, reachUnknown
		d.states.mu.Unlock()
		return
	}
	w := ways[0]
	branch := transaction.NewBranch()
	var b sip.Builder
	b.Request(sip.OPTIONS, w.uri)
	d.addVia(&b, w.flow, branch)
	b.Number(sip.HeaderMaxForwards, 70)
	b.Add(sip.HeaderFrom, `"`+set.General.CallerID+`" `+d.contactFor(set, w.flow, set.General.CallerID)+";tag="+d.newTag())
	b.Add(sip.HeaderTo, "<"+w.uri+">")
	b.Add(sip.HeaderContact, d.contactFor(set, w.flow, set.General.CallerID))
	b.Add(sip.HeaderCallID, d.newCallID(d.ourAddr(set, w.flow)))
	b.CSeq(102, sip.OPTIONS)
	b.Add(sip.HeaderUserAgent, set.General.UserAgent)
	b.Header("Date", now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	b.Add(sip.HeaderAllow, allowed)
	b.Add(sip.HeaderSupported, supported)
	timing := transaction.Timing{T1: p.T1, B: max(2*p.Qualify, 6*time.Second)}
	d.tx.Send(b.End("", nil), branch, sip.OPTIONS, w.flow, timing, &pinged{d: d, set: set, peer: p, at: now()})
}

// pingWays is ways without regard to how the account answered before.
func (d *Driver) pingWays(p *Peer) []way {
	if !p.Dynamic {
		return d.fixed(p)
	}
	var out []way
	for _, b := range d.cfg.Location.Lookup(nil, p.Name, now()) {
		if w, ok := d.wayTo(&b); ok {
			out = append(out, w)
		}
	}
	return out
}

// pinged waits for the answer to one OPTIONS. Any answer says that the phone is
// there.
type pinged struct {
	d    *Driver
	set  *Settings
	peer *Peer
	at   time.Time
}

// Response takes the answer in.
func (p *pinged) Response(_ *transaction.Client, m *sip.Message) {
	if m.StatusCode() < 200 {
		return
	}
	took := now().Sub(p.at)
	state := reachOK
	if took > p.peer.Qualify {
		state = reachLagged
	}
	p.settle(state, took, p.peer.qualifyFreq(p.set))
}

// Failed is told when there was none.
func (p *pinged) Failed(*transaction.Client, error) { p.settle(reachNot, -1, qualifyAway) }

func (p *pinged) settle(state reachState, took, next time.Duration) {
	s := &p.d.states
	s.mu.Lock()
	r := s.of(p.peer.Name)
	was, before := r.state, r.last
	r.state, r.last, r.asked, r.pending, r.next = state, took, true, false, now().Add(next)
	s.mu.Unlock()
	if was == state {
		return
	}
	if state == reachNot {
		event.Publish(p.d.cfg.Bus, event.PeerUnreachable{Peer: p.peer.Name, Last: before})
		p.d.log.Info("a peer is now UNREACHABLE", "peer", p.peer.Name, "last", before)
		return
	}
	event.Publish(p.d.cfg.Bus, event.PeerReachable{Peer: p.peer.Name, RoundTrip: took, Lagged: state == reachLagged})
	p.d.log.Info("a peer is now reachable", "peer", p.peer.Name, "took", took, "lagged", state == reachLagged)
}

// applied puts new settings to work: at the start, and after a reload.
func (d *Driver) applied(old *Settings) {
	if old == nil {
		d.job(d.qualify)
		d.job(d.lookUpHosts)
	}
	d.registerOut(d.settings.Load())
}
