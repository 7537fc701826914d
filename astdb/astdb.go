// Package astdb is the database of the dialplan: what DB() reads and writes, and `database show` lists.
//
// Everything is in memory, where it is read; an engine of package store only brings it back after a restart. A write returns when
// it survives a power cut: many are committed together, by one writer, and only the step of the dialplan that writes waits for it. What
// could not be committed is not there: the write fails, and what was there before stays. Where the engine was lost before it could say
// whether it has committed, the write fails too, and what it has is read again as soon as it is back.
package astdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"obelus/store"
	"obelus/store/batch"
)

// What a key, a value and the whole may be, in bytes and keys.
const (
	maxKey   = 255     // "/family/key", as in the original
	maxValue = 65536   // the original keeps 4096 of it when the dialplan reads it
	maxKeys  = 1000000 // all are in memory: a dialplan that keeps something for each caller must not fill it
)

// Why a write is refused.
var (
	// ErrKey says that a family and a key are together too long.
	ErrKey = fmt.Errorf("family and key length must be less than %d bytes", maxKey-2)
	// ErrValue says that a value is too long.
	ErrValue = fmt.Errorf("a value may have at most %d bytes", maxValue)
	// ErrFull says that there are too many keys.
	ErrFull = fmt.Errorf("the database is full: it has %d keys", maxKeys)
	// ErrComputed says that a key is computed when it is read.
	ErrComputed = errors.New("this family is computed when it is read, and can't be written")
	// ErrLate says that the engine took too long. What was to be written may be written yet.
	ErrLate = batch.ErrLate
)

// View is a family that is not kept but computed when it is read, such as SIP/Registry.
type View interface {
	// Get returns the value of a key, "1001" of /SIP/Registry/1001.
	Get(key string) (string, bool)
	// Keys lists the keys, in any order.
	Keys() []string
}

// Config is what a database is made of. The zero Config keeps everything in memory only.
type Config struct {
	Store store.KV // nil: memory only
	Log   *slog.Logger
	Views map[string]View // by their path, "/SIP/Registry"
	Delay time.Duration   // how long a write may wait for the engine; 0 is 5 s
}

// Entry is one key with its value.
type Entry struct{ Key, Value string }

// DB is the database. Its methods may be called from any goroutine. The zero DB is empty and keeps nothing.
type DB struct {
	cfg    Config
	writer *batch.Writer[*write, *write] // nil: memory only

	mu   sync.RWMutex
	root node
	keys int

	// Of the writer's goroutine.
	troubled bool // the last commit failed
	doubt    bool // the engine was lost: what became of the last writes has to be looked at
	looks    bool // that is about to be done
}

// Open makes a database, and brings back what the engine has kept.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Delay == 0 {
		cfg.Delay = 5 * time.Second
	}
	d := &DB{cfg: cfg}
	if cfg.Store == nil {
		return d, nil
	}
	if err := d.load(ctx); err != nil {
		return nil, fmt.Errorf("read the dialplan's database back: %w", err)
	}
	d.writer = batch.New(batch.Config[*write, *write]{
		Commit: d.commit, Key: func(w *write) *write { return w }, Delay: cfg.Delay, Log: cfg.Log, Limit: 10000,
	})
	return d, nil
}

// load has in memory what the engine has.
func (d *DB) load(ctx context.Context) error {
	var root node
	keys := 0
	err := d.cfg.Store.LoadKeys(ctx, func(key, value string) error {
		if !strings.HasPrefix(key, "/") {
			key = "/" + key // nothing of the original's or ours looks so; it shall be seen and can be removed
		}
		if root.put(key, value) {
			keys++
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.root, d.keys = root, keys
	return nil
}

// Close waits until the engine has everything, or ctx ends.
func (d *DB) Close(ctx context.Context) error {
	if d.writer == nil {
		return nil
	}
	if err := d.writer.Close(ctx); err != nil {
		return fmt.Errorf("save the dialplan's database: %w", err)
	}
	return nil
}

// path is a family and a key as one, as the engine has it. Either may have slashes.
func path(family, key string) string { return "/" + family + "/" + key }

// tree is the path of a family, or of the keys in it that begin with the parts of keytree; "" is all.
func tree(family, keytree string) string {
	family, keytree = strings.Trim(family, "/"), strings.Trim(keytree, "/")
	switch {
	case family == "":
		return ""
	case keytree == "":
		return "/" + family
	}
	return "/" + family + "/" + keytree
}

// view is the view that a path is at or below, and the key in it; nil for none.
func (d *DB) view(path string) (v View, key string) {
	for at, v := range d.cfg.Views {
		if rest, ok := strings.CutPrefix(path, at); ok && (rest == "" || rest[0] == '/') {
			return v, strings.TrimPrefix(rest, "/")
		}
	}
	return nil, ""
}

// Get returns a value.
func (d *DB) Get(family, key string) (string, bool) {
	p := path(family, key)
	if v, key := d.view(p); v != nil {
		return v.Get(key)
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	n := d.root.find(p)
	if n == nil || !n.set {
		return "", false
	}
	return n.value, true
}

// Names lists the parts that follow prefix in the keys, in order: the families where it is "", the keys of a family, and so on.
func (d *DB) Names(prefix string) []string {
	p := tree(prefix, "")
	d.mu.RLock()
	all := d.root.find(p).names()
	d.mu.RUnlock()
	for at, v := range d.cfg.Views {
		rest, below := strings.CutPrefix(at, p+"/")
		switch {
		case p == at:
			all = v.Keys() // and nothing that an import may have left
		case below && len(v.Keys()) > 0:
			name, _ := first("/" + rest)
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Tree lists the keys of a family, or those of it at keytree and below; all where family is "". They are in order.
func (d *DB) Tree(family, keytree string) []Entry {
	p := tree(family, keytree)
	d.mu.RLock()
	all := d.root.find(p).each(p, nil)
	d.mu.RUnlock()
	for at, v := range d.cfg.Views {
		if within(at, p) || within(p, at) {
			all = appendView(all, at, p, v)
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
	return all
}

// within says whether a path is at another or below it.
func within(path, top string) bool {
	rest, ok := strings.CutPrefix(path, top)
	return ok && (rest == "" || rest[0] == '/')
}

// appendView appends the keys of the view at a path that are at top or below it.
func appendView(all []Entry, at, top string, v View) []Entry {
	all = slices.DeleteFunc(all, func(e Entry) bool { return within(e.Key, at) }) // left by an import: the view knows better
	for _, key := range v.Keys() {
		if value, ok := v.Get(key); ok && within(at+"/"+key, top) {
			all = append(all, Entry{at + "/" + key, value})
		}
	}
	return all
}

// Ending lists the keys, of whatever family, whose last parts are those of key. They are in order.
func (d *DB) Ending(key string) []Entry {
	return slices.DeleteFunc(d.Tree("", ""), func(e Entry) bool { return !strings.HasSuffix(e.Key, "/"+key) })
}
