package astdb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/store"
)

// engine is a store.KV that takes its time and can fail.
type engine struct {
	mu      sync.Mutex
	keys    map[string]string
	commits int
	takes   time.Duration
	failing error
	bad     string // the value that it can't take
	answer  error  // what it says of a commit that it has carried out: the connection is lost in between
}

func (e *engine) LoadKeys(_ context.Context, yield func(key, value string) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, k := range slices.Sorted(maps.Keys(e.keys)) {
		if err := yield(k, e.keys[k]); err != nil {
			return err
		}
	}
	return e.failing
}

func (e *engine) WriteKeys(_ context.Context, ops []store.KVOp) error {
	time.Sleep(e.takes)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.commits++
	if e.failing != nil {
		return e.failing
	}
	for _, o := range ops {
		if e.bad != "" && o.Value == e.bad {
			return errors.New("bad value")
		}
	}
	for _, o := range ops {
		switch o.Kind {
		case store.KVPut:
			e.keys[o.Key] = o.Value
		case store.KVDelete:
			delete(e.keys, o.Key)
		case store.KVTree:
			maps.DeleteFunc(e.keys, func(k, _ string) bool { return within(k, o.Key) })
		}
	}
	if len(ops) == 0 {
		return nil
	}
	return e.answer
}

func (e *engine) fail(err error) {
	e.mu.Lock()
	e.failing = err
	e.mu.Unlock()
}

func newEngine(keys ...string) *engine {
	e := &engine{keys: make(map[string]string)}
	for _, k := range keys {
		e.keys[k] = "v of " + k
	}
	return e
}

func open(t *testing.T, c Config) *DB {
	t.Helper()
	d, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return d
}

// written are entries in one line.
func written(all []Entry) string {
	var out []string
	for _, e := range all {
		out = append(out, e.Key+"="+e.Value)
	}
	return strings.Join(out, " ")
}

func TestKeysAreAsInTheOriginal(t *testing.T) {
	for _, e := range []*engine{newEngine(), nil} {
		c := Config{}
		if e != nil {
			c.Store = e
		}
		d := open(t, c)
		for _, kv := range [][3]string{{"fam", "key", "1"}, {"fam", "key/below", "2"}, {"a", "b/c", "3"}, {"fam", "", "4"}, {"", "odd", "5"}, {"Z", "z", "6"}} {
			if err := d.Put(kv[0], kv[1], kv[2]); err != nil {
				t.Fatal(err)
			}
		}
		if v, ok := d.Get("a/b", "c"); !ok || v != "3" {
			t.Errorf("a slash in the family: %q %v", v, ok)
		}
		for _, not := range [][2]string{{"fam", "ke"}, {"fam", "key/"}, {"FAM", "key"}, {"a", "b"}} {
			if v, ok := d.Get(not[0], not[1]); ok {
				t.Errorf("%v is there: %q", not, v)
			}
		}
		for prefix, want := range map[string]string{"": ",Z,a,fam", "fam": ",key", "/fam/": ",key", "fam/key": "below", "a": "b", "none": "", "a/b/c": ""} {
			if got := strings.Join(d.Names(prefix), ","); got != want {
				t.Errorf("names of %q: %q, want %q", prefix, got, want)
			}
		}
		for _, c := range []struct{ family, keytree, want string }{
			{"fam", "", "/fam/=4 /fam/key=1 /fam/key/below=2"}, {"fam", "key", "/fam/key=1 /fam/key/below=2"}, {"fam", "k", ""}, {"fam/key", "below", "/fam/key/below=2"},
			{"", "", "//odd=5 /Z/z=6 /a/b/c=3 /fam/=4 /fam/key=1 /fam/key/below=2"},
		} {
			if got := written(d.Tree(c.family, c.keytree)); got != c.want {
				t.Errorf("tree %s %s: %s, want %s", c.family, c.keytree, got, c.want)
			}
		}
		if got := written(d.Ending("key")); got != "/fam/key=1" {
			t.Errorf("ending in key: %s", got)
		}
		if e != nil && len(e.keys) != 6 {
			t.Errorf("the engine has %v", e.keys)
		}
	}
}

func TestRemove(t *testing.T) {
	e := newEngine("/a/1", "/a/2", "/a/2/x", "/ab/1", "/b/1")
	d := open(t, Config{Store: e})
	check := func(what string, got any, err error, want any, left int) {
		t.Helper()
		if err != nil || got != want || len(e.keys) != left || d.keys != left || len(d.Tree("", "")) != left {
			t.Errorf("%s: %v, %v; want %v; the engine has %v, we have %v", what, got, err, want, e.keys, d.Tree("", ""))
		}
	}
	found, err := d.Delete("a", "2")
	check("a/2", found, err, true, 4)
	found, err = d.Delete("a", "2")
	check("a/2 again", found, err, false, 4)
	n, err := d.DeleteTree("a", "2")
	check("the tree a/2", n, err, 1, 3)
	n, err = d.DeleteTree("a", "")
	check("the tree a", n, err, 1, 2)
	n, err = d.DeleteTree("none", "x")
	check("nothing", n, err, 0, 2)
	n, err = d.DeleteTree("", "")
	check("all", n, err, 2, 0)
	if len(d.root.below) != 0 {
		t.Error("empty families are left")
	}
}

func TestEverythingComesBack(t *testing.T) {
	e := newEngine("/a/1", "odd")
	d := open(t, Config{Store: e})
	if got := written(d.Tree("", "")); got != "/a/1=v of /a/1 /odd=v of odd" {
		t.Error(got)
	}
	if _, err := Open(t.Context(), Config{Store: &engine{failing: store.ErrUnavailable}}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("an engine that is away at the start: %v", err)
	}
}

func TestBounds(t *testing.T) {
	d := open(t, Config{})
	long := strings.Repeat("k", maxKey-len("/f/"))
	if err := d.Put("f", long, "v"); err != nil {
		t.Error(err)
	}
	if err := d.Put("f", long+"k", "v"); !errors.Is(err, ErrKey) {
		t.Errorf("a long key: %v", err)
	}
	if err := d.Put("f", "k", strings.Repeat("v", maxValue)); err != nil {
		t.Error(err)
	}
	if err := d.Put("f", "k", strings.Repeat("v", maxValue+1)); !errors.Is(err, ErrValue) {
		t.Errorf("a long value: %v", err)
	}
	if d.Put("f", "k\x00", "v") == nil || d.Put("f", "k", "v\x00") == nil {
		t.Error("a zero byte is taken")
	}
	d.keys = maxKeys
	if err := d.Put("f", "new", "v"); !errors.Is(err, ErrFull) {
		t.Errorf("one too many: %v", err)
	}
	if err := d.Put("f", "k", "changed"); err != nil {
		t.Errorf("a key that is there, in a full database: %v", err)
	}
}

// TestAWriteIsThereWhenItIsDurable: reads see it when the engine has it, and not before.
func TestAWriteIsThereWhenItIsDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		e.takes = time.Second
		d := open(t, Config{Store: e})
		begun := time.Now()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				if err := d.Put("f", fmt.Sprint(i), "v"); err != nil {
					t.Error(err)
				}
				if _, ok := d.Get("f", fmt.Sprint(i)); !ok {
					t.Errorf("%d is not there", i)
				}
			})
		}
		time.Sleep(time.Second / 2)
		if len(d.Tree("", "")) != 0 {
			t.Error("it is there before it is durable")
		}
		wg.Wait()
		if took := time.Since(begun); took != 2*time.Second || e.commits != 2 {
			t.Errorf("100 writes took %v in %d commits", took, e.commits)
		}
	})
}

// TestTheEngineIsAway: reads go on, writes fail at once and say so, and what was there stays.
func TestTheEngineIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine("/f/k")
		d := open(t, Config{Store: e})
		e.fail(store.ErrUnavailable)
		begun := time.Now()
		_, del := d.Delete("f", "k")
		_, tree := d.DeleteTree("f", "")
		for _, err := range []error{d.Put("f", "k", "new"), del, tree} {
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("a write says %v", err)
			}
		}
		if v, ok := d.Get("f", "k"); !ok || v != "v of /f/k" || time.Since(begun) != 0 {
			t.Errorf("it reads %q %v after %v", v, ok, time.Since(begun))
		}
		e.fail(nil)
		if err := d.Put("f", "k", "new"); err != nil {
			t.Error(err)
		}
		if v, _ := d.Get("f", "k"); v != "new" || e.keys["/f/k"] != "new" {
			t.Errorf("afterwards it reads %q", v)
		}
	})
}

// TestALostAnswer: the engine carries a write out and can't say so any more. The write fails, and nobody knows better at first; as soon as the engine is
// there again, what is read is what the engine has, and with that what there will be after a restart.
func TestALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine("/f/k", "/f/gone")
		d := open(t, Config{Store: e})
		e.answer = fmt.Errorf("commit: %w", store.ErrUnavailable)
		if err := d.Put("f", "k", "new"); !errors.Is(err, store.ErrUnavailable) {
			t.Error(err)
		}
		if _, err := d.Delete("f", "gone"); !errors.Is(err, store.ErrUnavailable) {
			t.Error(err)
		}
		e.answer = nil
		e.fail(store.ErrUnavailable)
		if err := d.Put("f", "other", "v"); !errors.Is(err, store.ErrUnavailable) {
			t.Error(err)
		}
		if got := written(d.Tree("", "")); got != "/f/gone=v of /f/gone /f/k=new" { // the second write has found out about the first
			t.Errorf("while it is away: %s", got)
		}
		e.fail(nil)
		time.Sleep(time.Minute)
		if got := written(d.Tree("", "")); got != "/f/k=new" {
			t.Errorf("when it is back: %s", got)
		}
		if err := d.Put("f", "other", "v"); err != nil {
			t.Error(err)
		}
		if got := written(d.Tree("", "")); got != "/f/k=new /f/other=v" || d.keys != len(e.keys) {
			t.Errorf("it has %s, %d keys; the engine %v", got, d.keys, e.keys)
		}
	})
}

// TestAnEngineThatHangs: a step of the dialplan waits for so long and no longer.
func TestAnEngineThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		e.takes = time.Minute
		d := open(t, Config{Store: e, Delay: 3 * time.Second})
		begun := time.Now()
		if err := d.Put("f", "k", "v"); !errors.Is(err, ErrLate) || time.Since(begun) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		time.Sleep(time.Hour)
		if v, _ := d.Get("f", "k"); v != "v" {
			t.Error("it was written in the end, and is not there")
		}
	})
}

// TestOneBadValue: what the engine can't take fails, and nothing beside it.
func TestOneBadValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		e.takes, e.bad = time.Second, "7"
		d := open(t, Config{Store: e, Delay: time.Hour})
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				if err := d.Put("f", fmt.Sprint(i), fmt.Sprint(i)); (err != nil) != (i == 7) {
					t.Errorf("%d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if len(e.keys) != 9 || d.keys != 9 {
			t.Errorf("the engine has %v", e.keys)
		}
	})
}

func TestClose(t *testing.T) {
	e := newEngine()
	d := open(t, Config{Store: e})
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Put("f", "k", "v"); err == nil || d.keys != 0 {
		t.Errorf("a write after the end: %v", err)
	}
}

// registry is a view as SIP/Registry is.
type registry map[string]string

func (r registry) Get(key string) (string, bool) { v, ok := r[key]; return v, ok }
func (r registry) Keys() []string                { return slices.Collect(maps.Keys(r)) }

func TestViews(t *testing.T) {
	e := newEngine("/SIP/Registry/old", "/SIP/Other/x", "/a/1")
	d := open(t, Config{Store: e, Views: map[string]View{"/SIP/Registry": registry{"1001": "here", "1002": "there"}}})
	for _, c := range [][2]string{{"SIP/Registry", "1001"}, {"SIP", "Registry/1001"}} {
		if v, ok := d.Get(c[0], c[1]); !ok || v != "here" {
			t.Errorf("%v: %q %v", c, v, ok)
		}
	}
	if _, ok := d.Get("SIP/Registry", "old"); ok {
		t.Error("what was imported is still told")
	}
	const both = "/SIP/Registry/1001=here /SIP/Registry/1002=there"
	for _, c := range []struct{ family, keytree, want string }{
		{"SIP/Registry", "", both}, {"SIP", "Registry", both}, {"SIP/Registry", "1001", "/SIP/Registry/1001=here"},
		{"SIP", "", "/SIP/Other/x=v of /SIP/Other/x " + both}, {"SIP/Reg", "", ""},
	} {
		if got := written(d.Tree(c.family, c.keytree)); got != c.want {
			t.Errorf("tree %s %s: %s, want %s", c.family, c.keytree, got, c.want)
		}
	}
	for prefix, want := range map[string]string{"": "SIP,a", "SIP": "Other,Registry", "SIP/Registry": "1001,1002"} {
		if got := strings.Join(d.Names(prefix), ","); got != want {
			t.Errorf("names of %q: %s, want %s", prefix, got, want)
		}
	}
	_, del := d.Delete("SIP/Registry", "1001")
	_, tree := d.DeleteTree("SIP/Registry", "")
	for _, err := range []error{d.Put("SIP/Registry", "1001", "x"), del, tree} {
		if !errors.Is(err, ErrComputed) {
			t.Errorf("a write to it says %v", err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	d, err := Open(b.Context(), Config{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 100000 {
		d.root.put(path("blacklist", fmt.Sprint(i)), "1")
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := d.Get("blacklist", "4711"); !ok {
			b.Fatal("not there")
		}
	}
}

// FuzzTree: whatever keys there are, what is put is there, is listed, and goes.
func FuzzTree(f *testing.F) {
	f.Add("fam", "key", "fam", "key/below")
	f.Add("", "", "/", "//")
	f.Add("a/b", "c", "a", "b/c")
	f.Fuzz(func(t *testing.T, f1, k1, f2, k2 string) {
		d := &DB{}
		model := make(map[string]string)
		for i, p := range []string{path(f1, k1), path(f2, k2)} {
			d.apply(&write{op: store.KVOp{Key: p, Value: fmt.Sprint(i)}})
			model[p] = fmt.Sprint(i)
		}
		for _, e := range d.Tree("", "") {
			if model[e.Key] != e.Value {
				t.Errorf("%q is %q, want %q", e.Key, e.Value, model[e.Key])
			}
		}
		if d.keys != len(model) || len(d.Tree("", "")) != len(model) {
			t.Errorf("%d keys, want %v", d.keys, model)
		}
		gone := &write{op: store.KVOp{Kind: store.KVTree, Key: path(f1, k1)}}
		d.apply(gone)
		maps.DeleteFunc(model, func(k, _ string) bool { return within(k, path(f1, k1)) })
		if d.keys != len(model) {
			t.Errorf("after the tree %q went: %d keys, want %v", path(f1, k1), d.keys, model)
		}
	})
}
