package sqlite_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"obelus/store"
)

// TestGarbageInTheLog: what a dying machine has left in the log is no commit, and takes none away.
func TestGarbageInTheLog(t *testing.T) {
	for name, wal := range map[string][]byte{"text": bytes.Repeat([]byte("garbage\n"), 5000), "one byte": {7}, "zeros": make([]byte, 40000)} {
		dir := filled(t, 50)
		write(t, statePath(dir)+"-wal", wal)
		e, log, err := open(dir)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n := bindings(t, e); n != 50 || !strings.Contains(log.String(), "the database is intact") {
			t.Errorf("%s: %d bindings; log %s", name, n, log)
		}
		if err := e.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCommitsThatOnlyTheLogHas: a log cut off at any byte loses the last commits, whole, and nothing before them.
func TestCommitsThatOnlyTheLogHas(t *testing.T) {
	from := filled(t, 1)
	e, _, err := open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for i := range 20 {
		if err := e.Commit(t.Context(), []store.BindingOp{{Binding: binding(100 + i)}, {Binding: binding(200 + i)}}); err != nil {
			t.Fatal(err)
		}
	}
	db, wal := read(t, statePath(from)), read(t, statePath(from)+"-wal")
	last := 1
	for cut := 0; cut <= len(wal); cut += len(wal)/40 + 7 {
		dir := t.TempDir()
		write(t, statePath(dir), db)
		write(t, statePath(dir)+"-wal", wal[:cut])
		torn, _, err := open(dir)
		if err != nil {
			t.Fatalf("cut off at %d: %v", cut, err)
		}
		n := bindings(t, torn)
		if n%2 != 1 || n < last {
			t.Errorf("cut off at %d: %d bindings, and %d before", cut, n, last)
		}
		last = n
		if err := torn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if last < 30 {
		t.Errorf("a log that is nearly whole has %d bindings", last)
	}
}

func bindings(t *testing.T, l store.Location) (n int) {
	t.Helper()
	if err := l.Load(t.Context(), func(store.Binding) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestUnusableDirectories: each refusal says which path it is about.
func TestUnusableDirectories(t *testing.T) {
	for name, spoil := range map[string]func(dir string) (path string, err error){
		"a file in its place": func(dir string) (string, error) {
			return dir, errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600))
		},
		"a directory instead of the database": func(dir string) (string, error) {
			return statePath(dir), errors.Join(os.RemoveAll(statePath(dir)), os.Mkdir(statePath(dir), 0o700))
		},
		"a directory instead of the lock": func(dir string) (string, error) {
			lock := filepath.Join(dir, "lock")
			return lock, errors.Join(os.RemoveAll(lock), os.Mkdir(lock, 0o700))
		},
	} {
		dir := filled(t, 1)
		path, err := spoil(dir)
		if err != nil {
			t.Fatal(err)
		}
		e, _, err := open(dir)
		if err == nil {
			_ = e.Close()
		}
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v does not name %s", name, err, path)
		}
	}
}

// TestUnwritable: a directory or a file of somebody else's is named, and what to do. (Root may write anywhere: then package powercut's test of a
// disk that can only be read is all there is.)
func TestUnwritable(t *testing.T) {
	for name, path := range map[string]func(dir string) string{"directory": func(dir string) string { return dir }, "file": statePath} {
		dir := filled(t, 1)
		if err := os.Remove(filepath.Join(dir, "lock")); err != nil {
			t.Fatal(err)
		}
		mode := fs.FileMode(0o400)
		if name == "directory" {
			mode = 0o500
		}
		if err := os.Chmod(path(dir), mode); err != nil {
			t.Fatal(err)
		}
		probe, err := os.OpenFile(filepath.Join(path(dir), "probe"), os.O_CREATE|os.O_WRONLY, 0o600)
		if errors.Is(err, syscall.ENOTDIR) {
			probe, err = os.OpenFile(path(dir), os.O_WRONLY, 0)
		}
		if err == nil {
			t.Logf("%s: whoever runs this may write everywhere", name)
			_ = probe.Close()
			continue
		}
		e, _, err := open(dir)
		if err == nil {
			_ = e.Close()
		}
		if err == nil || !strings.Contains(err.Error(), path(dir)) || !strings.Contains(err.Error(), "give the directory and what is in it to the user") {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Chmod(path(dir), 0o700); err != nil {
			t.Error(err)
		}
	}
}

// TestLogOfAnotherFile: the log of some other database beside ours is not taken for ours.
func TestLogOfAnotherFile(t *testing.T) {
	other := t.TempDir()
	e, _, err := open(other)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Commit(t.Context(), []store.BindingOp{{Binding: binding(1)}}); err != nil {
		t.Fatal(err)
	}
	wal := read(t, statePath(other)+"-wal")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	dir := filled(t, 2000)
	write(t, statePath(dir)+"-wal", wal)
	e, _, err = open(dir)
	if err == nil {
		err = errors.Join(e.Close(), errors.New("it opens"))
	}
	if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "-wal") {
		t.Errorf("open: %v, want %v", err, store.ErrDamaged)
	}
}
