//go:build unix

package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"obelus/internal/pgtest"
)

// TestPostgres has a server keep its state in PostgreSQL, lose that, serve on, and get it back.
func TestPostgres(t *testing.T) {
	pg := pgtest.Start(t)
	database := pg.Database(t)
	c := startChild(t)
	const secret = "sesame"
	dsn := strings.Replace(pg.DSN(database), pgtest.User+"@", pgtest.User+":"+secret+"@", 1)
	c.write("obelus.conf", "[stun]\nenable=no\n[store]\nengine=postgres\nnode=north\ndsn="+dsn+"\n")
	c.write("sip.conf", strings.Replace(c.files("")["sip.conf"], "[general]\n", "[general]\nstore_messages=yes\n", 1))
	c.says("core restart now")
	c.hears("STATUS=ending calls, ")
	c.hears("READY=1")

	phone := c.handset("1001")
	if s := phone.register(); s != 200 {
		t.Fatalf("REGISTER: %d", s)
	}
	if s, m := phone.ask("MESSAGE", "1002", "one", dialog{}); s != 202 {
		t.Errorf("a text for a phone that is away: %s", m)
	}
	if got := c.says("database put fam key kept"); got != "Updated database successfully\n" {
		t.Error(got)
	}
	c.until("store show status", "postgres", "north", "connected", "1 contacts", "to be written:   0\n")
	if got := pg.Run(t, database, "SELECT aor, node FROM binding"); got != "1001|north\n" {
		t.Errorf("the table has %q", got)
	}

	if got := c.says(`database query "SELECT value FROM astdb"`); !strings.Contains(got, "kept") {
		t.Error(got)
	}
	if got := c.says(`database query "DELETE FROM astdb"`); !strings.Contains(got, "read-only") {
		t.Error(got)
	}

	pg.Kill()
	if s := phone.register(); s != 200 {
		t.Errorf("REGISTER without the database: %d", s)
	}
	if s, m := phone.ask("MESSAGE", "1002", "two", dialog{}); s != 503 || value(m, "Retry-After") == "" {
		t.Errorf("a text that can't be kept: %s", m)
	}
	if got := c.says("database put fam key lost"); !strings.Contains(got, "Failed to update entry") {
		t.Error(got)
	}
	if got := c.says("database get fam key"); got != "Value: kept\n" {
		t.Error(got)
	}
	if s, call := phone.call(); s != 200 || phone.bye(call) != 200 {
		t.Errorf("a call without the database: %d", s)
	}
	c.until("store show status", "can't be reached since", "Waiting to be written:")

	pg.Again(t)
	c.until("store show status", "connected", "to be written:   0\n", "1 times")
	if s, m := phone.ask("MESSAGE", "1002", "three", dialog{}); s != 202 {
		t.Errorf("a text when it is back: %s", m)
	}

	c.says("core restart now")
	c.hears("STATUS=ending calls, ")
	c.hears("READY=1")
	c.until("sip show peers", "1001/1001")
	if got := c.says("database get SIP/Registry 1001"); !strings.HasPrefix(got, "Value: "+phone.conn.LocalAddr().String()+":") {
		t.Errorf("after the restart: %s", got)
	}
	away := c.handset("1002")
	away.register()
	away.until("one", "three")
	if away.got["two"] != 0 {
		t.Error("the text that was refused is delivered")
	}

	// With the database away at the start it waits, and says so; it can be stopped meanwhile.
	c.signal(syscall.SIGTERM)
	c.hears("STOPPING=1")
	c.exits()
	pg.Kill()
	c.start()
	c.untilSaid("waiting for PostgreSQL")
	pg.Again(t)
	c.hears("READY=1")
	c.signal(syscall.SIGTERM)
	c.exits()
	pg.Kill()
	c.start()
	c.untilSaid("waiting for PostgreSQL")
	c.signal(syscall.SIGTERM)
	<-c.ended
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.Contains(c.log.String(), secret) {
		t.Errorf("the password is in the log:\n%s", &c.log)
	}
}

// until takes texts until these have come.
func (h *handset) until(texts ...string) {
	h.t.Helper()
	for begin := time.Now(); time.Since(begin) < patience; {
		h.listen(50 * time.Millisecond)
		missing := 0
		for _, text := range texts {
			if h.got[text] == 0 {
				missing++
			}
		}
		if missing == 0 {
			return
		}
	}
	h.t.Fatalf("got %v, want %q", h.got, texts)
}

// untilSaid waits until the server says something, from now on.
func (c *child) untilSaid(text string) {
	c.t.Helper()
	for range 600 {
		c.mu.Lock()
		said := strings.Contains(c.log.String(), text)
		c.mu.Unlock()
		if said {
			return
		}
		<-time.After(patience / 600)
	}
	c.t.Fatalf("the server does not say %q", text)
}
