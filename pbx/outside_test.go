package pbx

import (
	"context"
	"log/slog"
	"testing"

	"obelus/call"
)

// TestOutside: what reaches beyond the telephone is closed to those who do not write the dialplan, however it is written.
func TestOutside(t *testing.T) {
	guarded := Function{
		Name: "SHELL", GuardRead: true, GuardWrite: true,
		Read:  func(*Exec, string) (string, error) { return "ran", nil },
		Write: func(x *Exec, _, value string) error { x.Set("WROTE", value); return nil },
	}
	half := Function{
		Name: "ENV", GuardWrite: true,
		Read:  func(*Exec, string) (string, error) { return "read", nil },
		Write: guarded.Write,
	}
	for _, trusting := range []bool{false, true} {
		p := New(Config{Functions: []Function{guarded, half}, Registry: call.NewRegistry(slog.New(slog.DiscardHandler), nil), Log: slog.New(slog.DiscardHandler), LiveDangerously: trusting})
		ch := p.Registry().New(call.Spec{Name: "SIP/1", Leg: &mute{}})
		inside, outside := p.NewExec(ch, call.Place{}), p.Look(ch)
		if inside.Outside() || !outside.Outside() {
			t.Fatal("it does not know for whom it evaluates")
		}
		if v := inside.Expand("${SHELL(x)}"); v != "ran" {
			t.Errorf("the dialplan reads %q", v)
		}
		if err := inside.Assign("SHELL(x)", "1"); err != nil {
			t.Errorf("the dialplan writes: %v", err)
		}
		want := map[bool]string{false: "", true: "ran"}[trusting]
		for _, text := range []string{"${SHELL(x)}", "${SHELL(${ENV(x)})}", "$[${SHELL(x)}]"} {
			if v := outside.Expand(text); v != want && (v != "0" || trusting) {
				t.Errorf("outside, live_dangerously %v: %s is %q", trusting, text, v)
			}
		}
		if v := outside.Expand("${ENV(x)}"); v != "read" {
			t.Errorf("outside: ENV is %q", v)
		}
		for _, name := range []string{"SHELL(x)", "ENV(x)"} {
			err := outside.Assign(name, "1")
			if trusting != (err == nil) {
				t.Errorf("outside, live_dangerously %v: writing %s: %v", trusting, name, err)
			}
		}
		if _, err := outside.Call("SHELL", "x"); !trusting && (err == nil || err.Error() != "Dangerous function SHELL read blocked") {
			t.Errorf("outside: %v", err)
		}
	}
}

func TestContext(t *testing.T) {
	h := newHouse(t, "")
	x := h.NewExec(h.channel(&mute{}), call.Place{})
	if x.Context() != x.Channel().Context() {
		t.Error("between steps it is not the channel's context")
	}
	ctx := context.WithValue(context.Background(), h, 1)
	x.ctx = ctx
	if x.Context() != ctx {
		t.Error("it is not the step's context")
	}
}
