package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"obelus/store"
	"obelus/store/sqlite"
)

// durable measures what it costs that a registration is kept: the same work with the
// store in memory and with SQLite, in turn. Each 200 comes after its commit.
func (b *bench) durable(ctx context.Context) (err error) {
	var all []*contestant
	defer func() {
		for _, c := range all {
			err = errors.Join(err, c.close())
		}
	}()
	for _, engine := range []string{"memory", "sqlite"} {
		s, err := b.startHouse(ctx, house{peers: maxAccounts, own: "[store]\nengine=" + engine + "\n"})
		if err != nil {
			return err
		}
		s.name = engine
		c, err := b.contestant(s)
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	if err := b.contest(ctx, all...); err != nil {
		return err
	}
	var ratio, more spread
	for i := range b.rounds {
		ratio = append(ratio, all[1].cpu[i]/all[0].cpu[i])
		more = append(more, all[1].cpu[i]-all[0].cpu[i])
	}
	return table(b.out, fmt.Sprintf("refreshes (401 + 200) over UDP by the store behind them, %d accounts, %d under way, %d rounds in turn", b.accounts, b.window, b.rounds),
		registerHead, all[0].row(), all[1].row(), []string{"sqlite : memory", "", "", "", ratio.String(), ""}, []string{"sqlite - memory", "", "", "", more.String(), ""})
}

// storeBatch is how many operations a batch of the store's own measurement has.
const storeBatch = 1000

// storeAlone measures the store without a server: new bindings, refreshes that change
// nothing but the expiry, and refreshes that change more, in batches, each of them
// synced to the disk; then reading them all back.
func (b *bench) storeAlone(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp(b.dir, "store")
	if err != nil {
		return err
	}
	e, err := sqlite.Open(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	n := min(b.bindings, 10*storeBatch) / storeBatch * storeBatch
	var added, refreshed, changed, loaded spread
	at := time.Now()
	for round := range b.rounds {
		for _, part := range []struct {
			kind  store.OpKind
			first int
			to    *spread
		}{{store.Upsert, round * n, &added}, {store.Refresh, round * n, &refreshed}, {store.Upsert, round * n, &changed}} {
			at = at.Add(time.Second)
			spent, err := commit(ctx, e, part.kind, part.first, n, at)
			if err != nil {
				return err
			}
			*part.to = append(*part.to, micros(spent, n))
		}
		before, count := ownCPU(), 0
		if err := e.Load(ctx, func(store.Binding) error { count++; return nil }); err != nil {
			return err
		}
		if count != (round+1)*n {
			return fmt.Errorf("%d bindings are read back of %d", count, (round+1)*n)
		}
		loaded = append(loaded, micros(ownCPU()-before, count))
	}
	return table(b.out, fmt.Sprintf("SQLite alone, batches of %d, %d rounds of %d", storeBatch, b.rounds, n), []string{"", "CPU µs each"},
		[]string{"a new binding", added.String()}, []string{"a refresh (expiry alone)", refreshed.String()},
		[]string{"a refresh that changes more", changed.String()}, []string{"reading back", loaded.String()})
}

// commit has the store carry out operations on n phones, and returns what CPU time
// that took.
func commit(ctx context.Context, e *sqlite.Engine, kind store.OpKind, first, n int, at time.Time) (time.Duration, error) {
	var spent time.Duration
	for done := 0; done < n; done += storeBatch {
		ops := make([]store.BindingOp, storeBatch)
		for i := range ops {
			ops[i] = store.BindingOp{Kind: kind, Binding: phone(first+done+i, at)}
		}
		before := ownCPU()
		if err := e.Commit(ctx, ops); err != nil {
			return 0, err
		}
		spent += ownCPU() - before
	}
	return spent, nil
}
