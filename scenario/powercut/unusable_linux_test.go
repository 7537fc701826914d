package powercut

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obelus/store"
)

// TestReadOnlyDisk: the refusal names the place and what to do, with a database and without.
func TestReadOnlyDisk(t *testing.T) {
	d := newDisk(t, 8<<20)
	s, err := engine().Open(dataDir(d))
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := run("mount", "-o", "remount,ro", d.at); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{dataDir(d), filepath.Join(d.at, "new")} {
		s, err := engine().Open(dir)
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "obelus must be able to write there") {
			t.Errorf("open %s: %v", dir, err)
		}
	}
}

// TestStartOnAFullDisk: it says so, and starts when there is space.
func TestStartOnAFullDisk(t *testing.T) {
	d := newDisk(t, 8<<20)
	ballast, err := os.Create(filepath.Join(d.at, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = ballast.Write(make([]byte, 4096))
	}
	if err := ballast.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := engine().Open(dataDir(d))
	if err == nil {
		_ = s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), dataDir(d)) || !strings.Contains(err.Error(), "free some space") {
		t.Errorf("open: %v", err)
	}
	if err := os.Remove(ballast.Name()); err != nil {
		t.Fatal(err)
	}
	if s, err = engine().Open(dataDir(d)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.KV.WriteKeys(t.Context(), []store.KVOp{{Key: "/a/b"}}), s.Close()); err != nil {
		t.Error(err)
	}
}
