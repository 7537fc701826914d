//go:build !windows

package shell

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestRun(t *testing.T) {
	for line, want := range map[string]int{
		"true": 0, "false": 1, "exit 42": 42, "/nonexistent/program": 127, "kill -9 $$": -1,
		"test -z \"$(cat)\"": 0, // there is nothing to read
	} {
		code, err := Run(context.Background(), line)
		if err != nil || code != want {
			t.Errorf("%s: %d, %v, want %d", line, code, err, want)
		}
	}
}

// TestRunOn: a command whose call has ended ends its work.
func TestRunOn(t *testing.T) {
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(gone)
	done := filepath.Join(t.TempDir(), "done")
	if code, err := Run(ctx, "touch "+done); code != 0 || err != nil {
		t.Errorf("%d, %v", code, err)
	}
	if _, err := os.Stat(done); err != nil {
		t.Error(err)
	}
}

// TestRunBackground: a command that leaves a child behind is over when it is.
func TestRunBackground(t *testing.T) {
	if code, err := Run(context.Background(), "sleep 5 >/dev/null 2>&1 &"); code != 0 || err != nil {
		t.Errorf("%d, %v", code, err)
	}
}
