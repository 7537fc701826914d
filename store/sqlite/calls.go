package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"obelus/store"
)

// CallsFileName is the name of the database of call records in the data directory.
const CallsFileName = "cdr.db"

// callsLock is the lock of that file: a server whose other state is elsewhere has no other.
const callsLock = "cdr.lock"

func callsKind() kind {
	return kind{name: CallsFileName, id: 0x6f626364 /* "obcd" */, steps: callMigrations(),
		advice: "the records in it that have not been written to Master.csv or a database yet are missing there"}
}

// Calls are the call records, in a file of their own. Its methods may be called from any goroutine.
type Calls struct {
	database
	hold  *hold
	stmts callStatements
}

var _ store.Calls = (*Calls)(nil)

// OpenCalls opens the call records in the data directory dir as [Open] does its state. It holds them until Close.
func OpenCalls(ctx context.Context, dir string, log *slog.Logger) (*Calls, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unmade(err)
	}
	h, err := holdDirectory(dir, callsLock)
	if err != nil {
		return nil, err
	}
	c := &Calls{database: database{kind: callsKind(), path: filepath.Join(dir, CallsFileName), log: log}, hold: h}
	if err := c.open(ctx, h.clean); err != nil {
		return nil, errors.Join(c.explain(err), c.shut(false))
	}
	if err := c.stmts.prepare(ctx, c.write, c.read); err != nil {
		return nil, errors.Join(c.explain(err), c.shut(false))
	}
	return c, nil
}

// Close writes everything into the one file and gives it back.
func (c *Calls) Close() error {
	if err := c.shut(true); err != nil {
		return fmt.Errorf("close %s: %w", c.path, err)
	}
	return nil
}

func (c *Calls) shut(clean bool) error {
	var errs []error
	if clean {
		_, err := c.write.Exec("PRAGMA optimize")
		errs = append(errs, err, c.stmts.close())
	}
	err := errors.Join(append(errs, c.close())...)
	return errors.Join(err, c.hold.release(clean && err == nil))
}

// WriteCalls implements store.Calls.
func (c *Calls) WriteCalls(ctx context.Context, ops []store.CallOp) error {
	// Inside, the context is not watched: it would cost a goroutine a statement, and the batch is short.
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.failed("write call records to", c.commit(context.WithoutCancel(ctx), ops))
}

func (c *Calls) commit(ctx context.Context, ops []store.CallOp) error {
	tx, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing after Commit
	begin, end, drop := tx.StmtContext(ctx, c.stmts.begin), tx.StmtContext(ctx, c.stmts.end), tx.StmtContext(ctx, c.stmts.drop)
	args := make([]any, 0, len(callColumns()))
	for i := range ops {
		r := &ops[i].Record
		var err error
		switch ops[i].Kind {
		case store.CallBegin:
			args = callArgs(args[:0], r)
			_, err = begin.ExecContext(ctx, args...)
		case store.CallEnd:
			args = callArgs(args[:0], r)
			if _, err = end.ExecContext(ctx, args...); err == nil {
				_, err = drop.ExecContext(ctx, r.UniqueID, r.Sequence)
			}
		case store.CallDrop:
			_, err = drop.ExecContext(ctx, r.UniqueID, r.Sequence)
		}
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Begun implements store.Calls.
func (c *Calls) Begun(ctx context.Context, yield func(store.CallRecord) error) error {
	rows, err := c.read.QueryContext(context.WithoutCancel(ctx), `SELECT 0, `+callList()+` FROM begun ORDER BY pk`)
	return c.each(ctx, rows, err, yield)
}

// Ended implements store.Outbox.
func (c *Calls) Ended(ctx context.Context, after int64, max int) ([]store.CallRecord, error) {
	var all []store.CallRecord
	rows, err := c.stmts.ended.QueryContext(context.WithoutCancel(ctx), after, max)
	err = c.each(ctx, rows, err, func(r store.CallRecord) error {
		all = append(all, r)
		return nil
	})
	return all, err
}

// each calls yield for every row of a query, which came out with rows or err. It returns yield's error as it is.
func (c *Calls) each(ctx context.Context, rows *sql.Rows, err error, yield func(store.CallRecord) error) error {
	if err != nil {
		return c.failed("read call records from", err)
	}
	defer rows.Close()
	var r callRow
	to := r.targets()
	for rows.Next() {
		if err := errors.Join(ctx.Err(), rows.Scan(to...)); err != nil {
			return c.failed("read call records from", err)
		}
		if err := yield(r.record()); err != nil {
			return err
		}
	}
	return c.failed("read call records from", rows.Err())
}

// Shipped implements store.Outbox.
func (c *Calls) Shipped(ctx context.Context, sink string) (upTo int64, note string, err error) {
	_, err = c.write.ExecContext(ctx, `INSERT INTO sink (name, up_to, note)
		VALUES (?, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'cdr'), 0), '') ON CONFLICT (name) DO NOTHING`, sink)
	if err == nil {
		err = c.write.QueryRowContext(ctx, `SELECT up_to, note FROM sink WHERE name = ?`, sink).Scan(&upTo, &note)
	}
	return upTo, note, c.failed("read how far records were shipped from", err)
}

// Ship implements store.Outbox.
func (c *Calls) Ship(ctx context.Context, sink string, upTo int64, note string) error {
	_, err := c.stmts.ship.ExecContext(ctx, sink, upTo, note)
	return c.failed("write how far records were shipped to", err)
}

// Waiting implements store.Outbox.
func (c *Calls) Waiting(ctx context.Context, after int64) (n int, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT count(*) FROM cdr WHERE number > ?`, after).Scan(&n)
	return n, c.failed("count call records in", err)
}

// Prune implements store.Outbox.
func (c *Calls) Prune(ctx context.Context, before time.Time, upTo int64, max int) (int, error) {
	res, err := c.write.ExecContext(ctx, `DELETE FROM cdr WHERE number IN (SELECT number FROM
		(SELECT number, end_us FROM cdr WHERE number <= ? ORDER BY number LIMIT ?) WHERE end_us < ?)`, upTo, max, before.UnixMicro())
	if err != nil {
		return 0, c.failed("forget old call records in", err)
	}
	n, err := res.RowsAffected()
	return int(n), c.failed("forget old call records in", err)
}

// Alive implements store.Life.
func (c *Calls) Alive(ctx context.Context, at time.Time) error {
	_, err := c.write.ExecContext(ctx, `INSERT INTO life (one, at_us) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at_us = excluded.at_us`, micros(at))
	return c.failed("note in", err)
}

// LastAlive implements store.Life. The last hundred calls to end are looked at: they end in order but for those that waited.
func (c *Calls) LastAlive(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	err := c.read.QueryRowContext(ctx, `SELECT max(at_us) FROM (SELECT at_us FROM life UNION ALL SELECT max(start_us, answer_us) FROM begun
		UNION ALL SELECT * FROM (SELECT max(start_us, answer_us, end_us) FROM cdr ORDER BY number DESC LIMIT 100))`).Scan(&at)
	return moment(at.Int64), c.failed("read the last sign of life from", err)
}

// LastSequence implements store.Life.
func (c *Calls) LastSequence(ctx context.Context) (last int64, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT coalesce(max(sequence), -1) FROM (SELECT sequence FROM begun
		UNION ALL SELECT * FROM (SELECT sequence FROM cdr ORDER BY number DESC LIMIT 1000))`).Scan(&last)
	return last, c.failed("read the last sequence from", err)
}
