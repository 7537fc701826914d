package sqlite

import (
	"context"
	"fmt"
)

// migrations are the steps from an empty file to today's tables. Step n makes version n (PRAGMA user_version). A step that
// has been released never changes; new ones go to the end.
func migrations() []string {
	return []string{
		`
-- one row a contact of a peer
CREATE TABLE binding (
	pk         INTEGER PRIMARY KEY,
	aor        TEXT NOT NULL,
	contact_id TEXT NOT NULL,
	node       TEXT NOT NULL,
	contact    TEXT NOT NULL,
	path       TEXT NOT NULL,
	received   TEXT NOT NULL, -- ip:port
	transport  TEXT NOT NULL,
	local      TEXT NOT NULL, -- ip:port
	flow       TEXT NOT NULL,
	user_agent TEXT NOT NULL,
	instance   TEXT NOT NULL,
	reg_id     INTEGER NOT NULL,
	q          INTEGER NOT NULL, -- thousandths
	callid     TEXT NOT NULL,
	UNIQUE (aor, contact_id)
) STRICT;
-- what every refresh changes, in a row as small as can be; times are milliseconds since 1970
CREATE TABLE lease (
	pk            INTEGER PRIMARY KEY REFERENCES binding (pk) ON DELETE CASCADE,
	expires       INTEGER NOT NULL,
	cseq          INTEGER NOT NULL,
	registered_at INTEGER NOT NULL
) STRICT;`,
		`
-- one row a text that waits; times are milliseconds since 1970
CREATE TABLE message (
	id            TEXT PRIMARY KEY, -- sorts by the time of arrival
	aor           TEXT NOT NULL,
	sender        TEXT NOT NULL, -- From
	receiver      TEXT NOT NULL, -- To
	content_type  TEXT NOT NULL,
	headers       TEXT NOT NULL, -- those that go along: JSON, [["Name","value"], ...]
	peer          TEXT NOT NULL, -- the account that sent it
	at            INTEGER NOT NULL,
	expires       INTEGER NOT NULL,
	not_before    INTEGER NOT NULL,
	tries         INTEGER NOT NULL,
	claimed_by    TEXT NOT NULL,
	claimed_until INTEGER NOT NULL,
	body          BLOB NOT NULL
) STRICT;
CREATE INDEX message_aor ON message (aor, id);
CREATE INDEX message_expires ON message (expires);
-- which phones of the account have taken it
CREATE TABLE told (
	id       TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
	instance TEXT NOT NULL,
	PRIMARY KEY (id, instance)
) STRICT;
-- the dialplan's database, with the columns of the original's astdb.sqlite3
CREATE TABLE astdb (
	key   TEXT PRIMARY KEY, -- /family/key
	value TEXT NOT NULL
) STRICT;`,
		`
-- what was taken over from another server's files, once
CREATE TABLE imported (
	path     TEXT PRIMARY KEY,
	at       INTEGER NOT NULL, -- milliseconds since 1970
	keys     INTEGER NOT NULL,
	contacts INTEGER NOT NULL
) STRICT;`,
	}
}

// migrate brings the tables up to date, a step a transaction, so that a crash leaves a version that is whole.
func (d *database) migrate(ctx context.Context) error {
	var version int
	if err := d.write.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	for v, step := range d.steps {
		if v < version {
			continue
		}
		if err := d.step(ctx, v+1, step); err != nil {
			return fmt.Errorf("bring tables to version %d: %w", v+1, err)
		}
		if version > 0 {
			d.log.Info("store: tables brought up to date", "file", d.path, "version", v+1)
		}
	}
	return nil
}

func (d *database) step(ctx context.Context, version int, step string) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing after Commit
	marks := fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d;", d.id, version)
	if _, err := tx.ExecContext(ctx, step+marks); err != nil {
		return err
	}
	return tx.Commit()
}
