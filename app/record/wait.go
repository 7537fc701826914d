package record

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/media"
	"obelus/pbx"
	"obelus/prompt/record"
)

// listenRate is how many samples a second suffice to tell talk from silence.
const listenRate = 8000

func waitForSilence(k *Desk) pbx.Application {
	return waitFor(k, "WaitForSilence", "SILENCE", func(m *record.Meter) time.Duration { return m.Silent })
}

func waitForNoise(k *Desk) pbx.Application {
	return waitFor(k, "WaitForNoise", "NOISE", func(m *record.Meter) time.Duration { return m.Talks })
}

// waitFor is both: so much silence or talk in a row, several times.
func waitFor(k *Desk, name, status string, lasts func(*record.Meter) time.Duration) pbx.Application {
	return pbx.Application{
		Name: name,
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 3)
			wanted := milliseconds(expand.Arg(args, 0), time.Second)
			times, timeout := number(expand.Arg(args, 1), 1), time.Duration(number(expand.Arg(args, 2), 0))*time.Second
			ch := x.Channel()
			if err := ch.Answer(nil); err != nil {
				return err
			}
			x.Verbose(3, fmt.Sprintf("Waiting %d time(s) for %d ms %s with %d timeout", times, wanted/time.Millisecond, strings.ToLower(status), timeout/time.Second))
			m := record.Meter{Threshold: k.settings.Load().SilenceThreshold}
			waiting, cancel := within(ctx, timeout)
			defer cancel()
			err := heard(waiting, ch, func(in []int16) bool {
				if m.Hear(in, media.Frame); lasts(&m) >= wanted {
					m = record.Meter{Threshold: m.Threshold}
					times--
				}
				return times <= 0
			})
			switch {
			case ctx.Err() != nil:
				x.Set("WAITSTATUS", "HANGUP")
			case errors.Is(err, errTime):
				x.Set("WAITSTATUS", "TIMEOUT")
				return nil
			case err == nil:
				x.Set("WAITSTATUS", status)
			}
			return err
		},
	}
}

var errTime = errors.New("the time is over")

// within bounds a context with [errTime], where there is a bound.
func within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, d, errTime)
}

func milliseconds(s string, otherwise time.Duration) time.Duration {
	if n := number(s, 0); n > 0 {
		return time.Duration(n) * time.Millisecond
	}
	return otherwise
}

// number reads a number that is not below 0.
func number(s string, otherwise int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return otherwise
	}
	return n
}

// heard has f called for each frame of what a channel says, under a lock, until it
// returns true or ctx ends.
func heard(ctx context.Context, ch *call.Channel, f func(in []int16) (done bool)) error {
	var mu sync.Mutex
	over := make(chan struct{})
	done := false
	stop, err := record.Listen(ch, listenRate, func(in, _ []int16) {
		mu.Lock()
		defer mu.Unlock()
		if !done && f(in) {
			done = true
			close(over)
		}
	})
	if err != nil {
		return err
	}
	defer stop()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
