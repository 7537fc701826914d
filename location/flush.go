package location

import (
	"time"

	"obelus/store"
)

// collect keeps a change back for the next flush if it may be, and says so: refreshes that change nothing but the expiry. Whatever else is
// changed of a contact says all that they would have. s.mu is held.
func (r *Registrar) collect(s *shard, ops []store.BindingOp) bool {
	if r.cfg.Flush <= 0 {
		return false
	}
	soft := true
	for i := range ops {
		soft = soft && ops[i].Kind == store.Refresh
	}
	for i := range ops {
		key := ops[i].Key()
		if !soft {
			// What waits is older than this. Where this is a refresh beside another change, it is the later one.
			delete(s.soft, key)
			continue
		}
		if s.soft == nil {
			s.soft = make(map[store.BindingKey]store.BindingOp)
		}
		s.soft[key] = ops[i]
	}
	return soft
}

// flusher hands what was kept back to the store, from time to time and at the end.
func (r *Registrar) flusher() {
	defer close(r.flushed)
	if r.writer == nil || r.cfg.Flush <= 0 {
		return
	}
	every := time.NewTicker(r.cfg.Flush)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			r.flush()
		case <-r.stop:
			r.flush()
			return
		}
	}
}

// flush hands over what was kept back. The store's queue is filled under the lock, as in finish.
func (r *Registrar) flush() {
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		if len(s.soft) > 0 {
			ops := make([]store.BindingOp, 0, len(s.soft))
			for _, op := range s.soft {
				ops = append(ops, op)
			}
			clear(s.soft)
			r.save(ops, nil)
		}
		s.mu.Unlock()
	}
}
