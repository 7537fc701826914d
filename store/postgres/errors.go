package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"obelus/store"
)

// again says whether what failed may simply be done again: somebody else's transaction was in the way.
func again(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == "40001" || pe.Code == "40P01" || pe.Code == codeTurn)
}

// away says whether a SQLSTATE means that the server can't serve now: it starts, stops, is a standby, or has no room.
func away(code string) bool {
	switch code {
	case "57014", "57P01", "57P02", "57P03", "57P05", // too slow, shutdown, crash, starting up, idle
		"25006", // only reads: a standby
		"55P03", codeTurn, "40P01", "40001":
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "58")
}

// explain says what a person can do about an error of the server's, and marks those that say that it can't be reached.
func (e *Engine) explain(err error) error {
	if errors.Is(err, store.ErrNewer) || errors.Is(err, store.ErrForeign) || errors.Is(err, store.ErrUnavailable) {
		return err
	}
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		if cut(err) {
			return fmt.Errorf("%w: PostgreSQL at %s: %w", store.ErrUnavailable, e.where, err)
		}
		return err
	}
	said := pe.Message
	if pe.Code != "" {
		said += " (SQLSTATE " + pe.Code + ")"
	}
	if pe.Code == "53100" {
		return fmt.Errorf("%w: PostgreSQL at %s says: %s", store.ErrFull, e.where, said)
	}
	if away(pe.Code) {
		return fmt.Errorf("%w: PostgreSQL at %s says: %s", store.ErrUnavailable, e.where, said)
	}
	text := "PostgreSQL at " + e.where + " says: " + said
	if what := advice(pe.Code); what != "" {
		text += "; " + what
	}
	return &refusal{text, err}
}

// cut says whether an error is the network's, not the server's.
func cut(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.Timeout(err) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed)
}

// refusal is an error that the server answered with, and what to do.
type refusal struct {
	text string
	err  error
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.err }

// advice is what to do about an error with this SQLSTATE.
func advice(code string) string {
	switch code {
	case "28P01":
		return "look at user and password in dsn= of [store] in obelus.conf (or PGPASSWORD, or the .pgpass file)"
	case "28000":
		return "pg_hba.conf of the server must let this user in from this host, and the user must exist (CREATE ROLE ... LOGIN)"
	case "3D000":
		return "make it: CREATE DATABASE ... OWNER the user of the dsn"
	case "42501":
		return "the user must own the database or have CREATE on its schema: ALTER DATABASE ... OWNER TO the user, or GRANT CREATE, USAGE ON SCHEMA public TO the user"
	case "3F000":
		return "the user needs a schema: GRANT CREATE, USAGE ON SCHEMA public TO the user; or, where search_path names another, CREATE SCHEMA ... AUTHORIZATION the user"
	case "42P07", "42710", "42723":
		return "tables of another program have the names of ours: give obelus a database of its own"
	case "42P01", "42703":
		return "somebody has taken tables of obelus away: bring back a backup, or give obelus an empty database"
	}
	return ""
}
