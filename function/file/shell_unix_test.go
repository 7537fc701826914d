//go:build unix

package file

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"obelus/call"
	"obelus/function/functiontest"
)

func TestShell(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
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

// TestShellIsNotWaitedFor: a channel that ends does not wait for a command, which goes on.
func TestShellIsNotWaitedFor(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
	dir := t.TempDir()
	for _, name := range []string{"begun", "go", "did"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	go func() {
		os.ReadFile(dir + "/begun")
		x.Channel().Hangup(call.CauseNormalClearing)
	}()
	got := x.Expand("${SHELL(cd " + dir + "; echo > begun; read word < go; echo $word > did)}")
	if warned := w.Take(); got != "" || len(warned) != 1 || !strings.HasSuffix(warned[0], "is not waited for: the channel has gone") {
		t.Errorf("%q, warned %q", got, warned)
	}
	if err := os.WriteFile(dir+"/go", []byte("on\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if did, err := os.ReadFile(dir + "/did"); string(did) != "on\n" {
		t.Errorf("the command did not go on: %q, %v", did, err)
	}
}
