package interp

import (
	"context"
	"testing"

	"obelus/dialplan/syntax"
)

// macroHost has Macro(context) run the context's s, and Leave() leave it.
type macroHost struct{ *script }

func (h macroHost) Exec(ctx context.Context, step *syntax.Priority, at Place) Outcome {
	switch step.App {
	case "Macro":
		h.steps = append(h.steps, at.String())
		to := Place{step.Data, "s", 1}
		return h.machine.Within(ctx, to, func() bool { return h.machine.Place().Context != to.Context })
	case "Leave":
		h.steps = append(h.steps, at.String())
		return Outcome{Verdict: Leave}
	}
	return h.script.Exec(ctx, step, at)
}

func TestWithin(t *testing.T) {
	for name, c := range map[string]struct{ plan, steps string }{
		"to its end":        {"exten => s,1,Macro(m)\nexten => s,2,NoOp()\n[m]\nexten => s,1,NoOp()\nexten => s,2,NoOp()", "s.1 m/s.1 m/s.2 s.2"},
		"left":              {"exten => s,1,Macro(m)\nexten => s,2,NoOp()\n[m]\nexten => s,1,Leave()\nexten => s,2,NoOp()", "s.1 m/s.1 s.2"},
		"left twice":        {"exten => s,1,Leave()\nexten => s,2,NoOp()", "s.1"},
		"jumped out of":     {"exten => s,1,Macro(m)\nexten => s,2,NoOp()\nexten => x,1,NoOp()\n[m]\nexten => s,1,Jump(c,x,1)", "s.1 m/s.1 x.1"},
		"dialled in":        {"exten => s,1,Macro(m)\nexten => s,2,NoOp()\nexten => 7,1,NoOp()\n[m]\nexten => s,1,Dialled(7)\nexten => 7,1,NoOp()", "s.1 m/s.1 7.1"},
		"fails in":          {"exten => s,1,Macro(m)\nexten => e,1,NoOp()\n[m]\nexten => s,1,Fail()\nexten => e,1,NoOp()", "s.1 m/s.1 m/e.1"},
		"ends in, own h":    {"exten => s,1,Macro(m)\nexten => h,1,NoOp()\n[m]\nexten => s,1,Stop()\nexten => h,1,NoOp()", "s.1 m/s.1 m/h.1"},
		"ends in, h of two": {"exten => s,1,Macro(m)\nexten => h,1,NoOp()\n[m]\nexten => s,1,Macro(n)\nexten => h,1,NoOp()\n[n]\nexten => s,1,Stop()", "s.1 m/s.1 n/s.1 m/h.1"},
		"ends in, h of one": {"exten => s,1,Macro(m)\nexten => h,1,NoOp()\n[m]\nexten => s,1,Macro(n)\n[n]\nexten => s,1,Cancel()", "s.1 m/s.1 n/s.1 h.1"},
		"over, h elsewhere": {"exten => s,1,Macro(m)\nexten => s,2,Jump(d,s,1)\nexten => h,1,NoOp()\n[m]\nexten => s,1,NoOp()\n[d]\nexten => s,1,Stop()", "s.1 m/s.1 s.2 d/s.1"},
		"from h":            {"exten => s,1,Stop()\nexten => h,1,Macro(m)\nexten => h,2,NoOp()\n[m]\nexten => s,1,NoOp()", "s.1 h.1 m/s.1 h.2"},
	} {
		s, _ := runWith(t, "[c]\n"+c.plan+"\n", func(s *script) Host { return macroHost{s} })
		s.machine.Farewell(context.Background())
		if got := s.places(); got != c.steps {
			t.Errorf("%s: %s, want %s", name, got, c.steps)
		}
	}
}

// TestWithinOvertime: a call whose time is over in a macro finds the T of the
// calling context.
func TestWithinOvertime(t *testing.T) {
	s, err := runWith(t, "[c]\nexten => s,1,Macro(m)\nexten => T,1,NoOp()\n[m]\nexten => s,1,Timeout()\n", func(s *script) Host { return macroHost{s} })
	if err == nil || !s.machine.Overtime() || s.machine.Place() != (Place{"c", "T", 1}) {
		t.Errorf("%v, at %s", err, s.machine.Place())
	}
}
