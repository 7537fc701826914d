package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"obelus/internal/pgtest"
	"obelus/store"
	"obelus/store/postgres"
)

// journal is what an engine says.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) count(what string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.b.String(), what)
}

func binding(n int) store.BindingOp {
	return store.BindingOp{Binding: store.Binding{AOR: fmt.Sprint(n), ContactID: "c", Contact: "sip:c", Node: "a", CallID: fmt.Sprint(n),
		RegisteredAt: time.UnixMilli(1_800_000_000_000), Expires: time.UnixMilli(1_900_000_000_000)}}
}

// until runs what again and again until it is content. The test's own time limit is the only one.
func until(t *testing.T, what string, content func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !content() {
		select {
		case <-again.C:
		case <-t.Context().Done():
			t.Fatal("the test ended before", what)
		}
	}
}

// traffic commits registrations, one after the other, until it is told to stop. Every one is committed again until it is taken, as batch.Writer does.
func traffic(e *postgres.Engine, stop <-chan struct{}) <-chan int {
	done := make(chan int)
	go func() {
		n := 0
		pace := time.NewTicker(2 * time.Millisecond)
		defer pace.Stop()
		for {
			select {
			case <-stop:
				done <- n
				return
			case <-pace.C:
			}
			if e.Commit(context.Background(), []store.BindingOp{binding(n)}) == nil {
				n++
			}
		}
	}()
	return done
}

// TestLost kills the server in traffic, twice, and stops it for a while: operations fail in time and say why, the engine comes back by itself and says
// so once, and nothing that was committed is missing.
func TestLost(t *testing.T) {
	s, _, dsn := serve(t)
	log := new(journal)
	e, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn, Node: "a", Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	stop := make(chan struct{})
	done := traffic(e, stop)
	text := func() error {
		return e.Append(context.Background(), []store.Message{{ID: "1", AOR: "1", At: time.Now(), Expires: time.Now()}})
	}
	trouble := []func(){s.Kill, s.Kill}
	if end := suspend(s); end != nil {
		trouble = append(trouble, func() { end(true) })
	}
	for i, begin := range trouble {
		until(t, "the engine is well", func() bool { return text() == nil })
		begin()
		until(t, "the loss is noticed", func() bool { return text() != nil })
		if err := text(); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("a text that can't be kept: %v", err)
		}
		if st := e.Status(); st.Why == nil || st.Lost.IsZero() || st.Times != i+1 {
			t.Errorf("while it is lost: %+v", st)
		}
		if i < 2 {
			s.Again(t)
		} else {
			suspend(s)(false)
		}
		until(t, "it is back", func() bool { return e.Status().Why == nil && text() == nil })
	}
	close(stop)
	n := <-done
	seen := make(map[string]bool)
	if err := e.Load(t.Context(), func(b store.Binding) error { seen[b.AOR] = true; return nil }); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if !seen[fmt.Sprint(i)] {
			t.Errorf("registration %d of %d was committed and is not there", i, n)
		}
	}
	if lost, back := log.count("can't be reached, going on"), log.count("PostgreSQL is back"); lost != len(trouble) || back != len(trouble) {
		t.Errorf("said %d times that it is lost and %d times that it is back, want %d:\n%s", lost, back, len(trouble), log.b.String())
	}
}

// TestLateCommit has a commit that was given up carried out after a later one: it changes nothing.
func TestLateCommit(t *testing.T) {
	s, database, dsn := serve(t)
	e, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn, Node: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for range 3 {
		if err := e.Commit(t.Context(), []store.BindingOp{binding(1)}); err != nil {
			t.Fatal(err)
		}
	}
	// What lay in the socket of a server that stood still: the second commit, whole.
	late := `DO $$ BEGIN PERFORM take_turn('a', 'binding', 2); UPDATE binding SET callid='late'; EXCEPTION WHEN SQLSTATE 'OB001' THEN NULL; END $$`
	s.Run(t, database, late)
	if got := s.Run(t, database, `SELECT callid, seq FROM binding`); got != "1|3\n" {
		t.Errorf("there is %q", got)
	}
	// Somebody else under the same name: told, and nothing is lost.
	s.Run(t, database, `SELECT take_turn('a', 'binding', 100)`)
	if err := e.Commit(t.Context(), []store.BindingOp{binding(2)}); err != nil {
		t.Error(err)
	}
	if got := s.Run(t, database, `SELECT max(seq) FROM binding`); got != "101\n" {
		t.Errorf("the commit after it is number %q", got)
	}
}

// TestRefused: what is wrong with a database is said, with what to do, and without the password.
func TestRefused(t *testing.T) {
	s, database, dsn := serve(t)
	s.Run(t, database, `CREATE ROLE poor LOGIN PASSWORD 'sesame'; REVOKE ALL ON SCHEMA public FROM PUBLIC`)
	newer, foreign, reading := s.Database(t), s.Database(t), s.Database(t)
	s.Run(t, reading, `REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC`)
	s.Run(t, newer, `CREATE TABLE obelus_schema (version integer); INSERT INTO obelus_schema VALUES (99)`)
	s.Run(t, foreign, `CREATE TABLE message (text text)`)
	s.Run(t, database, `CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0`)
	with := func(database, user string) string {
		return strings.Replace(s.DSN(database), pgtest.User+"@", user+"@", 1)
	}
	for _, tt := range []struct {
		dsn  string
		want []string
		is   error
	}{
		{with(reading, "poor:sesame"), []string{"permission denied", "GRANT CREATE, USAGE ON SCHEMA public"}, nil},
		{with(database, "poor:sesame"), []string{"no schema", "GRANT CREATE, USAGE ON SCHEMA public"}, nil},
		{with("nowhere", pgtest.User+":sesame"), []string{`"nowhere" does not exist`, "CREATE DATABASE"}, nil},
		{with(database, "nobody_here:sesame"), []string{"nobody_here", "CREATE ROLE"}, nil},
		{s.DSN(newer), []string{"version 99", "start the newer obelus again"}, store.ErrNewer},
		{s.DSN(foreign), []string{`"message" already exists`, "a database of its own"}, nil},
		{s.DSN("latin"), []string{"LATIN1", "ENCODING 'UTF8'"}, store.ErrForeign},
		{"postgres://u:sesame@h:port/d", []string{"port"}, nil},
		{"postgres://u:se/same@h/d", []string{"the dsn can't be read"}, nil},
		{"neither", []string{"postgres://user:password@host/database"}, nil},
	} {
		e, err := postgres.Open(t.Context(), postgres.Config{DSN: tt.dsn, Node: "a"})
		if e != nil || err == nil {
			t.Errorf("%s is opened", tt.dsn)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nwant %q", tt.dsn, err, want)
			}
		}
		if tt.is != nil && !errors.Is(err, tt.is) || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v is of the wrong kind", tt.dsn, err)
		}
		if strings.Contains(err.Error(), "sesame") || strings.Contains(err.Error(), "same@") {
			t.Errorf("the password is shown: %v", err)
		}
	}
	if err := postgres.CheckDSN(dsn); err != nil {
		t.Error(err)
	}
}

// TestWrongPassword needs a server that asks for one.
func TestWrongPassword(t *testing.T) {
	s, database, _ := serve(t)
	s.Run(t, database, `CREATE ROLE guest LOGIN PASSWORD 'right'; GRANT ALL ON SCHEMA public TO guest; GRANT ALL ON DATABASE `+database+` TO guest`)
	s.AskForPasswords(t)
	dsn := func(password string) string {
		return strings.Replace(s.DSN(database), pgtest.User+"@", "guest:"+password+"@", 1)
	}
	_, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn("sesame"), Node: "a"})
	if err == nil || !strings.Contains(err.Error(), "dsn= of [store]") || strings.Contains(err.Error(), "sesame") {
		t.Errorf("a wrong password: %v", err)
	}
	e, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn("right"), Node: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if st := e.Status(); strings.Contains(st.Where, "right") {
		t.Errorf("the password is shown: %+v", st)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// TestAwayAtStart: Open waits, then hands over an engine that goes on trying.
func TestAwayAtStart(t *testing.T) {
	s, _, dsn := serve(t)
	s.Kill()
	log := new(journal)
	e, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn, Node: "a", Patience: time.Second, Log: slog.New(slog.NewTextHandler(log, nil))})
	if e == nil || !errors.Is(err, store.ErrUnavailable) {
		t.Fatal(err)
	}
	defer e.Close()
	if log.count("waiting for PostgreSQL") != 1 {
		t.Errorf("it does not say once that it waits:\n%s", log.b.String())
	}
	if err := e.WriteKeys(t.Context(), []store.KVOp{{Key: "/a/b"}}); !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
	s.Again(t)
	<-e.Ready()
	until(t, "it is back", func() bool { return e.WriteKeys(t.Context(), []store.KVOp{{Key: "/a/b"}}) == nil })
}

// TestBlackHole: a server that takes connections and says nothing costs a bounded time.
func TestBlackHole(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	e, err := postgres.Open(t.Context(), postgres.Config{DSN: "postgres://u@" + ln.Addr().String() + "/d?sslmode=disable", Patience: time.Millisecond})
	if e == nil || !errors.Is(err, store.ErrUnavailable) {
		t.Fatal(err)
	}
	if err := e.Commit(t.Context(), []store.BindingOp{binding(1)}); !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}
