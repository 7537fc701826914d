package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"obelus/store"
)

const messageColumns = `id, aor, sender, receiver, content_type, headers, peer, at, expires, not_before, tries, told, body`

// Append implements store.Messages.
func (e *Engine) Append(ctx context.Context, messages []store.Message) error {
	return e.do(ctx, "write texts", func(ctx context.Context) error {
		var b pgx.Batch
		for i := range messages {
			m := &messages[i]
			headers, err := headersText(m.Headers)
			if err != nil {
				return err
			}
			body := m.Body
			if body == nil {
				body = []byte{} // not NULL
			}
			b.Queue(`INSERT INTO message (`+messageColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13) ON CONFLICT (id) DO NOTHING`,
				text(m.ID), text(m.AOR), text(m.From), text(m.To), text(m.ContentType), headers, text(m.Peer), m.At.UnixMilli(), m.Expires.UnixMilli(),
				milli(m.NotBefore), m.Tries, texts(m.Told), body)
		}
		return e.send(ctx, &b)
	})
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

// headersText writes headers as JSON that a person can read. Bytes that JSON could not keep are written as in every other column.
func headersText(headers []store.Header) (string, error) {
	pairs := make([][2]string, len(headers))
	for i, h := range headers {
		pairs[i] = [2]string{text(h.Name), text(h.Value)}
	}
	b, err := json.Marshal(pairs)
	return string(b), err
}

func parseHeaders(s string) ([]store.Header, error) {
	var pairs [][2]string
	if err := json.Unmarshal([]byte(s), &pairs); err != nil {
		return nil, fmt.Errorf("the headers of a text can't be read: %w", err)
	}
	var out []store.Header
	for _, p := range pairs {
		out = append(out, store.Header{Name: fromText(p[0]), Value: fromText(p[1])})
	}
	return out, nil
}

// Claim implements store.Messages. Two nodes that claim at the same time wait for each other's rows, and look again.
func (e *Engine) Claim(ctx context.Context, c store.Claim) (out []store.Message, err error) {
	const whose = ` WHERE left(aor, 200) = left($1, 200) AND aor = $1 AND id > $2 AND (claimed_by = $3 OR claimed_until <= $4) ORDER BY id LIMIT $5`
	err = e.do(ctx, "claim texts", func(ctx context.Context) (err error) {
		if !c.Until.After(c.Now) {
			out, err = e.readMessages(ctx, `SELECT `+messageColumns+` FROM message`+whose, text(c.AOR), text(c.After), text(c.Node), c.Now.UnixMilli(), c.Max)
			return err
		}
		out, err = e.readMessages(ctx, `WITH free AS (SELECT id AS free_id FROM message`+whose+` FOR UPDATE)
			UPDATE message SET claimed_by = $3, claimed_until = $6 FROM free WHERE id = free_id RETURNING `+messageColumns,
			text(c.AOR), text(c.After), text(c.Node), c.Now.UnixMilli(), c.Max, c.Until.UnixMilli())
		return err
	})
	slices.SortFunc(out, byID)
	return out, err
}

// Expired implements store.Messages.
func (e *Engine) Expired(ctx context.Context, now time.Time, most int) (out []store.Message, err error) {
	err = e.do(ctx, "read expired texts", func(ctx context.Context) (err error) {
		out, err = e.readMessages(ctx, `SELECT `+messageColumns+` FROM message WHERE expires <= $1 ORDER BY expires, id LIMIT $2`, now.UnixMilli(), most)
		return err
	})
	return out, err
}

// messageRow is a text as the table has it, in the order of messageColumns.
type messageRow struct {
	ID, AOR, Sender, Receiver, ContentType, Headers, Peer string
	At, Expires, NotBefore                                int64
	Tries                                                 int32
	Told                                                  []string
	Body                                                  []byte
}

// readMessages reads the texts that a query finds.
func (e *Engine) readMessages(ctx context.Context, query string, args ...any) ([]store.Message, error) {
	found, err := e.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[messageRow])
	if err != nil {
		return nil, err
	}
	var out []store.Message
	for i := range rows {
		m, err := rows[i].message()
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (r *messageRow) message() (m store.Message, err error) {
	m = store.Message{
		ID: fromText(r.ID), AOR: fromText(r.AOR), From: fromText(r.Sender), To: fromText(r.Receiver), ContentType: fromText(r.ContentType), Body: r.Body,
		Peer: fromText(r.Peer), At: time.UnixMilli(r.At), Expires: time.UnixMilli(r.Expires), NotBefore: fromMilli(r.NotBefore), Tries: int(r.Tries),
	}
	for _, instance := range r.Told {
		m.Told = append(m.Told, fromText(instance))
	}
	m.Headers, err = parseHeaders(r.Headers)
	return m, err
}

// Mark implements store.Messages.
func (e *Engine) Mark(ctx context.Context, ops []store.MessageOp) error {
	return e.do(ctx, "mark texts", func(ctx context.Context) error {
		var b pgx.Batch
		for _, o := range ops {
			switch o.Kind {
			case store.MessageDone:
				b.Queue(`DELETE FROM message WHERE id = $1`, text(o.ID))
			case store.MessageTold:
				b.Queue(`UPDATE message SET told = told || $2::text WHERE id = $1 AND $2::text <> ALL (told)`, text(o.ID), text(o.Instance))
			case store.MessageRetry:
				b.Queue(`UPDATE message SET tries = tries+1, not_before = $2, claimed_by = '', claimed_until = 0 WHERE id = $1`, text(o.ID), milli(o.NotBefore))
			}
		}
		return e.send(ctx, &b)
	})
}

// countRow is what an account has waiting, as the query gives it.
type countRow struct {
	AOR          string
	Count, Bytes int64
	Next, Oldest int64
	Last         string
}

// Accounts implements store.Messages.
func (e *Engine) Accounts(ctx context.Context, yield func(store.MessageCount) error) error {
	var rows []countRow
	err := e.do(ctx, "count texts", func(ctx context.Context) error {
		found, err := e.pool.Query(ctx, `SELECT aor, count(*), sum(length(body))::bigint, min(not_before), min(at), max(id) FROM message GROUP BY aor`)
		if err == nil {
			rows, err = pgx.CollectRows(found, pgx.RowToStructByPos[countRow])
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("count texts: %w", err)
		}
		err := yield(store.MessageCount{AOR: fromText(r.AOR), Count: int(r.Count), Bytes: r.Bytes, Next: fromMilli(r.Next), Oldest: time.UnixMilli(r.Oldest), Last: fromText(r.Last)})
		if err != nil {
			return err
		}
	}
	return nil
}
