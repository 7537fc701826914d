package dial

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/pbx"
)

// newHouse makes a house with the applications of this room, and the few others
// that the dialplans of its tests need.
func newHouse(t *testing.T, plan string, phones map[string]apptest.Script) *apptest.House {
	t.Helper()
	return apptest.New(t, apptest.Config{Plan: plan, Phones: phones, Applications: func(h *apptest.House) []pbx.Application {
		return append(Table(&Deps{Dialers: h.Dial, Voice: h.Voice}), plain()...)
	}})
}

// plain are applications that do what their namesakes do, in short.
func plain() []pbx.Application {
	app := func(name string, run func(ctx context.Context, x *pbx.Exec, data string) error) pbx.Application {
		return pbx.Application{Name: name, Run: run}
	}
	return []pbx.Application{
		app("NoOp", func(context.Context, *pbx.Exec, string) error { return nil }),
		app("Answer", func(_ context.Context, x *pbx.Exec, _ string) error { return x.Channel().Answer(nil) }),
		app("Ringing", func(_ context.Context, x *pbx.Exec, _ string) error { return x.Channel().Leg().Ring() }),
		app("Set", func(_ context.Context, x *pbx.Exec, data string) error {
			name, value, _ := strings.Cut(data, "=")
			return x.Assign(name, value)
		}),
		app("SetUnlessSet", func(_ context.Context, x *pbx.Exec, data string) error {
			name, value, _ := strings.Cut(data, "=")
			if x.Get(name) != "" {
				return nil
			}
			return x.Assign(name, value)
		}),
		app("Wait", func(ctx context.Context, x *pbx.Exec, data string) error {
			f, err := strconv.ParseFloat(data, 64)
			if err != nil {
				return err
			}
			return x.Sleep(ctx, time.Duration(f*float64(time.Second)))
		}),
		app("Hangup", func(_ context.Context, x *pbx.Exec, data string) error {
			if c, ok := call.ParseCause(data); ok {
				x.Channel().SetCause(c)
			}
			return pbx.ErrHangup
		}),
		app("Goto", func(_ context.Context, x *pbx.Exec, data string) error { return x.Goto(data) }),
		app("Return", func(_ context.Context, x *pbx.Exec, data string) error {
			back, ok := x.Pop()
			x.Set("GOSUB_RETVAL", data)
			if !ok || back == (call.Place{}) {
				return pbx.ErrHangup
			}
			x.Jump(back)
			return nil
		}),
	}
}
