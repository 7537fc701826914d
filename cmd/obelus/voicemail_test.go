package main

import (
	"log/slog"
	"testing"

	"obelus/call"
	"obelus/cmd/obelus/switchboard"
	"obelus/pbx"
)

// TestLetter fills in the text of a mail as the dialplan would; what a caller's name holds is not filled in again.
func TestLetter(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	board := pbx.New(pbx.Config{Functions: switchboard.Functions(&switchboard.Deps{}), Registry: call.NewRegistry(log, nil), Log: log})
	board.Globals.Set("OFFICE", "the office")
	vars := map[string]string{"VM_CIDNUM": "200", "VM_CIDNAME": "${LEN(abc)}$[1+1]", "VM_DUR": "0:03"}
	for text, want := range map[string]string{
		`${IF($["${VM_CIDNUM}" = "200"]?left:forwarded)} a ${VM_DUR} long message, ${VM_CIDNAME}`: "left a 0:03 long message, ${LEN(abc)}$[1+1]",
		"by ${OFFICE}${NOTHING}": "by the office",
		"${LEN(${VM_CIDNUM})}":   "3",
	} {
		if got := letter(board, log, text, vars); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
