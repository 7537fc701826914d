package sqlite

import (
	"context"
	"database/sql"

	"obelus/store"
)

var _ store.KV = (*Engine)(nil)

// ofKeys are the statements that write the dialplan's database. What lies below a key sorts between key/ and key0: 0 comes after the slash.
func (s *statements) ofKeys() []statement {
	return []statement{
		{&s.put, `INSERT INTO astdb (key, value) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value=excluded.value`},
		{&s.take, `DELETE FROM astdb WHERE key=?`},
		{&s.tree, `DELETE FROM astdb WHERE key=? OR key>=? AND key<?`},
		{&s.all, `DELETE FROM astdb`},
	}
}

// LoadKeys implements store.KV.
func (e *Engine) LoadKeys(ctx context.Context, yield func(key, value string) error) error {
	return e.eachKey(ctx, yield)
}

// WriteKeys implements store.KV.
func (e *Engine) WriteKeys(ctx context.Context, ops []store.KVOp) error {
	return e.transact(ctx, "write keys to", func(ctx context.Context, tx *sql.Tx) error {
		for _, o := range ops {
			var err error
			switch {
			case o.Kind == store.KVPut:
				_, err = tx.StmtContext(ctx, e.stmts.put).ExecContext(ctx, o.Key, o.Value)
			case o.Kind == store.KVDelete:
				_, err = tx.StmtContext(ctx, e.stmts.take).ExecContext(ctx, o.Key)
			case o.Kind == store.KVTree && o.Key == "":
				_, err = tx.StmtContext(ctx, e.stmts.all).ExecContext(ctx)
			case o.Kind == store.KVTree:
				_, err = tx.StmtContext(ctx, e.stmts.tree).ExecContext(ctx, o.Key, o.Key+"/", o.Key+"0")
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
