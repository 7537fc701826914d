// Package pgsql writes call records to a table in PostgreSQL, as the original's cdr_pgsql does by cdr_pgsql.conf: the table is the
// operator's, its columns are read when the server is reached, and each takes what the record has under its name, fitted to its type.
//
// A record is there once where the table has uniqueid and sequence: after a restart or a broken connection, when it is not known whether the last
// records arrived, they are looked for by these first. With uniqueid alone, start, dstchannel and others that are there are compared
// too. A table without uniqueid may get such records twice, and this is said.
package pgsql

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"obelus/store"
)

// The bounds on waiting for the server.
const (
	connectTime = 10 * time.Second
	writeTime   = 30 * time.Second
)

// pieceInDoubt is how many records are looked for and written within writeTime. The table may be large and have no index: the original
// needs none.
const pieceInDoubt = 10

// Sink writes to one table.
type Sink struct {
	cfg   Config
	log   *slog.Logger
	w     writing
	doubt bool   // whether the next records are there already
	last  string // note of the last records that arrived

	conn    *pgx.Conn
	columns []column
	key     []int // of columns: what makes a row the same

	mu        sync.Mutex
	connected time.Time // zero: it is not
	since     int       // records since connected
	total     int
}

// New makes the sink of a table. It connects when there is something to write.
func New(c Config, log *slog.Logger) *Sink {
	return &Sink{cfg: c, log: log, w: writing{location: c.Location, latin9: c.Latin9}, doubt: true}
}

// Name implements outbox.Sink.
func (s *Sink) Name() string { return "pgsql" }

// Close ends the connection.
func (s *Sink) Close() error {
	s.disconnect()
	return nil
}

// Ship implements outbox.Sink.
func (s *Sink) Ship(ctx context.Context, records []store.CallRecord, note string, _ func(string) error) (string, error) {
	send := make([]*store.CallRecord, 0, len(records))
	for i := range records {
		if wanted(s.cfg.Filters, &records[i]) {
			send = append(send, &records[i])
		}
	}
	if len(send) == 0 {
		return note, nil
	}
	doubt := s.doubt || note != s.last // what arrived was not noted: it is the same records
	if err := s.connect(ctx); err != nil {
		return "", err
	}
	size := len(send)
	if doubt {
		size = pieceInDoubt
	}
	for piece := range slices.Chunk(send, size) {
		if err := s.send(ctx, piece, doubt); err != nil {
			s.disconnect()
			return "", err
		}
	}
	s.doubt, s.last = false, strconv.FormatInt(records[len(records)-1].Number, 10)
	return s.last, nil
}

// send sends records, and counts them.
func (s *Sink) send(ctx context.Context, records []*store.CallRecord, doubt bool) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	err := s.write(ctx, records, doubt)
	if refused(err) {
		err = s.oneByOne(ctx, records)
	}
	if err == nil {
		s.wrote(len(records))
	}
	return err
}

// write sends records in one transaction.
func (s *Sink) write(ctx context.Context, records []*store.CallRecord, doubt bool) error {
	tx, err := s.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // nothing after Commit
	var b pgx.Batch
	for _, r := range records {
		sql, args := s.insert(s.w, r, doubt)
		b.Queue(sql, args...)
	}
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return err
	}
	s.doubt = true // only from here on they may be there without our knowing
	return tx.Commit(ctx)
}

// oneByOne sends records of which the server refuses one or more: the others arrive, and those are in the log. Nothing would be gained by
// trying again, and all later ones would wait. One with characters that the database does not have, or a caller's number that is none of its
// type, arrives without them: nobody is to stay out of the table by what he calls himself.
func (s *Sink) oneByOne(ctx context.Context, records []*store.CallRecord) error {
	s.doubt = true
	for _, r := range records {
		sql, args := s.insert(s.w, r, true)
		_, err := s.conn.Exec(ctx, sql, args...)
		if strings.HasPrefix(code(err), dataException) {
			s.log.Warn("cdr: a call record fits the table in part only", "table", s.cfg.Table, "why", err, "uniqueid", r.UniqueID, "sequence", r.Sequence)
			sql, args = s.insert(writing{location: s.w.location, careful: true}, r, true)
			_, err = s.conn.Exec(ctx, sql, args...)
		}
		if refused(err) {
			s.log.Error("cdr: PostgreSQL refuses a call record; it stays in cdr.db", "table", s.cfg.Table, "why", err, "record", *r)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refused says whether the server understood and does not want the values: data exceptions and violated constraints.
func refused(err error) bool {
	c := code(err)
	return strings.HasPrefix(c, dataException) || strings.HasPrefix(c, constraintViolation)
}

// Classes of SQLSTATE. A character that the database does not have is a data exception, too.
const (
	dataException       = "22"
	constraintViolation = "23"
)

// code is the SQLSTATE of an error, 00000 where the server has sent none.
func code(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) && len(pe.Code) == 5 {
		return pe.Code
	}
	return "00000"
}

// insert is the statement for a record. In doubt, it does nothing where the record is there; a uniqueid of which the column takes a part, or
// nothing, is that of other records too and says nothing.
func (s *Sink) insert(w writing, r *store.CallRecord, doubt bool) (string, []any) {
	var names, marks, same []string
	var args []any
	known := false
	for i := range s.columns {
		c := &s.columns[i]
		v, ok := w.value(c, r)
		if !ok {
			continue
		}
		args = append(args, v)
		name, mark := pgx.Identifier{c.Name}.Sanitize(), "$"+strconv.Itoa(len(args))+"::"+c.cast
		names, marks = append(names, name), append(marks, mark)
		if slices.Contains(s.key, i) {
			same = append(same, name+" = "+mark)
			known = known || c.Field == "uniqueid" && v == r.UniqueID
		}
	}
	table := s.table()
	sql := "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(marks, ", ")
	if doubt && known {
		sql += " WHERE NOT EXISTS (SELECT 1 FROM " + table + " WHERE " + strings.Join(same, " AND ") + ")"
	}
	return sql, args
}

// table is its quoted name; the configured one may name a schema.
func (s *Sink) table() string { return pgx.Identifier(strings.SplitN(s.cfg.Table, ".", 2)).Sanitize() }

// connect reaches the server and reads the columns, if that has not been done.
func (s *Sink) connect(ctx context.Context) error {
	if s.conn != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	c, err := pgx.ParseConfig(s.cfg.dsn())
	if err != nil {
		return fmt.Errorf("read what cdr_pgsql.conf says: %w", err)
	}
	if s.conn, err = pgx.ConnectConfig(ctx, c); err != nil {
		s.conn = nil
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	if err := s.describe(ctx); err != nil {
		s.disconnect()
		return fmt.Errorf("read the columns of table %s: %w", s.cfg.Table, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connected, s.since = time.Now(), 0
	return nil
}

// dsn is the configuration in the form of libpq, which pgx reads.
func (c *Config) dsn() string {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var b strings.Builder
	for _, p := range [][2]string{{"host", c.Host}, {"port", c.Port}, {"dbname", c.Database}, {"user", c.User}, {"password", c.Password},
		{"application_name", c.AppName}, {"client_encoding", "UTF8"}} { // else it is the database's
		if p[1] != "" {
			fmt.Fprintf(&b, "%s='%s' ", p[0], quote.Replace(p[1]))
		}
	}
	return b.String()
}

// describe reads the columns of the table. Generated ones take no value; an identity gets its own.
func (s *Sink) describe(ctx context.Context) error {
	rows, err := s.conn.Query(ctx, `SELECT a.attname, t.typname, a.atttypid::regtype::text, a.atttypmod FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = '' ORDER BY a.attnum`, s.table())
	if err != nil {
		return err
	}
	var name, kind, cast string
	var modifier int
	var all []column
	_, err = pgx.ForEachRow(rows, []any{&name, &kind, &cast, &modifier}, func() error {
		c := Column{Name: name, Field: strings.ToLower(name)}
		if i := slices.IndexFunc(s.cfg.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) }); i >= 0 {
			c = s.cfg.Columns[i]
			c.Name = name
		}
		all = append(all, newColumn(c, kind, cast, modifier))
		return nil
	})
	if err != nil {
		return err
	}
	s.columns = all
	s.find()
	return nil
}

// find finds what makes a row the same as another, and says what is wrong with the table.
func (s *Sink) find() {
	s.key = nil
	has := func(field string) int {
		return slices.IndexFunc(s.columns, func(c column) bool { return c.Field == field })
	}
	fields := []string{"uniqueid", "sequence"}
	switch {
	case has("uniqueid") < 0:
		fields = nil
		s.log.Warn("cdr: the table has no column for uniqueid: records that were on their way when a connection broke may be there twice", "table", s.cfg.Table)
	case has("sequence") < 0:
		fields = []string{"uniqueid", "calldate", "start", "channel", "dstchannel", "lastapp", "lastdata", "disposition"}
	}
	for _, f := range fields {
		if i := has(f); i >= 0 {
			s.key = append(s.key, i)
		}
	}
	for _, c := range s.cfg.Columns {
		if !slices.ContainsFunc(s.columns, func(have column) bool { return strings.EqualFold(have.Name, c.Name) }) {
			s.log.Warn("cdr: cdr_pgsql.conf names a column that the table does not have", "table", s.cfg.Table, "column", c.Name)
		}
	}
}

func (s *Sink) disconnect() {
	if s.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.conn.Close(ctx); err != nil {
		s.log.Debug("cdr: the connection to PostgreSQL did not end well", "why", err)
	}
	s.conn = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connected = time.Time{}
}

func (s *Sink) wrote(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since += n
	s.total += n
}

// ShowStatus is cdr show pgsql status, in the original's words.
func (s *Sink) ShowStatus(w io.Writer, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connected.IsZero() {
		fmt.Fprintf(w, "Not currently connected to a PgSQL server.\n")
		return
	}
	fmt.Fprintf(w, "Connected to %s@%s, port %s using table %s for %v\n", s.cfg.Database, s.cfg.Host, s.cfg.Port, s.cfg.Table, now.Sub(s.connected).Round(time.Second))
	if s.since == s.total {
		fmt.Fprintf(w, "  Wrote %d records since last restart.\n", s.total)
		return
	}
	fmt.Fprintf(w, "  Wrote %d records since last restart and %d records since last reconnect.\n", s.total, s.since)
}
