package location_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/location"
	"obelus/store"
	"obelus/store/memory"
)

// model is the registrar in its simplest form: a list a peer, the latest first.
type model map[string][]location.Binding

func (m model) bind(aor string, b location.Binding, limit int, now time.Time) {
	list := slices.DeleteFunc(m[aor], func(o location.Binding) bool { return o.Contact == b.Contact || !o.Expires.After(now) })
	if b.Expires.After(now) {
		list = slices.Insert(list, 0, b)
		list = list[:min(len(list), limit)]
	}
	m[aor] = list
}

func (m model) lookup(aor string, now time.Time) string {
	list := slices.Clone(m[aor])
	list = slices.DeleteFunc(list, func(o location.Binding) bool { return !o.Expires.After(now) })
	slices.SortStableFunc(list, func(a, b location.Binding) int { return b.Q - a.Q })
	return line(list)
}

// TestAgainstModel makes up registrations, refreshes, removals, time and restarts.
func TestAgainstModel(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { compareWithModel(t, rand.New(rand.NewPCG(seed, 2))) })
		})
	}
}

func compareWithModel(t *testing.T, rnd *rand.Rand) {
	s, m := new(memory.Engine), make(model)
	r := reopen(t, nil, s)
	defer func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	for cseq := range uint32(2000) {
		time.Sleep(time.Millisecond) // no two registrations come at once: which is the later would be anybody's guess
		now := time.Now()
		aor, limit := fmt.Sprint(1000+rnd.IntN(5)), 1+rnd.IntN(3)
		switch n := rnd.IntN(100); {
		case n < 80:
			b := at(fmt.Sprint("sip:", rnd.IntN(4)), time.Duration(rnd.IntN(120))*time.Second)
			b.CSeq, b.Q = cseq, 500+100*rnd.IntN(3)
			if _, _, err := r.Bind(nil, aor, []location.Binding{b}, limit, now, nil); err != nil {
				t.Fatal(err)
			}
			m.bind(aor, b, limit, now)
		case n < 85:
			if _, err := r.Unbind(aor, location.Everything, "", 0, now, nil); err != nil {
				t.Fatal(err)
			}
			delete(m, aor)
		case n < 87:
			r = reopen(t, r, s)
		default:
			time.Sleep(time.Duration(rnd.IntN(20_000)) * time.Millisecond)
		}
		if got, want := line(r.Lookup(nil, aor, time.Now())), m.lookup(aor, time.Now()); got != want {
			t.Fatalf("step %d, peer %s: %q, want %q", cseq, aor, got, want)
		}
	}
	time.Sleep(time.Hour)
	left := 0
	if err := s.Load(t.Context(), func(store.Binding) error { left++; return nil }); err != nil || left != 0 {
		t.Errorf("%d bindings in the store when all have ended (%v)", left, err)
	}
}

func reopen(t *testing.T, r *location.Registrar, s store.Location) *location.Registrar {
	t.Helper()
	if r != nil {
		if err := r.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	r, err := location.Open(t.Context(), location.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestManyAtOnce lets many goroutines register, call and remove the same peers; the store must end up with what the memory has.
func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(slowStore)
		r := reopen(t, nil, s)
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(g), 3))
				for range 300 {
					aor := fmt.Sprint(rnd.IntN(4))
					b := at(fmt.Sprint("sip:", rnd.IntN(5)), time.Duration(rnd.IntN(3))*time.Hour)
					b.CallID = fmt.Sprint(g)
					if _, _, err := r.Bind(nil, aor, []location.Binding{b}, 2, time.Now(), func(error) {}); err != nil {
						t.Error(err)
					}
					if n := len(r.Lookup(nil, aor, time.Now())); n > 2 {
						t.Errorf("%d contacts, at most 2", n)
					}
				}
			})
		}
		wg.Wait()
		want := r.Snapshot(time.Now())
		if err := r.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		got := reopen(t, nil, s)
		defer got.Close(context.Background())
		key := func(bs []location.Binding) (keys []string) {
			for _, b := range bs {
				keys = append(keys, b.AOR+" "+b.Contact+" "+b.CallID)
			}
			slices.Sort(keys)
			return keys
		}
		if g, w := key(got.Snapshot(time.Now())), key(want); !slices.Equal(g, w) {
			t.Errorf("stored %q, in memory %q", g, w)
		}
	})
}
