package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// AsteriskFileName is the name of Asterisk's database in its astdbdir.
const AsteriskFileName = "astdb.sqlite3"

// Import is what was taken over from a file of Asterisk's.
type Import struct {
	Path           string
	At             time.Time
	Keys, Contacts int
}

// Imported says what was taken over; false if nothing ever was.
func (e *Engine) Imported(ctx context.Context) (i Import, ever bool, err error) {
	var at int64
	err = e.read.QueryRowContext(ctx, `SELECT path, at, keys, contacts FROM imported ORDER BY at LIMIT 1`).Scan(&i.Path, &at, &i.Keys, &i.Contacts)
	if errors.Is(err, sql.ErrNoRows) {
		return i, false, nil
	}
	i.At = time.UnixMilli(at)
	return i, err == nil, e.failed("read what was imported from", err)
}

// NoteImport notes that something was taken over.
func (e *Engine) NoteImport(ctx context.Context, i Import) error {
	return e.transact(ctx, "note an import in", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO imported (path, at, keys, contacts) VALUES (?,?,?,?) ON CONFLICT DO NOTHING`,
			i.Path, i.At.UnixMilli(), i.Keys, i.Contacts)
		return err
	})
}

// ReadAsterisk calls yield for every key of Asterisk's database in the file path, in their order. It stops at yield's first error and returns it.
//
// The file may belong to a server that was killed: what SQLite has beside it, a log or a journal, counts. So a copy is made of all in the
// directory scratch, and only the copy is opened.
func ReadAsterisk(ctx context.Context, path, scratch string, yield func(key, value string) error) (err error) {
	dir, err := os.MkdirTemp(scratch, "astdb")
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d := &database{kind: kind{name: AsteriskFileName}, path: filepath.Join(dir, AsteriskFileName)}
	for _, suffix := range []string{"", "-wal", "-journal"} {
		if err := copyFile(path+suffix, d.path+suffix); err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("read %s: %w", path, err)
		}
	}
	if d.read, err = d.pool(1); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, d.close()) }()
	d.path = path // what is wrong is wrong with that one
	return d.eachKey(ctx, yield)
}

// eachKey reads the dialplan's database in the file.
func (d *database) eachKey(ctx context.Context, yield func(key, value string) error) error {
	rows, err := d.read.QueryContext(context.WithoutCancel(ctx), `SELECT key, value FROM astdb ORDER BY key`)
	if err != nil {
		return d.failed("read keys from", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		var key string
		var value sql.NullString
		if err := rows.Scan(&key, &value); err != nil {
			return d.failed("read keys from", err)
		}
		if err := yield(key, value.String); err != nil {
			return err
		}
	}
	return d.failed("read keys from", rows.Err())
}

// copyFile copies a file to one that is not there yet.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
