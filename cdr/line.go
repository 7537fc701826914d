package cdr

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"obelus/call"
)

// line is the records of one channel; guarded by its group. It is the channel's [call.Tally].
type line struct {
	engine *Engine
	ch     *call.Channel
	group  atomic.Pointer[group]

	dialed    bool // somebody dialled it: it is nobody's Party A
	preferred bool // CDR_PROP(party_a)
	disabled  bool // no record is kept, nor of those to come
	ended     bool
	answered  time.Time
	chain     []*record // those of which it is Party A; the last is what CDR() reads
	partyB    []*record // those under way of which it is Party B

	own   group // its group, where it was the first of its call
	first record
	room  [2]*record // of chain: most channels have no more
}

func (l *line) last() *record { return l.chain[len(l.chain)-1] }

// forget takes a record that is over off the list of those that it is Party B of.
func (l *line) forget(r *record) {
	if i := slices.Index(l.partyB, r); i >= 0 {
		l.partyB = slices.Delete(l.partyB, i, i+1)
	}
}

// pair makes o the Party B of a record.
func (r *record) pair(o *line) {
	if r.b == o {
		return
	}
	if r.b != nil {
		r.b.forget(r)
	}
	r.b = o
	o.partyB = append(o.partyB, r)
}

// next begins another record, with what the last has; what is over and can't change any more goes to the log.
func (l *line) next(at time.Time) *record {
	last := l.last()
	r := &record{
		seq: l.engine.sequence.Add(1) - 1, a: l, start: at, context: last.context, exten: last.exten, app: last.app, data: last.data,
		vars: last.vars, userField: last.userField, disabled: l.disabled,
	}
	if !l.answered.IsZero() {
		r.answer = at
	}
	kept := l.chain[:0]
	for i, old := range l.chain {
		if old.state == final {
			l.engine.keep(l.chain[i : i+1])
		} else {
			kept = append(kept, old)
		}
	}
	clear(l.chain[len(kept):])
	l.chain = append(kept, r)
	return r
}

// begin tells the log that a record is under way, or more about it: with whom, and since when they talk. It tells nothing twice, and nothing of a
// record that would not be kept as it is.
func (r *record) begin() {
	e, up := r.a.engine, !r.answer.IsZero()
	if e.log == nil || r.disabled || r.state == final || r.a.dialed && r.b == nil || r.begun && r.begunWith == r.b && r.begunUp == up {
		return
	}
	c := e.settings.Load()
	if r.b == nil && !up && !c.Unanswered {
		return
	}
	r.begun, r.begunWith, r.begunUp = true, r.b, up
	e.log.Begin(r.now(time.Now(), c))
}

// Stepped takes in that the channel carries out a step of the dialplan.
func (l *line) Stepped(s call.Step) {
	g := l.lock()
	defer g.mu.Unlock()
	if l.ended {
		return
	}
	if s.Farewell && l.engine.settings.Load().EndBeforeHExten {
		for _, r := range l.chain {
			if r.state != final {
				r.stop(time.Now())
			}
		}
		return
	}
	if !s.Within && !s.Farewell {
		l.dialed = false // it goes its own way
	}
	taken := false
	for _, r := range l.chain {
		switch {
		case r.state == pending && r.b != nil:
			r.finish(time.Now()) // Dial is over, and connected nobody
		case r.state != final:
			r.state = unpaired(r.state)
			r.step(s)
			taken = true
		}
	}
	if !taken {
		l.next(time.Now()).step(s)
	}
	if r := l.last(); !r.begun {
		r.begin()
	}
}

// unpaired is the state of a record whose Party A goes through the dialplan: one that was called by nobody (Originate) is alone now.
func unpaired(s state) state {
	if s == pending {
		return single
	}
	return s
}

// step takes a step of Party A in.
func (r *record) step(s call.Step) {
	if !s.Within || s.Farewell {
		r.context, r.exten = s.Context, s.Exten
	}
	if r.locked || strings.HasPrefix(s.App, "AppDial") {
		return
	}
	r.app, r.data = s.App, s.Data
	r.locked = s.App == "Dial"
}

// Dialed takes in that the channel calls peer.
func (l *line) Dialed(peer *call.Channel) {
	o := lineOf(peer)
	if o == nil || l.engine.settings.Load().IgnoreDials {
		return
	}
	g := lockBoth(l, o)
	defer g.mu.Unlock()
	if l.ended {
		return
	}
	if o == l { // by nobody
		if r := l.last(); r.state == single {
			r.state = dial
		}
		return
	}
	at := time.Now()
	taken := false
	for _, r := range l.chain {
		switch r.state {
		case single:
			r.calls(o)
			taken = true
		case pending:
			r.finish(at)
		}
	}
	if !taken {
		l.next(at).calls(o)
	}
	for _, r := range l.chain {
		if r.begun && r.state != final && r.b != o {
			return // one of those that ring is enough
		}
	}
	l.last().begin()
}

func (r *record) calls(o *line) {
	r.state, r.locked = dial, true
	r.pair(o)
}

// DialEnded takes in how it came out.
func (l *line) DialEnded(peer *call.Channel, status string) {
	o := lineOf(peer)
	if o == nil || l.engine.settings.Load().IgnoreDials {
		return
	}
	g := lockBoth(l, o)
	defer g.mu.Unlock()
	if l.ended {
		return
	}
	if o == l {
		o = nil
	}
	at := time.Now()
	for _, r := range l.chain {
		if r.state != dial || r.b != o {
			continue
		}
		r.result, r.cause = l.engine.outcomeOf(status)
		r.known = true
		if r.result == answered {
			r.state = pending
		} else {
			r.finish(at)
		}
	}
}

// Answered takes in that the channel is up.
func (l *line) Answered(at time.Time) {
	g := l.lock()
	defer g.mu.Unlock()
	l.answered = at
	for _, r := range l.chain {
		if r.state != final && r.end.IsZero() && r.answer.IsZero() {
			r.answer = at
			if r.begun || r.b == nil {
				r.begin() // should the server die, what was talked is known
			}
		}
	}
}

// Joined takes in that the channel is in a bridge.
func (l *line) Joined(id string, other *call.Channel) {
	if l.engine.settings.Load().IgnoreBridges {
		return
	}
	o := lineOf(other)
	var g *group
	if o != nil {
		g = lockBoth(l, o)
	} else {
		g = l.lock()
	}
	defer g.mu.Unlock()
	if l.ended {
		return
	}
	at := time.Now()
	entered := false
	for _, r := range l.chain {
		if r.state != final && r.end.IsZero() {
			r.state, r.bridge = bridge, id
			entered = true
		}
	}
	if !entered {
		r := l.next(at)
		r.state, r.bridge = bridge, id
	}
	if o != nil && !o.ended {
		l.meet(o, id, at)
	}
}

// meet pairs two channels that are in the same bridge now: each record of the one that is Party A gets the other, whose own are over.
func (l *line) meet(o *line, id string, at time.Time) {
	a, b := partyA(l, o)
	var paired *record
	for _, r := range a.chain {
		if r.state == bridge && r.bridge == id && (r.b == nil || r.b == b) {
			r.pair(b)
			paired = r
		}
	}
	if paired == nil { // it is paired with somebody else already
		paired = a.next(at)
		paired.state, paired.bridge = bridge, id
		paired.pair(b)
	}
	paired.begin()
	for _, r := range b.chain {
		if r.state == bridge && r.bridge == id && r.b == nil {
			r.stop(at)
		}
	}
}

// partyA says who of two is Party A.
func partyA(l, o *line) (a, b *line) {
	switch {
	case l.dialed != o.dialed:
		if o.dialed {
			return l, o
		}
	case l.preferred != o.preferred:
		if l.preferred {
			return l, o
		}
	case !o.ch.Created().Before(l.ch.Created()):
		return l, o
	}
	return o, l
}

// Left takes in that the channel has left the bridge.
func (l *line) Left(id string) {
	g := l.lock()
	defer g.mu.Unlock()
	at := time.Now()
	for _, r := range l.chain {
		if r.state == bridge && r.bridge == id {
			r.finish(at)
		}
	}
	for _, r := range slices.Clone(l.partyB) {
		if r.state == bridge && r.bridge == id {
			r.finish(at)
		}
	}
}

// Ended takes in that the channel's life is over: its records are complete. While somebody still dials it, how that came out is told by
// whoever does.
func (l *line) Ended() {
	g := l.lock()
	defer g.mu.Unlock()
	at := time.Now()
	l.ended = true
	for _, r := range l.chain {
		r.finish(at)
	}
	for _, r := range slices.Clone(l.partyB) {
		if r.state != dial {
			r.finish(at)
		}
	}
	l.engine.keep(l.chain)
	g.remove(l)
}
