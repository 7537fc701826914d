package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"obelus/store"
	"obelus/store/postgres"
)

// TestStandby has the server come back as one that only reads, as a standby does: it is no server to work with, which is said once, until it writes again.
func TestStandby(t *testing.T) {
	s, database, dsn := serve(t)
	log := new(journal)
	e, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn, Node: "a", Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	commit := func() error { return e.Commit(context.Background(), []store.BindingOp{binding(1)}) }
	if err := commit(); err != nil {
		t.Fatal(err)
	}
	s.Run(t, database, `ALTER DATABASE `+database+` SET default_transaction_read_only=on`)
	s.Run(t, database, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name='obelus'`)
	until(t, "it is known what is wrong", func() bool {
		err := commit()
		if err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("a commit that can't be: %v", err)
		}
		why := e.Status().Why
		return log.count("PostgreSQL is back") > 0 || why != nil && strings.Contains(why.Error(), "only reads")
	})
	if n := log.count("PostgreSQL is back"); n > 0 {
		t.Errorf("a server that only reads is taken for one that is back")
	}
	s.Run(t, database, `SET transaction_read_only=off; ALTER DATABASE `+database+` RESET default_transaction_read_only`)
	until(t, "it writes again", func() bool { return commit() == nil })
	if lost, back := log.count("can't be reached, going on"), log.count("PostgreSQL is back"); lost != 1 || back != 1 {
		t.Errorf("said %d times that it is lost and %d times that it is back:\n%s", lost, back, log.b.String())
	}
}

// TestQuery: what a person asks changes nothing, in the tables and in how the engine works.
func TestQuery(t *testing.T) {
	_, _, dsn := serve(t)
	e, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn, Node: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.WriteKeys(t.Context(), []store.KVOp{{Key: "/f/k", Value: "v"}}); err != nil {
		t.Fatal(err)
	}
	var got string
	ask := func(sql string) error {
		got = ""
		return e.Query(t.Context(), sql, func(columns, values []string) error {
			got += strings.Join(columns, "|") + ":" + strings.Join(values, "|") + ";"
			return nil
		})
	}
	if err := ask(`SELECT key, value, NULL AS n FROM astdb`); err != nil || got != "key|value|n:/f/k|v|NULL;" {
		t.Errorf("it answers %q, %v", got, err)
	}
	for _, sql := range []string{`DELETE FROM astdb`, `SELECT 1; DELETE FROM astdb`, `nonsense`} {
		if err := ask(sql); err == nil {
			t.Errorf("%s is answered: %q", sql, got)
		}
	}
	if err := ask(`SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY`); err != nil {
		t.Error(err)
	}
	if err := e.WriteKeys(t.Context(), []store.KVOp{{Key: "/f/k", Value: "w"}}); err != nil {
		t.Errorf("after a question nothing can be written: %v", err)
	}
}
