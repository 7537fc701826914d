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
		Name:        "Answer",
		Synopsis:    "Answer a channel if ringing.",
		Syntax:      "Answer([delay])",
		Description: "Answers the call, and waits delay milliseconds where one is given.",
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
		Name:        "Ringing",
		Synopsis:    "Indicate ringing tone.",
		Syntax:      "Ringing()",
		Description: "Tells the caller that it rings, and goes on.",
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			x.Channel().SetState(call.StateRinging)
			return x.Channel().Leg().Ring()
		},
	}
}

func progress() pbx.Application {
	return pbx.Application{
		Name:        "Progress",
		Synopsis:    "Indicate progress.",
		Syntax:      "Progress()",
		Description: "Opens the way for sound to the caller before the call is answered.",
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			return x.Channel().Leg().Progress(nil)
		},
	}
}

func proceeding() pbx.Application {
	return pbx.Application{
		Name:        "Proceeding",
		Synopsis:    "Indicate proceeding.",
		Syntax:      "Proceeding()",
		Description: "Tells the caller that the call is being worked on. SIP has said so by 100 Trying.",
		Run:         func(context.Context, *pbx.Exec, string) error { return nil },
	}
}

func hangup() pbx.Application {
	return pbx.Application{
		Name:     "Hangup",
		Synopsis: "Hang up the calling channel.",
		Syntax:   "Hangup([causecode])",
		Description: `Ends the call. The cause is a number of Q.850 or its name (USER_BUSY); a
phone that was not answered is told by it why. Without one it is 16, normal
clearing, unless the channel has a cause already.`,
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
	return toneApp("Busy", "Indicate the Busy condition.", "busy", call.CauseUserBusy)
}

func congestion() pbx.Application {
	return toneApp("Congestion", "Indicate the Congestion condition.", "congestion", call.CauseCongestion)
}

func toneApp(name, synopsis, what string, cause call.Cause) pbx.Application {
	return pbx.Application{
		Name:     name,
		Synopsis: synopsis,
		Syntax:   name + "([timeout])",
		Description: "Tells the caller " + what + ", and hangs up after timeout seconds, or when the caller\n" +
			"does where there is no timeout.",
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
		Name:        "Incomplete",
		Synopsis:    "Returns AST_PBX_INCOMPLETE value.",
		Syntax:      "Incomplete([n])",
		Description: "Says that the extension is not complete: more digits are waited for.\nWith n the channel is not answered first.",
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
