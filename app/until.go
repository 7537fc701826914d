package app

import (
	"context"
	"strconv"
	"strings"
	"time"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

func waitUntil() pbx.Application {
	return pbx.Application{Name: "WaitUntil", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		const variable = "WAITUNTILSTATUS"
		if strings.TrimSpace(data) == "" {
			x.Warn("WaitUntil requires an argument(epoch)")
			x.Set(variable, "FAILURE")
			return nil
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(data), 64)
		if err != nil || f < 0 || f > 1e11 {
			x.Warn("WaitUntil called with non-numeric argument")
			x.Set(variable, "FAILURE")
			return nil
		}
		whole := int64(f)
		d := time.Unix(whole, int64((f-float64(whole))*1e9)).Sub(x.Now())
		if d < 0 {
			x.Channel().Log().Info("WaitUntil called in the past (now " + strconv.FormatInt(x.Now().Unix(), 10) + ", arg " + data + ")")
			x.Set(variable, "PAST")
			return nil
		}
		if err := x.Sleep(ctx, max(d, 1)); err != nil {
			x.Set(variable, "HANGUP")
			return err
		}
		x.Set(variable, "OK")
		return nil
	}}
}

// The bounds of WaitForCondition's interval.
const (
	conditionInterval = 50 * time.Millisecond
	leastInterval     = time.Millisecond
)

func waitForCondition() pbx.Application {
	return pbx.Application{Name: "WaitForCondition", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		const variable = "WAITFORCONDITIONSTATUS"
		args := expand.RawArgs(data, 4) // with its quotes: an expression needs them
		mark, condition := expand.Arg(args, 0), expand.Arg(args, 1)
		limit, err := pbx.Seconds(expand.Arg(args, 2))
		every, errEvery := pbx.Seconds(expand.Arg(args, 3))
		if len(mark) != 1 || condition == "" || err != nil || errEvery != nil {
			x.Warn("WaitForCondition requires arguments: replacementchar,expression[,timeout[,interval]]")
			x.Set(variable, "FAILURE")
			return nil
		}
		if every <= 0 {
			every = conditionInterval
		}
		status, err := waitTrue(ctx, x, strings.ReplaceAll(condition, mark, "$"), limit, max(every, leastInterval))
		x.Set(variable, status)
		return err
	}}
}

// waitTrue waits until the condition is true when it is filled in anew, for limit
// at most where that is not 0.
func waitTrue(ctx context.Context, x *pbx.Exec, condition string, limit, every time.Duration) (status string, err error) {
	began := x.Now()
	for {
		if truth(strings.TrimSpace(x.Expand(condition))) {
			return "TRUE", nil
		}
		wait := every
		if limit > 0 {
			left := limit - x.Now().Sub(began)
			if left <= 0 {
				return "TIMEOUT", nil
			}
			wait = min(wait, left)
		}
		if err := x.Sleep(ctx, wait); err != nil {
			return "HANGUP", err
		}
	}
}
