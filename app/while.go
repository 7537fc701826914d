package app

import (
	"context"
	"strconv"
	"strings"

	"obelus/call"
	"obelus/pbx"
)

// A loop is While ... EndWhile, found by its place in the extension, so that
// loops nest and a Goto out of one does no harm. A variable named after the
// place of the While says that the loop is open.

func while() pbx.Application {
	return pbx.Application{
		Name: "While",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			at := x.Place()
			if !truth(data) {
				x.Set(loopName(at), "")
				end, ok := endOf(x, at)
				if !ok {
					x.Warn("Couldn't find matching EndWhile? (While at " + place(at) + ")")
					return pbx.ErrHangup
				}
				x.Jump(end)
				return nil
			}
			x.Set(loopName(at), strconv.Itoa(at.Priority))
			return nil
		},
	}
}

// loopName is the variable that says that a loop is open.
func loopName(at call.Place) string {
	return "WHILE_" + at.Context + "_" + at.Exten + "_" + strconv.Itoa(at.Priority)
}

func place(p call.Place) string { return p.Context + "," + p.Exten + "," + strconv.Itoa(p.Priority) }

// endOf finds the step behind the EndWhile that belongs to a While.
func endOf(x *pbx.Exec, at call.Place) (call.Place, bool) {
	depth := 0
	for p := at; ; {
		p.Priority++
		step := x.Find(p)
		if step == nil {
			return p, false
		}
		switch strings.ToLower(step.App) {
		case "while":
			depth++
		case "endwhile":
			if depth == 0 {
				p.Priority++
				return p, true
			}
			depth--
		}
	}
}

// startOf finds the While that a step is within.
func startOf(x *pbx.Exec, at call.Place) (call.Place, bool) {
	depth := 0
	for p := at; ; {
		p.Priority--
		if p.Priority < 1 {
			return p, false
		}
		step := x.Find(p)
		if step == nil {
			continue
		}
		switch strings.ToLower(step.App) {
		case "endwhile":
			depth++
		case "while":
			if depth == 0 {
				return p, true
			}
			depth--
		}
	}
}

func endWhile() pbx.Application {
	return loopStep("EndWhile", "End a while loop.", "Goes back to the While.", false)
}

func continueWhile() pbx.Application {
	return loopStep("ContinueWhile", "Restart a While loop.", "Goes back to the While without the rest of the loop.", false)
}

func exitWhile() pbx.Application {
	return loopStep("ExitWhile", "End a While loop.", "Leaves the loop: goes on behind its EndWhile.", true)
}

func loopStep(name, synopsis, description string, leave bool) pbx.Application {
	return pbx.Application{
		Name: name,
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			start, ok := startOf(x, x.Place())
			if !ok || x.Get(loopName(start)) == "" {
				x.Warnf("%s without a While", name)
				return nil
			}
			if !leave {
				x.Jump(start)
				return nil
			}
			x.Set(loopName(start), "")
			end, ok := endOf(x, start)
			if !ok {
				x.Warn("Couldn't find matching EndWhile? (While at " + place(start) + ")")
				return pbx.ErrHangup
			}
			x.Jump(end)
			return nil
		},
	}
}
