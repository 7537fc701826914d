package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/store"
	"obelus/store/sqlite"
)

func openCalls(t testing.TB, dir string) *sqlite.Calls {
	t.Helper()
	c, err := sqlite.OpenCalls(context.Background(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// aCall is the record of an answered call, every field set.
func aCall(n int) store.CallRecord {
	start := time.Date(2026, 11, 24, 9, 30, 0, 123456000, time.UTC).Add(time.Duration(n) * time.Second)
	return store.CallRecord{
		CallKey: store.CallKey{UniqueID: fmt.Sprintf("%d.%d", start.Unix(), n), Sequence: int64(n)}, CallerID: `"Anna" <1001>`, Src: "1001", Dst: "1002",
		DContext: "internal", Channel: fmt.Sprintf("SIP/1001-%08x", n), DstChannel: fmt.Sprintf("SIP/1002-%08x", n), LastApp: "Dial", LastData: "SIP/1002,20",
		Start: start, Answer: start.Add(3 * time.Second), End: start.Add(63 * time.Second), Duration: 63, BillSec: 60, Disposition: "ANSWERED", AMAFlags: 3,
		AccountCode: "acme", PeerAccount: "peer", LinkedID: fmt.Sprintf("%d.%d", start.Unix(), n), UserField: "u", Cause: 16,
		Variables: []store.Variable{{Name: "cnam", Value: `A "B" \ c` + "\n\xff☎"}, {Name: "cnum", Value: ""}, {Name: "cnam", Value: "again"}},
	}
}

func op(kind store.CallOpKind, r store.CallRecord) store.CallOp {
	return store.CallOp{Kind: kind, Record: r}
}

func writeCalls(t testing.TB, c store.Calls, ops ...store.CallOp) {
	t.Helper()
	if err := c.WriteCalls(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
}

// sameRecord compares what was kept with what was written; the place in the order aside.
func sameRecord(got, want store.CallRecord) bool {
	for _, ts := range [][2]*time.Time{{&got.Start, &want.Start}, {&got.Answer, &want.Answer}, {&got.End, &want.End}} {
		if !ts[0].Equal(ts[1].Truncate(time.Microsecond)) {
			return false
		}
		*ts[0] = *ts[1]
	}
	got.Number = want.Number
	return reflect.DeepEqual(got, want)
}

func TestCallsComeBackAsTheyWere(t *testing.T) {
	dir := t.TempDir()
	c := openCalls(t, dir)
	full, bare := aCall(1), store.CallRecord{CallKey: store.CallKey{UniqueID: "1.1", Sequence: 9}}
	writeCalls(t, c, op(store.CallBegin, full), op(store.CallEnd, bare))
	for range 2 {
		var up []store.CallRecord
		if err := c.Begun(t.Context(), func(r store.CallRecord) error { up = append(up, r); return nil }); err != nil {
			t.Fatal(err)
		}
		ended, err := c.Ended(t.Context(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(up) != 1 || len(ended) != 1 || !sameRecord(up[0], full) || !sameRecord(ended[0], bare) || ended[0].Number != 1 {
			t.Fatalf("begun %+v\nended %+v", up, ended)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		c = openCalls(t, dir)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestPeopleReadCalls: the table answers the queries that people have for the original's.
func TestPeopleReadCalls(t *testing.T) {
	dir := t.TempDir()
	c := openCalls(t, dir)
	defer c.Close()
	r, missed := aCall(1), aCall(2)
	missed.Answer, missed.BillSec, missed.Disposition = time.Time{}, 0, "NO ANSWER"
	writeCalls(t, c, op(store.CallEnd, r), op(store.CallEnd, missed))
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.CallsFileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var got string
	query := `SELECT calldate||'|'||start||'|'||answer||'|'||"end"||'|'||clid||'|'||billsec||'|'||json_extract(variables,'$.cnum') FROM cdr
		WHERE calldate >= ? AND disposition='ANSWERED'`
	at := func(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }
	if err := db.QueryRow(query, at(r.Start)).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if want := strings.Join([]string{at(r.Start), at(r.Start), at(r.Answer), at(r.End), `"Anna" <1001>`, "60", ""}, "|"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if err := db.QueryRow(`SELECT count(*) FROM cdr WHERE answer=''`).Scan(&got); err != nil || got != "1" {
		t.Errorf("calls that nobody answered: %s, %v", got, err)
	}
}

func TestSecondServerCannotHaveTheCalls(t *testing.T) {
	dir := t.TempDir()
	c := openCalls(t, dir)
	defer c.Close()
	if _, err := sqlite.OpenCalls(t.Context(), dir, slog.New(slog.DiscardHandler)); !errors.Is(err, store.ErrHeld) {
		t.Errorf("open: %v, want %v", err, store.ErrHeld)
	}
}

func TestUnusableCallsAreNamed(t *testing.T) {
	for _, tt := range []struct {
		spoil string
		want  error
	}{{"PRAGMA user_version=99", store.ErrNewer}, {"PRAGMA application_id=1868719468", store.ErrForeign}} {
		dir := t.TempDir()
		if err := openCalls(t, dir).Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, sqlite.CallsFileName)
		edit(t, path, tt.spoil)
		before := read(t, path)
		_, err := sqlite.OpenCalls(t.Context(), dir, slog.New(slog.DiscardHandler))
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: open: %v, want %v", tt.spoil, err, tt.want)
		}
		if !bytes.Equal(before, read(t, path)) {
			t.Error("the file was changed")
		}
	}
}

func TestPruneGoesInPieces(t *testing.T) {
	c := openCalls(t, t.TempDir())
	defer c.Close()
	for n := range 10 {
		writeCalls(t, c, op(store.CallEnd, aCall(n)))
	}
	var left []int
	prune := func(before time.Time, upTo int64, max int) {
		t.Helper()
		n, err := c.Prune(t.Context(), before, upTo, max)
		if err != nil {
			t.Fatal(err)
		}
		w, err := c.Waiting(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, n, w)
	}
	late := aCall(100).End
	prune(late, 0, 100)          // nothing was shipped
	prune(late, 8, 3)            // three at most
	prune(aCall(5).End, 8, 3)    // two are old enough, of the three oldest
	prune(late, 8, 100)          // the rest of what was shipped
	prune(aCall(0).End, 99, 100) // none is that old
	if want := []int{0, 10, 3, 7, 2, 5, 3, 2, 0, 2}; !slices.Equal(left, want) {
		t.Errorf("pruned, left: %v, want %v", left, want)
	}
	writeCalls(t, c, op(store.CallEnd, aCall(11)))
	if all, err := c.Ended(t.Context(), 10, 10); err != nil || len(all) != 1 || all[0].Number != 11 {
		t.Errorf("a number was given again: %+v, %v", all, err)
	}
}

func BenchmarkCalls(b *testing.B) {
	c := openCalls(b, b.TempDir())
	defer c.Close()
	n := 0
	for b.Loop() {
		ops := make([]store.CallOp, 0, 500)
		for range 500 {
			n++
			ops = append(ops, op(store.CallEnd, aCall(n)))
		}
		writeCalls(b, c, ops...)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*500), "µs/record")
}

// TestOldCallFilesOpen opens the file that each version of the tables left behind.
func TestOldCallFilesOpen(t *testing.T) {
	files, err := filepath.Glob("testdata/cdr-v*.db")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, f := range files {
		dir := t.TempDir()
		write(t, filepath.Join(dir, sqlite.CallsFileName), read(t, f))
		c := openCalls(t, dir)
		all, err := c.Ended(t.Context(), 0, 10)
		if err != nil || len(all) != 2 || !sameRecord(all[0], aCall(1)) || !sameRecord(all[1], aCall(2)) {
			t.Errorf("%s: %+v, %v", f, all, err)
		}
		var up []store.CallRecord
		if err := c.Begun(t.Context(), func(r store.CallRecord) error { up = append(up, r); return nil }); err != nil || len(up) != 1 || !sameRecord(up[0], aCall(3)) {
			t.Errorf("%s: begun %+v, %v", f, up, err)
		}
		if last, err := c.LastSequence(t.Context()); err != nil || last != 3 {
			t.Errorf("%s: last sequence %d, %v", f, last, err)
		}
		if upTo, note, err := c.Shipped(t.Context(), "csv Master.csv"); err != nil || upTo != 1 || note != "here" {
			t.Errorf("%s: shipped %d %q, %v", f, upTo, note, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
