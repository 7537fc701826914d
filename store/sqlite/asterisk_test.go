package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obelus/store"
	"obelus/store/sqlite"
)

// asteriskSQL makes a file as Asterisk's does.
const asteriskSQL = `CREATE TABLE IF NOT EXISTS astdb(key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key));
INSERT INTO astdb VALUES('/cfim/1001','1002');
INSERT INTO astdb VALUES('/SIP/Registry/1001','192.0.2.7:5060:3600:1001:sip:1001@192.0.2.7:5060');
INSERT INTO astdb VALUES('/odd/null',NULL);`

// readAsterisk lists what is in Asterisk's file.
func readAsterisk(t *testing.T, path string) (string, error) {
	t.Helper()
	scratch := t.TempDir()
	var all []string
	err := sqlite.ReadAsterisk(t.Context(), path, scratch, func(k, v string) error { all = append(all, k+"="+v); return nil })
	if left, e := os.ReadDir(scratch); e != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, e)
	}
	return strings.Join(all, " "), err
}

// TestReadAsterisk: the file is read with what lies beside it, and neither it nor its directory is touched.
func TestReadAsterisk(t *testing.T) {
	const all = "/SIP/Registry/1001=192.0.2.7:5060:3600:1001:sip:1001@192.0.2.7:5060 /cfim/1001=1002 /odd/null="
	for name, c := range map[string]struct{ script, want string }{
		"as it is":   {asteriskSQL, all},
		"with a log": {"PRAGMA journal_mode=WAL;" + asteriskSQL + "UPDATE astdb SET value='1003' WHERE key='/cfim/1001';", strings.Replace(all, "1002", "1003", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "asterisk")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, sqlite.AsteriskFileName)
			live := filepath.Join(t.TempDir(), sqlite.AsteriskFileName)
			edit(t, live, "PRAGMA user_version=0") // there
			holdOpen(t, live, c.script, func() {
				for _, suffix := range []string{"", "-wal"} {
					if b, err := os.ReadFile(live + suffix); err == nil {
						write(t, path+suffix, b)
					}
				}
			})
			before := listing(t, dir)
			got, err := readAsterisk(t, path)
			if err != nil || got != c.want {
				t.Errorf("read %q, %v; want %q", got, err, c.want)
			}
			if after := listing(t, dir); after != before {
				t.Errorf("the directory was %s, and is %s", before, after)
			}
		})
	}
}

// TestReadAsteriskOfTheTool: a file that the sqlite3 tool has made, where there is one.
func TestReadAsteriskOfTheTool(t *testing.T) {
	tool, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Log("no sqlite3 here: TestReadAsterisk has made its files with our own driver")
		return
	}
	path := filepath.Join(t.TempDir(), sqlite.AsteriskFileName)
	if out, err := exec.Command(tool, path, asteriskSQL).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, err := readAsterisk(t, path); err != nil || !strings.Contains(got, "/cfim/1001=1002") {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestReadAsteriskThatIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.AsteriskFileName)
	if _, err := readAsterisk(t, path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	write(t, path, bytes.Repeat([]byte("no database\n"), 100))
	if _, err := readAsterisk(t, path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("no database: %v", err)
	}
	other := filepath.Join(t.TempDir(), "other")
	edit(t, other, "CREATE TABLE x (y)")
	if _, err := readAsterisk(t, other); err == nil || !strings.Contains(err.Error(), "astdb") {
		t.Errorf("a database without the table: %v", err)
	}
	enough := errors.New("enough")
	edit(t, other, asteriskSQL)
	if err := sqlite.ReadAsterisk(t.Context(), other, t.TempDir(), func(_, _ string) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("what yield says is %v", err)
	}
}

// TestImportIsRemembered: also by the file.
func TestImportIsRemembered(t *testing.T) {
	dir := t.TempDir()
	want := sqlite.Import{Path: "/var/lib/asterisk/astdb.sqlite3", At: time.UnixMilli(1_800_000_000_000), Keys: 7, Contacts: 2}
	for round := range 3 {
		e, _, err := open(dir)
		if err != nil {
			t.Fatal(err)
		}
		got, ever, err := e.Imported(t.Context())
		if err != nil || ever != (round > 0) || ever && got != want {
			t.Errorf("round %d: imported %+v, %v, %v", round, got, ever, err)
		}
		if err := errors.Join(e.NoteImport(t.Context(), want), e.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// holdOpen runs a script on a database, and do before it is closed.
func holdOpen(t *testing.T, path, script string, do func()) {
	t.Helper()
	db := openRaw(t, path)
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(script); err != nil {
		t.Fatal(err)
	}
	do()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// listing is what is in a directory: names, sizes, times.
func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(e.Name(), " ", info.Size(), " ", info.ModTime().UnixNano()))
	}
	return strings.Join(out, ", ")
}

// TestBackup: a copy of a database at work opens elsewhere, with all that was committed before.
func TestBackup(t *testing.T) {
	e, _, err := open(filled(t, 100))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.WriteKeys(t.Context(), []store.KVOp{{Key: "/a/b", Value: "1"}}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, back := range map[string]func(context.Context, string) error{"state.db": e.Backup, "cdr.db": openedCalls(t).Backup} {
		path := filepath.Join(dir, name)
		if err := back(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if err := back(t.Context(), path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("over a file: %v, want %v", err, fs.ErrExist)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may read %v, %v", info, err)
		}
		nowhere := filepath.Join(dir, "no", "where")
		if err := back(t.Context(), nowhere); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("to nowhere: %v", err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := back(ended, path+"2"); err == nil {
			t.Error("a backup that was given up succeeds")
		} else if _, err := os.Stat(path + "2"); !errors.Is(err, fs.ErrNotExist) {
			t.Error("half a backup is left behind")
		}
	}
	s, err := engine().Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n := 0
	if err := s.Location.Load(t.Context(), func(store.Binding) error { n++; return nil }); err != nil || n != 100 {
		t.Errorf("%d bindings, %v", n, err)
	}
	if err := s.KV.LoadKeys(t.Context(), func(k, v string) error { n++; return nil }); err != nil || n != 101 {
		t.Errorf("%d keys, %v", n-100, err)
	}
	if got, err := s.Calls.Ended(t.Context(), 0, 9); err != nil || len(got) != 1 {
		t.Errorf("%d records, %v", len(got), err)
	}
	if err := e.Optimize(t.Context()); err != nil {
		t.Error(err)
	}
}

// openedCalls are call records, one of them.
func openedCalls(t *testing.T) *sqlite.Calls {
	t.Helper()
	c, err := sqlite.OpenCalls(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	writeCalls(t, c, op(store.CallEnd, aCall(1)))
	return c
}
