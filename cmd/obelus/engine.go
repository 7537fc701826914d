package main

import (
	"context"
	"log/slog"

	"obelus/cmd/obelus/settings"
	"obelus/store"
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
// is to outlive the process.
func openEngine(ctx context.Context, c *settings.Store, dirs settings.Dirs, log *slog.Logger) (engine, error) {
	if !c.Lasting() {
		return nil, nil
	}
	e, err := sqlite.Open(ctx, dirs.Data, log)
	if err != nil {
		return nil, err
	}
	return e, nil
}
