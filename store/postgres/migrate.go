package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"obelus/store"
)

// lockKey is the advisory lock under which tables are made: two servers that start together do it one after the other. "obelus" as a number.
const lockKey = 0x6f62656c7573

// migrations are the steps from an empty database to today's tables. Step n makes version n (table obelus_schema). A step that has been
// released never changes; new ones go to the end. What phones send may be long: it is in no index, or only its beginning is.
func migrations() []string {
	return []string{`
-- one row a contact of a peer; times are milliseconds since 1970
CREATE TABLE binding (
	pk            uuid PRIMARY KEY, -- made from aor and contact_id
	aor           text NOT NULL,
	contact_id    text NOT NULL,
	node          text NOT NULL,
	seq           bigint NOT NULL, -- the place in what its node has written
	contact       text NOT NULL,
	path          text NOT NULL,
	received      text NOT NULL, -- ip:port
	transport     text NOT NULL,
	local         text NOT NULL, -- ip:port
	flow          text NOT NULL,
	user_agent    text NOT NULL,
	instance      text NOT NULL,
	reg_id        integer NOT NULL,
	q             integer NOT NULL, -- thousandths
	callid        text NOT NULL,
	cseq          bigint NOT NULL,
	registered_at bigint NOT NULL,
	expires       bigint NOT NULL
) WITH (fillfactor=70);
-- one row a text that waits; times are milliseconds since 1970, 0 is none
CREATE TABLE message (
	id            text COLLATE "C" PRIMARY KEY, -- sorts by the time of arrival
	aor           text NOT NULL,
	sender        text NOT NULL, -- From
	receiver      text NOT NULL, -- To
	content_type  text NOT NULL,
	headers       text NOT NULL, -- those that go along: JSON, [["Name","value"], ...]
	peer          text NOT NULL, -- the account that sent it
	at            bigint NOT NULL,
	expires       bigint NOT NULL,
	not_before    bigint NOT NULL,
	tries         integer NOT NULL,
	told          text[] NOT NULL, -- instances of the phones that have taken it
	claimed_by    text NOT NULL DEFAULT '',
	claimed_until bigint NOT NULL DEFAULT 0,
	body          bytea NOT NULL
);
CREATE INDEX message_aor ON message (left(aor, 200), id);
CREATE INDEX message_expires ON message (expires);
-- the dialplan's database, with the columns of the original's astdb.sqlite3
CREATE TABLE astdb (
	key   text COLLATE "C" PRIMARY KEY, -- /family/key
	value text NOT NULL
);
-- how far each server has written, of each kind
CREATE TABLE writer (
	node text NOT NULL,
	kind text NOT NULL,
	seq  bigint NOT NULL,
	PRIMARY KEY (node, kind)
) WITH (fillfactor=50);
-- the first statement of a commit: it fails, and the commit with it, when a later one has been carried out
CREATE FUNCTION take_turn(of_node text, of_kind text, of_seq bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO writer AS w (node, kind, seq) VALUES (of_node, of_kind, of_seq)
		ON CONFLICT (node, kind) DO UPDATE SET seq = excluded.seq WHERE w.seq < excluded.seq;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'a commit of % comes after its turn', of_node USING ERRCODE = 'OB001';
	END IF;
END $$;`,
	}
}

// migrate brings the tables up to date, a step a transaction, so that a crash leaves a version that is whole.
func (e *Engine) migrate(ctx context.Context) error {
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	var encoding, reads string
	if err := conn.QueryRow(ctx, `SELECT current_setting('server_encoding'), current_setting('transaction_read_only')`).Scan(&encoding, &reads); err != nil {
		return err
	}
	if reads == "on" {
		e.pool.Reset() // the next connection may lead to another server, by the same name
		return fmt.Errorf("%w: PostgreSQL at %s only reads, as a standby does", store.ErrUnavailable, e.where)
	}
	if encoding != "UTF8" && encoding != "SQL_ASCII" {
		return fmt.Errorf("%w: PostgreSQL at %s: the encoding of the database is %s and phones write UTF-8; make another: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0",
			store.ErrForeign, e.where, encoding)
	}
	version, err := e.version(ctx, conn)
	for steps := migrations(); err == nil && version < len(steps); {
		was := version
		if version, err = e.step(ctx, conn.Conn(), steps); err == nil && was > 0 {
			e.log.Info("store: tables brought up to date", "at", e.where, "version", version)
		}
	}
	return err
}

// asks is a connection or a transaction.
type asks interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// version is that of the tables that are there; 0 where there are none.
func (e *Engine) version(ctx context.Context, db asks) (version int, err error) {
	err = db.QueryRow(ctx, `SELECT version FROM obelus_schema`).Scan(&version)
	var pe *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows), errors.As(err, &pe) && pe.Code == "42P01":
		return 0, nil
	case err != nil:
		return 0, err
	case version > len(migrations()):
		return 0, fmt.Errorf("%w: the tables in PostgreSQL at %s are version %d, this one knows up to %d; start the newer obelus again, or name another database",
			store.ErrNewer, e.where, version, len(migrations()))
	}
	return version, nil
}

// step carries out the next step, if nobody else has done so meanwhile, and returns the version that is there then.
func (e *Engine) step(ctx context.Context, conn *pgx.Conn, steps []string) (version int, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(lockKey)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS obelus_schema (version integer NOT NULL)`); err != nil {
			return err
		}
		if version, err = e.version(ctx, tx); err != nil || version == len(steps) {
			return err
		}
		version++
		// By the simple protocol, which takes many statements at once.
		if _, err := tx.Conn().PgConn().Exec(ctx, steps[version-1]).ReadAll(); err != nil {
			return err
		}
		sql := `UPDATE obelus_schema SET version=$1`
		if version == 1 {
			sql = `INSERT INTO obelus_schema (version) VALUES ($1)`
		}
		_, err := tx.Exec(ctx, sql, version)
		return err
	})
	if err != nil {
		return 0, err
	}
	return version, nil
}
