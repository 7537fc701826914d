package pbx

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/dialplan/interp"
	"obelus/dialplan/syntax"
	"obelus/event"
)

// Channel is the channel that runs.
func (x *Exec) Channel() *call.Channel { return x.ch }

// PBX is the switchboard.
func (x *Exec) PBX() *PBX { return x.pbx }

// Plan is the dialplan of this run: it stays what it was when the run began.
func (x *Exec) Plan() *syntax.Plan { return x.machine.Plan() }

// Outside says that the run evaluates for somebody who does not write the
// dialplan.
func (x *Exec) Outside() bool { return x.outside }

// Context ends when what the channel does now has to end: with the order that
// the step being carried out belongs to, between steps with the channel. In h
// and in hangup handlers it lives on although the phone has gone.
func (x *Exec) Context() context.Context {
	if x.ctx != nil {
		return x.ctx
	}
	return x.ch.Context()
}

// Place is the step being carried out.
func (x *Exec) Place() call.Place { return call.Place(x.machine.Place()) }

// Leaving says that nobody is on the line any more: what runs is h, or a hangup
// handler.
func (x *Exec) Leaving() bool { return x.leaving }

// Now is the time.
func (x *Exec) Now() time.Time { return time.Now() }

// Moment is the time by which the dialplan decides what it does: now, or what TESTTIME() says.
func (x *Exec) Moment() time.Time {
	v, ok := x.ch.Vars.Get("TESTTIME")
	if !ok {
		return x.Now()
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return x.Now()
	}
	return time.Unix(n, 0)
}

// CallerNumber is what caller-ID patterns are matched with.
func (x *Exec) CallerNumber() string { return x.ch.Identity().Caller.Number }

// Find returns the step at a place, nil if there is none.
func (x *Exec) Find(p call.Place) *syntax.Priority { return x.machine.Find(interp.Place(p)) }

// Jump makes p the next step, whether it exists or not: what happens where it
// does not is the dialplan's business.
func (x *Exec) Jump(p call.Place) { x.machine.Jump(interp.Place(p)) }

// Jumped says whether the step has jumped already.
func (x *Exec) Jumped() bool { return x.machine.Jumped() }

// Expand fills in ${...} and $[...] in a text for this channel.
func (x *Exec) Expand(text string) string { return expand.Expand(text, (*env)(x)) }

// ExpandAt is Expand as if the run were at that place: ${EXTEN} is that of at.
func (x *Exec) ExpandAt(at call.Place, text string) string {
	if x.state == nil {
		x.state = make(map[any]any)
	}
	there := &Exec{pbx: x.pbx, ch: x.ch, waits: x.waits, stack: x.stack, state: x.state, leaving: x.leaving, outside: x.outside, ctx: x.ctx}
	there.machine = interp.New(x.Plan(), (*host)(there), interp.Place(at))
	return there.Expand(text)
}

// Elsewhere is a run on another channel, from which this one reads and writes what
// is there.
func (x *Exec) Elsewhere(ch *call.Channel) *Exec {
	if ch == x.ch {
		return x
	}
	there := &Exec{pbx: x.pbx, ch: ch, waits: x.waits, outside: x.outside, ctx: x.ctx}
	there.machine = interp.New(x.Plan(), (*host)(there), interp.Place(ch.Place()))
	return there
}

// Warn tells the operator, as a warning that names the channel.
func (x *Exec) Warn(msg string) { x.ch.Log().Warn(msg) }

// Warnf is Warn with a format.
func (x *Exec) Warnf(format string, args ...any) { x.Warn(fmt.Sprintf(format, args...)) }

// Verbose tells whoever watches the console with at least that verbosity.
func (x *Exec) Verbose(level int, msg string) {
	event.Publish(x.pbx.bus, event.Notice{Level: verboseLevel(level), Room: "pbx", Text: msg})
}

// verboseLevel places verbosity n of the original below the level Info: the
// more verbose, the lower.
func verboseLevel(n int) slog.Level { return slog.LevelInfo - slog.Level(min(max(n, 0), 3)) }

// Fact names the channel to observers.
func (x *Exec) Fact() event.Channel {
	return event.Channel{Name: x.ch.Name(), UniqueID: x.ch.ID(), LinkedID: x.ch.LinkedID()}
}

// Application carries out another application as part of this step, as ExecIf
// does. The name may be in any case of letters.
func (x *Exec) Application(ctx context.Context, name, data string) error {
	app, ok := x.pbx.Application(name)
	if !ok {
		return fmt.Errorf("no application named '%s'", name)
	}
	x.ch.Step(call.Step{Place: x.Place(), App: app.Name, Data: data, Within: x.inside(), Farewell: x.leaving})
	return app.Run(ctx, x, data)
}

// Remember keeps a value for the rest of the run under a key of the caller's
// own type: an application's state between steps. Recall returns it.
func (x *Exec) Remember(key, value any) {
	if x.state == nil {
		x.state = make(map[any]any)
	}
	x.state[key] = value
}

// Recall returns what was remembered under a key, nil if nothing was.
func (x *Exec) Recall(key any) any { return x.state[key] }
