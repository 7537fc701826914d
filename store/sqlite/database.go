package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"obelus/store"
)

// kind is what makes a file of ours this one and no other.
type kind struct {
	name   string   // of the file, in the data directory
	id     int      // marks it as ours (PRAGMA application_id)
	steps  []string // from an empty file to today's tables. Step n makes version n (PRAGMA user_version)
	advice string   // what to do without a damaged one
}

// database is an open file.
type database struct {
	kind
	path  string
	log   *slog.Logger
	write *sql.DB // one connection, for the one who commits
	read  *sql.DB
}

// open opens the file, making it if it is missing, brings its tables up to date, and checks it if the last run did not end in good
// order (clean). A file it can't use is left as it is.
func (d *database) open(ctx context.Context, clean bool) error {
	// The same system call as in every distribution's SQLite; half the time of fsync on a journaling file system. It does not exist
	// on macOS and Windows, where SQLite has ways of its own.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return err
	}
	if err := makePrivate(d.path); err != nil {
		return err
	}
	wal, err := os.Stat(d.path + "-wal")
	unclean := !clean || err == nil && wal.Size() > 0
	if d.write, err = d.pool(1); err != nil {
		return err
	}
	if d.read, err = d.pool(2); err != nil {
		return err
	}
	if err := d.ours(ctx); err != nil {
		return err
	}
	if unclean {
		if err := d.check(ctx); err != nil {
			return err
		}
	}
	if err := d.migrate(ctx); err != nil {
		return err
	}
	return d.useWAL(ctx)
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
func (d *database) pool(size int) (*sql.DB, error) {
	abs, err := filepath.Abs(d.path)
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
func (d *database) ours(ctx context.Context) error {
	var id, version, tables int
	for query, to := range map[string]*int{
		"PRAGMA application_id": &id, "PRAGMA user_version": &version, "SELECT count(*) FROM sqlite_schema": &tables} {
		if err := d.write.QueryRowContext(ctx, query).Scan(to); err != nil {
			return err
		}
	}
	switch {
	case id == 0 && version == 0 && tables == 0:
		return nil
	case id != d.id:
		return store.ErrForeign
	case version > len(d.steps):
		return fmt.Errorf("%w: its tables are version %d, this one knows up to %d", store.ErrNewer, version, len(d.steps))
	}
	return nil
}

// check reads through the whole file after a run that did not end in good order.
func (d *database) check(ctx context.Context) error {
	var found string
	if err := d.write.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", store.ErrDamaged, strings.ReplaceAll(found, "\n", " "))
	}
	d.log.Info("store: the last run did not end in good order; the database is intact", "file", d.path)
	return nil
}

// useWAL turns the write-ahead log on. Some network file systems can't do it: the rollback journal is as safe, only slower.
func (d *database) useWAL(ctx context.Context) error {
	var mode string
	if err := d.write.QueryRowContext(ctx, "PRAGMA journal_mode=WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		d.log.Warn("store: no write-ahead log on this file system, commits are slower", "file", d.path, "journal", mode)
	}
	return nil
}

// close closes what is open.
func (d *database) close() error {
	var errs []error
	for _, db := range []*sql.DB{d.read, d.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// failed says in which file what went wrong; nil for nil.
func (d *database) failed(what string, err error) error {
	var se *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &se) && isFull(se.Code()):
		return fmt.Errorf("%s %s: %w: %w", what, d.path, store.ErrFull, err)
	}
	return fmt.Errorf("%s %s: %w", what, d.path, err)
}

// isFull says whether SQLite's code means that the file system has no room left, for the file, its log or the log's index.
func isFull(code int) bool {
	return code&0xff == sqlite3.SQLITE_FULL || code == sqlite3.SQLITE_IOERR_SHMSIZE
}

// explain says about a file that can't be used what it is and what to do.
func (d *database) explain(err error) error {
	var se *sqlite.Error
	if errors.As(err, &se) {
		switch code := se.Code(); {
		case isFull(code):
			err = fmt.Errorf("%w: %w", store.ErrFull, err)
		case code&0xff == sqlite3.SQLITE_NOTADB:
			err = fmt.Errorf("%w: %w", store.ErrForeign, err)
		case code&0xff == sqlite3.SQLITE_CORRUPT:
			err = fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
	}
	if advice := d.whatToDo(err); advice != "" {
		return fmt.Errorf("open %s: %w; %s", d.path, err, advice)
	}
	return fmt.Errorf("open %s: %w", d.path, err)
}

func (d *database) whatToDo(err error) string {
	switch {
	case errors.Is(err, store.ErrForeign):
		return "move it away, or name another data directory"
	case errors.Is(err, store.ErrNewer):
		return "start the newer obelus again, or move the file away"
	case errors.Is(err, store.ErrDamaged):
		return "move it away together with " + d.name + "-wal and bring back a copy, or start without: " + d.advice
	}
	return aboutDirectory(err)
}

// aboutDirectory is what to do where the data directory can't be written to; "" where that is not what is wrong.
func aboutDirectory(err error) string {
	switch {
	case errors.Is(err, store.ErrFull), errors.Is(err, syscall.ENOSPC):
		return "free some space there, or name another data directory"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return "obelus must be able to write there: give the directory and what is in it to the user that it runs as, or name another data directory"
	}
	return ""
}
