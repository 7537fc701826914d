package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"obelus/chansip/registrar"
	"obelus/chansip/sipconf"
	"obelus/cmd/obelus/settings"
	"obelus/store"
	"obelus/store/sqlite"
)

// importer is an engine that takes over what Asterisk has kept, once.
type importer interface {
	engine
	Imported(ctx context.Context) (sqlite.Import, bool, error)
	NoteImport(ctx context.Context, i sqlite.Import) error
}

// importAsterisk takes over Asterisk's database at the first start: what the dialplan keeps there, and
// where phones have registered, so that they can be called at once. The file is not touched. One that
// can't be read is told, and tried again at the next start.
func (s *server) importAsterisk(ctx context.Context, c *settings.Files) error {
	into, ok := s.engine.(importer)
	if !ok || s.dirs.AstDB == "" {
		return nil
	}
	if _, ever, err := into.Imported(ctx); err != nil || ever {
		return err
	}
	done := sqlite.Import{Path: filepath.Join(s.dirs.AstDB, sqlite.AsteriskFileName), At: time.Now()}
	found := findings{accounts: c.SIP, now: done.At, node: s.node}
	err := sqlite.ReadAsterisk(ctx, done.Path, s.dirs.Data, found.take)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		s.log.Warn("Asterisk's database can't be imported; it is tried again at the next start", "err", err)
		return nil
	}
	if err := found.keep(ctx, into); err != nil {
		return fmt.Errorf("import %s: %w", done.Path, err)
	}
	done.Keys, done.Contacts = len(found.keys), len(found.contacts)
	if err := into.NoteImport(ctx, done); err != nil {
		return err
	}
	s.log.Info("Asterisk's database was imported, and is not read again", "file", done.Path, "keys", done.Keys, "registrations", done.Contacts,
		"of no account", found.strangers)
	return nil
}

// findings are what there is in Asterisk's database.
type findings struct {
	accounts  *sipconf.Settings
	now       time.Time
	node      string
	keys      []store.KVOp
	contacts  []store.BindingOp
	strangers int // registrations of accounts that sip.conf has not, or not with host=dynamic: the original does not read them either
}

// take looks at one key.
func (f *findings) take(key, value string) error {
	account, registered := strings.CutPrefix(key, registrar.RegistryPrefix)
	if !registered {
		f.keys = append(f.keys, store.KVOp{Kind: store.KVPut, Key: key, Value: value})
		return nil
	}
	p := f.accounts.Peer(account)
	b, ok := registrar.FromRegistry(account, value, f.now)
	if p == nil || !p.Dynamic || !ok {
		f.strangers++
		return nil
	}
	b.Node = f.node
	f.contacts = append(f.contacts, store.BindingOp{Kind: store.Upsert, Binding: b})
	return nil
}

// keep writes what was found, but for what an engine that was in use already has of its own.
func (f *findings) keep(ctx context.Context, into engine) error {
	has := make(map[string]bool)
	if err := into.LoadKeys(ctx, func(key, _ string) error { has[key] = true; return nil }); err != nil {
		return err
	}
	f.keys = without(f.keys, func(o *store.KVOp) bool { return has[o.Key] })
	known := make(map[string]bool)
	if err := into.Load(ctx, func(b store.Binding) error { known[b.AOR] = true; return nil }); err != nil {
		return err
	}
	f.contacts = without(f.contacts, func(o *store.BindingOp) bool { return known[o.Binding.AOR] })
	return errors.Join(into.WriteKeys(ctx, f.keys), into.Commit(ctx, f.contacts))
}

// without is all but those.
func without[T any](all []T, such func(*T) bool) []T {
	kept := all[:0]
	for i := range all {
		if !such(&all[i]) {
			kept = append(kept, all[i])
		}
	}
	return kept
}
