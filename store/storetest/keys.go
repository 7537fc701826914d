package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"obelus/store"
)

// KV runs the part of the suite about store.KV.
func KV(t *testing.T, e Engine) {
	t.Run("operations", func(t *testing.T) { keyOperations(t, e) })
	t.Run("odd strings", func(t *testing.T) { oddKeys(t, e) })
	t.Run("all or nothing", func(t *testing.T) { keysAllOrNothing(t, e) })
	t.Run("load stops", func(t *testing.T) { loadKeysStops(t, e) })
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("random operations ", seed), func(t *testing.T) { follow(t, e, newKeys(seed)) })
	}
}

func put(key, value string) store.KVOp { return store.KVOp{Kind: store.KVPut, Key: key, Value: value} }
func tree(key string) store.KVOp       { return store.KVOp{Kind: store.KVTree, Key: key} }
func take(key string) store.KVOp       { return store.KVOp{Kind: store.KVDelete, Key: key} }

func (b *bench) writeKeys(ops ...store.KVOp) {
	b.t.Helper()
	if err := b.KV.WriteKeys(context.Background(), ops); err != nil {
		b.t.Fatal("write keys:", err)
	}
}

// expectKeys compares the keys with those listed, "key=value", now and after opening again.
func (b *bench) expectKeys(want ...string) {
	b.t.Helper()
	b.twice(func() string { return compareKeys(context.Background(), b.KV, want) })
}

// compareKeys compares what an engine has with what it should have, in order.
func compareKeys(ctx context.Context, kv store.KV, want []string) string {
	var got []string
	err := kv.LoadKeys(ctx, func(key, value string) error { got = append(got, key+"="+value); return nil })
	if err != nil {
		return fmt.Sprint("load keys: ", err)
	}
	if !slices.Equal(got, want) {
		return fmt.Sprintf("the keys are\n%q, want\n%q", got, want)
	}
	return ""
}

func keyOperations(t *testing.T, e Engine) {
	b := open(t, e)
	b.expectKeys()
	b.writeKeys(put("/cfim/1001", "1002"), put("/a/b", "1"), put("/a/b/c", "2"), put("/a/b-c", "3"), put("/a/b0", "4"), put("/a/bc", "5"), put("/A/b", "6"), put("/a/b", "7"))
	b.expectKeys("/A/b=6", "/a/b=7", "/a/b-c=3", "/a/b/c=2", "/a/b0=4", "/a/bc=5", "/cfim/1001=1002")
	b.writeKeys(tree("/a/b"), take("/cfim"), take("/none"), tree("/none"))
	b.expectKeys("/A/b=6", "/a/b-c=3", "/a/b0=4", "/a/bc=5", "/cfim/1001=1002")
	b.writeKeys(take("/cfim/1001"), put("/cfim/1001", ""), tree("/a"), put("/a/x", "y"))
	b.expectKeys("/A/b=6", "/a/x=y", "/cfim/1001=")
	b.writeKeys(put("/z", "gone"), tree(""), put("/z", "last"))
	b.expectKeys("/z=last")
	b.writeKeys()
	b.writeKeys(tree(""))
	b.expectKeys()
}

// oddKeys: what the dialplan keeps is bytes, and no part of a statement or a pattern.
func oddKeys(t *testing.T, e Engine) {
	b := open(t, e)
	all := []string{"", " ", "'; DROP TABLE astdb; --", "zero\x00byte", "latin \xe9\xff", "zwölf ☎", "\r\n", "%s ? $1 \\ _", strings.Repeat("x", 65536)}
	want := make(map[string]string)
	for _, s := range all {
		b.writeKeys(put("/odd/"+s, s), put("/odd/"+s+"/below", s), put("/odd/"+s+"x", s))
		want["/odd/"+s], want["/odd/"+s+"x"], want["/odd/"+s+"/below"] = s, s, s
	}
	b.expectKeys(listed(want)...)
	for _, s := range all[1:] {
		b.writeKeys(tree("/odd/" + s))
		maps.DeleteFunc(want, func(k, _ string) bool { return k == "/odd/"+s || strings.HasPrefix(k, "/odd/"+s+"/") })
	}
	b.expectKeys(listed(want)...)
}

// listed are a map's entries as expectKeys wants them.
func listed(m map[string]string) (all []string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, k+"="+m[k])
	}
	return all
}

func keysAllOrNothing(t *testing.T, e Engine) {
	b := open(t, e)
	b.writeKeys(put("/a", "1"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.KV.WriteKeys(ctx, []store.KVOp{put("/a", "2"), put("/b", "2")}); !errors.Is(err, context.Canceled) {
		t.Errorf("write with a context that has ended: %v, want %v", err, context.Canceled)
	}
	b.expectKeys("/a=1")
}

func loadKeysStops(t *testing.T, e Engine) {
	b := open(t, e)
	b.writeKeys(put("/a", "1"), put("/b", "2"), put("/c", "3"))
	enough, seen := errors.New("enough"), 0
	err := b.KV.LoadKeys(context.Background(), func(_, _ string) error {
		if seen++; seen == 2 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || seen != 2 {
		t.Errorf("load gave %d keys and %v, want 2 and %v", seen, err, enough)
	}
	ctx, cancel := context.WithCancel(context.Background())
	seen = 0
	err = b.KV.LoadKeys(ctx, func(_, _ string) error { seen++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || seen != 1 {
		t.Errorf("load gave %d keys and %v, want 1 and %v", seen, err, context.Canceled)
	}
	err = b.KV.LoadKeys(context.Background(), func(k, _ string) error { return b.KV.WriteKeys(context.Background(), []store.KVOp{take(k)}) })
	if err != nil {
		t.Error("write while loading:", err)
	}
	b.expectKeys()
}

// keys is the course of the dialplan's database.
type keys struct {
	rnd   *rand.Rand
	state map[string]string
}

func newKeys(seed uint64) *keys {
	return &keys{rnd: rand.New(rand.NewPCG(seed, 2)), state: make(map[string]string)}
}

func (k *keys) next() func(context.Context, *State) error {
	ops := make([]store.KVOp, 1+k.rnd.IntN(20))
	for i := range ops {
		ops[i] = k.op()
		k.apply(ops[i])
	}
	return func(ctx context.Context, s *State) error { return s.KV.WriteKeys(ctx, ops) }
}

func (k *keys) op() store.KVOp {
	path := ""
	for range 1 + k.rnd.IntN(3) {
		path += [...]string{"/a", "/b", "/a-", "/a0", "/ü"}[k.rnd.IntN(5)]
	}
	switch n := k.rnd.IntN(100); {
	case n == 0:
		return tree("")
	case n < 10:
		return tree(path)
	case n < 30:
		return take(path)
	}
	return put(path, fmt.Sprint(k.rnd.IntN(1000)))
}

func (k *keys) apply(o store.KVOp) {
	switch o.Kind {
	case store.KVPut:
		k.state[o.Key] = o.Value
	case store.KVDelete:
		delete(k.state, o.Key)
	case store.KVTree:
		maps.DeleteFunc(k.state, func(at, _ string) bool { return strings.HasPrefix(at+"/", o.Key+"/") || o.Key == "" })
	}
}

func (k *keys) check(ctx context.Context, s *State) string {
	return compareKeys(ctx, s.KV, listed(k.state))
}

func (k *keys) some() bool { return len(k.state) > 0 }
