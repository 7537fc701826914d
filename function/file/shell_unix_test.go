//go:build unix

package file

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"obelus/call"
	"obelus/function/functiontest"
	"obelus/internal/shell"
)

func TestShell(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(shell.Output))
	functiontest.Cases{
		{"${SHELL(echo hi)}", "hi\n", ""},
		{"x${SHELL(printf '%d' 123)}y", "x123y", ""},
		{"${SHELL(exit 3)}|${SHELL(echo a, b; false)}", "|a, b\n", ""},
		{"${SHELL()}", "", `Missing Argument!  Example:  Set(foo=${SHELL(echo "bar")})`},
	}.Run(t, x, w)
	if got := x.Expand("${SHELL(head -c 70000 /dev/zero | tr '\\\\0' x)}"); len(got) != 65536 || len(w.Take()) != 1 {
		t.Errorf("%d bytes", len(got))
	}
}

// TestShellIsNotWaitedFor: a channel that ends does not wait for a command.
func TestShellIsNotWaitedFor(t *testing.T) {
	waiting := func(ctx context.Context, _ string, out io.Writer) (int, error) {
		fmt.Fprint(out, "half")
		<-ctx.Done()
		return -1, context.Cause(ctx)
	}
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(waiting))
	x.Channel().Hangup(call.CauseNormalClearing)
	functiontest.Cases{{"${SHELL(sleep 100)}", "", "Failed to execute shell command 'sleep 100': the channel has gone"}}.Run(t, x, w)
	x, w = functiontest.New(t, &functiontest.Leg{}, Table(nil))
	functiontest.Cases{{"${SHELL(true)}", "", "Failed to execute shell command 'true'"}}.Run(t, x, w)
}

// TestPipe: a pipe is written to and read from, and not waited for without end.
func TestPipe(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(nil))
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		}
		got <- string(b)
	}()
	functiontest.Must(t, x, "FILE("+name+")=hello")
	if v := <-got; v != "hello" {
		t.Errorf("written: %q", v)
	}
	go func() {
		if err := os.WriteFile(name, []byte("back"), 0o600); err != nil {
			t.Error(err)
		}
	}()
	functiontest.Cases{{"${FILE(" + name + ")}", "back", ""}}.Run(t, x, w)
	x.Channel().Hangup(call.CauseNormalClearing)
	functiontest.Cases{{"${FILE(" + name + ")}", "", "FILE(" + name + ") is a pipe with nobody at its other end: the channel has gone"}}.Run(t, x, w)
}
