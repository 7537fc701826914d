package app

import (
	"context"
	"strings"

	"obelus/dialplan/syntax"
	"obelus/pbx"
)

func execute() pbx.Application {
	return pbx.Application{Name: "Exec", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		name, args := appAndArgs(x, data)
		if name == "" {
			return nil
		}
		if _, ok := x.PBX().Application(name); !ok {
			x.Warnf("Could not find application (%s)", name)
			return pbx.ErrHangup
		}
		return x.Application(ctx, name, args)
	}}
}

func tryExec() pbx.Application {
	return pbx.Application{Name: "TryExec", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		name, args := appAndArgs(x, data)
		if name == "" {
			return nil
		}
		if _, ok := x.PBX().Application(name); !ok {
			x.Warnf("Could not find application (%s)", name)
			x.Set("TRYSTATUS", "NOAPP")
			return nil
		}
		err := x.Application(ctx, name, args)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			x.Channel().Log().Debug("TryExec: the application failed", "app", name, "why", err)
			x.Set("TRYSTATUS", "FAILED")
			return nil
		}
		x.Set("TRYSTATUS", "SUCCESS")
		return nil
	}}
}

func execIfTime() pbx.Application {
	const usage = "ExecIfTime requires an argument: <time range>,<days of week>,<days of month>,<months>[,<timezone>]?<appname>[(<appargs>)]"
	return pbx.Application{Name: "ExecIfTime", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		when, what, ok := strings.Cut(data, "?")
		if !ok || when == "" {
			x.Warn(usage)
			return pbx.ErrHangup
		}
		timing, err := syntax.ParseTiming(when)
		if err != nil {
			x.Warnf("Invalid Time Spec: %s (%v). %s", when, err, usage)
			return pbx.ErrHangup
		}
		if !timing.Match(x.Moment()) {
			return nil
		}
		name, args := appAndArgs(x, what)
		if _, ok := x.PBX().Application(name); !ok {
			x.Warnf("Cannot locate application %s", name)
			return pbx.ErrHangup
		}
		return x.Application(ctx, name, args)
	}}
}

// appAndArgs reads name(args).
func appAndArgs(x *pbx.Exec, s string) (name, args string) {
	name, args, has := strings.Cut(strings.TrimSpace(s), "(")
	if !has {
		return strings.TrimSpace(name), ""
	}
	if end := strings.LastIndexByte(args, ')'); end >= 0 {
		args = args[:end]
	} else {
		x.Warnf("Ouch.  No closing paren: '%s'?", s)
	}
	return strings.TrimSpace(name), args
}
