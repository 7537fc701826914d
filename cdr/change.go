package cdr

import (
	"errors"
	"slices"
	"strings"
	"time"

	"obelus/call"
	"obelus/store"
)

// ErrOver is returned where a record is to be forked that is over.
var ErrOver = errors.New("the call record is over")

// ErrNone is returned where a channel has no record: cdr.conf says enable=no, or it is no call.
var ErrNone = errors.New("the channel has no call record")

// Current is the channel's record as it is now, with Party A's variables and user field alone; false where it has none. After a Dial in
// which nobody was reached, and after a conversation, it is the record of that until the next step of the dialplan.
func (e *Engine) Current(ch *call.Channel) (store.CallRecord, bool) {
	l := lineOf(ch)
	if l == nil {
		return store.CallRecord{}, false
	}
	g := l.lock()
	defer g.mu.Unlock()
	r := l.last()
	out := r.now(time.Now(), e.settings.Load())
	out.Variables, out.UserField = r.vars, r.userField
	return out, true
}

// changeable are the records that Set(CDR(x)=) changes: those under way, and the last. The group is locked.
func (l *line) changeable(yield func(*record) bool) {
	for i, r := range l.chain {
		if r.state == final && i != len(l.chain)-1 {
			continue
		}
		if !yield(r) {
			return
		}
	}
}

// SetVariable gives a variable of the dialplan's own its value. It stands in the record in the order in which variables were first set.
func (e *Engine) SetVariable(ch *call.Channel, name, value string) {
	l := lineOf(ch)
	if l == nil {
		return
	}
	g := l.lock()
	defer g.mu.Unlock()
	for r := range l.changeable {
		vars := slices.Clone(r.vars)
		if i := find(vars, name); i >= 0 {
			vars[i].Value = value
		} else {
			vars = append(vars, store.Variable{Name: name, Value: value})
		}
		r.vars = vars
	}
}

// SetUserField sets the user field of the channel's records.
func (e *Engine) SetUserField(ch *call.Channel, value string) {
	l := lineOf(ch)
	if l == nil {
		return
	}
	g := l.lock()
	defer g.mu.Unlock()
	for r := range l.changeable {
		r.userField = value
	}
}

// Disable keeps no record of the channel, neither those under way nor those to come; on=false has them kept again. What is over stays as it is.
func (e *Engine) Disable(ch *call.Channel, on bool) {
	l := lineOf(ch)
	if l == nil {
		return
	}
	g := l.lock()
	defer g.mu.Unlock()
	l.disabled = on
	for _, r := range l.chain {
		if r.state == final {
			continue
		}
		r.disabled = on
		if on && r.begun {
			r.begun = false
			e.log.Drop(r.key())
		}
	}
}

// Prefer has the channel be Party A when it meets another that was not dialled either.
func (e *Engine) Prefer(ch *call.Channel, on bool) {
	if l := lineOf(ch); l != nil {
		g := l.lock()
		l.preferred = on
		g.mu.Unlock()
	}
}

// Reset begins the channel's records anew: they start now and, where the channel is up, were answered now. Variables go unless they are to be
// kept.
func (e *Engine) Reset(ch *call.Channel, keepVariables bool) {
	l := lineOf(ch)
	if l == nil {
		return
	}
	g := l.lock()
	defer g.mu.Unlock()
	at := time.Now()
	for r := range l.changeable {
		if !keepVariables {
			r.vars, r.userField = nil, ""
		}
		r.start, r.answer, r.end = at, time.Time{}, time.Time{}
		if !l.answered.IsZero() {
			r.answer = at
		}
		if r.state == final {
			r.end = at
		} else if r.begun {
			l.engine.log.Begin(r.now(at, l.engine.settings.Load())) // should the server die, it begins here
		}
	}
}

// Fork begins another record beside the channel's last. Options are letters: a, it was answered now; e, those before are over; r, it starts
// and was answered now; v, it begins without the variables.
func (e *Engine) Fork(ch *call.Channel, options string) error {
	l := lineOf(ch)
	if l == nil {
		return ErrNone
	}
	g := l.lock()
	defer g.mu.Unlock()
	has := func(letter string) bool { return strings.Contains(options, letter) }
	last := l.last()
	if last.state == final {
		return ErrOver
	}
	at := time.Now()
	r := l.next(at)
	r.state, r.bridge, r.locked, r.disabled = last.state, last.bridge, last.locked, last.disabled
	if last.b != nil {
		r.pair(last.b)
	}
	up := !l.answered.IsZero()
	if !has("r") {
		r.start = last.start
		if !has("a") {
			r.answer = last.answer
		}
	}
	if !up {
		r.answer = time.Time{}
	}
	if has("v") {
		r.vars, r.userField = nil, ""
	}
	if has("e") {
		for _, old := range l.chain[:len(l.chain)-1] {
			old.finish(at)
		}
	}
	r.begin()
	return nil
}
