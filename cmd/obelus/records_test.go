//go:build unix

package main

import (
	"database/sql"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	rooms "obelus/cdr/csv"
)

// masterLines waits until Master.csv has so many lines, and returns them by the names of the columns.
func (c *child) masterLines(n int, o rooms.Options) (all []map[string]string) {
	c.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for late := time.Now().Add(patience); ; <-tick.C {
		text, err := os.ReadFile(filepath.Join(c.data, "cdr-csv", "Master.csv"))
		if strings.Count(string(text), "\n") >= n {
			lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
			if err != nil || len(lines) != n {
				c.t.Fatalf("%d lines, want %d; %v\n%s", len(lines), n, err, text)
			}
			for _, l := range lines {
				cells := make(map[string]string)
				for i, name := range o.Columns() {
					cells[name] = l[i]
				}
				all = append(all, cells)
			}
			return all
		}
		if time.Now().After(late) {
			c.t.Fatalf("Master.csv has no %d lines: %s, %v", n, text, err)
		}
	}
}

func expectCells(t *testing.T, got map[string]string, want ...string) {
	t.Helper()
	for i := 0; i < len(want); i += 2 {
		if got[want[i]] != want[i+1] {
			t.Errorf("%s is %q, want %q; all %v", want[i], got[want[i]], want[i+1], got)
		}
	}
}

// TestRecordsReachTheirFiles: a call has its line in the files when it has ended, and so has one that was up when the server was killed. Where records
// go can change while the server runs.
func TestRecordsReachTheirFiles(t *testing.T) {
	c := startChild(t)
	o := rooms.Options{UniqueID: true, UserField: true}
	c.write("cdr.conf", "[general]\nunanswered=yes\n[csv]\nloguniqueid=yes\nloguserfield=yes\n")
	c.write("cdr_custom.conf", "[mappings]\nMine.csv => ${CSV_QUOTE(${CDR(userfield)})},${CDR(disposition,u)},${CDR(mine)},$[1+1],${TOLOWER(${CDR(lastapp)})}\n")
	c.write("extensions.conf", "[in]\nexten => 600,1,Answer()\nsame => n,Set(CDR(userfield)==cmd)\nsame => n,Set(CDR(mine)=a word)\nsame => n,Set(CHANNEL(accountcode)=acme)\nsame => n,Wait(3600)\n")
	if got := c.says("core reload"); strings.Contains(got, "warning") || strings.Contains(got, "refused") {
		t.Fatal(got)
	}
	phone := c.handset("1001")
	phone.register()
	status, call := phone.call()
	if status != 200 {
		t.Fatalf("INVITE: %d", status)
	}
	if got := c.says("cdr show active"); !strings.Contains(got, "SIP/1001-") {
		t.Errorf("cdr show active: %s", got)
	}
	phone.bye(call)
	first := c.masterLines(1, o)[0]
	expectCells(t, first, "src", "1001", "dst", "600", "dcontext", "in", "lastapp", "Wait", "lastdata", "3600", "disposition", "ANSWERED", "amaflags",
		"DOCUMENTATION", "accountcode", "acme", "userfield", "'=cmd")
	for _, f := range []string{"cdr-csv/acme.csv", "cdr-custom/Mine.csv"} {
		c.waitForFile(f)
	}
	if text, err := os.ReadFile(filepath.Join(c.data, "cdr-custom", "Mine.csv")); err != nil || string(text) != `"'=cmd",8,a word,2,wait`+"\n" {
		t.Errorf("Mine.csv: %s, %v", text, err)
	}

	if status, _ = phone.call(); status != 200 {
		t.Fatalf("INVITE: %d", status)
	}
	c.untilBegun()
	c.cmd.Process.Kill()
	<-c.ended
	c.run()
	second := c.masterLines(2, o)[1]
	expectCells(t, second, "src", "1001", "dst", "600", "disposition", "FAILED")
	if second["end"] == "" || second["end"] < second["start"] {
		t.Errorf("it ended at %s", second["end"])
	}
	c.until("cdr show status", "    csv\n    cdr-custom\n", "to csv Master.csv: 0 waiting, 1 shipped since the start\n")
	if got := c.says("cdr submit"); !strings.HasPrefix(got, "Submitted CDRs") {
		t.Error(got)
	}
	if got := c.says("cdr show pgsql status"); !strings.Contains(got, "there is no cdr_pgsql.conf") {
		t.Error(got)
	}
	c.says("core stop now")
	c.exits()
}

// until gives a command until it shows all of the texts.
func (c *child) until(command string, texts ...string) {
	c.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for late := time.Now().Add(patience); ; <-tick.C {
		got := c.says(command)
		if !slices.ContainsFunc(texts, func(s string) bool { return !strings.Contains(got, s) }) {
			return
		}
		if time.Now().After(late) {
			c.t.Fatalf("%s: %s", command, got)
		}
	}
}

func (c *child) waitForFile(name string) {
	c.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for late := time.Now().Add(patience); ; <-tick.C {
		if info, err := os.Stat(filepath.Join(c.data, name)); err == nil && info.Size() > 0 {
			return
		}
		if time.Now().After(late) {
			c.t.Fatalf("there is no %s", name)
		}
	}
}

// untilBegun waits until a call that is up is in cdr.db.
func (c *child) untilBegun() {
	c.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(c.data, "cdr.db")+"?mode=ro")
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for late := time.Now().Add(patience); ; <-tick.C {
		var n int
		if err := db.QueryRow("SELECT count(*) FROM begun WHERE answer <> ''").Scan(&n); err == nil && n == 1 {
			return
		}
		if time.Now().After(late) {
			c.t.Fatal("no call has begun in cdr.db")
		}
	}
}
