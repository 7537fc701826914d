package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"net/netip"
	"slices"
	"time"

	"obelus/store"
)

// newer lets an operation through if it comes from the node that holds the binding, whose commits are in order whatever its clock does,
// or if it is not older than what is stored. Its parameters are the operation's node and time.
const newer = `(node = ? OR (SELECT registered_at FROM lease WHERE lease.pk = binding.pk) <= ?)`

const columns = `aor, contact_id, node, contact, path, received, transport, local, flow, user_agent, instance, reg_id, q, callid`

// statements are the prepared ones, on the connection that writes.
type statements struct {
	bind, lease, refresh, remove *sql.Stmt // of registrations
	append, done, told, retry    *sql.Stmt // of texts
	put, take, tree, all         *sql.Stmt // of keys
}

// statement is one of them and what it says.
type statement struct {
	to    **sql.Stmt
	query string
}

func (s *statements) prepare(ctx context.Context, db *sql.DB) error {
	for _, p := range slices.Concat(s.ofLocation(), s.ofMessages(), s.ofKeys()) {
		stmt, err := db.PrepareContext(ctx, p.query)
		if err != nil {
			return err
		}
		*p.to = stmt
	}
	return nil
}

func (s *statements) ofLocation() []statement {
	return []statement{
		{&s.bind, `INSERT INTO binding (` + columns + `) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)
			ON CONFLICT (aor, contact_id) DO UPDATE SET node=excluded.node, contact=excluded.contact, path=excluded.path,
			received=excluded.received, transport=excluded.transport, local=excluded.local, flow=excluded.flow,
			user_agent=excluded.user_agent, instance=excluded.instance, reg_id=excluded.reg_id, q=excluded.q, callid=excluded.callid
			WHERE binding.node = excluded.node OR (SELECT registered_at FROM lease WHERE lease.pk = binding.pk) <= ? RETURNING pk`},
		{&s.lease, `INSERT INTO lease (pk, expires, cseq, registered_at) VALUES (?,?,?,?)
			ON CONFLICT (pk) DO UPDATE SET expires=excluded.expires, cseq=excluded.cseq, registered_at=excluded.registered_at`},
		{&s.refresh, `UPDATE lease SET expires=?, cseq=?, registered_at=?
			WHERE pk = (SELECT pk FROM binding WHERE aor=? AND contact_id=? AND ` + newer + `)`},
		{&s.remove, `DELETE FROM binding WHERE aor=? AND contact_id=? AND ` + newer},
	}
}

func (s *statements) close() error {
	var all []error
	for _, p := range slices.Concat(s.ofLocation(), s.ofMessages(), s.ofKeys()) {
		if *p.to != nil {
			all = append(all, (*p.to).Close())
		}
	}
	return errors.Join(all...)
}

// Commit implements store.Location.
func (e *Engine) Commit(ctx context.Context, ops []store.BindingOp) error {
	return e.transact(ctx, "commit registrations to", func(ctx context.Context, tx *sql.Tx) error {
		w := writing{ctx: ctx, bind: tx.StmtContext(ctx, e.stmts.bind), lease: tx.StmtContext(ctx, e.stmts.lease),
			refresh: tx.StmtContext(ctx, e.stmts.refresh), remove: tx.StmtContext(ctx, e.stmts.remove)}
		for i := range ops {
			if err := w.op(&ops[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// writing is a transaction under way.
type writing struct {
	ctx                          context.Context
	bind, lease, refresh, remove *sql.Stmt
}

func (w *writing) op(o *store.BindingOp) error {
	b := &o.Binding
	at := b.RegisteredAt.UnixMilli()
	switch o.Kind {
	case store.Delete:
		_, err := w.remove.ExecContext(w.ctx, b.AOR, b.ContactID, b.Node, at)
		return err
	case store.Refresh:
		res, err := w.refresh.ExecContext(w.ctx, b.Expires.UnixMilli(), int64(b.CSeq), at, b.AOR, b.ContactID, b.Node, at)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
	}
	return w.upsert(b, at)
}

// upsert writes both rows; neither if what is stored is newer.
func (w *writing) upsert(b *store.Binding, at int64) error {
	var pk int64
	err := w.bind.QueryRowContext(w.ctx, b.AOR, b.ContactID, b.Node, b.Contact, b.Path, addrText(b.Received), b.Transport, addrText(b.Local),
		b.Flow, b.UserAgent, b.Instance, int64(b.RegID), int64(b.Q), b.CallID, at).Scan(&pk)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = w.lease.ExecContext(w.ctx, pk, b.Expires.UnixMilli(), int64(b.CSeq), at)
	return err
}

// Load implements store.Location.
func (e *Engine) Load(ctx context.Context, yield func(store.Binding) error) error {
	unwatched := context.WithoutCancel(ctx)
	conn, err := e.read.Conn(unwatched)
	if err != nil {
		return e.failed("read registrations from", err)
	}
	defer conn.Close()
	// What was read is not asked for again: the pages need not be kept.
	defer conn.ExecContext(unwatched, "PRAGMA shrink_memory")
	rows, err := conn.QueryContext(unwatched, `SELECT `+columns+`, expires, cseq, registered_at FROM binding JOIN lease USING (pk)`)
	if err != nil {
		return e.failed("read registrations from", err)
	}
	defer rows.Close()
	var r row
	to := r.targets()
	for rows.Next() {
		if err := errors.Join(ctx.Err(), rows.Scan(to...)); err != nil {
			return e.failed("read registrations from", err)
		}
		if err := yield(r.binding()); err != nil {
			return err
		}
	}
	return e.failed("read registrations from", rows.Err())
}

// row is a binding as the tables have it.
type row struct {
	b                         store.Binding
	received, local           string
	cseq, expires, registered int64
}

// targets are where Scan puts the columns that Load asks for.
func (r *row) targets() []any {
	b := &r.b
	return []any{&b.AOR, &b.ContactID, &b.Node, &b.Contact, &b.Path, &r.received, &b.Transport, &r.local, &b.Flow, &b.UserAgent, &b.Instance,
		&b.RegID, &b.Q, &b.CallID, &r.expires, &r.cseq, &r.registered}
}

func (r *row) binding() store.Binding {
	b := r.b
	b.Received, b.Local = parseAddr(r.received), parseAddr(r.local)
	b.CSeq = uint32(r.cseq)
	b.Expires, b.RegisteredAt = time.UnixMilli(r.expires), time.UnixMilli(r.registered)
	return b
}

func addrText(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// parseAddr reads what addrText wrote. Somebody may have edited the file: what can't be read is no address.
func parseAddr(s string) netip.AddrPort {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.AddrPort{}
	}
	return a
}
