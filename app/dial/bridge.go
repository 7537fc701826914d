package dial

import (
	"context"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/features"
	"obelus/pbx"
)

func bridge(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "Bridge",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 2)
			name := strings.TrimSpace(expand.Arg(args, 0))
			if name == "" {
				x.Warn("Bridge require at least 1 argument specifying the other end of the bridge")
				return pbx.ErrHangup
			}
			opts, err := pbx.ParseOptions(expand.Arg(args, 1), "FhHkKLnpStTwWxX")
			if err != nil {
				x.Warn("Bridge: " + err.Error())
			}
			other := channelNamed(x.Channel().Registry(), name)
			switch {
			case other == nil:
				x.Warnf("Bridge failed because channel '%s' does not exist", name)
				x.Set("BRIDGERESULT", "NONEXISTENT")
				return nil
			case other == x.Channel():
				x.Warnf("Unable to bridge channel %s with itself", name)
				x.Set("BRIDGERESULT", "LOOP")
				return nil
			}
			return bridgeWith(ctx, x, d, other, opts)
		},
		Check: func(data string) []string {
			args := expand.RawArgs(data, 2)
			if len(args) < 2 || !strings.ContainsAny(args[1], "kK") || strings.Contains(args[1], "$") {
				return nil
			}
			return []string{"Bridge options k and K are not supported yet and do nothing: there is no parking"}
		},
	}
}

// bridgeWith connects the channel with another one, whatever that does.
func bridgeWith(ctx context.Context, x *pbx.Exec, d *Deps, other *call.Channel, opts pbx.Options) error {
	g := &dialling{d: d, x: x, ch: x.Channel(), opts: opts}
	var err error
	if g.limit, err = readLimit(x, opts); err != nil {
		x.Warn(err.Error())
		x.Set("BRIDGERESULT", "FAILURE")
		return nil
	}
	if err := g.ch.Answer(other.Leg().Formats()); err != nil {
		return err
	}
	if opts.Has('p') {
		playAll(ctx, d, []*call.Channel{other}, "beep")
	}
	b := call.NewBridge()
	b.Anchor(anchored(opts))
	err = g.talk(ctx, other, b)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	x.Set("BRIDGERESULT", "SUCCESS")
	if err != nil && err != pbx.ErrHangup {
		return err
	}
	g.ch.SetCause(call.CauseNone) // it goes on
	return nil
}

// bridgeWait is a place to wait in, with music, until somebody has another order for the channel.
func bridgeWait(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "BridgeWait",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 3)
			opts, err := pbx.ParseOptions(expand.Arg(args, 2), "meSn")
			if err != nil {
				x.Warn("BridgeWait: " + err.Error())
			}
			if !opts.Has('n') {
				if err := x.Channel().Answer(nil); err != nil {
					return err
				}
			}
			var waiting = ctx
			if v, ok := opts.Get('S'); ok {
				if s, err := pbx.Seconds(v); err == nil && s > 0 {
					var cancel context.CancelFunc
					waiting, cancel = context.WithTimeout(ctx, s)
					defer cancel()
				} else {
					x.Warnf("BridgeWait: invalid time in S(%s)", v)
				}
			}
			defer d.entertainment(x, opts)()
			<-waiting.Done()
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return nil
		},
		Check: func(data string) []string {
			if args := expand.RawArgs(data, 3); len(args) > 1 && strings.EqualFold(args[1], "announcer") {
				return []string{"BridgeWait: the role announcer is not supported yet: it waits as a participant"}
			}
			return nil
		},
	}
}

// entertainment is what a channel hears that waits: options m(class) and e(kind).
func (d *Deps) entertainment(x *pbx.Exec, opts pbx.Options) (stop func()) {
	ch := x.Channel()
	kind, _ := opts.Get('e')
	class, _ := opts.Get('m')
	switch m := d.music(ch); {
	case strings.HasPrefix(kind, "r"):
		if err := ch.Ring(); err != nil {
			ch.Log().Debug("it does not ring", "why", err)
		}
		return func() { ch.Behind(nil) }
	case (kind == "" || strings.HasPrefix(kind, "m")) && m != nil:
		return behind(ch, func(ctx context.Context) error { return m.Play(ctx, ch, class) })
	}
	return func() {}
}

func blindTransfer(d *Deps) pbx.Application {
	return pbx.Application{Name: "BlindTransfer", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		exten, where, ok := strings.Cut(strings.TrimSpace(data), "@")
		if exten == "" {
			x.Warn("BlindTransfer requires an argument (exten[@context])")
			x.Set("BLINDTRANSFERSTATUS", "INVALID")
			return nil
		}
		if d.Features == nil {
			x.Set("BLINDTRANSFERSTATUS", "FAILURE")
			return nil
		}
		if !ok || where == "" {
			where = features.ContextOf(x.PBX(), x.Channel())
		}
		if err := d.Features.Blind(x.PBX(), x.Channel(), exten, where); err != nil {
			x.Channel().Log().Info("a transfer was not made", "to", exten, "context", where, "why", err)
			x.Set("BLINDTRANSFERSTATUS", "FAILURE")
			return nil
		}
		x.Set("BLINDTRANSFERSTATUS", "SUCCESS")
		return call.ErrLeft
	}}
}

func attendedTransfer(d *Deps) pbx.Application {
	return pbx.Application{Name: "AttendedTransfer", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		exten := strings.TrimSpace(data)
		if exten == "" {
			x.Warn("AttendedTransfer requires an argument (exten)")
			x.Set("ATTENDEDTRANSFERSTATUS", "NOTPERMITTED")
			return nil
		}
		if d.Features == nil || x.Channel().Bridge() == nil {
			x.Set("ATTENDEDTRANSFERSTATUS", "FAILURE")
			return nil
		}
		x.Set("ATTENDEDTRANSFERSTATUS", "SUCCESS")
		return d.Features.Attended(ctx, x.PBX(), x.Channel(), exten, features.ContextOf(x.PBX(), x.Channel()))
	}}
}
