package dial

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/event"
	"obelus/pbx"
)

func dial(d *Deps) pbx.Application {
	return pbx.Application{
		Name:  "Dial",
		Run:   func(ctx context.Context, x *pbx.Exec, data string) error { return runDial(ctx, x, d, data) },
		Check: checkDial,
	}
}

// dialling is one Dial under way. It belongs to the caller's goroutine.
type dialling struct {
	d    *Deps
	x    *pbx.Exec
	ch   *call.Channel
	opts pbx.Options
	box  *call.Mailbox
	out  map[*call.Channel]string // who rings, and the dial string that called it

	asked      int // destinations, and further phones of one
	forwards   int // how often a phone has sent the call elsewhere
	busy       int
	congested  int
	unavail    int
	ringing    bool // the caller hears ringing
	early      *call.Channel
	began      time.Time
	cause      call.Cause // why the last one failed
	lastReason string
}

func runDial(ctx context.Context, x *pbx.Exec, d *Deps, data string) error {
	args := expand.Args(data, 4)
	destinations := splitDestinations(expand.Arg(args, 0))
	for _, name := range []string{"DIALEDPEERNUMBER", "DIALEDPEERNAME", "DIALEDTIME", "ANSWEREDTIME", "DIALEDTIME_MS", "ANSWEREDTIME_MS", "DIALSTATUS", "BRIDGEPEER"} {
		x.Set(name, "")
	}
	if len(destinations) == 0 {
		x.Set("DIALSTATUS", "INVALIDARGS")
		x.Warn("Dial requires an argument (technology/resource)")
		return pbx.ErrHangup
	}
	opts, err := pbx.ParseOptions(expand.Arg(args, 2), dialOptions+dialHeard)
	if err != nil {
		x.Set("DIALSTATUS", "INVALIDARGS")
		x.Warn("Dial: " + err.Error())
		return pbx.ErrHangup
	}
	timeout, err := pbx.Seconds(expand.Arg(args, 1))
	if err != nil {
		x.Warnf("Dial: invalid timeout specified: '%s'. Setting timeout to infinite", expand.Arg(args, 1))
	}
	g := &dialling{
		d: d, x: x, ch: x.Channel(), opts: opts, box: call.NewMailbox(),
		out: make(map[*call.Channel]string), began: time.Now(),
	}
	if opts.Has('C') && d.Records != nil {
		d.Records.Reset(g.ch, false)
	}
	return g.run(ctx, destinations, timeout)
}

func (g *dialling) run(ctx context.Context, destinations []string, timeout time.Duration) error {
	stop := g.ch.Listen(g.box)
	g.call(ctx, destinations, timeout)
	var winner *call.Channel
	status := "CHANUNAVAIL"
	if len(g.out) > 0 {
		if g.opts.Has('r') {
			g.ring()
		}
		winner, status = g.wait(ctx, timeout)
	} else {
		status = g.verdict()
	}
	stop()
	g.ch.Behind(nil) // it rings no more
	if winner == nil {
		g.giveUp(status)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return nil
	}
	return g.answered(ctx, winner)
}

// call begins to call everybody.
func (g *dialling) call(ctx context.Context, destinations []string, timeout time.Duration) {
	for _, to := range destinations {
		q := call.Request{
			From: g.ch, Identity: g.identity(), Formats: g.ch.Leg().Formats(), Inbox: g.box, Timeout: timeout,
			Anchor: anchoredEarly(g.opts),
		}
		channels, err := g.d.Dialers.Dial(ctx, to, q)
		if err != nil {
			g.asked++
			g.failed(to, err)
			continue
		}
		for _, c := range channels {
			g.asked++
			g.out[c] = to
			c.SetDialled(g.x.Place())
			g.ch.DialBegun(c)
			event.Publish(g.d.Bus, event.DialBegun{Channel: fact(g.ch), Dialed: c.Name(), Target: to})
			g.x.Verbose(3, "Called "+to)
		}
	}
}

// identity is who the called phones see.
func (g *dialling) identity() call.Identity {
	id := g.ch.Identity()
	if v, ok := g.opts.Get('f'); ok {
		id.Caller = call.Party{Number: v}
		if v == "" {
			id.Caller.Number = g.x.Place().Exten
		}
	}
	if v, ok := g.opts.Get('o'); ok && v != "" {
		id.Caller = call.Party{Number: v}
	}
	return id
}

func (g *dialling) failed(to string, err error) {
	var de *call.DialError
	cause := call.CauseNone
	if errors.As(err, &de) {
		cause = de.Cause
	}
	g.count(cause)
	g.lastReason = err.Error()
	g.x.Warnf("Unable to create channel to %s: %v", to, err)
}

// count notes why one of those asked can't be had.
func (g *dialling) count(cause call.Cause) {
	if cause != call.CauseNone {
		g.cause = cause
		g.x.SetHangupCause(cause)
	}
	switch cause {
	case call.CauseUserBusy:
		g.busy++
	case call.CauseCongestion:
		g.congested++
	case call.CauseNoAnswer, call.CauseNormalClearing:
		// Rang and was not taken: that alone decides nothing.
	default:
		g.unavail++
	}
}

// verdict is DIALSTATUS when nobody is left who could answer.
func (g *dialling) verdict() string {
	switch {
	case g.busy > 0:
		return "BUSY"
	case g.congested > 0:
		return "CONGESTION"
	case g.unavail > 0:
		return "CHANUNAVAIL"
	}
	return "NOANSWER"
}

// wait waits for somebody to answer.
func (g *dialling) wait(ctx context.Context, timeout time.Duration) (*call.Channel, string) {
	var over <-chan time.Time
	if timeout > 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		over = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil, "CANCEL"
		case <-over:
			g.x.Verbose(3, fmt.Sprintf("Nobody picked up in %d ms", timeout.Milliseconds()))
			return nil, "NOANSWER"
		case <-g.box.C:
			for e, ok := g.box.Take(); ok; e, ok = g.box.Take() {
				if g.happened(ctx, e) {
					return e.Channel, "ANSWER"
				}
				if len(g.out) == 0 {
					g.x.Verbose(2, fmt.Sprintf("Everyone is busy/congested at this time (%d:%d/%d/%d)", g.asked, g.busy, g.congested, g.unavail))
					return nil, g.verdict()
				}
			}
		}
	}
}

// happened takes in what happened on a leg; true when it has answered.
func (g *dialling) happened(ctx context.Context, e call.Event) bool {
	to, rings := g.out[e.Channel]
	if !rings {
		return false // the caller's own keys and texts, or one that was given up
	}
	switch e.Kind {
	case call.EventAnswered:
		g.x.Verbose(3, fmt.Sprintf("%s answered %s", e.Channel.Name(), g.ch.Name()))
		return true
	case call.EventRinging:
		g.x.Verbose(3, e.Channel.Name()+" is ringing")
		g.ring()
	case call.EventProgress:
		g.progress(e)
	case call.EventForwarded:
		g.forward(ctx, e)
	case call.EventBusy, call.EventCongestion, call.EventGone:
		g.lost(e, to)
	}
	return false
}

// ring lets the caller hear that it rings, once, unless it hears more already.
func (g *dialling) ring() {
	if g.ringing || g.early != nil {
		return
	}
	g.ringing = true
	if err := g.ch.Ring(); err != nil {
		g.ch.Log().Debug("the caller could not be told that it rings", "why", err)
	}
}

// progress passes the early sound of a single called phone on.
func (g *dialling) progress(e call.Event) {
	g.x.Verbose(3, fmt.Sprintf("%s is making progress passing it to %s", e.Channel.Name(), g.ch.Name()))
	if g.asked != 1 || g.opts.Has('r') || g.early != nil {
		return
	}
	if anchoredEarly(g.opts) == "" {
		call.NewBridge().Introduce(g.ch, e.Channel)
	}
	if err := g.ch.Leg().Progress(e.Formats); err != nil {
		g.ch.Log().Debug("early media could not be opened", "why", err)
		return
	}
	g.ch.Behind(nil)
	g.early = e.Channel
	if a, b := g.ch.Media(), e.Channel.Media(); a != nil && b != nil {
		if err := a.Join(b); err != nil {
			g.ch.Log().Debug("no early sound", "why", err)
		}
	}
}

// forward calls where a phone has sent the call, in its place.
func (g *dialling) forward(ctx context.Context, e call.Event) {
	delete(g.out, e.Channel)
	g.ch.DialEnded(e.Channel, e.Status())
	e.Channel.Hangup(call.CauseNormalClearing)
	if g.opts.Has('i') {
		g.x.Verbose(3, fmt.Sprintf("Forwarding %s to '%s' prevented.", g.ch.Name(), e.Forward))
		g.unavail++
		return
	}
	g.x.Verbose(3, fmt.Sprintf("Now forwarding %s to '%s' (thanks to %s)", g.ch.Name(), e.Forward, e.Channel.Name()))
	if g.forwards++; g.forwards > maxForwards {
		g.x.Warnf("Dial: the call was forwarded %d times: do phones forward to each other? It is given up", maxForwards)
		g.count(call.CauseNone)
		return
	}
	g.asked--
	g.call(ctx, []string{e.Forward}, 0)
}

// maxForwards bounds how often phones may send one call elsewhere, as the
// original's Max-Forwards of a channel does.
const maxForwards = 20

// lost takes a phone that will not answer out of the race.
func (g *dialling) lost(e call.Event, to string) {
	delete(g.out, e.Channel)
	cause := e.Cause
	switch e.Kind {
	case call.EventBusy:
		g.x.Verbose(3, e.Channel.Name()+" is busy")
		g.busy++
		g.note(cause)
	case call.EventCongestion:
		g.x.Verbose(3, e.Channel.Name()+" is circuit-busy")
		g.congested++
		g.note(cause)
	default:
		g.count(cause)
	}
	g.lastReason = fmt.Sprintf("%s: %s", to, cause)
	g.x.Ended(e.Channel, cause)
	g.ch.DialEnded(e.Channel, e.Status())
	event.Publish(g.d.Bus, event.DialEnded{Channel: fact(g.ch), Dialed: e.Channel.Name(), Target: to, Status: e.Status()})
	e.Channel.Hangup(cause)
}

func (g *dialling) note(cause call.Cause) {
	if cause != call.CauseNone {
		g.cause = cause
		g.x.SetHangupCause(cause)
	}
}

// giveUp ends a Dial that nobody answered.
func (g *dialling) giveUp(status string) {
	cause := call.CauseNormalClearing
	if status == "NOANSWER" {
		cause = call.CauseNoAnswer
	}
	for c, to := range g.out {
		g.ch.DialEnded(c, status)
		c.Hangup(cause)
		event.Publish(g.d.Bus, event.DialEnded{Channel: fact(g.ch), Dialed: c.Name(), Target: to, Status: status})
	}
	g.part()
	g.x.Set("DIALSTATUS", status)
	g.setTimes(time.Time{})
	if g.lastReason == "" {
		g.lastReason = status
	}
	g.ch.Log().Info("a call failed", "from", g.ch.Identity().Caller.Number, "to", g.x.Place().Exten, "status", status, "why", g.lastReason)
	event.Publish(g.d.Bus, event.CallFailed{
		Channel: fact(g.ch), From: g.ch.Identity().Caller.Number, To: g.x.Place().Exten, Cause: int(g.cause),
		Reason: status + ": " + g.lastReason,
	})
}

// part closes the early sound.
func (g *dialling) part() {
	if g.early != nil {
		if m := g.ch.Media(); m != nil {
			m.Part()
		}
	}
}

func (g *dialling) setTimes(answered time.Time) {
	now := time.Now()
	total := now.Sub(g.began)
	g.x.Set("DIALEDTIME", strconv.Itoa(int(total.Seconds())))
	g.x.Set("DIALEDTIME_MS", strconv.FormatInt(total.Milliseconds(), 10))
	if answered.IsZero() {
		return
	}
	talk := now.Sub(answered)
	g.x.Set("ANSWEREDTIME", strconv.Itoa(int(talk.Seconds())))
	g.x.Set("ANSWEREDTIME_MS", strconv.FormatInt(talk.Milliseconds(), 10))
}

// splitDestinations splits the first argument at its ampersands.
func splitDestinations(s string) []string {
	var out []string
	for _, d := range strings.Split(s, "&") {
		if d = strings.TrimSpace(d); d != "" {
			out = append(out, d)
		}
	}
	return out
}

func fact(c *call.Channel) event.Channel {
	return event.Channel{Name: c.Name(), UniqueID: c.ID(), LinkedID: c.LinkedID()}
}
