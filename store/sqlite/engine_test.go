package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"obelus/store"
	"obelus/store/sqlite"
	"obelus/store/storetest"
)

func engine() storetest.Engine {
	return storetest.Engine{Lasting: true, Open: func(dir string) (*storetest.State, error) {
		e, err := sqlite.Open(context.Background(), dir, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, err
		}
		c, err := sqlite.OpenCalls(context.Background(), dir, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, errors.Join(err, e.Close())
		}
		return &storetest.State{Location: e, Messages: e, KV: e, Calls: c, Close: func() error { return errors.Join(c.Close(), e.Close()) }}, nil
	}}
}

// holdDir is the environment of a child that holds a directory until its standard input ends.
const holdDir = "SQLITE_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdDir); dir != "" {
		os.Exit(holdUntilEOF(dir))
	}
	os.Exit(storetest.Main(m, engine()))
}

func holdUntilEOF(dir string) int {
	_, err := engine().Open(dir)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("held")
	_, _ = os.Stdin.Read(make([]byte, 1))
	return 0 // without Close: a run that does not end in good order
}

func TestLocation(t *testing.T) { storetest.Location(t, engine()) }

func TestMessages(t *testing.T) { storetest.Messages(t, engine()) }

func TestKV(t *testing.T) { storetest.KV(t, engine()) }

func TestCalls(t *testing.T) { storetest.Calls(t, engine()) }

func TestCrash(t *testing.T) { storetest.Crash(t, engine()) }

// open opens dir, collecting the log.
func open(dir string) (*sqlite.Engine, *bytes.Buffer, error) {
	var log bytes.Buffer
	e, err := sqlite.Open(context.Background(), dir, slog.New(slog.NewTextHandler(&log, nil)))
	return e, &log, err
}

// filled makes a directory with a database of n bindings, closed in good order.
func filled(t testing.TB, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	e, _, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for start := 0; start < n; start += 500 {
		var ops []store.BindingOp
		for i := start; i < min(n, start+500); i++ {
			ops = append(ops, store.BindingOp{Binding: binding(i)})
		}
		if err := e.Commit(context.Background(), ops); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func binding(i int) store.Binding {
	num := strconv.Itoa(100000 + i)
	now := time.UnixMilli(1_800_000_000_000)
	return store.Binding{AOR: num, ContactID: "sip:" + num + "@192.0.2.7:5060", Contact: "sip:" + num + "@192.0.2.7:5060;transport=udp",
		Received: netip.MustParseAddrPort("198.51.100.7:40312"), Transport: "udp", Local: netip.MustParseAddrPort("203.0.113.1:5060"),
		UserAgent: "Yealink SIP-T46S 66.85.0.5", CallID: "0_3422342@192.0.2.7", CSeq: 1, Q: 1000, RegisteredAt: now, Expires: now.Add(time.Hour)}
}

func statePath(dir string) string { return filepath.Join(dir, sqlite.FileName) }

func openRaw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func edit(t *testing.T, path, statements string) {
	t.Helper()
	db := openRaw(t, path)
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestUnusableFilesAreNamed(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  error
		says  string
	}{
		{"newer", func(t *testing.T, path string) { edit(t, path, "PRAGMA user_version=99") }, store.ErrNewer,
			"its tables are version 99, this one knows up to 3; start the newer obelus again"},
		{"foreign database", func(t *testing.T, path string) { edit(t, path, "PRAGMA application_id=7") }, store.ErrForeign, "move it away"},
		{"text", func(t *testing.T, path string) { write(t, path, []byte(strings.Repeat("register => 1001\n", 500))) }, store.ErrForeign,
			"name another data directory"},
		{"truncated", func(t *testing.T, path string) {
			if err := os.Truncate(path, 8192); err != nil {
				t.Fatal(err)
			}
		}, store.ErrDamaged, "phones register again by themselves"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filled(t, 2000)
			tt.spoil(t, statePath(dir))
			before := read(t, statePath(dir))
			e, _, err := open(dir)
			if err == nil {
				_ = e.Close()
			}
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), statePath(dir)) {
				t.Errorf("open: %v\nwant %v, the path and %q", err, tt.want, tt.says)
			}
			if !bytes.Equal(before, read(t, statePath(dir))) {
				t.Error("the file was changed")
			}
		})
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDamageInsideIsFoundAfterUncleanStop: a page overwritten by a dying machine is met at the start, not in the middle of a day.
func TestDamageInsideIsFoundAfterUncleanStop(t *testing.T) {
	dir := filled(t, 2000)
	path := statePath(dir)
	b := read(t, path)
	copy(b[5*4096:], bytes.Repeat([]byte{0xa5}, 4096))
	write(t, path, b)
	write(t, filepath.Join(dir, "lock"), []byte("process 1 since yesterday\n"))
	e, _, err := open(dir)
	if err == nil {
		_ = e.Close()
	}
	if !errors.Is(err, store.ErrDamaged) {
		t.Errorf("open: %v, want %v", err, store.ErrDamaged)
	}
}

func TestCheckOnlyAfterUncleanStop(t *testing.T) {
	dir := filled(t, 10)
	for _, unclean := range []bool{false, true} {
		if unclean {
			write(t, filepath.Join(dir, "lock"), []byte("process 1 since yesterday\n"))
		}
		e, log, err := open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "the database is intact"); got != unclean {
			t.Errorf("unclean stop %v: checked %v; log %s", unclean, got, log)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSecondServerIsToldWhoHoldsTheDirectory(t *testing.T) {
	dir := filled(t, 1)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(exe, "-test.run=^$")
	child.Env = append(os.Environ(), holdDir+"="+dir)
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	if n, err := out.Read(buf); err != nil || string(buf[:n]) != "held\n" {
		t.Fatalf("child says %q, %v", buf[:n], err)
	}

	_, _, err = open(dir)
	if want := fmt.Sprintf("is held by process %d since ", child.Process.Pid); !errors.Is(err, store.ErrHeld) || !strings.Contains(err.Error(), want) {
		t.Errorf("open: %v, want %v and %q", err, store.ErrHeld, want)
	}

	if by := sqlite.HeldBy(dir); !strings.HasPrefix(by, fmt.Sprintf("process %d since ", child.Process.Pid)) {
		t.Errorf("the directory is held by %q", by)
	}

	if err := errors.Join(in.Close(), child.Wait()); err != nil {
		t.Fatal(err)
	}
	e, log, err := open(dir)
	if err != nil {
		t.Fatal("the holder has ended:", err)
	}
	if !strings.Contains(log.String(), "did not end in good order") {
		t.Error("the holder ended without closing, and nothing was checked")
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if by := sqlite.HeldBy(dir); by != "" {
		t.Errorf("a directory left in good order is held by %q", by)
	}
}

// TestPathsWithOddCharacters: a path is not a URL.
func TestPathsWithOddCharacters(t *testing.T) {
	for _, name := range []string{"with space", "per%20cent", "hash#tag", "zwölf"} {
		dir := filepath.Join(t.TempDir(), name)
		e, _, err := open(dir)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		info, err := os.Stat(statePath(dir))
		if err != nil {
			t.Errorf("%q: %v", name, err)
		} else if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
			t.Errorf("%q: others may read it: %v", name, mode)
		}
	}
}

// textAndKeyOfOld looks for what the old files have that knew texts and keys.
func textAndKeyOfOld(t *testing.T, e *sqlite.Engine) {
	t.Helper()
	at := time.UnixMilli(1_800_000_000_000)
	texts, err := e.Claim(t.Context(), store.Claim{AOR: "1001", Max: 9, Now: at, Until: at})
	if err != nil || len(texts) != 1 || string(texts[0].Body) != "hello" || len(texts[0].Told) != 1 || len(texts[0].Headers) != 1 {
		t.Errorf("texts: %+v, %v", texts, err)
	}
	keys := 0
	if err := e.LoadKeys(t.Context(), func(k, v string) error {
		if keys++; k != "/cfim/1001" || v != "1002" {
			t.Errorf("%s=%s", k, v)
		}
		return nil
	}); err != nil || keys != 1 {
		t.Errorf("%d keys, %v", keys, err)
	}
}

// TestOldFilesOpen opens the file that each version of the tables left behind.
func TestOldFilesOpen(t *testing.T) {
	files, err := filepath.Glob("testdata/state-v*.db")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, f := range files {
		t.Run(f, func(t *testing.T) {
			dir := t.TempDir()
			write(t, statePath(dir), read(t, f))
			e, _, err := open(dir)
			if err != nil {
				t.Fatal(err)
			}
			got := make(map[string]store.Binding)
			if err := e.Load(context.Background(), func(b store.Binding) error { got[b.AOR] = b; return nil }); err != nil {
				t.Error(err)
			}
			want := binding(2)
			if b := got[want.AOR]; len(got) != 3 || b.Contact != want.Contact || !b.Expires.Equal(want.Expires) || b.Received != want.Received {
				t.Errorf("loaded %+v", got)
			}
			if !strings.HasSuffix(f, "-v1.db") {
				textAndKeyOfOld(t, e)
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
