package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"obelus/cmd/obelus/settings"
	"obelus/console"
)

func TestAGICommands(t *testing.T) {
	s := &server{}
	table := new(console.Table)
	table.Add(s.agiCommands()...)
	for _, c := range []struct {
		line, want string
		debug      bool
	}{
		{"agi set debug on", "AGI Debugging Enabled\n", true},
		{"agi set debug", "sage", true},
		{"agi set debug off", "AGI Debugging Disabled\n", false},
		{"agi show commands", "stream file   Plays a sound until its end, or one of the keys.\n", false},
		{"agi show commands topic stream file", "Usage: STREAM FILE <filename> <escape digits> [<sample offset>]\n", false},
		{"agi show commands topic fly", "No such command 'fly'.\n", false},
		{"agi show commands fly", "sage", false},
	} {
		var out strings.Builder
		table.Run(context.Background(), &console.Session{Writer: &out}, c.line)
		if !strings.Contains(out.String(), c.want) || s.agiDebug.Load() != c.debug {
			t.Errorf("%s: %q, debugging %v", c.line, out.String(), s.agiDebug.Load())
		}
	}
}

func TestScriptEnv(t *testing.T) {
	got := scriptEnv(settings.Dirs{Data: "/data", Spool: "/spool", AGI: "/agi"})
	for _, want := range []string{"AST_CONFIG_DIR=/data", "AST_SPOOL_DIR=/spool", "AST_AGI_DIR=/agi"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q lacks %s", got, want)
		}
	}
}
