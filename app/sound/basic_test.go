package sound_test

import (
	"context"
	"strings"

	"obelus/call"
	"obelus/pbx"
)

// basics are applications of other rooms, in short, for the plans of the tests.
func basics() map[string]func(context.Context, *pbx.Exec, string) error {
	return map[string]func(context.Context, *pbx.Exec, string) error{
		"NoOp":   func(context.Context, *pbx.Exec, string) error { return nil },
		"Answer": func(_ context.Context, x *pbx.Exec, _ string) error { return x.Channel().Answer(nil) },
		"Wait": func(ctx context.Context, x *pbx.Exec, data string) error {
			d, err := pbx.Seconds(data)
			if err != nil {
				return err
			}
			return x.Sleep(ctx, d)
		},
		"Goto": func(_ context.Context, x *pbx.Exec, data string) error { return x.Goto(data) },
		"Anonymous": func(_ context.Context, x *pbx.Exec, _ string) error {
			x.Channel().ChangeIdentity(func(i *call.Identity) { i.Caller = call.Party{} })
			return nil
		},
		"Set": func(_ context.Context, x *pbx.Exec, data string) error {
			name, value, _ := strings.Cut(data, "=")
			switch name {
			case "CHANNEL(tonezone)":
				x.Channel().SetToneZone(value)
			case "CHANNEL(language)":
				x.Channel().SetLanguage(value)
			case "TIMEOUT(digit)", "TIMEOUT(response)":
				d, err := pbx.Seconds(value)
				if err != nil {
					return err
				}
				digit, response := x.Waits()
				if name == "TIMEOUT(digit)" {
					digit = d
				} else {
					response = d
				}
				x.SetWaits(digit, response)
			case "TIMEOUT(absolute)":
				d, err := pbx.Seconds(value)
				if err != nil {
					return err
				}
				x.SetAbsolute(d)
			default:
				x.Set(name, value)
			}
			return nil
		},
	}
}
