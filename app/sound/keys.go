package sound

import (
	"context"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
)

func sendDTMF() pbx.Application {
	return pbx.Application{
		Name: "SendDTMF",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 4)
			if expand.Arg(args, 0) == "" {
				x.Warn("SendDTMF requires an argument")
				return nil
			}
			pause, err := milliseconds(expand.Arg(args, 1), 250*time.Millisecond)
			if err != nil {
				x.Warnf("SendDTMF: %v", err)
			}
			length, err := milliseconds(expand.Arg(args, 2), 100*time.Millisecond)
			if err != nil {
				x.Warnf("SendDTMF: %v", err)
			}
			to := x.Channel()
			if name := expand.Arg(args, 3); name != "" {
				if to = x.PBX().Registry().Find(name); to == nil {
					x.Warnf("No such channel: %s", name)
					return nil
				}
			}
			return press(ctx, x, to, args[0], pause, length)
		},
	}
}

// press sends keys to a channel's phone, with a pause after each.
func press(ctx context.Context, x *pbx.Exec, to *call.Channel, keys string, pause, length time.Duration) error {
	for i := range len(keys) {
		key := upper(keys[i])
		var wait time.Duration
		switch {
		case keys[i] == 'w':
			wait = 500 * time.Millisecond
		case keys[i] == 'W':
			wait = time.Second
		case strings.IndexByte(prompt.AnyKey, key) >= 0:
			if err := to.Leg().Indicate(call.Digit{Key: key, Duration: length}); err != nil {
				x.Channel().Log().Info("a key could not be sent", "key", string(key), "why", err)
			}
			wait = length + pause
		default:
			x.Warnf("Illegal DTMF character '%c' in string. (0-9*#aAbBcCdD allowed)", keys[i])
			continue
		}
		if err := x.Sleep(ctx, max(wait, 1)); err != nil {
			return err
		}
	}
	return nil
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'd' {
		return c - 'a' + 'A'
	}
	return c
}

func waitDigit() pbx.Application {
	return pbx.Application{
		Name: "WaitDigit",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 2)
			x.Set("WAITDIGITRESULT", "")
			d, err := pbx.Seconds(expand.Arg(args, 0))
			if err != nil {
				x.Warnf("Timeout '%s' is not a valid number", expand.Arg(args, 0))
				x.Set("WAITDIGITSTATUS", "ERROR")
				return nil
			}
			if d == 0 {
				_, d = x.Waits()
			}
			wanted := expand.Arg(args, 1)
			if wanted == "" {
				wanted = prompt.AnyKey
			}
			return awaitDigit(ctx, x, time.Now().Add(d), wanted)
		},
	}
}

// awaitDigit waits for one of some keys; others are lost.
func awaitDigit(ctx context.Context, x *pbx.Exec, until time.Time, wanted string) error {
	for {
		key, err := prompt.Key(ctx, x.Channel(), time.Until(until))
		switch {
		case err != nil:
			x.Set("WAITDIGITSTATUS", "CANCEL")
			return err
		case key == 0:
			x.Set("WAITDIGITSTATUS", "TIMEOUT")
			return nil
		case strings.IndexByte(wanted, key) >= 0:
			x.Set("WAITDIGITSTATUS", "DTMF")
			x.Set("WAITDIGITRESULT", string(key))
			return nil
		}
	}
}

func receiveText() pbx.Application {
	return pbx.Application{
		Name: "ReceiveText",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			d, err := pbx.Seconds(data)
			if err != nil {
				x.Warnf("ReceiveText: %v", err)
			}
			text, ok, err := awaitText(ctx, x.Channel(), d)
			if err != nil {
				return err
			}
			if !ok {
				x.Set("RECEIVETEXTSTATUS", "FAILURE")
				return nil
			}
			x.Set("RECEIVETEXTMESSAGE", text)
			x.Set("RECEIVETEXTSTATUS", "SUCCESS")
			return nil
		},
	}
}

// awaitText waits for a text of the phone's; 0 is for as long as the call lasts.
func awaitText(ctx context.Context, ch *call.Channel, d time.Duration) (string, bool, error) {
	over := make(chan struct{})
	if d > 0 {
		defer time.AfterFunc(d, func() { close(over) }).Stop()
	}
	box := ch.Inbox()
	for {
		for e, ok := box.Take(); ok; e, ok = box.Take() {
			if t, is := e.Indication.(call.Text); is && e.Kind == call.EventText {
				return string(t.Body), true, nil
			}
		}
		select {
		case <-ctx.Done():
			return "", false, context.Cause(ctx)
		case <-over:
			return "", false, nil
		case <-box.C:
		}
	}
}
