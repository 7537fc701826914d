package sound

import (
	"context"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

func waitExten() pbx.Application {
	return pbx.Application{
		Name: "WaitExten",
		Run:  runWaitExten,
		Check: func(data string) []string {
			if a := rawArgs(data); len(a) > 1 && a[1] != "" {
				return []string{"WaitExten option " + a[1] + " is not supported yet and does nothing"}
			}
			return nil
		},
	}
}

func runWaitExten(ctx context.Context, x *pbx.Exec, data string) error {
	d, err := pbx.Seconds(expand.Arg(expand.Args(data, 2), 0))
	if err != nil {
		x.Warnf("WaitExten: %v", err)
	}
	if d == 0 {
		_, d = x.Waits()
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
