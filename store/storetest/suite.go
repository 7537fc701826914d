// Package storetest is the suite that every engine of package store passes. An engine's test calls Location, Messages, KV and Calls, whatever it
// keeps; an engine that promises to survive a crash also calls Crash, and Main from its TestMain.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"obelus/store"
)

// Location runs the part of the suite about store.Location.
func Location(t *testing.T, e Engine) {
	t.Run("everything comes back", func(t *testing.T) { everythingComesBack(t, e) })
	t.Run("operations", func(t *testing.T) { operations(t, e) })
	t.Run("another node", func(t *testing.T) { anotherNode(t, e) })
	t.Run("odd strings", func(t *testing.T) { oddStrings(t, e) })
	t.Run("all or nothing", func(t *testing.T) { allOrNothing(t, e) })
	t.Run("load stops", func(t *testing.T) { loadStops(t, e) })
	t.Run("commit while loading", func(t *testing.T) { commitWhileLoading(t, e) })
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("random operations ", seed), func(t *testing.T) { follow(t, e, newModel(seed)) })
	}
}

func (b *bench) commit(ops ...store.BindingOp) {
	b.t.Helper()
	if err := b.Location.Commit(context.Background(), ops); err != nil {
		b.t.Fatal("commit:", err)
	}
}

// expect compares what is stored with want, now and after opening again.
func (b *bench) expect(want map[store.BindingKey]store.Binding) {
	b.t.Helper()
	b.twice(func() string { return difference(context.Background(), b.Location, want) })
}

// difference says how what is stored differs from want.
func difference(ctx context.Context, l store.Location, want map[store.BindingKey]store.Binding) string {
	got, err := load(ctx, l)
	if err != nil {
		return fmt.Sprint("load: ", err)
	}
	return compare(got, want)
}

func load(ctx context.Context, l store.Location) (map[store.BindingKey]store.Binding, error) {
	got := make(map[store.BindingKey]store.Binding)
	err := l.Load(ctx, func(b store.Binding) error {
		k := store.BindingOp{Binding: b}.Key()
		if _, twice := got[k]; twice {
			return fmt.Errorf("%v loaded twice", k)
		}
		got[k] = b
		return nil
	})
	return got, err
}

func compare(got, want map[store.BindingKey]store.Binding) string {
	for k, w := range want {
		g, ok := got[k]
		if !ok {
			return fmt.Sprintf("%v is missing", k)
		}
		if !equal(g, w) {
			return fmt.Sprintf("%v is\n%+v, want\n%+v", k, g, w)
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			return fmt.Sprintf("%v is there and should not be", k)
		}
	}
	return ""
}

// equal compares bindings; times to the millisecond, which is what an engine must keep.
func equal(a, b store.Binding) bool {
	same := a.Expires.UnixMilli() == b.Expires.UnixMilli() && a.RegisteredAt.UnixMilli() == b.RegisteredAt.UnixMilli()
	a.Expires, a.RegisteredAt = b.Expires, b.RegisteredAt
	return same && a == b
}

// phone is a binding with every field set.
func phone(aor string, n int) store.Binding {
	return store.Binding{
		AOR: aor, ContactID: fmt.Sprintf("sip:%s@192.0.2.%d:5060", aor, n), Contact: fmt.Sprintf("<sip:%s@192.0.2.%d>", aor, n),
		Path: "<sip:edge.example.com;lr>", Received: netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(n)}), 40312),
		Transport: "tls", Local: netip.MustParseAddrPort("[2001:db8::1]:5061"), Flow: fmt.Sprint("tls #", n), UserAgent: "Snom/8.7",
		Instance: "<urn:uuid:00000000-0000-1000-8000-000A95A0E128>", RegID: 1, Q: 500 + n, CallID: fmt.Sprint("call-", n), CSeq: 4294967290,
		RegisteredAt: epoch(), Expires: epoch().Add(time.Hour), Node: "a"}
}

func key(b store.Binding) store.BindingKey { return store.BindingOp{Binding: b}.Key() }

func everythingComesBack(t *testing.T, e Engine) {
	b := open(t, e)
	b.expect(nil)
	full := phone("1001", 7)
	bare := store.Binding{AOR: "1002", ContactID: "x", RegisteredAt: epoch(), Expires: epoch()}
	b.commit(store.BindingOp{Binding: full}, store.BindingOp{Binding: bare})
	b.expect(map[store.BindingKey]store.Binding{key(full): full, key(bare): bare})
}

func operations(t *testing.T, e Engine) {
	b := open(t, e)
	first, second, other := phone("1001", 1), phone("1001", 2), phone("1002", 1)
	b.commit(store.BindingOp{Binding: first}, store.BindingOp{Binding: second}, store.BindingOp{Binding: other})

	moved := first
	moved.Received, moved.UserAgent = netip.MustParseAddrPort("203.0.113.9:1024"), "Snom/8.9"
	refreshed := second
	refreshed.CSeq, refreshed.RegisteredAt, refreshed.Expires = 3, epoch().Add(time.Minute), epoch().Add(2*time.Hour)
	absent := phone("1003", 1)
	b.commit(store.BindingOp{Binding: moved}, store.BindingOp{Kind: store.Refresh, Binding: refreshed},
		store.BindingOp{Kind: store.Delete, Binding: other}, store.BindingOp{Kind: store.Refresh, Binding: absent},
		store.BindingOp{Kind: store.Delete, Binding: phone("1004", 1)})
	b.expect(map[store.BindingKey]store.Binding{key(moved): moved, key(refreshed): refreshed, key(absent): absent})

	back := other // a contact that was removed and registers again, in one commit with its removal
	b.commit(store.BindingOp{Binding: back}, store.BindingOp{Kind: store.Delete, Binding: back}, store.BindingOp{Binding: back})
	b.expect(map[store.BindingKey]store.Binding{key(moved): moved, key(refreshed): refreshed, key(absent): absent, key(back): back})
}

// anotherNode: a late write of the node that a phone has left changes nothing; the node that holds it is believed whatever its clock says.
func anotherNode(t *testing.T, e Engine) {
	b := open(t, e)
	onA := phone("1001", 1)
	onB := onA
	onB.Node, onB.Flow, onB.RegisteredAt = "b", "tls #9", epoch().Add(time.Minute)
	b.commit(store.BindingOp{Binding: onA})
	b.commit(store.BindingOp{Binding: onB})
	late := onA
	late.RegisteredAt = epoch().Add(time.Second)
	b.commit(store.BindingOp{Binding: late})
	b.commit(store.BindingOp{Kind: store.Refresh, Binding: late})
	b.commit(store.BindingOp{Kind: store.Delete, Binding: late})
	b.expect(map[store.BindingKey]store.Binding{key(onB): onB})

	turnedBack := onB
	turnedBack.RegisteredAt, turnedBack.Q = epoch().Add(-time.Hour), 1
	b.commit(store.BindingOp{Binding: turnedBack})
	b.expect(map[store.BindingKey]store.Binding{key(onB): turnedBack})
	b.commit(store.BindingOp{Kind: store.Delete, Binding: turnedBack})
	b.expect(nil)
}

// oddStrings: what phones send is bytes, not always text, and no part of a statement.
func oddStrings(t *testing.T, e Engine) {
	b := open(t, e)
	want := make(map[store.BindingKey]store.Binding)
	for i, s := range []string{"", " ", "'; DROP TABLE binding; --", "zero\x00byte", "latin \xe9\xff", "zwölf ☎", "\r\n", "%s ? $1 \\"} {
		p := phone(fmt.Sprint(i, s), i)
		p.ContactID, p.Contact, p.UserAgent, p.CallID, p.Instance, p.Path, p.Flow = s, s, s, s, s, s, s
		want[key(p)] = p
		b.commit(store.BindingOp{Binding: p})
	}
	b.expect(want)
}

func allOrNothing(t *testing.T, e Engine) {
	b := open(t, e)
	kept := phone("1001", 1)
	b.commit(store.BindingOp{Binding: kept})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.Location.Commit(ctx, []store.BindingOp{{Kind: store.Delete, Binding: kept}, {Binding: phone("1002", 1)}}); !errors.Is(err, context.Canceled) {
		t.Errorf("commit with a context that has ended: %v, want %v", err, context.Canceled)
	}
	b.commit()
	b.expect(map[store.BindingKey]store.Binding{key(kept): kept})
}

func loadStops(t *testing.T, e Engine) {
	b := open(t, e)
	for i := range 10 {
		b.commit(store.BindingOp{Binding: phone("1001", i)})
	}
	enough, seen := errors.New("enough"), 0
	err := b.Location.Load(context.Background(), func(store.Binding) error {
		if seen++; seen == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || seen != 3 {
		t.Errorf("load gave %d bindings and %v, want 3 and %v", seen, err, enough)
	}
	ctx, cancel := context.WithCancel(context.Background())
	seen = 0
	err = b.Location.Load(ctx, func(store.Binding) error {
		seen++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen != 1 {
		t.Errorf("load gave %d bindings and %v, want 1 and %v", seen, err, context.Canceled)
	}
}

// commitWhileLoading: who loads may commit at the same time.
func commitWhileLoading(t *testing.T, e Engine) {
	b := open(t, e)
	var ops []store.BindingOp
	for i := range 200 {
		ops = append(ops, store.BindingOp{Binding: phone("1001", i)})
	}
	b.commit(ops...)
	err := b.Location.Load(context.Background(), func(p store.Binding) error {
		return b.Location.Commit(context.Background(), []store.BindingOp{{Kind: store.Delete, Binding: p}})
	})
	if err != nil {
		t.Fatal(err)
	}
	b.expect(nil)
}

// model is the course of registrations: it makes up operations and knows what they lead to.
type model struct {
	rnd   *rand.Rand
	state map[store.BindingKey]store.Binding
	now   time.Time
}

func newModel(seed uint64) *model {
	return &model{rnd: rand.New(rand.NewPCG(seed, 1)), state: make(map[store.BindingKey]store.Binding), now: epoch()}
}

func (m *model) next() func(context.Context, *State) error {
	ops := m.batch()
	return func(ctx context.Context, s *State) error { return s.Location.Commit(ctx, ops) }
}

func (m *model) check(ctx context.Context, s *State) string {
	return difference(ctx, s.Location, m.state)
}

func (m *model) some() bool { return len(m.state) > 0 }

// batch makes up the operations of one commit and carries them out on the model.
func (m *model) batch() []store.BindingOp {
	ops := make([]store.BindingOp, 1+m.rnd.IntN(20))
	for i := range ops {
		ops[i] = m.op()
		m.apply(ops[i])
	}
	return ops
}

func (m *model) op() store.BindingOp {
	m.now = m.now.Add(time.Duration(m.rnd.IntN(5000)) * time.Millisecond)
	b := phone(fmt.Sprint(1000+m.rnd.IntN(8)), m.rnd.IntN(3))
	b.Node = [...]string{"a", "b"}[m.rnd.IntN(2)]
	b.RegisteredAt = m.now.Add(-time.Duration(m.rnd.IntN(20000)) * time.Millisecond) // may come late
	b.Expires = b.RegisteredAt.Add(time.Duration(m.rnd.IntN(3600)) * time.Second)
	b.CSeq = m.rnd.Uint32()
	b.UserAgent = fmt.Sprint("ua ", m.rnd.IntN(100))
	return store.BindingOp{Kind: store.OpKind(m.rnd.IntN(3)), Binding: b}
}

func (m *model) apply(o store.BindingOp) {
	old, found := m.state[o.Key()]
	late := found && old.Node != o.Binding.Node && o.Binding.RegisteredAt.Before(old.RegisteredAt)
	if late {
		return
	}
	switch {
	case o.Kind == store.Delete:
		delete(m.state, o.Key())
	case o.Kind == store.Refresh && found:
		old.CSeq, old.Expires, old.RegisteredAt = o.Binding.CSeq, o.Binding.Expires, o.Binding.RegisteredAt
		m.state[o.Key()] = old
	default:
		m.state[o.Key()] = o.Binding
	}
}
