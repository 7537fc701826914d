package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// codeTurn is the SQLSTATE of a commit that comes after its turn.
const codeTurn = "OB001"

// turn keeps the commits of one kind in order. Each has a number, which the server takes only if it is greater than the one before. So a commit that
// was given up, and lies in the socket of a server that stood still, changes nothing when the server goes on after a later one of ours:
// it must not bring back what has been overwritten. The number is kept with the rows, as the place in what this node has written.
//
// A commit of nothing is a fence. The last commit of a process that was killed may still be on its way in the server: before its successor reads, it is
// done, or comes after its turn and does nothing. Otherwise it would be carried out behind our back.
type turn struct {
	kind string
	busy chan struct{} // holds one token: who has it commits
	last int64         // the number taken last; 0: not known
}

func newTurn(kind string) turn { return turn{kind: kind, busy: make(chan struct{}, 1)} }

// take waits for its turn.
func (t *turn) take(ctx context.Context) error {
	select {
	case t.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *turn) give() { <-t.busy }

// inTurn runs commit with the next number, which commit must hand to the server by first. Nobody else commits of this kind meanwhile.
func (e *Engine) inTurn(ctx context.Context, t *turn, commit func(ctx context.Context, seq int64) error) error {
	if err := t.take(ctx); err != nil {
		return err
	}
	defer t.give()
	if t.last == 0 {
		err := e.pool.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM writer WHERE node=$1 AND kind=$2`, text(e.node), t.kind).Scan(&t.last)
		if err != nil {
			return err
		}
	}
	t.last++
	err := commit(ctx, t.last)
	var pe *pgconn.PgError
	if errors.As(err, &pe) && pe.Code == codeTurn {
		// The last words of a process that was killed, if this happens once.
		e.log.Warn("store: something was written under the name of this server; if this is said again, two servers have one name: give each its own node= in [store] of obelus.conf",
			"node", e.node)
		t.last = 0 // ask again
	}
	if err != nil {
		return fmt.Errorf("commit %d: %w", t.last, err)
	}
	return nil
}

// first queues what hands a commit's number to the server.
func (e *Engine) first(b *pgx.Batch, t *turn, seq int64) {
	b.Queue(`SELECT take_turn($1, $2, $3)`, text(e.node), t.kind, seq)
}

// send sends a batch, which is one transaction unless it says otherwise.
func (e *Engine) send(ctx context.Context, b *pgx.Batch) error {
	return e.pool.SendBatch(ctx, b).Close()
}
