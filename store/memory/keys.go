package memory

import (
	"context"
	"maps"
	"slices"
	"strings"

	"obelus/store"
)

var _ store.KV = (*Engine)(nil)

// LoadKeys implements store.KV.
func (e *Engine) LoadKeys(ctx context.Context, yield func(key, value string) error) error {
	e.mu.Lock()
	all := maps.Clone(e.keys)
	e.mu.Unlock()
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := yield(k, all[k]); err != nil {
			return err
		}
	}
	return nil
}

// WriteKeys implements store.KV.
func (e *Engine) WriteKeys(ctx context.Context, ops []store.KVOp) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.keys == nil {
		e.keys = make(map[string]string)
	}
	for _, o := range ops {
		switch o.Kind {
		case store.KVPut:
			e.keys[o.Key] = o.Value
		case store.KVDelete:
			delete(e.keys, o.Key)
		case store.KVTree:
			maps.DeleteFunc(e.keys, func(k, _ string) bool { return o.Key == "" || k == o.Key || strings.HasPrefix(k, o.Key+"/") })
		}
	}
	return nil
}
