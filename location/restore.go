package location

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"obelus/store"
)

// GoneFlow stands for the connection of a phone that registered by one before the restart. No connection outlives the process; until the
// phone returns by another, it is known and can't be reached by the old one (RFC 5626 §5.3). Connections of this run have other names, so that
// none of them is taken for it because it has the same addresses.
const GoneFlow = "gone"

// restore brings back the store's bindings of this node. Another's are left alone: only that one hears of their refreshes, so here they would
// expire and be removed. Those that ran out while nobody looked are removed from it.
func (r *Registrar) restore(ctx context.Context, now time.Time) error {
	var kept, ended int
	err := r.cfg.Store.Load(ctx, func(b Binding) error {
		if r.cfg.Node != "" && b.Node != r.cfg.Node {
			return nil
		}
		life := remaining(&b, now)
		if life <= 0 {
			ended++
			return r.writer.Put(nil, store.BindingOp{Kind: store.Delete, Binding: b})
		}
		kept++
		b.Expires = now.Add(life)
		if b.Flow != "" {
			b.Flow = GoneFlow
		}
		if b.RegisteredAt.After(now) {
			b.RegisteredAt = now
		}
		r.readmit(&b)
		return nil
	})
	if err != nil {
		return err
	}
	r.cfg.Log.Info("location: registrations brought back", "contacts", kept, "expired", ended)
	return nil
}

// remaining is the life a binding has left: never more than it was given, even when the clock stands before the time it was registered, as on
// a board without a battery that has just been switched on.
func remaining(b *Binding, now time.Time) time.Duration {
	return min(b.Expires.Sub(now), b.Expires.Sub(b.RegisteredAt))
}

// readmit puts a binding back in its place among the peer's contacts, telling nobody.
func (r *Registrar) readmit(b *Binding) {
	s := r.shard(b.AOR)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.peers[b.AOR]
	if p == nil {
		p = &peer{aor: strings.Clone(b.AOR)}
		s.peers[b.AOR] = p
	}
	c := &contact{Binding: r.words.own(b, p.aor, r.words.node(b.Node)), due: b.Expires}
	at, _ := slices.BinarySearchFunc(p.contacts, c, func(have, c *contact) int { return c.RegisteredAt.Compare(have.RegisteredAt) })
	p.contacts = slices.Insert(p.contacts, at, c)
	s.due.push(c)
}

// Each yields the contacts of all peers, in no order, a share of them at a time: they are never all there twice. The binding is yield's
// until it returns.
func (r *Registrar) Each(now time.Time) iter.Seq[*Binding] {
	return func(yield func(*Binding) bool) {
		var some []Binding
		for i := range r.shards {
			s := &r.shards[i]
			some = some[:0]
			s.mu.Lock()
			for _, p := range s.peers {
				some = p.append(some, now)
			}
			s.mu.Unlock()
			for i := range some {
				if !yield(&some[i]) {
					return
				}
			}
		}
	}
}

// Snapshot returns the contacts of all peers, ordered by peer, then as Lookup.
func (r *Registrar) Snapshot(now time.Time) []Binding {
	var all []Binding
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		for _, p := range s.peers {
			all = p.append(all, now)
		}
		s.mu.Unlock()
	}
	slices.SortStableFunc(all, func(a, b Binding) int { return cmp.Compare(a.AOR, b.AOR) })
	return all
}

// Stats counts what the registrar holds and how its store does.
type Stats struct {
	Peers, Contacts int
	Waiting         int    // changes the store does not have yet
	Late            uint64 // phones answered from memory because the store was late
	Failures        uint64 // commits that failed
	Unsaved         uint64 // changes the store could not take
}

// Stats tells how the registrar does.
func (r *Registrar) Stats() Stats {
	st := Stats{Unsaved: r.unsaved.Load()}
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		st.Peers += len(s.peers)
		st.Contacts += len(s.due)
		s.mu.Unlock()
	}
	if r.writer != nil {
		w := r.writer.Stats()
		st.Waiting, st.Late, st.Failures = w.Waiting, w.Late, w.Failures
	}
	return st
}
