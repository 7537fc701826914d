package rtp

import (
	"testing"
	"time"
)

// TestHeldKeys: the keys of a phone reach the other one only by whoever holds them.
func TestHeldKeys(t *testing.T) {
	for _, from := range keyPhones {
		for _, to := range []keyPhone{keyPhones[0], keyPhones[3]} {
			for _, passed := range []bool{false, true} {
				t.Run(from.name+" to "+to.name, func(t *testing.T) {
					inHouse(t, Options{}, func(h *house) {
						var nobody, sb *Session
						a := h.keyLeg(from, "198.51.100.1:4000", 1, &sb)
						b := h.keyLeg(to, "198.51.100.2:5000", 2, &nobody)
						check(t, Connect(a.s, b.s))
						want := ""
						if passed {
							sb = b.s
							if want = "tone 5 100ms"; to.events {
								want = "event 5 100ms"
							}
						}
						a.s.HoldKeys(true)
						a.press('5')
						time.Sleep(time.Second)
						if got := b.hears(t); got != want {
							t.Errorf("the phone hears %q, want %q", got, want)
						}
						a.s.HoldKeys(false)
						sb = b.s
						a.press('5')
						time.Sleep(time.Second)
						if got := b.hears(t); got == "" {
							t.Error("keys are still held")
						}
					})
				})
			}
		}
	}
}
