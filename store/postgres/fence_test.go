package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"obelus/store/postgres"
)

// TestLastWords has the last commit of a process that was killed still be under way in the server when its successor reads the keys: they are read after it.
func TestLastWords(t *testing.T) {
	_, _, dsn := serve(t)
	e, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn, Node: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`SELECT take_turn('a', 'astdb', 5)`, `INSERT INTO astdb (key, value) VALUES ('/last/words', 'v')`} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	read, ended := "", make(chan error, 1)
	go func() {
		ended <- e.LoadKeys(context.Background(), func(key, value string) error { read += key + "=" + value; return nil })
	}()
	until(t, "the successor waits, or has read", func() bool {
		waiting := 0
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE application_name='obelus' AND wait_event_type='Lock'`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		return waiting > 0 || len(ended) > 0
	})
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil || read != "/last/words=v" {
		t.Errorf("it reads %q, %v", read, err)
	}
}
