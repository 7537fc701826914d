// Package sqlite keeps state in SQLite files in the data directory: state.db is the engine of a server that stands alone, cdr.db has the call
// records of any server.
//
// The files may be read with the sqlite3 tool while obelus runs. Every commit is synced to the disk (WAL, synchronous=FULL).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"obelus/store"
)

// FileName is the name of the database in the data directory.
const FileName = "state.db"

// stateKind is state.db.
func stateKind() kind {
	return kind{name: FileName, id: 0x6f62656c /* "obel" */, steps: migrations(), advice: "phones register again by themselves"}
}

// Engine is an open database. Its methods may be called from any goroutine.
type Engine struct {
	database
	hold  *hold
	stmts statements
	looks *sql.Stmt // at the texts of an account
}

var _ store.Location = (*Engine)(nil)

// Open opens the database in the data directory dir, making both if they are missing, brings its tables up to date, and checks it if the
// last run did not end in good order. It holds the directory until Close: a second server there gets store.ErrHeld. A file it can't
// use is left as it is, and the error says what to do with it.
func Open(ctx context.Context, dir string, log *slog.Logger) (*Engine, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unmade(err)
	}
	h, err := holdDirectory(dir, lockName)
	if err != nil {
		return nil, err
	}
	e := &Engine{database: database{kind: stateKind(), path: filepath.Join(dir, FileName), log: log}, hold: h}
	if err := e.open(ctx, h.clean); err != nil {
		return nil, errors.Join(e.explain(err), e.shut(false))
	}
	if err := e.stmts.prepare(ctx, e.write); err != nil {
		return nil, errors.Join(e.explain(err), e.shut(false))
	}
	if e.looks, err = e.read.PrepareContext(ctx, ofOneHolder); err != nil {
		return nil, errors.Join(e.explain(err), e.shut(false))
	}
	return e, nil
}

// Close writes everything into the one file and gives the directory back.
func (e *Engine) Close() error {
	if err := e.shut(true); err != nil {
		return fmt.Errorf("close %s: %w", e.path, err)
	}
	return nil
}

// shut closes what is open. The directory counts as left in good order if all went well.
func (e *Engine) shut(clean bool) error {
	var errs []error
	if clean {
		_, err := e.write.Exec("PRAGMA optimize")
		errs = append(errs, err, e.stmts.close())
	}
	err := errors.Join(append(errs, e.close())...)
	return errors.Join(err, e.hold.release(clean && err == nil))
}
