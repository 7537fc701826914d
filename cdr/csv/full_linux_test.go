package csv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"obelus/cdr/csv"
	"obelus/store"
)

// TestFullDiskLosesNothing has a child write to files that can't grow any more in the middle of a line, and then can.
func TestFullDiskLosesNothing(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), fullDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "child: done") {
		t.Fatalf("child: %v\n%s", err, out)
	}
	same(t, "Master.csv", column(t, filepath.Join(dir, "Master.csv"), 16), ids(0, 60))
	same(t, "acme.csv", column(t, filepath.Join(dir, "acme.csv"), 16), ids(1, 60))
}

// fillUp is the child.
func fillUp(dir string) error {
	signal.Ignore(syscall.SIGXFSZ) // the write fails instead
	o := csv.Options{UniqueID: true}
	var log bytes.Buffer
	for _, s := range []interface {
		Ship(context.Context, []store.CallRecord, string, func(string) error) (string, error)
	}{csv.NewMaster(dir, o), csv.NewAccounts(dir, o, slog.New(slog.NewTextHandler(&log, nil)))} {
		var all []store.CallRecord
		for n := range 60 {
			all = append(all, crashCall(n))
		}
		note := ""
		intend := func(n string) error { note = n; return nil }
		for i, limit := range []uint64{700, 700, 1500, unix.RLIM_INFINITY} {
			if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: unix.RLIM_INFINITY}); err != nil {
				return err
			}
			_, err := s.Ship(context.Background(), all, note, intend)
			if full := limit != unix.RLIM_INFINITY; full != errors.Is(err, unix.EFBIG) {
				return fmt.Errorf("%T, try %d: %w", s, i, err)
			}
		}
	}
	return errors.New("done")
}
