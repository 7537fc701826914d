package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"obelus/store"
)

var _ store.KV = (*Engine)(nil)

// ofKeys are the statements that write the dialplan's database. What lies below a key sorts between key/ and key0: 0 comes after the slash.
func (s *statements) ofKeys() []statement {
	return []statement{
		{&s.put, `INSERT INTO astdb (key, value) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value=excluded.value`},
		{&s.take, `DELETE FROM astdb WHERE key=?`},
		{&s.tree, `DELETE FROM astdb WHERE ?1='' OR key=?1 OR key>=?1||'/' AND key<?1||'0'`},
	}
}

// LoadKeys implements store.KV.
func (e *Engine) LoadKeys(ctx context.Context, yield func(key, value string) error) error {
	rows, err := e.read.QueryContext(context.WithoutCancel(ctx), `SELECT key, value FROM astdb ORDER BY key`)
	if err != nil {
		return fmt.Errorf("read keys from %s: %w", e.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			return fmt.Errorf("read keys from %s: %w", e.path, err)
		}
		if err := yield(key, value); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read keys from %s: %w", e.path, err)
	}
	return nil
}

// WriteKeys implements store.KV.
func (e *Engine) WriteKeys(ctx context.Context, ops []store.KVOp) error {
	return e.transact(ctx, "write keys to", func(ctx context.Context, tx *sql.Tx) error {
		put, take, tree := tx.StmtContext(ctx, e.stmts.put), tx.StmtContext(ctx, e.stmts.take), tx.StmtContext(ctx, e.stmts.tree)
		for _, o := range ops {
			var err error
			switch o.Kind {
			case store.KVPut:
				_, err = put.ExecContext(ctx, o.Key, o.Value)
			case store.KVDelete:
				_, err = take.ExecContext(ctx, o.Key)
			case store.KVTree:
				_, err = tree.ExecContext(ctx, o.Key)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
