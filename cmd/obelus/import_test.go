package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obelus/cmd/obelus/settings"
	"obelus/internal/filetree"
	"obelus/store"
	"obelus/store/sqlite"
)

// TestImportAsterisk: what Asterisk has kept is there at the first start, once, and what obelus has itself stays.
func TestImportAsterisk(t *testing.T) {
	theirs, ours := t.TempDir(), t.TempDir()
	config := filetree.Write(t, map[string]string{
		"sip.conf":      "[general]\n[1001]\ntype=friend\nhost=dynamic\n[1002]\ntype=friend\nhost=dynamic\n[trunk]\ntype=peer\nhost=192.0.2.1\n",
		"asterisk.conf": "[directories]\nastdbdir=" + theirs + "\n",
	})
	file := filepath.Join(theirs, sqlite.AsteriskFileName)
	runSQL(t, file, `CREATE TABLE astdb(key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key));
INSERT INTO astdb VALUES('/cfim/1001','1002'),('/cfim/1002','old'),
('/SIP/Registry/1001','[2001:db8::7]:5062:3600:1001:sip:1001@[2001:db8::7]:5060'),('/SIP/Registry/1002','192.0.2.7:5062:3600:1002:sip:1002@192.0.2.7:5060'),
('/SIP/Registry/trunk','192.0.2.7:5062:3600:1002:sip:x@192.0.2.7'),('/SIP/Registry/gone','192.0.2.7:5062:3600:1002:sip:x@192.0.2.7');`)
	dirs, _, err := settings.Find(config, ours, "")
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := settings.Read(dirs, version)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for round, want := range []struct{ contacts, keys, log string }{
		{"1001=[2001:db8::7]:5062 1002=198.51.100.1:5060 ", "/cfim/1001=1002 /cfim/1002=new ", "keys=1 registrations=1"},
		{"1001=[2001:db8::7]:5062 1002=198.51.100.1:5060 ", "/cfim/1001=1002 /cfim/1002=new ", ""},
	} {
		var log bytes.Buffer
		e, err := sqlite.Open(t.Context(), ours, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 { // it was in use before it could import
			mine := phoneAt("1002", "198.51.100.1:5060")
			if err := e.Commit(t.Context(), []store.BindingOp{{Binding: mine}}); err != nil {
				t.Fatal(err)
			}
			if err := e.WriteKeys(t.Context(), []store.KVOp{{Key: "/cfim/1002", Value: "new"}}); err != nil {
				t.Fatal(err)
			}
		} else {
			runSQL(t, file, "UPDATE astdb SET value='changed'")
		}
		s := &server{dirs: dirs, engine: e, log: slog.New(slog.NewTextHandler(&log, nil))}
		if err := s.importAsterisk(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		contacts, keys := kept(t, e)
		if contacts != want.contacts || keys != want.keys || !strings.Contains(log.String(), want.log) || (log.Len() > 0) != (want.log != "") {
			t.Errorf("start %d: %q %q\n%s", round+1, contacts, keys, &log)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		}
	}
}

// TestImportOfABrokenFile: it is told, and nothing else happens.
func TestImportOfABrokenFile(t *testing.T) {
	theirs := filetree.Write(t, map[string]string{sqlite.AsteriskFileName: strings.Repeat("no database\n", 99)})
	e, err := sqlite.Open(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var log bytes.Buffer
	s := &server{dirs: settings.Dirs{AstDB: theirs, Data: t.TempDir()}, engine: e, log: slog.New(slog.NewTextHandler(&log, nil))}
	if err := s.importAsterisk(t.Context(), &settings.Files{}); err != nil || !strings.Contains(log.String(), "can't be imported") {
		t.Errorf("%v\n%s", err, &log)
	}
	if _, ever, err := e.Imported(t.Context()); ever || err != nil {
		t.Errorf("it counts as imported: %v", err)
	}
}

func phoneAt(account, at string) store.Binding {
	uri := "sip:" + account + "@" + at
	return store.Binding{AOR: account, Contact: uri, ContactID: uri, Received: netip.MustParseAddrPort(at), Transport: "udp", RegisteredAt: time.Now(), Expires: time.Now().Add(time.Hour)}
}

// kept lists what an engine has.
func kept(t *testing.T, e *sqlite.Engine) (contacts, keys string) {
	t.Helper()
	all := make(map[string]string)
	if err := e.Load(t.Context(), func(b store.Binding) error { all[b.AOR] = b.Received.String(); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, account := range []string{"1001", "1002", "trunk", "gone"} {
		if at := all[account]; at != "" {
			contacts += fmt.Sprint(account, "=", at, " ")
		}
	}
	if err := e.LoadKeys(t.Context(), func(k, v string) error { keys += k + "=" + v + " "; return nil }); err != nil {
		t.Fatal(err)
	}
	return contacts, keys
}

// runSQL runs SQL on Asterisk's file.
func runSQL(t *testing.T, path, script string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(script); err != nil {
		t.Fatal(err)
	}
}
