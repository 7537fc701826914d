package app

import (
	"testing"

	"obelus/app/apptest"
	"obelus/pbx"
)

// newHouse makes a house with the applications of this room.
func newHouse(t *testing.T, plan string, phones map[string]apptest.Script) *apptest.House {
	t.Helper()
	return apptest.New(t, apptest.Config{Plan: plan, Phones: phones, Applications: func(h *apptest.House) []pbx.Application {
		return Table(&Deps{Senders: h.Text, Voice: h.Voice})
	}})
}
