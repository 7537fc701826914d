// Package interp runs the dialplan: it goes from step to step of a
// [syntax.Plan], jumps, collects digits, and finds the extension that handles
// what went wrong (i, t, e, T, h). It knows no telephone: the steps are carried
// out by a [Host].
package interp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"obelus/dialplan/syntax"
)

// Place is a place in the dialplan.
type Place struct {
	Context  string
	Exten    string
	Priority int
}

// String writes the place as the original's log does: my,1002,1.
func (p Place) String() string { return fmt.Sprintf("%s,%s,%d", p.Context, p.Exten, p.Priority) }

// Host is the world outside of the language: one channel.
type Host interface {
	// Exec carries a step out. The place is where it was found.
	Exec(ctx context.Context, step *syntax.Priority, at Place) Outcome
	// CallerNumber is what caller-ID patterns are matched with.
	CallerNumber() string
	// SetVar sets a channel variable.
	SetVar(name, value string)
	// Digit waits for a key; 0 when d has passed without one. It fails only
	// when ctx ends.
	Digit(ctx context.Context, d time.Duration) (byte, error)
	// Waits returns how long to wait for the next digit of an extension and
	// for the first.
	Waits() (digit, response time.Duration)
	// RanOut says that no step is left and the plan has autofallthrough: the
	// host tells the caller what became of the call, by DIALSTATUS.
	RanOut(ctx context.Context)
	// Now is the time that includes with a time are matched with.
	Now() time.Time
	// Warn and Verbose tell the operator.
	Warn(msg string)
	Verbose(level int, msg string)
}

// Verdict is what a step asks for.
type Verdict uint8

// The verdicts.
const (
	Next       Verdict = iota // go on with the next priority, or where the step jumped to
	Stop                      // hang up
	Dialled                   // the caller began to dial an extension: Digits
	Incomplete                // the extension wants more digits
	Failed                    // the step could not be carried out: e, if there is one, else hang up
	Leave                     // the macro ends here ([Machine.Within]); Stop outside of one
)

// Outcome is how a step ended.
type Outcome struct {
	Verdict Verdict
	Digits  string
}

// ErrTimeout is the cause that a host ends a run's context with when the
// channel's absolute time is over: T takes it, if there is one.
var ErrTimeout = errors.New("the call's absolute time is over")

// Machine is one run through the dialplan. It belongs to one goroutine.
type Machine struct {
	plan   *syntax.Plan
	host   Host
	at     Place
	jumped bool    // the present step has set the place itself
	within []Place // where the macros that are open were called, outermost first
}

// New makes a machine that begins at a place. The plan is kept for the whole
// run, whatever is loaded meanwhile.
func New(plan *syntax.Plan, host Host, at Place) *Machine {
	return &Machine{plan: plan, host: host, at: at}
}

// Plan is the dialplan that the machine runs.
func (m *Machine) Plan() *syntax.Plan { return m.plan }

// Place is where the machine is.
func (m *Machine) Place() Place { return m.at }

// Jump makes p the next step.
func (m *Machine) Jump(p Place) {
	m.at = p
	m.jumped = true
}

// Jumped says whether the present step has jumped.
func (m *Machine) Jumped() bool { return m.jumped }

// Find returns the step at a place, nil if there is none.
func (m *Machine) Find(p Place) *syntax.Priority {
	return m.plan.Find(p.Context, p.Exten, m.host.CallerNumber(), p.Priority, m.host.Now())
}

// Exists says whether there is a step at a place.
func (m *Machine) Exists(p Place) bool { return m.Find(p) != nil }

// Run goes through the dialplan until it ends: nothing is left to do, a step
// hangs up, or ctx ends (its cause is returned then). The h extension is not
// run: see [Machine.Farewell].
func (m *Machine) Run(ctx context.Context) error {
	m.begin()
	for {
		ended := m.steps(ctx)
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if ended || !m.resume(ctx) {
			return context.Cause(ctx)
		}
	}
}

// begin falls back to s, then to s of the context default, where the place to
// begin at does not exist, as the original does.
func (m *Machine) begin() {
	if m.Exists(m.at) {
		return
	}
	was := m.at
	m.at.Exten, m.at.Priority = "s", 1
	if m.Exists(m.at) {
		m.host.Verbose(2, fmt.Sprintf("Starting at %s failed so falling back to exten 's'", was))
		return
	}
	def := Place{"default", "s", 1}
	if m.Exists(def) {
		m.host.Verbose(2, fmt.Sprintf("Starting at %s,s,1 still failed so falling back to context 'default'", was.Context))
		m.at = def
		return
	}
	m.at = was
}

// steps carries out one step after another while there are any. It returns
// true when the dialplan ends with the last.
func (m *Machine) steps(ctx context.Context) (ended bool) {
	for {
		step := m.Find(m.at)
		if step == nil {
			return false
		}
		m.jumped, m.within = false, m.within[:0]
		out := m.host.Exec(ctx, step, m.at)
		if ctx.Err() != nil {
			return true
		}
		switch out.Verdict {
		case Next:
			if !m.jumped {
				m.at.Priority++
			}
		case Stop, Leave:
			m.host.Verbose(2, fmt.Sprintf("Spawn extension (%s, %s, %d) exited non-zero", m.at.Context, m.at.Exten, m.at.Priority))
			return true
		case Failed:
			m.host.Verbose(2, fmt.Sprintf("Spawn extension (%s, %s, %d) exited ERROR", m.at.Context, m.at.Exten, m.at.Priority))
			if !m.raise("ERROR") {
				return true
			}
		case Dialled:
			if !m.collect(ctx, out.Digits) {
				return true
			}
		case Incomplete:
			if !m.more(ctx) {
				return true
			}
		}
	}
}

// resume decides what happens where no step is left at the place: true when
// the run goes on.
func (m *Machine) resume(ctx context.Context) bool {
	first := m.at
	first.Priority = 1
	if m.at.Priority == 1 || !m.Exists(first) {
		return m.invalid()
	}
	if m.plan.General.AutoFallthrough {
		m.host.RanOut(ctx)
		return false
	}
	return m.collect(ctx, "")
}

// invalid goes to i, or e, of the context when the extension does not exist.
func (m *Machine) invalid() bool {
	bad := m.at
	if m.handle("i", "INVALID_EXTEN", bad.Exten) {
		m.host.Verbose(3, fmt.Sprintf("Sent into invalid extension '%s' in context '%s'", bad.Exten, bad.Context))
		return true
	}
	if m.raise("INVALID") {
		return true
	}
	m.host.Warn(fmt.Sprintf("sent to invalid extension but no invalid handler: context,exten,priority=%s", bad))
	return false
}

// handle jumps to a special extension of the present context, setting name to
// value first, if that extension exists.
func (m *Machine) handle(exten, name, value string) bool {
	to := Place{m.at.Context, exten, 1}
	if !m.Exists(to) {
		return false
	}
	if name != "" {
		m.host.SetVar(name, value)
	}
	m.at = to
	return true
}

// raise goes to e, the extension for what has no handler of its own.
func (m *Machine) raise(reason string) bool {
	was := m.at
	if !m.handle("e", "", "") {
		return false
	}
	m.host.SetVar("EXCEPTION_REASON", reason)
	m.host.SetVar("EXCEPTION_CONTEXT", was.Context)
	m.host.SetVar("EXCEPTION_EXTEN", was.Exten)
	m.host.SetVar("EXCEPTION_PRIORITY", fmt.Sprint(was.Priority))
	return true
}

// Overtime goes to T of the present context after [ErrTimeout]; false if there
// is none.
func (m *Machine) Overtime() bool {
	return m.outward(func() bool { return m.handle("T", "", "") || m.raise("ABSOLUTETIMEOUT") })
}
