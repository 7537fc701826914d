// Package postgres keeps state in a PostgreSQL database, for those who outgrow one machine or have one anyway.
//
// The tables are those of package sqlite, their types adapted. Every operation has a bounded time. While the database can't be reached,
// operations fail at once with store.ErrUnavailable; a goroutine of the engine tries until it is back. Commits of one node are carried out
// in their order, also when a server that stood still carries out late what had been given up (see turn.go).
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"obelus/store"
)

// How long things may take.
const (
	opTime      = 5 * time.Second         // an operation, with the wait for a connection
	serverTime  = 4500 * time.Millisecond // the same on the server, which gives up first
	connectTime = 2 * time.Second         // to be connected, where the DSN says nothing
	patience    = 15 * time.Second        // how long Open waits for the database, where Config says nothing
	retryFirst  = 250 * time.Millisecond  // until the first attempt to reach it again; doubled each time
	retryMost   = 10 * time.Second
)

// Config is what an engine is made of.
type Config struct {
	DSN      string // as libpq has it: postgres://user:password@host/database, or host=... user=...; PGHOST, PGPASSWORD and their kin fill it up
	Node     string // this server's name among those that use the database
	Log      *slog.Logger
	Patience time.Duration // how long Open waits for a database that can't be reached; 0 is 15 s
}

// Engine is an open database. Its methods may be called from any goroutine.
type Engine struct {
	node  string
	where string // host and database, fit to be shown
	log   *slog.Logger
	pool  *pgxpool.Pool
	reach reach
	binds turn // of those that write registrations
	keys  turn // of those that write the dialplan's database
}

var (
	_ store.Location = (*Engine)(nil)
	_ store.Messages = (*Engine)(nil)
	_ store.KV       = (*Engine)(nil)
)

// CheckDSN says what is wrong with a DSN, without showing its password.
func CheckDSN(dsn string) error {
	_, err := parse(dsn)
	return err
}

// parse reads a DSN, and settles what it leaves open.
func parse(dsn string) (*pgxpool.Config, error) {
	c, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("the dsn can't be read: %s", unlink(err))
	}
	conn := c.ConnConfig
	if conn.ConnectTimeout == 0 || conn.ConnectTimeout > time.Minute {
		conn.ConnectTimeout = connectTime // pgx has two minutes of its own
	}
	set := func(name, value string) {
		if _, ok := conn.RuntimeParams[name]; !ok {
			conn.RuntimeParams[name] = value
		}
	}
	set("application_name", "obelus")
	set("statement_timeout", fmt.Sprint(serverTime.Milliseconds()))
	if !strings.Contains(dsn, "pool_max_conns") {
		c.MaxConns = 8
	}
	if c.PingTimeout == 0 {
		c.PingTimeout = connectTime
	}
	return c, nil
}

// unlink is the text of an error of the DSN's without the DSN, whose password must not be shown.
func unlink(err error) string {
	const forms = "it is neither postgres://user:password@host/database (in a password @, / and : are written %40, %2F and %3A) nor host=... dbname=... user=... password=..."
	_, what, _ := strings.Cut(err.Error(), "`: ")
	if what == "" || strings.Contains(what, "parse as") || strings.ContainsAny(what, "\"`") {
		return forms
	}
	return what
}

// place is where a database is, fit to be shown: no password.
func place(c *pgconn.Config) string {
	text := fmt.Sprintf("%s:%d", c.Host, c.Port)
	if strings.HasPrefix(c.Host, "/") {
		text = c.Host
	}
	seen := map[string]bool{text: true}
	for _, f := range c.Fallbacks {
		if more := fmt.Sprintf("%s:%d", f.Host, f.Port); !seen[more] && !strings.HasPrefix(f.Host, "/") {
			seen[more] = true
			text += "," + more
		}
	}
	return text + "/" + c.Database
}

// Open opens the database and brings its tables up to date. When the database can't be reached, it waits for as long as Config says and
// then returns store.ErrUnavailable together with an engine that goes on trying: its operations fail until Ready. With any other
// error there is no engine, and the error says what to do.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	c, err := parse(cfg.DSN)
	if err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Patience == 0 {
		cfg.Patience = patience
	}
	e := &Engine{node: cfg.Node, where: place(&c.ConnConfig.Config), log: cfg.Log}
	e.binds, e.keys = newTurn("binding"), newTurn("astdb")
	if e.pool, err = pgxpool.NewWithConfig(ctx, c); err != nil {
		return nil, err
	}
	e.reach.start()
	err = e.openPatiently(ctx, cfg.Patience)
	switch {
	case err == nil:
		e.reach.found()
		return e, nil
	case errors.Is(err, store.ErrUnavailable) && ctx.Err() == nil:
		e.lost(err)
		return e, err
	}
	return nil, errors.Join(err, e.Close())
}

// openPatiently tries to open until it can, it is hopeless, or patience ends.
func (e *Engine) openPatiently(ctx context.Context, patience time.Duration) error {
	until := time.Now().Add(patience)
	for wait, said := retryFirst, false; ; wait = min(2*wait, time.Second) {
		err := e.prepare(ctx)
		if err == nil || !errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil || !time.Now().Add(wait).Before(until) {
			return err
		}
		if !said {
			said = true
			e.log.Warn("store: waiting for PostgreSQL", "at", e.where, "for", patience, "err", err)
		}
		pause(ctx, wait)
	}
}

// pause waits for about d.
func pause(ctx context.Context, d time.Duration) {
	short, cancel := context.WithTimeout(ctx, d/2+rand.N(d/2+1))
	defer cancel()
	<-short.Done()
}

// prepare sees to it that the database is there and has today's tables.
func (e *Engine) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 6*opTime)
	defer cancel()
	if err := e.migrate(ctx); err != nil {
		return e.explain(err)
	}
	return nil
}

// Close ends the connections.
func (e *Engine) Close() error {
	e.reach.stop()
	e.pool.Close()
	return nil
}
