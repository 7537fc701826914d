package app

import (
	"context"
	"errors"
	"strings"

	"obelus/call"
	"obelus/pbx"
)

func wait() pbx.Application {
	return pbx.Application{
		Name: "Wait",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			d, err := pbx.Seconds(data)
			if err != nil {
				x.Warnf("Wait: %v", err)
				return nil
			}
			return x.Sleep(ctx, d)
		},
	}
}

func echo() pbx.Application {
	return pbx.Application{
		Name: "Echo",
		Run:  runEcho,
	}
}

func runEcho(ctx context.Context, x *pbx.Exec, _ string) error {
	if err := answered(x); err != nil {
		return err
	}
	ch := x.Channel()
	if m := ch.Media(); m != nil {
		m.Echo(true)
		defer m.Echo(false)
	}
	box := call.NewMailbox()
	defer ch.Listen(box)()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-box.C:
			for e, ok := box.Take(); ok; e, ok = box.Take() {
				if d, is := e.Indication.(call.Digit); is && d.Key == '#' {
					return nil
				}
				if t, is := e.Indication.(call.Text); is {
					if err := ch.Leg().Indicate(t); err != nil {
						ch.Log().Debug("the text could not be sent back", "why", err)
					}
				}
			}
		}
	}
}

func sendText() pbx.Application {
	return pbx.Application{
		Name: "SendText",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			body, contentType := x.Get("SENDTEXT_BODY"), x.Get("SENDTEXT_CONTENT_TYPE")
			if body == "" {
				body = data
			}
			if contentType == "" {
				contentType = "text/plain;charset=UTF-8"
			}
			if strings.TrimSpace(body) == "" {
				x.Warn("SendText requires an argument (text)")
				x.Set("SENDTEXTSTATUS", "FAILURE")
				return nil
			}
			err := x.Channel().Leg().Indicate(call.Text{ContentType: contentType, Body: []byte(body)})
			switch {
			case err == nil:
				x.Set("SENDTEXTSTATUS", "SUCCESS")
			case errors.Is(err, call.ErrUnsupported):
				x.Set("SENDTEXTSTATUS", "UNSUPPORTED")
			default:
				x.Set("SENDTEXTSTATUS", "FAILURE")
			}
			if err != nil {
				x.Channel().Log().Info("the text could not be sent", "why", err)
			}
			return nil
		},
	}
}
