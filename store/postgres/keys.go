package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"obelus/store"
)

// keyRow is a key with its value.
type keyRow struct{ Key, Value string }

// LoadKeys implements store.KV.
func (e *Engine) LoadKeys(ctx context.Context, yield func(key, value string) error) error {
	if err := e.WriteKeys(ctx, nil); err != nil { // a fence: see turn.go
		return err
	}
	var all []keyRow
	for after, n := "", page; n == page; {
		var rows []keyRow
		err := e.do(ctx, "read keys", func(ctx context.Context) error {
			found, err := e.pool.Query(ctx, `SELECT key, value FROM astdb WHERE key > $1 OR $2 AND key = $1 ORDER BY key LIMIT $3`, after, all == nil, page)
			if err == nil {
				rows, err = pgx.CollectRows(found, pgx.RowToStructByPos[keyRow])
			}
			return err
		})
		if err != nil {
			return err
		}
		if n = len(rows); n > 0 {
			after = rows[n-1].Key
		}
		all = append(all, rows...)
	}
	for i := range all {
		all[i] = keyRow{fromText(all[i].Key), fromText(all[i].Value)}
	}
	slices.SortFunc(all, func(a, b keyRow) int { return cmp.Compare(a.Key, b.Key) }) // almost always they are: text may sort otherwise
	for _, r := range all {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read keys: %w", err)
		}
		if err := yield(r.Key, r.Value); err != nil {
			return err
		}
	}
	return nil
}

// WriteKeys implements store.KV. What lies below a key sorts between key/ and key0: 0 comes after the slash.
func (e *Engine) WriteKeys(ctx context.Context, ops []store.KVOp) error {
	return e.do(ctx, "write keys", func(ctx context.Context) error {
		return e.inTurn(ctx, &e.keys, func(ctx context.Context, seq int64) error {
			var b pgx.Batch
			e.first(&b, &e.keys, seq)
			for _, o := range ops {
				k := text(o.Key)
				switch {
				case o.Kind == store.KVPut:
					b.Queue(`INSERT INTO astdb (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, k, text(o.Value))
				case o.Kind == store.KVDelete:
					b.Queue(`DELETE FROM astdb WHERE key = $1`, k)
				case k == "":
					b.Queue(`DELETE FROM astdb`)
				default:
					b.Queue(`DELETE FROM astdb WHERE key = $1 OR key >= $1 || '/' AND key < $1 || '0'`, k)
				}
			}
			return e.send(ctx, &b)
		})
	})
}
