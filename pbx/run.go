package pbx

import (
	"context"
	"errors"
	"fmt"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/dialplan/interp"
	"obelus/dialplan/syntax"
	"obelus/event"
)

// farewellTime bounds the h extension of a channel that has gone.
const farewellTime = 10 * time.Minute

// Run is the order to run the dialplan from there.
func (p *PBX) Run(context_, exten string, priority int) call.Order {
	return func(ctx context.Context, ch *call.Channel) call.Order {
		x := p.newExec(ch, call.Place{Context: context_, Exten: exten, Priority: priority})
		x.run(ctx)
		return nil
	}
}

// RunText is the order to run the dialplan for a text message. There is no phone
// to hang up, and so no h: the catch-all patterns that people write for texts
// would send each a second time by it.
func (p *PBX) RunText(context_, exten string) call.Order {
	return func(ctx context.Context, ch *call.Channel) call.Order {
		x := p.newExec(ch, call.Place{Context: context_, Exten: exten, Priority: 1})
		if ctx.Err() == nil {
			x.walk(ctx)
			x.expiry.stop()
		}
		return nil
	}
}

// Exec is one run of one channel through the dialplan: what applications and
// functions work on. It belongs to the channel's goroutine.
type Exec struct {
	pbx     *PBX
	ch      *call.Channel
	machine *interp.Machine
	waits   waits
	stack   []frame
	expiry  absolute
	state   map[any]any
	pace    pace
	leaving bool            // it is in h
	outside bool            // it evaluates for somebody who does not write the dialplan
	ctx     context.Context // of the step being carried out; nil between steps
}

func (p *PBX) newExec(ch *call.Channel, at call.Place) *Exec {
	x := &Exec{pbx: p, ch: ch, waits: waits{digit: 5 * time.Second, response: 10 * time.Second}}
	x.machine = interp.New(p.Plan(), (*host)(x), interp.Place(at))
	ch.SetStep(at, "", "")
	return x
}

// NewExec makes a run that carries out nothing by itself: for tests, and for
// those who evaluate a text on a channel that runs no dialplan.
func (p *PBX) NewExec(ch *call.Channel, at call.Place) *Exec { return p.newExec(ch, at) }

// Look makes a run on a channel that somebody else runs, for somebody outside the
// dialplan ([Exec.Outside]): it carries nothing out, but texts are filled in and
// variables set as there.
func (p *PBX) Look(ch *call.Channel) *Exec {
	x := &Exec{pbx: p, ch: ch, outside: true}
	x.machine = interp.New(p.Plan(), (*host)(x), interp.Place(ch.Place()))
	return x
}

// run goes through the dialplan, and through h at the end unless the channel
// was ordered elsewhere.
func (x *Exec) run(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	err := x.walk(ctx)
	x.expiry.stop()
	if errors.Is(err, call.ErrOrdered) {
		return
	}
	x.farewell(ctx)
}

// Farewell runs h of a context for a channel that is about to end and runs no
// dialplan.
func (p *PBX) Farewell(ctx context.Context, ch *call.Channel, context_ string) {
	x := p.newExec(ch, call.Place{Context: context_, Exten: "h", Priority: 1})
	x.farewell(ctx)
}

// farewell runs h.
func (x *Exec) farewell(ctx context.Context) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewellTime)
	defer cancel()
	x.leaving = true
	x.machine.Farewell(last)
}

func (x *Exec) walk(ctx context.Context) error {
	for {
		bounded, cancel := context.WithCancelCause(ctx)
		x.expiry.arm(cancel)
		err := x.machine.Run(bounded)
		cancel(nil)
		if ctx.Err() != nil || !errors.Is(err, interp.ErrTimeout) || !x.machine.Overtime() {
			return err
		}
	}
}

// host is an Exec as the interpreter sees it.
type host Exec

func (h *host) Exec(ctx context.Context, step *syntax.Priority, at interp.Place) interp.Outcome {
	x := (*Exec)(h)
	c, ok := step.Compiled.(*compiled)
	if !ok {
		app, _ := x.pbx.Application(step.App)
		c = &compiled{app, expand.Compile(step.Data)}
	}
	if c.app == nil {
		x.Warn(fmt.Sprintf("No application '%s' for extension (%s, %s, %d)", step.App, at.Context, at.Exten, at.Priority))
		return interp.Outcome{Verdict: interp.Stop}
	}
	place := call.Place(at)
	if x.racing(place) {
		return interp.Outcome{Verdict: interp.Stop}
	}
	x.ch.SetStep(place, c.app.Name, "")
	x.ctx = ctx
	data := c.data.Expand((*env)(x))
	x.tellStep(place, c.app.Name, data)
	x.pbx.steps.Add(1)
	err := c.app.Run(ctx, x, data)
	x.ctx = nil
	return x.outcome(err, c.app.Name)
}

// tellStep tells of a step: the channel, and observers; it costs next to nothing
// where there are none.
func (x *Exec) tellStep(at call.Place, app, data string) {
	x.ch.Step(call.Step{Place: at, App: app, Data: data, Within: x.inside(), Farewell: x.leaving})
	if x.pbx.onStep == nil && !x.pbx.bus.Watched() {
		return
	}
	step := event.Step{Channel: x.Fact(), Context: at.Context, Exten: at.Exten, Priority: at.Priority, App: app, Data: data}
	if x.pbx.onStep != nil {
		x.pbx.onStep(step)
	}
	event.Publish(x.pbx.bus, step)
}

func (x *Exec) outcome(err error, app string) interp.Outcome {
	var dialled *Dialled
	switch {
	case err == nil:
		return interp.Outcome{Verdict: interp.Next}
	case errors.As(err, &dialled):
		return interp.Outcome{Verdict: interp.Dialled, Digits: dialled.Digits}
	case errors.Is(err, ErrIncomplete):
		return interp.Outcome{Verdict: interp.Incomplete}
	case errors.Is(err, ErrHangup):
		return interp.Outcome{Verdict: interp.Stop}
	case errors.Is(err, ErrLeave):
		return interp.Outcome{Verdict: interp.Leave}
	case errors.Is(err, call.ErrGone), errors.Is(err, call.ErrOrdered), errors.Is(err, interp.ErrTimeout),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return interp.Outcome{Verdict: interp.Stop}
	}
	x.Warn(app + ": " + err.Error())
	return interp.Outcome{Verdict: interp.Next}
}

func (h *host) CallerNumber() string               { return (*Exec)(h).CallerNumber() }
func (h *host) SetVar(name, value string)          { h.ch.Vars.Set(name, value) }
func (h *host) Waits() (digit, resp time.Duration) { return h.waits.digit, h.waits.response }
func (h *host) Now() time.Time                     { return time.Now() }
func (h *host) Warn(msg string)                    { (*Exec)(h).Warn(msg) }
func (h *host) Verbose(level int, msg string)      { (*Exec)(h).Verbose(level, msg) }

func (h *host) Digit(ctx context.Context, d time.Duration) (byte, error) {
	return (*Exec)(h).WaitDigit(ctx, d)
}

// RanOut is auto fallthrough: the caller is told what DIALSTATUS says, and the
// call ends.
func (h *host) RanOut(ctx context.Context) {
	x := (*Exec)(h)
	status := x.Get("DIALSTATUS")
	if status == "" {
		status = "UNKNOWN"
	}
	x.Verbose(3, fmt.Sprintf("Auto fallthrough, channel '%s' status is '%s'", x.ch.Name(), status))
	switch status {
	case "BUSY":
		x.Tone(ctx, call.CauseUserBusy, fallthroughTone)
	case "CONGESTION", "CHANUNAVAIL":
		x.Tone(ctx, call.CauseCongestion, fallthroughTone)
	}
}

// fallthroughTone is how long a caller hears the tone of a call that could not
// be made, before the line is closed.
const fallthroughTone = 10 * time.Second

// Tone tells the caller by signalling that the call is busy or can't go on, and
// stays for d, or until the caller hangs up where d is 0. A channel that was
// not answered ends with that cause.
func (x *Exec) Tone(ctx context.Context, cause call.Cause, d time.Duration) error {
	err := x.ch.Tone(call.Tone{Cause: cause, Reason: call.Cause(x.hangupCause())})
	if err != nil {
		x.ch.Log().Debug("the tone could not be given", "why", err)
	}
	if x.ch.State() != call.StateUp {
		x.ch.SetCause(cause)
	}
	if d == 0 {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return x.Sleep(ctx, d)
}

// Subroutine is the order to run a subroutine and then to do nothing, as
// [call.Await]: what Dial has a called channel do before it is connected. done
// is called when it has returned, or could not run.
func (p *PBX) Subroutine(at call.Place, args []string, done func()) call.Order {
	return func(ctx context.Context, ch *call.Channel) call.Order {
		defer done()
		x := p.newExec(ch, at)
		if ctx.Err() == nil && x.Find(at) != nil {
			x.leaving = ch.IsGone() // a hangup handler
			x.Push(call.Place{}, args)
			x.walk(ctx)
			x.expiry.stop()
		}
		return call.Await
	}
}
