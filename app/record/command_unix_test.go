//go:build unix

package record

import (
	"log/slog"
	"os/exec"
	"strings"
	"testing"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/pbx"
)

// TestCommandInTheShell has the shell itself say what it makes of values, wherever they
// stand: each is what it was, and none is a command.
func TestCommandInTheShell(t *testing.T) {
	board := pbx.New(pbx.Config{Registry: call.NewRegistry(slog.New(slog.DiscardHandler), nil), Log: slog.New(slog.DiscardHandler)})
	ch := board.Registry().New(call.Spec{Name: "SIP/a-1", Leg: apptest.NewPhone()})
	x := board.NewExec(ch, call.Place{})
	for _, value := range []string{
		"Ann", "", `O'Hara`, `"; touch gone; "`, "$(touch gone)", "`touch gone`", `\`, `a\"b`, "a;b&c|d>e<f", "${HOME}", "*", "~", "#no", "two words", "-n", "'", `"`, "ü€", "!!", "(x)", "a\\'b", "^{X}",
	} {
		ch.Vars.Set("X", value)
		for _, line := range []string{`printf %s "^{X}"`, `printf %s '^{X}'`, `printf %s 'a'"^{X}"`, `printf %s "it's ^{X}"`, `printf %s \""^{X}"`} {
			want := value
			switch {
			case strings.Contains(line, "'a'"):
				want = "a" + value
			case strings.Contains(line, "it's"):
				want = "it's " + value
			case strings.Contains(line, `\"`):
				want = `"` + value
			}
			cmd := exec.Command("/bin/sh", "-c", command(x, line, ""))
			cmd.Dir = t.TempDir()
			if out, err := cmd.Output(); err != nil || string(out) != want {
				t.Errorf("%s: the shell made %q of it, want %q (%v)", command(x, line, ""), out, want, err)
			}
		}
		if strings.TrimSpace(value) == "" || strings.Contains(value, " ") && plain(value) {
			continue
		}
		cmd := exec.Command("/bin/sh", "-c", command(x, `printf %s ^{X}`, ""))
		cmd.Dir = t.TempDir()
		if out, err := cmd.Output(); err != nil && value != "-n" || string(out) != value && value != "-n" {
			t.Errorf("without quotes the shell made %q of %q (%v)", out, value, err)
		}
	}
}
