package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"obelus/store"
)

// callColumns are the columns of a record, in the order of callArgs and targets; those of the original by its names.
func callColumns() []string {
	return []string{"clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", `"end"`, "duration", "billsec",
		"disposition", "amaflags", "accountcode", "peeraccount", "uniqueid", "linkedid", "userfield", "sequence", "cause", "variables",
		"start_us", "answer_us", "end_us"}
}

func callList() string { return strings.Join(callColumns(), ", ") }

// callMigrations are the steps from an empty file to today's tables. A step that has been released never changes; new ones go to the end.
func callMigrations() []string {
	columns := `
	clid        TEXT NOT NULL,
	src         TEXT NOT NULL,
	dst         TEXT NOT NULL,
	dcontext    TEXT NOT NULL,
	channel     TEXT NOT NULL,
	dstchannel  TEXT NOT NULL,
	lastapp     TEXT NOT NULL,
	lastdata    TEXT NOT NULL,
	start       TEXT NOT NULL,    -- YYYY-MM-DD HH:MM:SS, local time
	answer      TEXT NOT NULL,    -- likewise; '' if nobody answered
	"end"       TEXT NOT NULL,
	duration    INTEGER NOT NULL, -- seconds
	billsec     INTEGER NOT NULL, -- seconds
	disposition TEXT NOT NULL,    -- ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION
	amaflags    INTEGER NOT NULL, -- 1 OMIT, 2 BILLING, 3 DOCUMENTATION
	accountcode TEXT NOT NULL,
	peeraccount TEXT NOT NULL,
	uniqueid    TEXT NOT NULL,
	linkedid    TEXT NOT NULL,
	userfield   TEXT NOT NULL,
	sequence    INTEGER NOT NULL,
	cause       INTEGER NOT NULL, -- Q.850: why it ended
	variables   TEXT NOT NULL,    -- JSON: what the dialplan set by CDR(name)=
	start_us    INTEGER NOT NULL, -- the same times to the microsecond, since 1970
	answer_us   INTEGER NOT NULL,
	end_us      INTEGER NOT NULL,
	calldate    TEXT AS (start) VIRTUAL,
	UNIQUE (uniqueid, sequence)
) STRICT;`
	return []string{`
-- calls that are over, one row a record; number is the order in which they ended
CREATE TABLE cdr (
	number      INTEGER PRIMARY KEY AUTOINCREMENT,` + columns + `
CREATE INDEX cdr_calldate ON cdr (calldate);
-- calls that are up
CREATE TABLE begun (
	pk          INTEGER PRIMARY KEY,` + columns + `
-- how far the records have been shipped, one row a place they go to
CREATE TABLE sink (
	name  TEXT PRIMARY KEY,
	up_to INTEGER NOT NULL, -- cdr.number of the last one
	note  TEXT NOT NULL     -- its own: a place in a file
) STRICT, WITHOUT ROWID;
-- the last sign of life while calls were up
CREATE TABLE life (
	one   INTEGER PRIMARY KEY CHECK (one = 1),
	at_us INTEGER NOT NULL
) STRICT;`}
}

// callStatements are the prepared ones: what is done for each call, or each few.
type callStatements struct {
	begin, end, drop, ship *sql.Stmt // on the connection that writes
	ended                  *sql.Stmt
}

func (s *callStatements) prepare(ctx context.Context, write, read *sql.DB) error {
	columns := callColumns()
	marks := strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",")
	var set []string
	for _, c := range columns {
		if c != "uniqueid" && c != "sequence" { // the same, and to set them would write the index anew
			set = append(set, c+"=excluded."+c)
		}
	}
	var err error
	prepare := func(db *sql.DB, query string) *sql.Stmt {
		stmt, e := db.PrepareContext(ctx, query)
		err = errors.Join(err, e)
		return stmt
	}
	s.begin = prepare(write, `INSERT INTO begun (`+callList()+`) SELECT `+marks+
		` WHERE NOT EXISTS (SELECT 1 FROM cdr WHERE uniqueid = ?18 AND sequence = ?21)
		ON CONFLICT (uniqueid, sequence) DO UPDATE SET `+strings.Join(set, ", "))
	// One that is there already is not to use up a number, as ON CONFLICT DO NOTHING would.
	s.end = prepare(write, `INSERT INTO cdr (`+callList()+`) SELECT `+marks+` WHERE NOT EXISTS (SELECT 1 FROM cdr WHERE uniqueid = ?18 AND sequence = ?21)`)
	s.drop = prepare(write, `DELETE FROM begun WHERE uniqueid = ? AND sequence = ?`)
	s.ship = prepare(write, `INSERT INTO sink (name, up_to, note) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET up_to = excluded.up_to, note = excluded.note`)
	s.ended = prepare(read, `SELECT number, `+callList()+` FROM cdr WHERE number > ? ORDER BY number LIMIT ?`)
	return err
}

func (s *callStatements) close() error {
	return errors.Join(s.begin.Close(), s.end.Close(), s.drop.Close(), s.ship.Close(), s.ended.Close())
}

// callArgs appends a record's columns.
func callArgs(to []any, r *store.CallRecord) []any {
	return append(to, r.CallerID, r.Src, r.Dst, r.DContext, r.Channel, r.DstChannel, r.LastApp, r.LastData,
		localTime(r.Start), localTime(r.Answer), localTime(r.End), int64(r.Duration), int64(r.BillSec),
		r.Disposition, int64(r.AMAFlags), r.AccountCode, r.PeerAccount, r.UniqueID, r.LinkedID, r.UserField, r.Sequence, int64(r.Cause),
		variablesText(r.Variables), micros(r.Start), micros(r.Answer), micros(r.End))
}

// callRow is a record as the tables have it.
type callRow struct {
	r                  store.CallRecord
	local              [3]string // the times, for people
	variables          string
	start, answer, end int64
}

// targets are where Scan puts the number and then the columns of callColumns.
func (w *callRow) targets() []any {
	r := &w.r
	return []any{&r.Number, &r.CallerID, &r.Src, &r.Dst, &r.DContext, &r.Channel, &r.DstChannel, &r.LastApp, &r.LastData,
		&w.local[0], &w.local[1], &w.local[2], &r.Duration, &r.BillSec,
		&r.Disposition, &r.AMAFlags, &r.AccountCode, &r.PeerAccount, &r.UniqueID, &r.LinkedID, &r.UserField, &r.Sequence, &r.Cause,
		&w.variables, &w.start, &w.answer, &w.end}
}

func (w *callRow) record() store.CallRecord {
	r := w.r
	r.Start, r.Answer, r.End = moment(w.start), moment(w.answer), moment(w.end)
	r.Variables = parseVariables(w.variables)
	return r
}

func localTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us)
}
