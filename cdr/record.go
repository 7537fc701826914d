package cdr

import (
	"strings"
	"time"

	"obelus/call"
	"obelus/store"
)

// state is how far a record is.
type state uint8

// The states of a record.
const (
	single  state = iota // Party A is alone
	dial                 // Party A calls Party B
	pending              // Party B has answered
	bridge               // they talk, or one waits for the other
	final                // it is over
)

var stateNames = [...]string{"Single", "Dial", "Pending", "Bridge", "Final"}

func (s state) String() string { return stateNames[s] }

// disposition is how a call came out, with the original's numbers.
type disposition int

const (
	unset      disposition = 1
	noAnswer   disposition = 0
	failed     disposition = 2
	busy       disposition = 4
	answered   disposition = 8
	congestion disposition = 16
)

func (d disposition) String() string {
	switch d {
	case failed:
		return "FAILED"
	case busy:
		return "BUSY"
	case answered:
		return "ANSWERED"
	case congestion:
		return "CONGESTION"
	}
	return "NO ANSWER"
}

// record is one call record under way; guarded by the group of its Party A.
type record struct {
	seq    int64
	state  state
	a, b   *line
	bridge string // id, in state bridge

	start, answer, end time.Time
	result             disposition // of Dial; noAnswer and known says so
	known              bool        // result is known
	cause              call.Cause  // why Dial got nobody

	context, exten string
	app, data      string
	locked         bool // app and data stay

	vars      []store.Variable // replaced, never changed: the next record may share them
	userField string
	disabled  bool
	begun     bool  // the log has been told of it
	begunWith *line // ... with this Party B
	begunUp   bool  // ... and that Party A is up
	told      bool  // the log has been told that it is over
	said      *said // what the parties said when it became final
}

// said is what a record has from its parties, as it was when the record became final.
type said struct {
	caller      call.Party
	account     string
	amaFlags    int
	peerAccount string
	bVars       []store.Variable
	bUserField  string
	cause       call.Cause
	dialed      bool // Party A was
}

func (r *record) key() store.CallKey { return store.CallKey{UniqueID: r.a.ch.ID(), Sequence: r.seq} }

// saying reads what the parties say now.
func (r *record) saying() said {
	ch := r.a.ch
	s := said{caller: ch.Identity().Caller, account: ch.Account(), amaFlags: ch.AMAFlags(), cause: r.cause, dialed: r.a.dialed}
	if s.cause == call.CauseNone {
		s.cause = ch.Cause()
	}
	if r.b != nil {
		last := r.b.last()
		s.peerAccount, s.bVars, s.bUserField = r.b.ch.Account(), last.vars, last.userField
		if s.cause == call.CauseNone {
			s.cause = r.b.ch.Cause()
		}
	}
	return s
}

// stop sets the end, and how the call came out, once.
func (r *record) stop(at time.Time) {
	if r.end.IsZero() {
		r.end = at
		r.result, r.known = r.outcome(), true
	}
}

// finish makes it final.
func (r *record) finish(at time.Time) {
	if r.state == final {
		return
	}
	r.stop(at)
	r.state = final
	s := r.saying()
	r.said = &s
	if r.b != nil {
		r.b.forget(r)
	}
}

// outcome is how the call has come out so far.
func (r *record) outcome() disposition {
	if r.known {
		return r.result
	}
	if !r.answer.IsZero() {
		return answered
	}
	switch cause := r.a.ch.Cause(); cause {
	case call.CauseUserBusy:
		return busy
	case call.CauseCongestion:
		return r.a.engine.congested()
	case call.CauseNone, call.CauseNormalClearing, call.CauseNoAnswer:
		return noAnswer
	}
	return failed
}

// congested is the disposition of a call that found no way.
func (e *Engine) congested() disposition {
	if e.settings.Load().Congestion {
		return congestion
	}
	return failed
}

// outcomeOf is the disposition of a DIALSTATUS, and a cause that says the same.
func (e *Engine) outcomeOf(status string) (disposition, call.Cause) {
	switch status {
	case "ANSWER":
		return answered, call.CauseNone
	case "BUSY":
		return busy, call.CauseUserBusy
	case "NOANSWER":
		return noAnswer, call.CauseNoAnswer
	case "CANCEL":
		return noAnswer, call.CauseNormalClearing
	case "CONGESTION":
		return e.congested(), call.CauseCongestion
	}
	return failed, call.CauseNone
}

// wanted says whether the record, which is final, is one to keep.
func (r *record) wanted(c *Config) bool {
	switch {
	case r.disabled, r.said.dialed && r.b == nil:
		return false
	case !c.Unanswered && r.b == nil && r.result != answered && r.result != congestion:
		return false
	}
	return true
}

// now is the record as it is at a time.
func (r *record) now(at time.Time, c *Config) store.CallRecord {
	s := r.said
	if s == nil {
		saying := r.saying()
		s = &saying
	}
	until := r.end
	if until.IsZero() {
		until = at
	}
	out := store.CallRecord{
		CallKey: r.key(), CallerID: s.caller.String(), Src: s.caller.Number, Dst: r.exten, DContext: r.context, Channel: r.a.ch.Name(),
		LastApp: r.app, LastData: r.data, Start: r.start, Answer: r.answer, End: r.end, Duration: int(until.Sub(r.start) / time.Second),
		Disposition: r.shown().String(), AMAFlags: s.amaFlags, AccountCode: s.account, PeerAccount: s.peerAccount,
		LinkedID: r.a.ch.LinkedID(), UserField: r.userField, Cause: int(s.cause), Variables: r.vars,
	}
	if out.AMAFlags == 0 {
		out.AMAFlags = amaDocumentation
	}
	if !r.answer.IsZero() {
		out.BillSec = c.billed(until.Sub(r.answer))
	}
	if r.b != nil {
		out.DstChannel = r.b.ch.Name()
		if s.bUserField != "" {
			out.UserField = r.userField + ";" + s.bUserField
		}
		out.Variables = joined(r.vars, s.bVars)
	}
	return out
}

// amaDocumentation is what a channel has that was given no kind of accounting.
const amaDocumentation = 3

// shown is the disposition of a record that may not be over.
func (r *record) shown() disposition {
	if r.known || !r.answer.IsZero() || !r.end.IsZero() {
		return r.outcome()
	}
	return noAnswer
}

// billed is the whole seconds that are paid for.
func (c *Config) billed(d time.Duration) int {
	if c.InitiatedSeconds {
		d += time.Second - 1
	}
	return int(d / time.Second)
}

// joined is the variables of Party A, and those of Party B that A has none of that name of.
func joined(a, b []store.Variable) []store.Variable {
	if len(b) == 0 {
		return a
	}
	out := a[:len(a):len(a)]
	for _, v := range b {
		if find(a, v.Name) < 0 {
			out = append(out, v)
		}
	}
	return out
}

// find is where a variable of that name, in any case of letters, is; -1 for nowhere.
func find(vars []store.Variable, name string) int {
	for i := range vars {
		if strings.EqualFold(vars[i].Name, name) {
			return i
		}
	}
	return -1
}
