package pbx

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expr"
)

// env is an Exec as text is filled in for it.
type env Exec

func (e *env) Var(name string) (string, bool) { return (*Exec)(e).Lookup(name) }
func (e *env) Warn(msg string)                { (*Exec)(e).Warn(msg) }
func (e *env) Call(name, args string) (string, error) {
	return (*Exec)(e).Call(name, args)
}

// Lookup reads a variable: one of the channel's own facts (EXTEN, CHANNEL ...),
// one that was set on the channel, or a global one, in this order.
func (x *Exec) Lookup(name string) (string, bool) {
	if v, ok := x.builtin(name); ok {
		return v, true
	}
	if v, ok := x.ch.Vars.Get(name); ok {
		return v, true
	}
	return x.pbx.Globals.Get(name)
}

// Get is Lookup with "" for a variable that is not set.
func (x *Exec) Get(name string) string {
	v, _ := x.Lookup(name)
	return v
}

// Set sets a channel variable. One or two leading underscores have it passed
// on to channels that are dialled.
func (x *Exec) Set(name, value string) { x.ch.Vars.Set(name, value) }

// builtin is what a channel knows of itself. The first letter keeps most
// names from being looked at twice.
func (x *Exec) builtin(name string) (string, bool) {
	switch name {
	case "EXTEN":
		return x.machine.Place().Exten, true
	case "CONTEXT":
		return x.machine.Place().Context, true
	case "PRIORITY":
		return strconv.Itoa(x.machine.Place().Priority), true
	case "CHANNEL":
		return x.ch.Name(), true
	case "UNIQUEID":
		return x.ch.ID(), true
	case "HANGUPCAUSE":
		return strconv.Itoa(x.hangupCause()), true
	case "EPOCH":
		return strconv.FormatInt(time.Now().Unix(), 10), true
	case "CALLINGPRES":
		return strconv.Itoa(int(x.ch.Identity().Caller.NumPres)), true
	case "CALLINGANI2", "CALLINGTON", "CALLINGTNS":
		return "0", true
	}
	if len(name) > 3 && (name[0] == 'A' || name[0] == 'S' || name[0] == 'E') {
		v, ok := x.pbx.builtins[name]
		return v, ok
	}
	return "", false
}

// causeKey is where [Exec.SetHangupCause] keeps the cause.
type causeKey struct{}

// SetHangupCause says why the call that this channel made last ended:
// ${HANGUPCAUSE} until the channel itself ends.
func (x *Exec) SetHangupCause(c call.Cause) { x.Remember(causeKey{}, c) }

// endingVariable is where a channel keeps how one that it called ended, under a name that no dialplan can give a variable.
const endingVariable = "HANGUPCAUSE("

// Ended notes how a channel that this one called ended.
func (x *Exec) Ended(ch *call.Channel, cause call.Cause) {
	said := ""
	if t, ok := ch.Leg().(call.Teller); ok {
		said, _ = t.Tell("hangupcause")
	}
	x.Set(endingVariable+ch.Name()+")", strconv.Itoa(int(cause))+" "+said)
}

// Ending is how a channel that was called ended.
type Ending struct {
	Channel string
	Cause   call.Cause
	Said    string // in the words of its technology: SIP 486 Busy Here
}

// Endings are those of the channels that this one called, in order, since the last [Exec.ForgetEndings].
func (x *Exec) Endings() []Ending {
	var all []Ending
	x.ch.Vars.Each(func(name, value string) bool {
		if channel, ok := strings.CutPrefix(name, endingVariable); ok {
			number, said, _ := strings.Cut(value, " ")
			cause, _ := strconv.Atoi(number)
			all = append(all, Ending{strings.TrimSuffix(channel, ")"), call.Cause(cause), said})
		}
		return true
	})
	return all
}

// ForgetEndings forgets how channels ended: HangupCauseClear.
func (x *Exec) ForgetEndings() {
	for _, e := range x.Endings() {
		x.ch.Vars.Unset(endingVariable + e.Channel + ")")
	}
}

func (x *Exec) hangupCause() int {
	if c := x.ch.Cause(); c != call.CauseNone {
		return int(c)
	}
	c, _ := x.Recall(causeKey{}).(call.Cause)
	return int(c)
}

// Call reads a dialplan function.
func (x *Exec) Call(name, args string) (string, error) {
	f, ok := x.pbx.Function(name)
	if !ok {
		return "", expr.NoFunction(name)
	}
	if f.Read == nil {
		return "", fmt.Errorf("Function %s cannot be read", name)
	}
	if f.GuardRead && x.guarded() {
		return "", dangerous{name, "read"}
	}
	return f.Read(x, args)
}

// Assign is what Set does with name=value: a variable, or the write of a
// function when the name has parentheses.
func (x *Exec) Assign(name, value string) error {
	open := strings.IndexByte(name, '(')
	if open < 0 {
		x.Set(name, value)
		return nil
	}
	args := name[open+1:]
	if end := strings.LastIndexByte(args, ')'); end >= 0 {
		args = args[:end]
	} else {
		x.Warnf("Can't find trailing parenthesis for function '%s'?", name)
	}
	f, ok := x.pbx.Function(name[:open])
	if !ok {
		return fmt.Errorf("Function %s not registered", name[:open])
	}
	if f.Write == nil {
		return fmt.Errorf("Function %s cannot be written to", name[:open])
	}
	if f.GuardWrite && x.guarded() {
		return dangerous{name[:open], "write"}
	}
	return f.Write(x, args, value)
}

// dangerous is what a function is that is closed to those outside, in the original's words.
type dangerous struct{ function, way string }

func (d dangerous) Error() string {
	return "Dangerous function " + d.function + " " + d.way + " blocked"
}

// guarded says whether functions that reach beyond the telephone are closed to
// this run.
func (x *Exec) guarded() bool { return x.outside && !x.pbx.trusting }
