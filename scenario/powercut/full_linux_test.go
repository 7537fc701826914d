package powercut

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"obelus/store"
	"obelus/store/storetest"
)

// filler commits one more thing of a kind, and lists what there is.
type filler struct {
	commit func(s *storetest.State, name string) error
	list   func(s *storetest.State) ([]string, error)
}

func fillers() map[string]filler {
	bulk := string(make([]byte, 3000))
	at := time.UnixMilli(1_800_000_000_000)
	ctx := context.Background()
	return map[string]filler{
		"location": {func(s *storetest.State, name string) error {
			b := store.Binding{AOR: name, ContactID: name, UserAgent: bulk, RegisteredAt: at, Expires: at.Add(time.Hour)}
			return s.Location.Commit(ctx, []store.BindingOp{{Binding: b}})
		}, func(s *storetest.State) (all []string, err error) {
			return all, s.Location.Load(ctx, func(b store.Binding) error { all = append(all, b.AOR); return nil })
		}},
		"messages": {func(s *storetest.State, name string) error {
			return s.Messages.Append(ctx, []store.Message{{ID: name, AOR: "a", Body: []byte(bulk), At: at, Expires: at}})
		}, func(s *storetest.State) (all []string, err error) {
			found, err := s.Messages.Expired(ctx, at, 1<<30)
			for _, m := range found {
				all = append(all, m.ID)
			}
			return all, err
		}},
		"keys": {func(s *storetest.State, name string) error {
			return s.KV.WriteKeys(ctx, []store.KVOp{{Key: name, Value: bulk}})
		}, func(s *storetest.State) (all []string, err error) {
			return all, s.KV.LoadKeys(ctx, func(key, _ string) error { all = append(all, key); return nil })
		}},
		"calls": {func(s *storetest.State, name string) error {
			r := store.CallRecord{CallKey: store.CallKey{UniqueID: name}, UserField: bulk, Start: at, End: at}
			return s.Calls.WriteCalls(ctx, []store.CallOp{{Kind: store.CallEnd, Record: r}})
		}, func(s *storetest.State) (all []string, err error) {
			found, err := s.Calls.Ended(ctx, 0, 1<<30)
			for _, r := range found {
				all = append(all, r.UniqueID)
			}
			return all, err
		}},
	}
}

// TestFullDisk: when there is no space left, each commit says so and nothing of it is there; what was, stays; and with space again it goes on.
func TestFullDisk(t *testing.T) {
	for kind, f := range fillers() {
		t.Run(kind, func(t *testing.T) {
			d := newDisk(t, 8<<20)
			ballast := filepath.Join(d.at, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := engine().Open(dataDir(d))
			if err != nil {
				t.Fatal(err)
			}
			acked := make(map[string]bool)
			try := func(from, n int) (last error) {
				for i := range n {
					name := fmt.Sprintf("/%06d", from+i)
					if err := f.commit(s, name); err == nil {
						acked[name] = true
					} else if last = err; !errors.Is(err, store.ErrFull) {
						t.Fatalf("%s: %v, want %v", name, err, store.ErrFull)
					}
				}
				return last
			}
			n := 0
			for try(n, 1) == nil {
				if n++; n > 5000 {
					t.Fatal("the disk is never full")
				}
			}
			_ = try(n+1, 20) // some of them may still find room
			f.expect(t, s, acked)
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			if err := try(n+100, 20); err != nil {
				t.Errorf("there is space again: %v", err)
			}
			f.expect(t, s, acked)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = engine().Open(dataDir(d)); err != nil {
				t.Fatal(err)
			}
			f.expect(t, s, acked)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// expect compares what is there with what was acknowledged.
func (f filler) expect(t *testing.T, s *storetest.State, acked map[string]bool) {
	t.Helper()
	got, err := f.list(s)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if want := slices.Sorted(maps.Keys(acked)); !slices.Equal(got, want) {
		t.Errorf("there are %d, want the %d that were acknowledged", len(got), len(want))
	}
}
