package dial

import (
	"context"
	"strings"

	"obelus/call"
	"obelus/features"
	"obelus/pbx"
)

// preDial is option B: a subroutine that the caller runs before anybody is called.
func (g *dialling) preDial(ctx context.Context) error {
	v, ok := g.opts.Get('B')
	if !ok {
		return nil
	}
	place := g.ch.Place()
	features.Application(ctx, g.x.PBX(), g.ch, "Gosub", gosubOf(v))
	g.ch.SetStep(place, "Dial", "")
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// preDialOf is option b: a subroutine that each called channel runs before its phone is called. A target with fewer than three parts is looked
// for at place.
func preDialOf(board *pbx.PBX, place call.Place, target string) func(context.Context, *call.Channel) {
	return func(ctx context.Context, ch *call.Channel) {
		was := ch.Place()
		ch.SetStep(place, "", "")
		if err := features.Application(ctx, board, ch, "Gosub", target); err != nil {
			ch.Log().Debug("what was to run before the call has ended it", "why", err)
		}
		ch.SetStep(was, "AppDial", "(Outgoing Line)")
	}
}

// gosubOf turns context^exten^priority(args) into what Gosub takes.
func gosubOf(v string) string { return strings.ReplaceAll(v, "^", ",") }

// subroutine runs options M and U on the called channel. False means that a
// result (MACRO_RESULT, GOSUB_RESULT) ends the call.
func (g *dialling) subroutine(ctx context.Context, peer *call.Channel) bool {
	if v, ok := g.opts.Get('M'); ok {
		if !g.has(ctx, peer, "Macro", gosubOf(v), "MACRO_RESULT") {
			return false
		}
	}
	if v, ok := g.opts.Get('U'); ok {
		name, args, some := strings.Cut(gosubOf(v), ",")
		target := name + ",s,1"
		if some {
			target += "(" + args + ")"
		}
		return g.has(ctx, peer, "Gosub", target, "GOSUB_RESULT")
	}
	return true
}

// has has the called channel run an application, and heeds what that leaves in a variable.
func (g *dialling) has(ctx context.Context, peer *call.Channel, app, data, result string) bool {
	done := make(chan struct{})
	board, place := g.x.PBX(), g.x.Place()
	order := func(ctx context.Context, ch *call.Channel) call.Order {
		defer close(done)
		was := ch.Place()
		if ctx.Err() == nil {
			ch.SetStep(place, app, data)
			features.Application(ctx, board, ch, app, data)
			ch.SetStep(was, "AppDial", "(Outgoing Line)")
		}
		return call.Await
	}
	if err := peer.Do(order); err != nil {
		return true
	}
	select {
	case <-done:
	case <-ctx.Done():
		peer.Hangup(call.CauseNormalClearing)
		return false
	}
	return g.heed(peer, result)
}

// heed follows what the subroutine left in its result variable: true when the
// two are to be connected.
func (g *dialling) heed(peer *call.Channel, name string) bool {
	result, _ := peer.Vars.Get(name)
	target, jump := strings.CutPrefix(result, "GOTO:")
	switch {
	case jump:
		if err := g.x.Goto(strings.ReplaceAll(target, "^", ",")); err != nil {
			g.x.Warn(err.Error())
		}
	case result == "BUSY", result == "CONGESTION":
		g.x.Set("DIALSTATUS", result)
	case result == "ABORT":
		g.ch.Hangup(call.CauseNormalClearing)
	case result != "CONTINUE":
		return true
	}
	peer.Hangup(call.CauseNormalClearing)
	return false
}
