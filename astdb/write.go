package astdb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"obelus/store"
)

// write is one operation on its way to the engine, and what came of it.
type write struct {
	op      store.KVOp
	look    bool  // no operation: only to find out what became of others
	removed int   // values that it took away
	err     error // why it was not carried out
}

// Put gives a key a value. It returns when that is durable.
func (d *DB) Put(family, key, value string) error {
	p := path(family, key)
	switch v, _ := d.view(p); {
	case len(p) > maxKey:
		return ErrKey
	case strings.IndexByte(p, 0) >= 0 || strings.IndexByte(value, 0) >= 0:
		return errors.New("a key or a value has a zero byte")
	case len(value) > maxValue:
		return ErrValue
	case v != nil:
		return ErrComputed
	case d.full(p):
		return ErrFull
	}
	_, err := d.write(store.KVOp{Kind: store.KVPut, Key: p, Value: value})
	return err
}

// full says whether there is no place for a key that is not there yet. Writes under way are not counted: a few may come through.
func (d *DB) full(p string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.keys < maxKeys {
		return false
	}
	n := d.root.find(p)
	return n == nil || !n.set
}

// Delete removes a key, and says whether it was there. It returns when that is durable.
func (d *DB) Delete(family, key string) (found bool, err error) {
	p := path(family, key)
	if v, _ := d.view(p); v != nil {
		return false, ErrComputed
	}
	n, err := d.write(store.KVOp{Kind: store.KVDelete, Key: p})
	return n > 0, err
}

// DeleteTree removes a family, or the keys of it at keytree and below; all where family is "". It returns how many those were, when that is
// durable.
func (d *DB) DeleteTree(family, keytree string) (int, error) {
	p := tree(family, keytree)
	if v, _ := d.view(p); v != nil {
		return 0, ErrComputed
	}
	return d.write(store.KVOp{Kind: store.KVTree, Key: p})
}

// write carries one operation out, and returns how many values it took away.
func (d *DB) write(op store.KVOp) (int, error) {
	w := &write{op: op}
	if d.writer == nil {
		d.apply(w)
		return w.removed, nil
	}
	done := make(chan error, 1)
	if err := d.writer.Put(func(err error) { done <- err }, w); err != nil {
		return 0, fmt.Errorf("write to the database: %w", err)
	}
	if err := <-done; err != nil {
		return 0, fmt.Errorf("write to the database: %w", err) // w is the writer's yet
	}
	return w.removed, w.err
}

// apply carries an operation out in memory.
func (d *DB) apply(ws ...*write) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range ws {
		if w.look {
			continue
		}
		if w.op.Kind == store.KVPut {
			if d.root.put(w.op.Key, w.op.Value) {
				d.keys++
			}
			continue
		}
		w.removed = d.root.remove(w.op.Key, w.op.Kind == store.KVTree)
		d.keys -= w.removed
	}
}

// commit is the writer's: it has the engine carry a batch out, then does so in memory. What the engine does not take fails; it is not
// tried again later, when nobody waits for it any more.
func (d *DB) commit(ctx context.Context, ws []*write) error {
	err := d.keep(ctx, ws...)
	if err != nil && len(ws) > 1 && !errors.Is(err, store.ErrUnavailable) && ctx.Err() == nil {
		for _, w := range ws { // one that the engine can't take shall not fail the others
			err = d.keep(ctx, w)
		}
	}
	switch {
	case err != nil && !d.troubled:
		d.cfg.Log.Error("the dialplan's database can't be written: DB() reads what is in memory, writes fail", "why", err)
	case err == nil && d.troubled:
		d.cfg.Log.Info("the dialplan's database can be written again")
	}
	d.troubled = err != nil
	return nil
}

// keep has the engine carry operations out, all or none, and tells them how it went.
func (d *DB) keep(ctx context.Context, ws ...*write) error {
	ops := make([]store.KVOp, 0, len(ws))
	for _, w := range ws {
		if w.look {
			d.looks = false
			continue
		}
		ops = append(ops, w.op)
	}
	err := d.settle(ctx)
	if err == nil && len(ops) > 0 {
		err = d.cfg.Store.WriteKeys(ctx, ops)
	}
	if err == nil {
		for _, w := range ws {
			w.err = nil
		}
		d.apply(ws...)
		return nil
	}
	for _, w := range ws {
		w.err = fmt.Errorf("write to the database: %w", err)
	}
	if errors.Is(err, store.ErrUnavailable) {
		d.lost()
	}
	return err
}

// lookAgain is how long after the engine was lost it is asked what became of the last writes.
const lookAgain = 5 * time.Second

// lost notes that the engine may have carried out what it did not answer to.
func (d *DB) lost() {
	d.doubt = true
	if d.looks {
		return
	}
	d.looks = true
	time.AfterFunc(lookAgain, func() {
		_ = d.writer.Put(nil, &write{look: true}) // closed, or the next write does it
	})
}

// settle has in memory what the engine has, if that is not known. It commits nothing first: what was under way is carried out before that, or never.
func (d *DB) settle(ctx context.Context) error {
	if !d.doubt {
		return nil
	}
	if err := d.cfg.Store.WriteKeys(ctx, nil); err != nil {
		return err
	}
	if err := d.load(ctx); err != nil {
		return err
	}
	d.doubt = false
	return nil
}
