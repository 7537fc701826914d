package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// queryTime bounds a query of a person's.
const queryTime = 10 * time.Second

// Query answers SQL of a person's, in a transaction that can't write. show is called for every row, with the names of the columns and the
// values as text; it stops at show's first error and returns it.
func (e *Engine) Query(ctx context.Context, query string, show func(columns, values []string) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tx, err := e.pool.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)                                                // a SET must not stay with the connection
	rows := tx.Conn().PgConn().ExecParams(ctx, query, nil, nil, nil, nil) // one statement, values as text
	defer func() {
		if _, closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	for rows.NextRow() {
		var columns, values []string
		for i, f := range rows.FieldDescriptions() {
			columns = append(columns, f.Name)
			v := "NULL"
			if raw := rows.Values()[i]; raw != nil {
				v = string(raw)
			}
			values = append(values, v)
		}
		if err := show(columns, values); err != nil {
			return err
		}
	}
	return nil
}
