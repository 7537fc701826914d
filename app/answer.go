package app

import (
	"context"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
)

func answer() pbx.Application {
	return pbx.Application{
		Name: "Answer",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			if err := answered(x); err != nil {
				return err
			}
			if ms, err := strconv.Atoi(strings.TrimSpace(data)); err == nil && ms > 0 {
				return x.Sleep(ctx, time.Duration(ms)*time.Millisecond)
			}
			return nil
		},
	}
}

func ringing() pbx.Application {
	return pbx.Application{
		Name: "Ringing",
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			ch := x.Channel()
			if ch.State() != call.StateUp {
				ch.SetState(call.StateRinging)
			}
			return ch.Ring()
		},
	}
}

func progress() pbx.Application {
	return pbx.Application{
		Name: "Progress",
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			return x.Channel().Leg().Progress(nil)
		},
	}
}

func proceeding() pbx.Application {
	return pbx.Application{
		Name: "Proceeding",
		Run:  func(context.Context, *pbx.Exec, string) error { return nil },
	}
}

func hangup() pbx.Application {
	return pbx.Application{
		Name: "Hangup",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			data = strings.TrimSpace(data)
			cause := call.CauseNormalClearing
			if data != "" {
				c, ok := call.ParseCause(data)
				if ok {
					cause = c
				} else {
					x.Warnf("Invalid cause given to Hangup(): \"%s\"", data)
				}
			} else if n, err := strconv.Atoi(x.Get("HANGUPCAUSE")); err == nil && n != 0 {
				cause = call.Cause(n)
			}
			x.Channel().SetCause(cause)
			return pbx.ErrHangup
		},
	}
}

func busy() pbx.Application {
	return toneApp("Busy", call.CauseUserBusy)
}

func congestion() pbx.Application {
	return toneApp("Congestion", call.CauseCongestion)
}

func toneApp(name string, cause call.Cause) pbx.Application {
	return pbx.Application{
		Name: name,
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			d, err := pbx.Seconds(data)
			if err != nil {
				x.Warnf("%s: %v", name, err)
			}
			if err := x.Tone(ctx, cause, d); err != nil {
				return err
			}
			return pbx.ErrHangup
		},
	}
}

func incomplete() pbx.Application {
	return pbx.Application{
		Name: "Incomplete",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			if !strings.Contains(data, "n") {
				if err := answered(x); err != nil {
					return err
				}
			}
			return pbx.ErrIncomplete
		},
	}
}
