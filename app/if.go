package app

import (
	"context"
	"strings"

	"obelus/call"
	"obelus/pbx"
)

// A conditional is If, any ElseIf, an Else if there is one, EndIf, found by their
// places in the extension as the parts of a loop are. Whoever looks for the branch
// to take goes on to the next ElseIf or Else as its own step; a step of those that
// nobody looked for is the end of the branch before.

// soughtKey is where the place of the branch is kept that is looked for.
type soughtKey struct{}

func if_() pbx.Application {
	return pbx.Application{Name: "If", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		x.Remember(soughtKey{}, call.Place{})
		if truth(data) {
			return nil
		}
		return nextBranch(x)
	}}
}

func elseIf() pbx.Application {
	return pbx.Application{Name: "ElseIf", Run: func(_ context.Context, x *pbx.Exec, data string) error {
		switch {
		case !sought(x):
			return leaveIf(x)
		case truth(data):
			return nil
		}
		return nextBranch(x)
	}}
}

func else_() pbx.Application {
	return pbx.Application{Name: "Else", Run: func(_ context.Context, x *pbx.Exec, _ string) error {
		if !sought(x) {
			return leaveIf(x)
		}
		return nil
	}}
}

func endIf() pbx.Application {
	return pbx.Application{Name: "EndIf", Run: func(context.Context, *pbx.Exec, string) error { return nil }}
}

func exitIf() pbx.Application {
	return pbx.Application{Name: "ExitIf", Run: func(_ context.Context, x *pbx.Exec, _ string) error { return leaveIf(x) }}
}

// sought says whether the present step was looked for, and has it no more so.
func sought(x *pbx.Exec) bool {
	p, _ := x.Recall(soughtKey{}).(call.Place)
	x.Remember(soughtKey{}, call.Place{})
	return p == x.Place()
}

// nextBranch goes to the next branch of the conditional that the step belongs to, or
// behind its EndIf.
func nextBranch(x *pbx.Exec) error {
	p, app, ok := partOfIf(x, true)
	if !ok {
		x.Warn("Couldn't find matching EndIf? (If at " + place(x.Place()) + ")")
		return pbx.ErrHangup
	}
	if app == "endif" {
		p.Priority++
	} else {
		x.Remember(soughtKey{}, p)
	}
	x.Jump(p)
	return nil
}

// leaveIf goes behind the EndIf of the conditional that the step is in.
func leaveIf(x *pbx.Exec) error {
	p, _, ok := partOfIf(x, false)
	if !ok {
		x.Warn("there is no EndIf behind the step at " + place(x.Place()))
		return nil
	}
	p.Priority++
	x.Jump(p)
	return nil
}

// partOfIf finds the next branch, where branches are wanted, or the EndIf of the
// conditional around the step.
func partOfIf(x *pbx.Exec, branches bool) (p call.Place, app string, ok bool) {
	depth := 0
	for p = x.Place(); ; {
		p.Priority++
		step := x.Find(p)
		if step == nil {
			return p, "", false
		}
		app := strings.ToLower(step.App)
		switch {
		case app == "if":
			depth++
		case app == "endif" && depth > 0:
			depth--
		case app == "endif", branches && depth == 0 && (app == "elseif" || app == "else"):
			return p, app, true
		}
	}
}
