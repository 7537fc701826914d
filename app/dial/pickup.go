package dial

import (
	"context"
	"strings"

	"obelus/call"
	"obelus/features"
	"obelus/pbx"
)

func pickup(d *Deps) pbx.Application {
	return pbx.Application{Name: "Pickup", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		if strings.TrimSpace(data) == "" {
			if c := features.InGroup(x.Channel()); c != nil && d.Features != nil {
				return picked(ctx, d.Features.PickUp(ctx, x.Channel(), c))
			}
			x.Channel().Log().Info("No call pickup possible... for " + x.Channel().Name())
			return nil
		}
		if d.Features == nil {
			return nil
		}
		for target := range strings.SplitSeq(data, "&") {
			if c := d.Features.Ringing(x.Channel(), target); c != nil {
				return picked(ctx, d.Features.PickUp(ctx, x.Channel(), c))
			}
			x.Channel().Log().Info("No target channel found for " + target + ".")
		}
		return nil
	}}
}

// picked is what the application returns after a pickup: the error only where the channel has another order, or has gone.
func picked(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return pbx.ErrHangup // the one who called was faster: it has gone, or somebody else has it
	}
	return nil
}

func pickupChan(d *Deps) pbx.Application {
	return pbx.Application{Name: "PickupChan", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		names, options, _ := strings.Cut(data, ",")
		if strings.TrimSpace(names) == "" || d.Features == nil {
			x.Warn("PickupChan requires an argument (channel)!")
			return pbx.ErrHangup
		}
		for name := range strings.SplitSeq(names, "&") {
			if c := ringingChannel(x.Channel(), strings.TrimSpace(name), strings.Contains(options, "p")); c != nil {
				return picked(ctx, d.Features.PickUp(ctx, x.Channel(), c))
			}
			x.Channel().Log().Info("No target channel found for " + name + ".")
		}
		return nil
	}}
}

// ringingChannel is a channel that rings, by its name, the name without its number, or by how it begins.
func ringingChannel(in *call.Channel, name string, prefix bool) *call.Channel {
	for _, c := range in.Registry().All() {
		base := c.Name()
		if i := strings.LastIndexByte(base, '-'); i >= 0 {
			base = base[:i]
		}
		same := strings.EqualFold(c.Name(), name) || strings.EqualFold(base, name)
		if prefix {
			same = len(c.Name()) >= len(name) && strings.EqualFold(c.Name()[:len(name)], name)
		}
		if c != in && same && c.Rings() {
			return c
		}
	}
	return nil
}
