package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"obelus/call"
	"obelus/cdr"
	"obelus/cdr/csv"
	"obelus/cdr/outbox"
	"obelus/cdr/pgsql"
	"obelus/cmd/obelus/settings"
	"obelus/dialplan/expand"
	"obelus/function/record"
	"obelus/pbx"
	"obelus/store"
	"obelus/store/memory"
	"obelus/store/sqlite"
)

// shippedTime is how long records are kept where nothing outlives the process, once they went where they go.
const shippedTime = time.Minute

// unshipped is how many records wait there for places that are away. Beyond it, what is over is in the log.
const unshipped = 100_000

// openRecords opens the call records. They are in a file of this machine, whatever engine keeps the rest.
func (s *server) openRecords(ctx context.Context, c *settings.Files) (err error) {
	cfg := outbox.Config{Store: &memory.Calls{Most: unshipped}, Keep: shippedTime, Log: s.log}
	if c.Own.Store.Lasting() {
		if s.cdrFile, err = sqlite.OpenCalls(ctx, s.dirs.Data, s.log); err != nil {
			return err
		}
		cfg.Store, cfg.Keep = s.cdrFile, c.Own.Store.KeepCalls
	}
	if s.outbox, err = outbox.Open(ctx, cfg); err != nil {
		return err
	}
	s.records = cdr.New(c.CDR, s.outbox)
	s.records.CountFrom(s.outbox.NextSequence())
	s.calls.Record(s.records)
	return nil
}

// closeRecords has the records of the last calls shipped, as far as time allows, and closes them.
func (s *server) closeRecords(ctx context.Context) error {
	var all []error
	if s.outbox != nil {
		all = append(all, s.outbox.Close(ctx))
	}
	if s.cdrFile != nil {
		all = append(all, s.cdrFile.Close())
	}
	return errors.Join(all...)
}

// sinks is where call records go now.
type sinks struct {
	mu    sync.Mutex
	to    *settings.Records // nil: nothing was set yet
	batch outbox.Batch
	pgsql *pgsql.Sink
}

// setSinks has call records go where the files say. Where that is where they go already, nothing is interrupted.
func (s *server) setSinks(ctx context.Context, c *settings.Files) {
	s.sinks.mu.Lock()
	defer s.sinks.mu.Unlock()
	var batch outbox.Batch
	if c.CDR.Batch.On {
		batch = outbox.Batch{Every: c.CDR.Batch.Time, Size: c.CDR.Batch.Size, Leave: !c.CDR.Batch.SafeShutdown}
	}
	if s.sinks.to != nil && reflect.DeepEqual(*s.sinks.to, c.To) && batch == s.sinks.batch {
		return
	}
	to := c.To
	s.sinks.to, s.sinks.batch, s.sinks.pgsql = &to, batch, nil
	var all []outbox.Sink
	if to.CSV.On {
		dir := filepath.Join(s.dirs.Log, "cdr-csv")
		all = append(all, csv.NewMaster(dir, to.CSV))
		if to.CSV.Accounts {
			all = append(all, csv.NewAccounts(dir, to.CSV, s.log))
		}
	}
	for _, m := range to.Custom {
		all = append(all, csv.NewCustom(filepath.Join(s.dirs.Log, "cdr-custom"), m, s.expander()))
	}
	if to.PostgreSQL != nil {
		s.sinks.pgsql = pgsql.New(*to.PostgreSQL, s.log)
		all = append(all, s.sinks.pgsql)
	}
	s.outbox.SetSinks(ctx, batch, all...)
}

// expander fills in the lines of cdr_custom.conf, on a channel of its own that is no call: what is global can be read there, and functions.
func (s *server) expander() func(template string, r *store.CallRecord) string {
	quiet := call.NewRegistry(s.log, nil)
	ch := quiet.New(call.Spec{Name: "CDR/custom", Internal: true})
	return func(template string, r *store.CallRecord) string {
		return expand.Expand(template, &recordEnv{s.pbx.NewExec(ch, call.Place{}), r, s.log})
	}
}

// recordEnv is what a line of cdr_custom.conf is filled in with.
type recordEnv struct {
	x   *pbx.Exec
	r   *store.CallRecord
	log *slog.Logger
}

// Var implements expand.Env.
func (e *recordEnv) Var(name string) (string, bool) { return e.x.Lookup(name) }

// Warn implements expand.Env.
func (e *recordEnv) Warn(msg string) { e.log.Warn("cdr_custom.conf: " + msg) }

// Call implements expand.Env. Here CSV_QUOTE makes a cell that is no formula.
func (e *recordEnv) Call(name, args string) (string, error) {
	switch name {
	case "CDR":
		return record.Field(e.r, args, e.r.End)
	case "CSV_QUOTE":
		return csv.Cell(args), nil
	}
	return e.x.Call(name, args)
}
