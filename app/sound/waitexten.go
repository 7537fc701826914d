package sound

import (
	"context"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

func waitExten() pbx.Application {
	return pbx.Application{Name: "WaitExten", Run: runWaitExten, Check: unknown("WaitExten", 1, "md")}
}

func runWaitExten(ctx context.Context, x *pbx.Exec, data string) error {
	args := expand.Args(data, 2)
	d, err := pbx.Seconds(expand.Arg(args, 0))
	if err != nil {
		x.Warnf("WaitExten: %v", err)
	}
	if d == 0 {
		_, d = x.Waits()
	}
	if opts, err := pbx.ParseOptions(expand.Arg(args, 1), "md"); err != nil {
		x.Warnf("WaitExten: %v", err)
	} else if len(opts) > 0 {
		meanwhile(x, opts)
		defer x.Channel().Behind(nil)
	}
	key, err := x.WaitDigit(ctx, d)
	if err != nil {
		return err
	}
	if key != 0 {
		return &pbx.Dialled{Digits: string(key)}
	}
	next, t := x.Place(), x.Place()
	next.Priority++
	t.Exten, t.Priority = "t", 1
	switch {
	case x.Find(next) != nil:
		x.Verbose(3, "Timeout on "+x.Channel().Name()+", continuing...")
	case x.Find(t) != nil:
		x.Verbose(3, "Timeout on "+x.Channel().Name()+", going to 't'")
		x.Jump(t)
	default:
		x.Warnf("Timeout but no rule 't' in context '%s'", t.Context)
		return pbx.ErrHangup
	}
	return nil
}

// meanwhile has the caller hear music or the dial tone until the channel does something
// else.
func meanwhile(x *pbx.Exec, opts pbx.Options) {
	ch := x.Channel()
	if class, ok := opts.Get('m'); ok && ch.Registry().Music() != nil {
		ctx, cancel := context.WithCancel(ch.Context())
		done := make(chan struct{})
		ch.Behind(func() { cancel(); <-done })
		go func() {
			defer close(done)
			if err := ch.Registry().Music().Play(ctx, ch, class); err != nil && ctx.Err() == nil {
				ch.Log().Warn("no music while an extension is waited for", "class", class, "why", err)
			}
		}()
		return
	}
	if src := ch.Registry().Tone(ch, "dial"); opts.Has('d') && src != nil && ch.Media() != nil {
		ch.PlayBehind(src)
	}
}
