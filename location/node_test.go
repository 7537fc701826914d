package location_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"obelus/location"
	"obelus/store"
	"obelus/store/memory"
)

// TestOtherNodes: what another node on the same store has registered is neither brought back nor removed when it seems to have expired:
// its refreshes are not heard of here.
func TestOtherNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(memory.Engine)
		for node, lives := range map[string]time.Duration{"n1": time.Hour, "n2": time.Hour, "n3": -time.Hour} {
			b := at("sip:"+node, time.Hour)
			b.AOR, b.ContactID, b.Node, b.RegisteredAt, b.Expires = "1001", node, node, time.Now().Add(-2*time.Hour), time.Now().Add(lives)
			if err := s.Commit(t.Context(), []store.BindingOp{{Binding: b}}); err != nil {
				t.Fatal(err)
			}
		}
		r, err := location.Open(t.Context(), location.Config{Store: s, Node: "n1"})
		if err != nil {
			t.Fatal(err)
		}
		if have := r.Lookup(nil, "1001", time.Now()); len(have) != 1 || have[0].Node != "n1" {
			t.Errorf("brought back %+v", have)
		}
		time.Sleep(2 * time.Hour)
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
		left := make(map[string]bool)
		if err := s.Load(t.Context(), func(b store.Binding) error { left[b.Node] = true; return nil }); err != nil {
			t.Fatal(err)
		}
		if left["n1"] || !left["n2"] || !left["n3"] {
			t.Errorf("the store has those of %v", left)
		}
	})
}

// TestStrict: who wants it so is told when the store takes nothing more; else the phone is answered from memory at once.
func TestStrict(t *testing.T) {
	for _, strict := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r, err := location.Open(t.Context(), location.Config{Store: new(memory.Engine), Strict: strict})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			told := errors.New("not told")
			_, pending, err := r.Bind(nil, "1001", []location.Binding{at("sip:a", time.Hour)}, 1, time.Now(), func(err error) { told = err })
			synctest.Wait()
			if err != nil || pending != strict || strict && (told == nil || told.Error() == "not told") {
				t.Errorf("strict %v: pending %v, told %v, %v", strict, pending, told, err)
			}
		})
	}
}
