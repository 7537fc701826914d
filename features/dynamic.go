package features

import (
	"context"
	"errors"
	"strings"

	"obelus/call"
	"obelus/pbx"
)

// run runs a feature of [applicationmap].
func (d *Desk) run(p *pbx.PBX, f Dynamic) call.Act {
	return func(ctx context.Context, ch *call.Channel) error {
		b := ch.Bridge()
		if b == nil {
			return nil
		}
		other := b.Other(ch)
		if !f.OnPeer {
			return d.alone(ctx, p, b, ch, ch, f)
		}
		if other == nil {
			return nil
		}
		who := ch
		if err := b.Have(other, func(ctx context.Context, peer *call.Channel) error { return d.alone(ctx, p, b, peer, who, f) }); err != nil {
			ch.Log().Info("a feature could not be run on the other party", "feature", f.Name, "why", err)
		}
		return nil
	}
}

// alone runs a feature's application on one party, while the other waits.
func (d *Desk) alone(ctx context.Context, p *pbx.PBX, b *call.Bridge, ch, who *call.Channel, f Dynamic) error {
	other := b.Other(ch)
	back := d.aside(b, ch, f.Music)
	defer back()
	if other != nil {
		ch.Vars.Set("DYNAMIC_PEERNAME", other.Name())
	}
	ch.Vars.Set("DYNAMIC_FEATURENAME", f.Name)
	ch.Vars.Set("DYNAMIC_WHO_ACTIVATED", who.Name())
	return Application(ctx, p, ch, f.App, f.Args)
}

// Application runs an application on a channel that runs no dialplan, by the channel's goroutine. Gosub and Macro run until they return. The error
// says that the channel's time where it is has ended: it was told to hang up, or to do something else.
func Application(ctx context.Context, p *pbx.PBX, ch *call.Channel, name, args string) error {
	switch strings.ToLower(name) {
	case "gosub":
		target, list, _ := strings.Cut(args, "(")
		parts := strings.Split(target, ",")
		sub(ctx, p, ch, parts, strings.TrimSuffix(list, ")"))
		return ended(ctx, nil)
	case "macro":
		if _, ok := p.Application("Macro"); ok {
			break
		}
		macro, list, _ := strings.Cut(args, ",")
		sub(ctx, p, ch, []string{"macro-" + macro, "s", "1"}, list)
		return ended(ctx, nil)
	}
	app, ok := p.Application(name)
	if !ok {
		ch.Log().Warn("Could not find application (" + name + ")")
		return nil
	}
	x := p.NewExec(ch, ch.Place())
	err := app.Run(ctx, x, args)
	if errors.Is(err, pbx.ErrHangup) {
		ch.Hangup(call.CauseNormalClearing)
		return call.ErrGone
	}
	return ended(ctx, err)
}

// ended is why the channel can't stay, nil where it can.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, call.ErrGone) || errors.Is(err, call.ErrOrdered) || errors.Is(err, call.ErrLeft) {
		return err
	}
	return nil
}

// sub runs a subroutine: [context,]exten,priority.
func sub(ctx context.Context, p *pbx.PBX, ch *call.Channel, target []string, list string) {
	x := p.NewExec(ch, ch.Place())
	at, err := x.Target(strings.Join(target, ","))
	if err != nil || x.Find(at) == nil {
		ch.Log().Warn("a feature's subroutine is not there: " + strings.Join(target, ","))
		return
	}
	place := ch.Place()
	var args []string
	if list != "" {
		args = splitOutside(list)
	}
	p.Subroutine(at, args, func() {})(ctx, ch)
	ch.SetStep(place, "", "")
}
