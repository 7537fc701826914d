package postgres

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"obelus/store"
)

const bindingColumns = `aor, contact_id, node, contact, path, received, transport, local, flow, user_agent, instance, reg_id, q, callid, cseq, registered_at, expires`

// newer lets an operation through if it comes from the node that holds the binding, whose commits are in order whatever its clock
// does, or if it is not older than what is stored.
const newer = `(b.node = n.node OR b.registered_at <= n.registered_at)`

// The statements of a commit. Each takes many operations as arrays.
const (
	refreshSQL = `UPDATE binding b SET cseq=n.cseq, registered_at=n.registered_at, expires=n.expires, seq=$6
		FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS n (pk, node, cseq, registered_at, expires)
		WHERE b.pk = n.pk AND ` + newer + ` RETURNING b.pk`
	upsertSQL = `INSERT INTO binding AS b (seq, pk, ` + bindingColumns + `)
		SELECT $1::bigint, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
			$12::text[], $13::text[], $14::integer[], $15::integer[], $16::text[], $17::bigint[], $18::bigint[], $19::bigint[])
		ON CONFLICT (pk) DO UPDATE SET (seq, node, contact, path, received, transport, local, flow, user_agent, instance, reg_id, q, callid, cseq, registered_at, expires) =
			(excluded.seq, excluded.node, excluded.contact, excluded.path, excluded.received, excluded.transport, excluded.local, excluded.flow, excluded.user_agent,
			excluded.instance, excluded.reg_id, excluded.q, excluded.callid, excluded.cseq, excluded.registered_at, excluded.expires)
		WHERE b.node = excluded.node OR b.registered_at <= excluded.registered_at`
	removeSQL = `DELETE FROM binding b USING unnest($1::uuid[], $2::text[], $3::bigint[]) AS n (pk, node, registered_at)
		WHERE b.pk = n.pk AND ` + newer
)

// key makes the primary key of a binding: what phones call their contacts may be too long for an index.
func key(k store.BindingKey) (pk [16]byte) {
	sum := sha256.Sum256([]byte(k.AOR + "\x00" + k.ContactID))
	copy(pk[:], sum[:])
	return pk
}

// Commit implements store.Location.
func (e *Engine) Commit(ctx context.Context, ops []store.BindingOp) error {
	return e.do(ctx, "commit registrations", func(ctx context.Context) error {
		return e.inTurn(ctx, &e.binds, func(ctx context.Context, seq int64) error { return e.commit(ctx, ops, seq) })
	})
}

// commit is one transaction: one round trip, or two where something is refreshed.
func (e *Engine) commit(ctx context.Context, ops []store.BindingOp, seq int64) error {
	waves := sortIntoWaves(ops)
	if !slices.ContainsFunc(ops, func(o store.BindingOp) bool { return o.Kind == store.Refresh }) {
		var b pgx.Batch
		e.first(&b, &e.binds, seq)
		for _, w := range waves {
			w.queue(&b, seq)
		}
		return e.send(ctx, &b)
	}
	return pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		for i, w := range waves {
			var b pgx.Batch
			if i == 0 {
				e.first(&b, &e.binds, seq)
			}
			if err := w.refresh(ctx, tx, &b, seq); err != nil {
				return err
			}
		}
		return nil
	})
}

// wave is operations of which no two concern the same binding: their order does not matter.
type wave struct {
	bind, refreshed, remove []keyed
}

// keyed is an operation with its primary key.
type keyed struct {
	pk [16]byte
	b  *store.Binding
}

// sortIntoWaves splits operations into waves. Within each they are in the order of the keys, so that two servers that write the same
// bindings lock them in the same order.
func sortIntoWaves(ops []store.BindingOp) []*wave {
	var waves []*wave
	seen := make(map[[16]byte]int, len(ops))
	for i := range ops {
		k := keyed{key(ops[i].Key()), &ops[i].Binding}
		n := seen[k.pk]
		seen[k.pk] = n + 1
		if n == len(waves) {
			waves = append(waves, new(wave))
		}
		w := waves[n]
		switch ops[i].Kind {
		case store.Delete:
			w.remove = append(w.remove, k)
		case store.Refresh:
			w.refreshed = append(w.refreshed, k)
		default:
			w.bind = append(w.bind, k)
		}
	}
	for _, w := range waves {
		for _, list := range [][]keyed{w.bind, w.refreshed, w.remove} {
			slices.SortFunc(list, func(a, b keyed) int { return slices.Compare(a.pk[:], b.pk[:]) })
		}
	}
	return waves
}

// refresh carries out a wave that may have refreshes. What is not there to be refreshed is written whole.
func (w *wave) refresh(ctx context.Context, tx pgx.Tx, b *pgx.Batch, seq int64) error {
	missing := make(map[[16]byte]keyed, len(w.refreshed))
	for _, k := range w.refreshed {
		missing[k.pk] = k
	}
	if len(w.refreshed) > 0 {
		c := newColumns(w.refreshed)
		b.Queue(refreshSQL, c.pk, c.node, c.cseq, c.registered, c.expires, seq).Query(func(rows pgx.Rows) error {
			var pk [16]byte
			_, err := pgx.ForEachRow(rows, []any{&pk}, func() error {
				delete(missing, pk)
				return nil
			})
			return err
		})
	}
	w.queue(b, seq)
	if err := tx.SendBatch(ctx, b).Close(); err != nil || len(missing) == 0 {
		return err
	}
	var more pgx.Batch
	rest := wave{}
	for _, k := range w.refreshed {
		if _, ok := missing[k.pk]; ok {
			rest.bind = append(rest.bind, k)
		}
	}
	rest.queue(&more, seq)
	return tx.SendBatch(ctx, &more).Close()
}

// queue queues what a wave binds and removes.
func (w *wave) queue(b *pgx.Batch, seq int64) {
	if len(w.bind) > 0 {
		c := newColumns(w.bind)
		c.rest(w.bind)
		b.Queue(upsertSQL, seq, c.pk, c.aor, c.contactID, c.node, c.contact, c.path, c.received, c.transport, c.local, c.flow, c.userAgent, c.instance,
			c.regID, c.q, c.callID, c.cseq, c.registered, c.expires)
	}
	if len(w.remove) > 0 {
		c := newColumns(w.remove)
		b.Queue(removeSQL, c.pk, c.node, c.registered)
	}
}

// columns are operations turned by a quarter: an array a column.
type columns struct {
	pk                                          [][16]byte
	node                                        []string
	cseq, registered, expires                   []int64
	aor, contactID, contact, path, received     []string
	transport, local, flow, userAgent, instance []string
	callID                                      []string
	regID, q                                    []int32
}

// newColumns fills in what every operation needs.
func newColumns(list []keyed) *columns {
	c := new(columns)
	for _, k := range list {
		c.pk = append(c.pk, k.pk)
		c.node = append(c.node, text(k.b.Node))
		c.cseq = append(c.cseq, int64(k.b.CSeq))
		c.registered = append(c.registered, k.b.RegisteredAt.UnixMilli())
		c.expires = append(c.expires, k.b.Expires.UnixMilli())
	}
	return c
}

// rest fills in what else there is of a binding.
func (c *columns) rest(list []keyed) {
	for _, k := range list {
		b := k.b
		for _, p := range []struct {
			to   *[]string
			what string
		}{
			{&c.aor, b.AOR}, {&c.contactID, b.ContactID}, {&c.contact, b.Contact}, {&c.path, b.Path}, {&c.received, addrText(b.Received)},
			{&c.transport, b.Transport}, {&c.local, addrText(b.Local)}, {&c.flow, b.Flow}, {&c.userAgent, b.UserAgent}, {&c.instance, b.Instance},
			{&c.callID, b.CallID},
		} {
			*p.to = append(*p.to, text(p.what))
		}
		c.regID = append(c.regID, int32(b.RegID))
		c.q = append(c.q, int32(b.Q))
	}
}

// page is how many rows are read at once. Each page is an operation of its own, with its own time.
const page = 5000

// Load implements store.Location.
func (e *Engine) Load(ctx context.Context, yield func(store.Binding) error) error {
	if err := e.Commit(ctx, nil); err != nil { // a fence: see turn.go
		return err
	}
	var after [16]byte
	for first := true; ; first = false {
		var rows []bindingRow
		err := e.do(ctx, "read registrations", func(ctx context.Context) error {
			found, err := e.pool.Query(ctx, `SELECT pk, `+bindingColumns+` FROM binding WHERE pk > $1 OR $2 AND pk = $1 ORDER BY pk LIMIT $3`, after, first, page)
			if err == nil {
				rows, err = pgx.CollectRows(found, pgx.RowToStructByPos[bindingRow])
			}
			return err
		})
		if err != nil {
			return err
		}
		for i := range rows {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("read registrations: %w", err)
			}
			if err := yield(rows[i].binding()); err != nil {
				return err
			}
		}
		if len(rows) < page {
			return nil
		}
		after = rows[len(rows)-1].PK
	}
}

// bindingRow is a binding as the table has it, in the order of bindingColumns.
type bindingRow struct {
	PK                                            [16]byte
	AOR, ContactID, Node, Contact, Path, Received string
	Transport, Local, Flow, UserAgent, Instance   string
	RegID, Q                                      int32
	CallID                                        string
	CSeq, RegisteredAt, Expires                   int64
}

func (r *bindingRow) binding() store.Binding {
	return store.Binding{
		AOR: fromText(r.AOR), ContactID: fromText(r.ContactID), Node: fromText(r.Node), Contact: fromText(r.Contact), Path: fromText(r.Path),
		Received: parseAddr(r.Received), Transport: fromText(r.Transport), Local: parseAddr(r.Local), Flow: fromText(r.Flow),
		UserAgent: fromText(r.UserAgent), Instance: fromText(r.Instance), RegID: int(r.RegID), Q: int(r.Q), CallID: fromText(r.CallID), CSeq: uint32(r.CSeq),
		RegisteredAt: time.UnixMilli(r.RegisteredAt), Expires: time.UnixMilli(r.Expires),
	}
}

// byID orders texts.
func byID(a, b store.Message) int { return cmp.Compare(a.ID, b.ID) }
