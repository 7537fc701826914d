package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"obelus/cmd/obelus/settings"
	"obelus/store"
	"obelus/store/postgres"
	"obelus/store/sqlite"
)

// engine keeps what outlives the process.
type engine interface {
	store.Location
	store.Messages
	store.KV
	Close() error
}

// querier is an engine that answers SQL of a person's.
type querier interface {
	Query(ctx context.Context, query string, show func(columns, values []string) error) error
}

// openEngine opens the engine that [store] of obelus.conf names; nil where nothing
// is to outlive the process. node is this server's name among those on one database.
func openEngine(ctx context.Context, c *settings.Store, dirs settings.Dirs, log *slog.Logger) (e engine, node string, err error) {
	if node, err = c.NodeName(); err != nil {
		return nil, "", err
	}
	switch c.Engine {
	case settings.Memory:
		return nil, node, nil
	case settings.Postgres:
		p, err := openPostgres(ctx, postgres.Config{DSN: c.DSN, Node: node, Log: log})
		if err != nil {
			return nil, "", err
		}
		return p, node, nil
	}
	s, err := sqlite.Open(ctx, dirs.Data, log)
	if err != nil {
		return nil, "", err
	}
	return s, node, nil
}

// waitSaid is how often a wait for the database is told.
const waitSaid = 30 * time.Second

// openPostgres opens the database, and waits for it if it can't be reached: a server
// that knows of no phone answers calls with "not registered", and phones that are away
// lose their texts' place. Anything else that is wrong ends the start.
func openPostgres(ctx context.Context, c postgres.Config) (*postgres.Engine, error) {
	e, err := postgres.Open(ctx, c)
	if err == nil {
		return e, nil
	}
	if e == nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	again := time.NewTicker(waitSaid)
	defer again.Stop()
	for {
		select {
		case <-e.Ready():
			return e, nil
		case <-again.C:
			c.Log.Error("store: nothing is served yet: still waiting for PostgreSQL", "at", e.Status().Where, "err", e.Status().Why)
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("open the store: %w", err), e.Close())
		}
	}
}
