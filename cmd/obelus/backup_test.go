package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/store"
	"obelus/store/sqlite"
)

// TestBackup: the copies are a data directory that a server can start on.
func TestBackup(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	home, away := t.TempDir(), filepath.Join(t.TempDir(), "new", "copy")
	e, err := sqlite.Open(t.Context(), home, log)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c, err := sqlite.OpenCalls(t.Context(), home, log)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := e.WriteKeys(t.Context(), []store.KVOp{{Key: "/a/b", Value: "1"}}); err != nil {
		t.Fatal(err)
	}
	s := &server{engine: e, cdrFile: c}
	made, err := backup(t.Context(), s.files(), away)
	if want := []string{filepath.Join(away, "state.db"), filepath.Join(away, "cdr.db")}; err != nil || !slices.Equal(made, want) {
		t.Fatalf("copied %q, %v; want %q", made, err, want)
	}
	if made, err := backup(t.Context(), s.files(), away); len(made) > 0 || !errors.Is(err, fs.ErrExist) {
		t.Errorf("over the copies: %q, %v", made, err)
	}
	if _, err := backup(t.Context(), s.files(), "here"); err == nil || !strings.Contains(err.Error(), "from the root on") {
		t.Errorf("a directory of nobody knows where: %v", err)
	}
	if _, err := backup(t.Context(), (&server{}).files(), away); err == nil {
		t.Error("nothing is copied, and nothing said")
	}
	copied, err := sqlite.Open(t.Context(), away, log)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if _, keys := kept(t, copied); keys != "/a/b=1 " {
		t.Errorf("the copy has %q", keys)
	}
}

// counted is a database that counts how often it was looked through.
type counted struct {
	engine
	n int
}

func (c *counted) Backup(context.Context, string) error { return nil }
func (c *counted) Optimize(context.Context) error       { c.n++; return errors.New("locked") }

func TestOptimizeOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counted{}
		s := &server{engine: c, log: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Minute)
		defer cancel()
		s.optimize(ctx)
		if c.n != 2 {
			t.Errorf("looked through %d times in two hours and a half", c.n)
		}
	})
}
