package location_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"obelus/location"
	"obelus/store"
)

// TestFlush has refreshes answered at once and written together; everything else is waited for, and says all that they
// would have.
func TestFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(slowStore)
		r, err := location.Open(t.Context(), location.Config{Store: s, Flush: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		cseq := uint32(0)
		bind := func(uri string, life time.Duration, wait bool) {
			t.Helper()
			b := at(uri, life)
			cseq++
			b.CSeq = cseq
			if _, pending, err := r.Bind(nil, "1001", []location.Binding{b}, 5, time.Now(), func(error) {}); err != nil || pending != wait {
				t.Errorf("%s for %v waits: %v, %v", uri, life, pending, err)
			}
		}
		written := func(want ...string) {
			t.Helper()
			synctest.Wait()
			got := s.seen()
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("written are %q, want %q", got, want)
			}
		}
		bind("sip:a", time.Hour, true)
		bind("sip:b", time.Hour, true)
		written("upsert sip:a", "upsert sip:b")
		for range 3 {
			time.Sleep(time.Second)
			bind("sip:a", 2*time.Hour, false)
			bind("sip:b", 2*time.Hour, false)
		}
		written()
		bind("sip:b", 0, true) // what waits of it is overtaken
		written("delete sip:b")
		time.Sleep(3 * time.Second)
		written("refresh sip:a")
		bind("sip:a", 3*time.Hour, false)
		at := time.Now()
		if err := r.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		written("refresh sip:a")
		if err := s.Load(t.Context(), func(b store.Binding) error {
			if !b.Expires.Equal(at.Add(3 * time.Hour)) {
				t.Errorf("stored is %+v", b)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
}
