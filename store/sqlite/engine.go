// Package sqlite keeps state in one SQLite file, state.db in the data directory: the engine of a server that stands alone.
//
// The file may be read with the sqlite3 tool while obelus runs. Every commit is synced to the disk (WAL, synchronous=FULL).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"obelus/store"
)

// FileName is the name of the database in the data directory.
const FileName = "state.db"

// applicationID marks the file as ours: "obel" (PRAGMA application_id).
const applicationID = 0x6f62656c

// Engine is an open database. Its methods may be called from any goroutine.
type Engine struct {
	path  string
	log   *slog.Logger
	hold  *hold
	write *sql.DB // one connection, for the one who commits
	read  *sql.DB
	stmts statements
}

var _ store.Location = (*Engine)(nil)

// Open opens the database in the data directory dir, making both if they are missing, brings its tables up to date, and checks it if the
// last run did not end in good order. It holds the directory until Close: a second server there gets store.ErrHeld. A file it can't
// use is left as it is, and the error says what to do with it.
func Open(ctx context.Context, dir string, log *slog.Logger) (*Engine, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	h, err := holdDirectory(dir)
	if err != nil {
		return nil, err
	}
	e := &Engine{path: filepath.Join(dir, FileName), log: log, hold: h}
	if err := e.open(ctx); err != nil {
		return nil, errors.Join(explain(e.path, err), e.shut(false))
	}
	return e, nil
}

func (e *Engine) open(ctx context.Context) error {
	// The same system call as in every distribution's SQLite; half the time of fsync on a journaling file system. It does not exist
	// on macOS and Windows, where SQLite has ways of its own.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return err
	}
	if err := makePrivate(e.path); err != nil {
		return err
	}
	wal, err := os.Stat(e.path + "-wal")
	unclean := !e.hold.clean || err == nil && wal.Size() > 0
	if e.write, err = e.pool(1); err != nil {
		return err
	}
	if e.read, err = e.pool(2); err != nil {
		return err
	}
	if err := e.ours(ctx); err != nil {
		return err
	}
	if unclean {
		if err := e.check(ctx); err != nil {
			return err
		}
	}
	if err := e.migrate(ctx); err != nil {
		return err
	}
	if err := e.useWAL(ctx); err != nil {
		return err
	}
	return e.stmts.prepare(ctx, e.write)
}

// makePrivate makes the file, empty, if it is not there: who calls whom from where is nobody else's business. SQLite gives the log the same mode.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// pool opens connections to the file. Nothing said here changes it.
func (e *Engine) pool(size int) (*sql.DB, error) {
	abs, err := filepath.Abs(e.path)
	if err != nil {
		return nil, err
	}
	path := filepath.ToSlash(abs)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(5000)", "synchronous(FULL)", "foreign_keys(ON)", "cache_size(-32000)", "wal_autocheckpoint(4000)"}}
	c, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// ours says whether the file is one of ours, or new, and not newer than we are.
func (e *Engine) ours(ctx context.Context) error {
	var id, version, tables int
	for query, to := range map[string]*int{
		"PRAGMA application_id": &id, "PRAGMA user_version": &version, "SELECT count(*) FROM sqlite_schema": &tables} {
		if err := e.write.QueryRowContext(ctx, query).Scan(to); err != nil {
			return err
		}
	}
	switch {
	case id == 0 && version == 0 && tables == 0:
		return nil
	case id != applicationID:
		return store.ErrForeign
	case version > len(migrations()):
		return fmt.Errorf("%w: its tables are version %d, this one knows up to %d", store.ErrNewer, version, len(migrations()))
	}
	return nil
}

// check reads through the whole file after a run that did not end in good order.
func (e *Engine) check(ctx context.Context) error {
	var found string
	if err := e.write.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", store.ErrDamaged, strings.ReplaceAll(found, "\n", " "))
	}
	e.log.Info("store: the last run did not end in good order; the database is intact", "file", e.path)
	return nil
}

// useWAL turns the write-ahead log on. Some network file systems can't do it: the rollback journal is as safe, only slower.
func (e *Engine) useWAL(ctx context.Context) error {
	var mode string
	if err := e.write.QueryRowContext(ctx, "PRAGMA journal_mode=WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		e.log.Warn("store: no write-ahead log on this file system, commits are slower", "file", e.path, "journal", mode)
	}
	return nil
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
	for _, db := range []*sql.DB{e.read, e.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	err := errors.Join(errs...)
	return errors.Join(err, e.hold.release(clean && err == nil))
}

// explain says about a file that can't be used what it is and what to do.
func explain(path string, err error) error {
	var se *sqlite.Error
	if errors.As(err, &se) {
		switch se.Code() & 0xff {
		case sqlite3.SQLITE_NOTADB:
			err = fmt.Errorf("%w: %w", store.ErrForeign, err)
		case sqlite3.SQLITE_CORRUPT:
			err = fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
	}
	advice := ""
	switch {
	case errors.Is(err, store.ErrForeign):
		advice = "move it away, or name another data directory"
	case errors.Is(err, store.ErrNewer):
		advice = "start the newer obelus again, or move the file away"
	case errors.Is(err, store.ErrDamaged):
		advice = "move it away together with " + FileName + "-wal and bring back a copy, or start without: phones register again by themselves"
	default:
		return fmt.Errorf("open %s: %w", path, err)
	}
	return fmt.Errorf("open %s: %w; %s", path, err, advice)
}
