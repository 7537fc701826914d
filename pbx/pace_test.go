package pbx

import (
	"strings"
	"testing"
	"testing/synctest"
)

// TestRound: a dialplan that goes round and round ends by itself, with one line, in h
// too; one that waits does not.
func TestRound(t *testing.T) {
	for name, c := range map[string]struct {
		plan  string
		times int // that it is said
	}{
		"goto":  {"exten => s,1,Goto(s,1)\nexten => h,1,NoOp(bye)\n", 1},
		"in h":  {"exten => s,1,Hangup()\nexten => h,1,NoOp()\nsame => n,Goto(h,1)\n", 1},
		"waits": {"exten => s,1,Limit(3000s)\nsame => n(again),Wait(10ms)\nsame => n,Goto(s,again)\nexten => h,1,NoOp(bye)\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "[c]\n"+c.plan)
				steps := h.run(h.Run("c", "s", 1))
				if said := strings.Count(h.log.String(), "The dialplan goes round and round at (c, "); said != c.times {
					t.Errorf("said %d times, want %d: %s", said, c.times, h.log.String())
				}
				if name != "in h" && !strings.HasSuffix(steps, "|h bye") {
					t.Error("h did not run")
				}
			})
		})
	}
}

// TestRoundText: nobody can hang up on a text.
func TestRoundText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => s,1,Goto(s,1)\n")
		h.run(h.RunText("c", "s"))
		if !strings.Contains(h.log.String(), "goes round and round") {
			t.Errorf("log %s", h.log.String())
		}
	})
}
