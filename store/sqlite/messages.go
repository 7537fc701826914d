package sqlite

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"obelus/store"
)

var _ store.Messages = (*Engine)(nil)

// ofMessages are the statements that write texts.
func (s *statements) ofMessages() []statement {
	return []statement{
		{&s.append, `INSERT INTO message (id, aor, sender, receiver, content_type, headers, peer, at, expires, not_before, tries,
			claimed_by, claimed_until, body) VALUES (?,?,?,?,?,?,?,?,?,?,?,'',0,?) ON CONFLICT (id) DO NOTHING`},
		{&s.done, `DELETE FROM message WHERE id=?`},
		{&s.told, `INSERT INTO told (id, instance) SELECT id, ? FROM message WHERE id=? ON CONFLICT DO NOTHING`},
		{&s.retry, `UPDATE message SET tries=tries+1, not_before=?, claimed_by='', claimed_until=0 WHERE id=?`},
	}
}

// transact runs do in a transaction that is durable when it returns nil.
func (e *Engine) transact(ctx context.Context, what string, do func(ctx context.Context, tx *sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// Inside, the context is not watched: it would cost a goroutine a statement, and the batch is short.
	ctx = context.WithoutCancel(ctx)
	tx, err := e.write.BeginTx(ctx, nil)
	if err == nil {
		defer tx.Rollback() // nothing after Commit
		if err = do(ctx, tx); err == nil {
			err = tx.Commit()
		}
	}
	return e.failed(what, err)
}

// Append implements store.Messages.
func (e *Engine) Append(ctx context.Context, messages []store.Message) error {
	return e.transact(ctx, "write texts to", func(ctx context.Context, tx *sql.Tx) error {
		insert, told := tx.StmtContext(ctx, e.stmts.append), tx.StmtContext(ctx, e.stmts.told)
		for i := range messages {
			m := &messages[i]
			res, err := insert.ExecContext(ctx, m.ID, m.AOR, m.From, m.To, m.ContentType, headersText(m.Headers), m.Peer, m.At.UnixMilli(), m.Expires.UnixMilli(),
				milli(m.NotBefore), int64(m.Tries), blob(m.Body))
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 {
				if err != nil {
					return err
				}
				continue // it is there already, with its own
			}
			for _, instance := range m.Told {
				if _, err := told.ExecContext(ctx, instance, m.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// blob is a body as a value that is never NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// milli is a time as the tables have it: 0 is the zero time.
func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// headersText writes headers as JSON that a person can read. Bytes that are not UTF-8, which a phone may have sent, stay as they are.
func headersText(headers []store.Header) string {
	out := []byte{'['}
	for i, h := range headers {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendJSON(append(out, '['), h.Name)
		out = append(appendJSON(append(out, ','), h.Value), ']')
	}
	return string(append(out, ']'))
}

// parseHeaders reads what headersText wrote. Somebody may have edited the file: it ends where it can't be read.
func parseHeaders(s string) (headers []store.Header) {
	mark := func(c string) (ok bool) {
		s, ok = strings.CutPrefix(strings.TrimLeft(s, " \t\r\n"), c)
		s = strings.TrimLeft(s, " \t\r\n")
		return ok
	}
	for next := "["; mark(next) && mark("["); next = "," {
		var pair [2]string
		var ok bool
		for i, end := range [2]string{",", "]"} {
			if pair[i], s, ok = jsonString(s); !ok || !mark(end) {
				return headers
			}
		}
		headers = append(headers, store.Header{Name: pair[0], Value: pair[1]})
	}
	return headers
}

// messageColumns are those that readMessages reads; the last says whether anybody has been told.
const messageColumns = `id, aor, sender, receiver, content_type, headers, peer, at, expires, not_before, tries, body,
	EXISTS (SELECT 1 FROM told WHERE told.id=message.id)`

const (
	whose       = ` WHERE aor=? AND id>? AND (claimed_by=? OR claimed_until<=?) ORDER BY id LIMIT ?`
	ofOneHolder = `SELECT ` + messageColumns + ` FROM message` + whose
)

// Claim implements store.Messages. A look needs no commit.
func (e *Engine) Claim(ctx context.Context, c store.Claim) (out []store.Message, err error) {
	now := c.Now.UnixMilli()
	if !c.Until.After(c.Now) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows, err := e.looks.QueryContext(context.WithoutCancel(ctx), c.AOR, c.After, c.Node, now, c.Max)
		if err == nil {
			out, err = readMessages(context.WithoutCancel(ctx), e.read, rows)
		}
		if err != nil {
			return nil, e.failed("read texts from", err)
		}
		return out, nil
	}
	err = e.transact(ctx, "claim texts in", func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, ofOneHolder, c.AOR, c.After, c.Node, now, c.Max)
		if err != nil {
			return err
		}
		if out, err = readMessages(ctx, tx, rows); err != nil {
			return err
		}
		if len(out) > 0 {
			_, err = tx.ExecContext(ctx, `UPDATE message SET claimed_by=?, claimed_until=? WHERE id IN (SELECT id FROM message`+whose+`)`,
				c.Node, c.Until.UnixMilli(), c.AOR, c.After, c.Node, now, c.Max)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Expired implements store.Messages.
func (e *Engine) Expired(ctx context.Context, now time.Time, most int) ([]store.Message, error) {
	rows, err := e.read.QueryContext(ctx, `SELECT `+messageColumns+` FROM message WHERE expires<=? ORDER BY expires, id LIMIT ?`, now.UnixMilli(), most)
	var out []store.Message
	if err == nil {
		out, err = readMessages(ctx, e.read, rows)
	}
	if err != nil {
		return nil, e.failed("read expired texts from", err)
	}
	return out, nil
}

// reads is a database, or a transaction on one.
type reads interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readMessages reads the texts that a query has found, and who has been told of each.
func readMessages(ctx context.Context, from reads, rows *sql.Rows) (out []store.Message, err error) {
	defer rows.Close()
	var told []int // which of them somebody has
	for rows.Next() {
		var m store.Message
		var headers string
		var at, expires, notBefore int64
		var somebody bool
		if err := rows.Scan(&m.ID, &m.AOR, &m.From, &m.To, &m.ContentType, &headers, &m.Peer, &at, &expires, &notBefore, &m.Tries, &m.Body, &somebody); err != nil {
			return nil, err
		}
		m.Headers = parseHeaders(headers)
		m.At, m.Expires, m.NotBefore = time.UnixMilli(at), time.UnixMilli(expires), fromMilli(notBefore)
		if somebody {
			told = append(told, len(out))
		}
		out = append(out, m)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	for _, i := range told {
		if out[i].Told, err = readTold(ctx, from, out[i].ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readTold reads who has taken a text, in the order they did.
func readTold(ctx context.Context, from reads, id string) ([]string, error) {
	rows, err := from.QueryContext(ctx, `SELECT instance FROM told WHERE id=? ORDER BY rowid`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var instance string
		if err := rows.Scan(&instance); err != nil {
			return nil, err
		}
		out = append(out, instance)
	}
	return out, rows.Err()
}

// Mark implements store.Messages.
func (e *Engine) Mark(ctx context.Context, ops []store.MessageOp) error {
	return e.transact(ctx, "mark texts in", func(ctx context.Context, tx *sql.Tx) error {
		done, told, retry := tx.StmtContext(ctx, e.stmts.done), tx.StmtContext(ctx, e.stmts.told), tx.StmtContext(ctx, e.stmts.retry)
		for _, o := range ops {
			var err error
			switch o.Kind {
			case store.MessageDone:
				_, err = done.ExecContext(ctx, o.ID)
			case store.MessageTold:
				_, err = told.ExecContext(ctx, o.Instance, o.ID)
			case store.MessageRetry:
				_, err = retry.ExecContext(ctx, milli(o.NotBefore), o.ID)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Accounts implements store.Messages.
func (e *Engine) Accounts(ctx context.Context, yield func(store.MessageCount) error) error {
	rows, err := e.read.QueryContext(ctx, `SELECT aor, count(*), sum(length(body)), min(not_before), min(at), max(id) FROM message GROUP BY aor`)
	if err != nil {
		return e.failed("count texts in", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c store.MessageCount
		var next, oldest int64
		if err := rows.Scan(&c.AOR, &c.Count, &c.Bytes, &next, &oldest, &c.Last); err != nil {
			return e.failed("count texts in", err)
		}
		c.Next, c.Oldest = fromMilli(next), time.UnixMilli(oldest)
		if err := yield(c); err != nil {
			return err
		}
	}
	return e.failed("count texts in", rows.Err())
}
