package csv_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obelus/cdr/csv"
	"obelus/cdr/outbox"
	"obelus/store"
	"obelus/store/memory"
)

// ship hands records to a sink as the outbox does, and returns the note.
func ship(t *testing.T, s outbox.Sink, note string, records ...store.CallRecord) string {
	t.Helper()
	note, err := s.Ship(t.Context(), records, note, func(string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return note
}

// TestAccountsStayInTheirDirectory: an account code may come from anywhere.
func TestAccountsStayInTheirDirectory(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	s := csv.NewAccounts(filepath.Join(dir, "cdr-csv"), csv.Options{}, slog.New(slog.NewTextHandler(&log, nil)))
	var all []store.CallRecord
	bad := []string{"../out", "..", ".hidden", "a/b", `a\b`, "/etc/cron", "c:x", "a\x00b", "a\nb", "Master", "mASTER", "NUL", "com1", "LPT9.old", "aux .x", "COM²", "conout$", strings.Repeat("x", 300), "a*b", "\u009b"}
	for _, a := range append(bad, bad[0], "", "acme", "zwölf & co.", "acme", "com10") {
		r := crashCall(len(all))
		r.AccountCode = a
		all = append(all, r)
	}
	ship(t, s, "", all...)
	var files []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(name)+strings.Repeat("+", bytes.Count(text, []byte("\n"))))
		}
		return err
	})
	if got, want := strings.Join(files, " "), "cdr-csv/acme.csv++ cdr-csv/com10.csv+ cdr-csv/zwölf & co..csv+"; err != nil || got != want {
		t.Errorf("files %s, want %s; %v", got, want, err)
	}
	if n := strings.Count(log.String(), "can't be the name of a file"); n != len(bad) {
		t.Errorf("%d are named in the log, want %d, each once", n, len(bad))
	}
}

// TestControlCharactersMakeNoLines in files whose lines are the operator's.
func TestControlCharactersMakeNoLines(t *testing.T) {
	dir := t.TempDir()
	seen := func(template string, r *store.CallRecord) string {
		return template + r.CallerID + "|" + r.UserField + "|" + r.Variables[0].Value
	}
	s := csv.NewCustom(dir, csv.Mapping{File: "a/b.csv", Templates: []string{"1 ", "2 "}}, seen)
	r := crashCall(1)
	r.CallerID, r.UserField, r.Variables = "Eve\nroot:x\x1b[2J", "\x00\u0085", []store.Variable{{Name: "x", Value: "a\r\tb"}}
	note := ship(t, s, "", r)
	text, err := os.ReadFile(filepath.Join(dir, "a", "b.csv"))
	if want := "1 Eve root:x [2J|  |a  b\n2 Eve root:x [2J|  |a  b\n"; err != nil || string(text) != want {
		t.Errorf("%q, want %q; %v", text, want, err)
	}
	if r.Variables[0].Value != "a\r\tb" {
		t.Error("the record was changed")
	}
	if err := os.Remove(filepath.Join(dir, "a", "b.csv")); err != nil {
		t.Fatal(err)
	}
	ship(t, s, note, crashCallWithVariable(2))
	if text, err = os.ReadFile(filepath.Join(dir, "a", "b.csv")); err != nil || bytes.Count(text, []byte("\n")) != 2 {
		t.Errorf("a file that is gone is not made again: %q, %v", text, err)
	}
}

func crashCallWithVariable(n int) store.CallRecord {
	r := crashCall(n)
	r.Variables = []store.Variable{{Name: "x", Value: "y"}}
	return r
}

// TestNoDirectoryForTheLog: it is said once, tried again, and nothing is lost.
func TestNoDirectoryForTheLog(t *testing.T) {
	dir := t.TempDir()
	inTheWay := filepath.Join(dir, "log")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	box, err := outbox.Open(t.Context(), outbox.Config{Store: &memory.Calls{}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	box.SetSinks(t.Context(), outbox.Batch{}, csv.NewMaster(filepath.Join(inTheWay, "cdr-csv"), csv.Options{UniqueID: true}))
	until := func(ok func(s outbox.SinkStatus) bool) {
		t.Helper()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for range 4000 {
			if ok(box.Status(t.Context()).Sinks[0]) {
				return
			}
			box.Submit()
			<-tick.C
		}
		t.Fatalf("%+v", box.Status(t.Context()).Sinks[0])
	}
	for n := range 3 {
		box.End(crashCall(n))
		until(func(s outbox.SinkStatus) bool { return s.Err != nil && s.Waiting == n+1 })
	}
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	until(func(s outbox.SinkStatus) bool { return s.Err == nil && s.Shipped == 3 })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := box.Close(ctx); err != nil {
		t.Error(err)
	}
	same(t, "Master.csv", column(t, filepath.Join(inTheWay, "cdr-csv", "Master.csv"), 16), ids(0, 3))
	if n := strings.Count(log.String(), "can't be shipped"); n != 1 {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
}
