package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
)

// queryTime bounds a query: what is read long keeps the log from being written back into the file.
const queryTime = 10 * time.Second

// Query answers SQL of a person's, on a connection of its own that can't write. show is called for every row, with the names of the columns and
// the values as text; it stops at show's first error and returns it.
func (d *database) Query(ctx context.Context, query string, show func(columns, values []string) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	abs, err := filepath.Abs(d.path)
	if err != nil {
		return fmt.Errorf("open %s: %w", d.path, err)
	}
	path := filepath.ToSlash(abs)
	if path[0] != '/' {
		path = "/" + path // a drive letter
	}
	q := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)", "query_only(ON)"}}
	c, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		return fmt.Errorf("open %s: %w", d.path, err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	into := newAnswer(len(columns))
	for rows.Next() {
		if err := rows.Scan(into.cells...); err != nil {
			return err
		}
		if err := show(columns, into.text()); err != nil {
			return err
		}
	}
	return rows.Err()
}

// answer is where a row of any columns is read to.
type answer struct {
	values []sql.NullString
	cells  []any
	out    []string
}

func newAnswer(n int) *answer {
	r := &answer{values: make([]sql.NullString, n), cells: make([]any, n), out: make([]string, n)}
	for i := range r.values {
		r.cells[i] = &r.values[i]
	}
	return r
}

func (r *answer) text() []string {
	for i, v := range r.values {
		if r.out[i] = v.String; !v.Valid {
			r.out[i] = "NULL"
		}
	}
	return r.out
}
