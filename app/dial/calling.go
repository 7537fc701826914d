package dial

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"obelus/call"
	"obelus/event"
)

// call begins to call everybody. forwarder is who has sent the call there, if anybody has.
func (g *dialling) call(ctx context.Context, destinations []string, forwarder call.Party) {
	for _, to := range destinations {
		q := call.Request{
			From: g.ch, Identity: g.shown(forwarder), Formats: g.ch.Leg().Formats(), Inbox: g.box, Timeout: g.waits.answer, Anchor: anchoredEarly(g.opts),
		}
		own := g.own()
		q.Own = &own
		if forwarder.Name != "" {
			q.Vars = map[string]string{"FORWARDERNAME": forwarder.Name}
		}
		if v, ok := g.opts.Get('b'); ok {
			q.Before = preDialOf(g.x.PBX(), g.x.Place(), gosubOf(v))
		}
		channels, err := g.d.Dialers.Dial(ctx, to, q)
		if err != nil {
			g.asked++
			g.failed(to, err)
			continue
		}
		for _, c := range channels {
			g.asked++
			g.rings(c, to)
		}
	}
}

// rings notes a channel that is called.
func (g *dialling) rings(c *call.Channel, to string) {
	g.out[c] = to
	c.SetDialled(g.x.Place())
	if g.d.Features != nil {
		g.d.Features.Inherit(g.ch, c)
	}
	g.group(c)
	g.ch.DialBegun(c)
	event.Publish(g.d.Bus, event.DialBegun{Channel: fact(g.ch), Dialed: c.Name(), Target: to})
	g.x.Verbose(3, "Called "+to)
}

// own is who the called channels are themselves: the extension that was dialled, or what option o says.
func (g *dialling) own() call.Party {
	v, ok := g.opts.Get('o')
	switch {
	case !ok:
		return call.Party{Number: g.x.Place().Exten}
	case v == "":
		return g.ch.Identity().Caller
	}
	return party(v)
}

// group puts a called channel into the group of OUTBOUND_GROUP: name[@category].
func (g *dialling) group(c *call.Channel) {
	name := g.x.Get("OUTBOUND_GROUP_ONCE")
	if name == "" {
		name = g.x.Get("OUTBOUND_GROUP")
	} else {
		g.x.Set("OUTBOUND_GROUP_ONCE", "")
	}
	if name == "" {
		return
	}
	name, category, _ := strings.Cut(name, "@")
	f, ok := g.x.PBX().Function("GROUP")
	if !ok || f.Write == nil {
		return
	}
	if err := f.Write(g.x.PBX().NewExec(c, c.Place()), category, name); err != nil {
		g.x.Warnf("OUTBOUND_GROUP: %v", err)
	}
}

// shown is who the called phones see.
func (g *dialling) shown(forwarder call.Party) call.Identity {
	id := g.ch.Identity()
	v, forced := g.opts.Get('f')
	switch {
	case forced && v != "":
		id.Caller = party(v)
	case forced && forwarder.Name != "": // f alone is about forwarded calls
		id.Caller = call.Party{Number: g.x.Place().Exten}
	}
	if v, ok := g.opts.Get('u'); ok {
		if pres, ok := call.ParsePresentation(v); ok {
			id.Caller.NumPres, id.Caller.NamePres = pres, pres
		} else {
			g.x.Warnf("Dial: unknown presentation '%s' in u()", v)
		}
	}
	if v, ok := g.opts.Get('s'); ok {
		id.Caller.Tag = v
	}
	if forwarder.Name != "" {
		id.Redirecting = call.Party{Number: forwarder.Number}
		id.RedirectReason, id.RedirectCount = "cfu", id.RedirectCount+1 // as the original says of every call that a phone sends on
	}
	return id
}

// party reads "Name" <number>, or a number.
func party(s string) call.Party {
	name, rest, ok := strings.Cut(s, "<")
	if !ok {
		return call.Party{Number: strings.TrimSpace(s)}
	}
	number, _, _ := strings.Cut(rest, ">")
	return call.Party{Name: strings.Trim(strings.TrimSpace(name), `"`), Number: strings.TrimSpace(number)}
}

func (g *dialling) failed(to string, err error) {
	var de *call.DialError
	cause := call.CauseNone
	if errors.As(err, &de) {
		cause = de.Cause
	}
	g.count(cause)
	g.lastReason = err.Error()
	if de != nil && cause == call.CauseNotImplemented {
		g.x.Warn(de.Text) // a technology that there is not
	}
	tech, _, _ := strings.Cut(to, "/")
	g.ch.Log().Info(fmt.Sprintf("Unable to create channel of type '%s' (cause %d - %s)", tech, int(cause), cause), "to", to, "why", err)
}

// count notes why one of those asked can't be had.
func (g *dialling) count(cause call.Cause) {
	g.note(cause)
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

func (g *dialling) note(cause call.Cause) {
	if cause != call.CauseNone {
		g.cause = cause
		g.x.SetHangupCause(cause)
	}
}

// forward calls where a phone has sent the call, in its place.
func (g *dialling) forward(ctx context.Context, e call.Event) {
	delete(g.out, e.Channel)
	g.ch.DialEnded(e.Channel, e.Status())
	to := g.forwardTo(e)
	e.Channel.Hangup(call.CauseNormalClearing)
	if g.opts.Has('i') {
		g.x.Verbose(3, fmt.Sprintf("Forwarding %s to '%s' prevented.", g.ch.Name(), to))
		g.unavail++
		return
	}
	g.x.Verbose(3, fmt.Sprintf("Now forwarding %s to '%s' (thanks to %s)", g.ch.Name(), to, e.Channel.Name()))
	if g.forwards++; g.forwards > maxForwards {
		g.x.Warnf("Dial: the call was forwarded %d times: do phones forward to each other? It is given up", maxForwards)
		g.count(call.CauseNone)
		return
	}
	if g.opts.Has('z') {
		g.waits.forget()
	}
	g.asked--
	g.call(ctx, []string{to}, call.Party{Name: e.Channel.Name(), Number: e.Channel.Identity().Caller.Number})
}

// forwardTo is where a call is sent on: an extension is looked for in FORWARD_CONTEXT, where that is set, else in the context of the phone's account.
func (g *dialling) forwardTo(e call.Event) string {
	target, ok := strings.CutPrefix(e.Forward, "Local/")
	if !ok {
		return e.Forward
	}
	context, _ := e.Channel.Vars.Get("FORWARD_CONTEXT")
	if context == "" {
		context = g.x.Get("FORWARD_CONTEXT")
	}
	if context == "" {
		return e.Forward
	}
	exten, _, _ := strings.Cut(target, "@")
	return "Local/" + exten + "@" + context
}

// maxForwards bounds how often phones may send one call elsewhere, as the
// original's Max-Forwards of a channel does.
const maxForwards = 20
