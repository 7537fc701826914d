package dial

import (
	"context"
	"errors"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/features"
	"obelus/pbx"
)

// originateTime is how long Originate rings where nobody says.
const originateTime = 30 * time.Second

func originate(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "Originate",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 7)
			o, wait, err := readOriginate(ctx, x, args)
			if err != nil {
				x.Set("ORIGINATE_STATUS", "FAILED")
				x.Warn("Originate: " + err.Error())
				return nil
			}
			done := make(chan error, 1)
			x.PBX().Originate(o, func(err error) { done <- err })
			if !wait {
				x.Set("ORIGINATE_STATUS", "SUCCESS")
				return nil
			}
			select {
			case err = <-done:
				x.Set("ORIGINATE_STATUS", originateStatus(err))
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		},
		Check: func(data string) []string {
			args := expand.RawArgs(data, 7)
			if len(args) < 7 || strings.Contains(args[6], "${") {
				return nil
			}
			var out []string
			opts, err := pbx.ParseOptions(args[6], "C")
			if err != nil {
				out = append(out, "Originate: "+err.Error())
			}
			if opts.Has('C') {
				out = append(out, "Originate option C (codecs) is not supported yet and does nothing: an account's own are offered")
			}
			return out
		},
	}
}

// originateStatus is ORIGINATE_STATUS.
func originateStatus(err error) string {
	var not *pbx.NotMade
	switch {
	case err == nil:
		return "SUCCESS"
	case !errors.As(err, &not):
		return "FAILED"
	}
	switch not.Status {
	case "BUSY", "CONGESTION":
		return not.Status
	case "NOANSWER":
		if not.Cause == call.CauseNoAnswer {
			return "RINGING"
		}
		return "HANGUP"
	}
	return "FAILED"
}

// errOriginate is what is wrong with an Originate's arguments.
type errOriginate string

func (e errOriginate) Error() string { return string(e) }

// readOriginate reads tech_data,type,arg1[,arg2[,arg3[,timeout[,options]]]]. wait says whether the dialplan waits for an answer.
func readOriginate(ctx context.Context, x *pbx.Exec, args []string) (o pbx.Originate, wait bool, err error) {
	o = pbx.Originate{To: expand.Arg(args, 0), From: x.Channel(), Timeout: originateTime}
	kind, first := expand.Arg(args, 1), expand.Arg(args, 2)
	if o.To == "" || first == "" {
		return o, false, errOriginate("Incorrect number of arguments")
	}
	switch {
	case strings.EqualFold(kind, "exten"):
		exten, priority := expand.Arg(args, 3), expand.Arg(args, 4)
		o.At = call.Place{Context: first, Exten: exten, Priority: 1}
		if exten == "" {
			o.At.Exten = "s"
		}
		if priority != "" {
			if o.At.Priority, err = x.Priority(o.At, priority); err != nil {
				return o, false, errOriginate("Invalid priority: " + priority)
			}
		}
	case strings.EqualFold(kind, "app"):
		o.App, o.Data = first, expand.Arg(args, 3)
	default:
		return o, false, errOriginate("Incorrect type, it should be 'app' or 'exten': " + kind)
	}
	if v := strings.TrimSpace(expand.Arg(args, 5)); v != "" {
		s, err := pbx.Seconds(v)
		if err != nil || s <= 0 {
			x.Warnf("Invalid timeout: '%s', defaulting to %d seconds", v, int(originateTime.Seconds()))
		} else {
			o.Timeout = s
		}
	}
	opts, err := pbx.ParseOptions(expand.Arg(args, 6), "abBcnv")
	if err != nil {
		return o, false, err
	}
	return o, !opts.Has('a'), originateOptions(ctx, x, &o, opts)
}

func originateOptions(ctx context.Context, x *pbx.Exec, o *pbx.Originate, opts pbx.Options) error {
	o.Identity.Caller.Number, _ = opts.Get('c')
	o.Identity.Caller.Name, _ = opts.Get('n')
	if v, ok := opts.Get('v'); ok {
		o.Vars = make(map[string]string)
		for pair := range strings.SplitSeq(v, "^") {
			name, value, _ := strings.Cut(pair, "=")
			o.Vars[strings.TrimSpace(name)] = value
		}
	}
	if v, ok := opts.Get('B'); ok {
		place := x.Channel().Place()
		if err := features.Application(ctx, x.PBX(), x.Channel(), "Gosub", gosubOf(v)); err != nil {
			return err
		}
		x.Channel().SetStep(place, "Originate", "")
	}
	if v, ok := opts.Get('b'); ok {
		o.Before = preDialOf(x.PBX(), x.Place(), gosubOf(v))
	}
	return nil
}
