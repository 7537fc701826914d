package csv_test

import (
	"bufio"
	"context"
	stdcsv "encoding/csv"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"obelus/cdr/csv"
	"obelus/cdr/outbox"
	"obelus/store"
	"obelus/store/sqlite"
)

// The environment of a child that ends calls until it is killed: where, and the number of the first.
const (
	crashDir  = "CSV_TEST_CRASH"
	crashFrom = "CSV_TEST_FROM"
	fullDir   = "CSV_TEST_FULL" // of one whose disk is full
)

func TestMain(m *testing.M) {
	var err error
	switch {
	case os.Getenv(crashDir) != "":
		err = endCalls(os.Getenv(crashDir))
	case os.Getenv(fullDir) != "":
		err = fillUp(os.Getenv(fullDir))
	default:
		os.Exit(m.Run())
	}
	fmt.Fprintln(os.Stderr, "child:", err)
	os.Exit(1)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// shippedTo opens the records in dir and ships them to files below it, in every way.
func shippedTo(dir string, log *slog.Logger) (box *outbox.Box, closeAll func() error, err error) {
	ctx := context.Background()
	calls, err := sqlite.OpenCalls(ctx, dir, log)
	if err != nil {
		return nil, nil, err
	}
	box, err = outbox.Open(ctx, outbox.Config{Store: calls, Log: log, Gather: time.Millisecond})
	if err != nil {
		return nil, nil, err
	}
	o := csv.Options{On: true, UniqueID: true, Accounts: true, NewColumns: true}
	custom := csv.Mapping{File: "Simple.csv", Templates: []string{"begin ", "end "}}
	expand := func(template string, r *store.CallRecord) string { return template + r.UniqueID + "," + r.Disposition }
	box.SetSinks(ctx, outbox.Batch{}, csv.NewMaster(filepath.Join(dir, "cdr-csv"), o), csv.NewAccounts(filepath.Join(dir, "cdr-csv"), o, log),
		csv.NewCustom(filepath.Join(dir, "cdr-custom"), custom, expand))
	return box, func() error {
		closing, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if err := box.Close(closing); err != nil {
			return err
		}
		return calls.Close()
	}, nil
}

func crashCall(n int) store.CallRecord {
	start := time.Unix(1_800_000_000+int64(n), 0)
	r := store.CallRecord{CallKey: store.CallKey{UniqueID: fmt.Sprintf("%d.%d", start.Unix(), n), Sequence: int64(n)}, Src: "1001", Dst: "1002", Start: start,
		Channel: "SIP/1001", Disposition: "ANSWERED"}
	r.AccountCode = []string{"", "acme", "other"}[n%3]
	return r
}

// endCalls is the child: calls begin and end until it is killed.
func endCalls(dir string) error {
	box, _, err := shippedTo(dir, quiet())
	if err != nil {
		return err
	}
	from, err := strconv.Atoi(os.Getenv(crashFrom))
	if err != nil {
		return err
	}
	pace := time.NewTicker(5 * time.Millisecond) // so that there are batches of all sizes
	for n := from; ; n++ {
		r := crashCall(n)
		box.Begin(r)
		r.End = r.Start.Add(time.Second)
		box.End(r)
		if n%10 == 0 {
			if _, err := fmt.Println(n); err != nil {
				return err
			}
			<-pace.C
		}
	}
}

// TestKilledServersWriteEveryRecordOnce kills a process that ships records, several times, sometimes with the files moved away under it or between, and
// looks whether every record in the store is in the files, once, and in order.
func TestKilledServersWriteEveryRecordOnce(t *testing.T) {
	rounds := 5
	if os.Getenv("OBELUS_LONG") != "" {
		rounds = 50
	}
	dir := t.TempDir()
	next, rotated := 0, 0
	rotate := func() {
		rotated++
		for _, f := range []string{"cdr-csv/Master.csv", "cdr-csv/acme.csv", "cdr-custom/Simple.csv"} {
			path := filepath.Join(dir, f)
			_ = os.Rename(path, fmt.Sprintf("%s.%03d", path, rotated)) // it may not be there yet
		}
	}
	for round := range rounds {
		next = killAt(t, dir, next, 200+rand.IntN(600), func(n int) {
			if round%2 == 1 && n%300 == 0 {
				rotate()
			}
		})
		if round%3 == 2 {
			rotate()
		}
	}
	_, closeAll, err := shippedTo(dir, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := closeAll(); err != nil {
		t.Fatal(err)
	}
	compareFiles(t, dir)
}

// killAt starts a child whose first call is from, kills it after some calls, and returns a number that no call has had.
func killAt(t *testing.T, dir string, from, calls int, each func(n int)) int {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashFrom+"="+strconv.Itoa(from))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("child says %q", lines.Text())
		}
		each(n)
		if n >= from+calls && !killed {
			killed = true
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if !killed {
		t.Fatalf("child ended by itself: %s", complaints.String())
	}
	return from + 1_000_000
}

// compareFiles compares the records in the store with the lines in the files.
func compareFiles(t *testing.T, dir string) {
	t.Helper()
	calls, err := sqlite.OpenCalls(t.Context(), dir, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer calls.Close()
	all, err := calls.Ended(t.Context(), 0, 10_000_000)
	if err != nil {
		t.Fatal(err)
	}
	var ids, acme, custom []string
	for _, r := range all {
		ids = append(ids, r.UniqueID)
		if r.AccountCode == "acme" {
			acme = append(acme, r.UniqueID)
		}
		custom = append(custom, "begin "+r.UniqueID+","+r.Disposition, "end "+r.UniqueID+","+r.Disposition)
	}
	if len(all) < 100 {
		t.Errorf("only %d records", len(all))
	}
	same(t, "Master.csv", column(t, filepath.Join(dir, "cdr-csv", "Master.csv"), 16), ids)
	same(t, "acme.csv", column(t, filepath.Join(dir, "cdr-csv", "acme.csv"), 16), acme)
	text := strings.TrimSuffix(whole(t, filepath.Join(dir, "cdr-custom", "Simple.csv")), "\n")
	same(t, "Simple.csv", strings.Split(text, "\n"), custom)
}

// whole is the text of a file behind that of the ones it was moved away to.
func whole(t *testing.T, path string) string {
	t.Helper()
	moved, err := filepath.Glob(path + ".*")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(moved)
	var b strings.Builder
	for _, p := range append(moved, path) {
		text, err := os.ReadFile(p)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

func column(t *testing.T, path string, n int) (cells []string) {
	t.Helper()
	lines, err := stdcsv.NewReader(strings.NewReader(whole(t, path))).ReadAll()
	if err != nil {
		t.Error(path, err)
	}
	for _, l := range lines {
		cells = append(cells, l[n])
	}
	return cells
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Errorf("%s: %d lines, %d records; they differ from line %d on", what, len(got), len(want), i+1)
			return
		}
	}
}

// ids are those of calls up to n: all, or with step 1 those of the account acme.
func ids(step, n int) (all []string) {
	for i := range n {
		if step == 0 || i%3 == step {
			all = append(all, crashCall(i).UniqueID)
		}
	}
	return all
}
