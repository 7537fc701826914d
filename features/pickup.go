package features

import (
	"context"
	"fmt"
	"strings"

	"obelus/call"
	"obelus/pbx"
)

// PickUp has in take the call that rings at another channel: whoever calls gives it its next order ([call.Pickup]). The channel is answered,
// and hears pickupsound before.
func (d *Desk) PickUp(ctx context.Context, in, ringing *call.Channel) error {
	if !ringing.Rings() {
		return call.ErrNoPlace
	}
	if err := in.Answer(nil); err != nil {
		return err
	}
	if err := d.play(ctx, in, d.of(in).PickupSound); err != nil {
		return err
	}
	in.Vars.Set("PICKUP_CHANNEL", ringing.Name())
	if err := call.Pickup(ringing, in); err != nil {
		d.play(ctx, in, d.of(in).PickupFailSound)
		return err
	}
	select {
	case <-ctx.Done(): // whoever calls has given an order, or in has gone
		return context.Cause(ctx)
	case <-ringing.Done():
	}
	if ctx.Err() != nil { // the order comes before the other phone stops ringing
		return context.Cause(ctx)
	}
	d.play(ctx, in, d.of(in).PickupFailSound)
	return call.ErrNoPlace // somebody was faster
}

// InGroup is a channel that rings and whose calls in may pick up, the one that rings longest; nil for none: the original's pickupexten.
func InGroup(in *call.Channel) *call.Channel {
	groups := in.Groups()
	all := in.Registry().All() // newest first
	for i := len(all) - 1; i >= 0; i-- {
		theirs := all[i].Groups()
		if all[i] != in && groups.MayPickUp(&theirs) && all[i].Rings() {
			return all[i]
		}
	}
	return nil
}

// IsPickup says whether an extension is the one that picks up a call of one's groups.
func (d *Desk) IsPickup(exten string) bool {
	return exten != "" && exten == d.config.Load().PickupExten
}

// Incoming is p.Run, but for the extension that picks up.
func (d *Desk) Incoming(p *pbx.PBX) func(context_, exten string, priority int) call.Order {
	return func(context_, exten string, priority int) call.Order {
		if !d.IsPickup(exten) {
			return p.Run(context_, exten, priority)
		}
		return d.pickUpGroup
	}
}

// pickUpGroup is the order to pick up a call of one's groups, or to be refused.
func (d *Desk) pickUpGroup(ctx context.Context, ch *call.Channel) call.Order {
	ringing := InGroup(ch)
	if ringing == nil {
		ch.Log().Info(fmt.Sprintf("No call pickup possible... for %s", ch.Name()))
		if ch.State() == call.StateUp {
			d.play(ctx, ch, d.of(ch).PickupFailSound)
		}
		ch.SetCause(call.CauseCallRejected)
		return nil
	}
	if err := d.PickUp(ctx, ch, ringing); err != nil && ctx.Err() == nil {
		ch.Log().Info("pickup failed", "from", ringing.Name(), "why", err)
		ch.SetCause(call.CauseCallRejected)
	}
	return nil
}

// Exists is p.Exists, and knows the extension that picks up.
func (d *Desk) Exists(p *pbx.PBX) func(context_, exten, callerID string) bool {
	return func(context_, exten, callerID string) bool {
		return d.IsPickup(exten) || p.Exists(context_, exten, callerID)
	}
}

// Ringing is a channel that rings for extension@context, for one that has PICKUPMARK (mark@PICKUPMARK), or one with an extension in the context of
// in: what Pickup() names. nil is none.
func (d *Desk) Ringing(in *call.Channel, target string) *call.Channel {
	exten, where, ok := strings.Cut(strings.TrimSpace(target), "@")
	if !ok {
		where = in.Place().Context
	}
	all := in.Registry().All()
	for i := len(all) - 1; i >= 0; i-- {
		c := all[i]
		if c == in || !c.Rings() {
			continue
		}
		if strings.EqualFold(where, "PICKUPMARK") {
			if mark, _ := c.Vars.Get("PICKUPMARK"); mark == exten && exten != "" {
				return c
			}
			continue
		}
		at := c.Dialled()
		if strings.EqualFold(at.Exten, exten) && (strings.EqualFold(at.Context, where) || strings.EqualFold(c.Place().Context, where)) {
			return c
		}
	}
	return nil
}
