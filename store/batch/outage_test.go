package batch

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestOutage has a phone register every minute for a week while nothing can be committed: who was told long ago is not remembered.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		away.Store(true)
		w := New(Config[string, string]{
			Key: func(o string) string { return o },
			Commit: func(ctx context.Context, _ []string) error {
				for away.Load() && ctx.Err() == nil {
					time.Sleep(time.Second)
				}
				return ctx.Err()
			},
		})
		var told atomic.Int64
		put := func() {
			t.Helper()
			if err := w.Put(func(error) { told.Add(1) }, "1001"); err != nil {
				t.Fatal(err)
			}
		}
		put()
		synctest.Wait() // it flies
		const week = 7 * 24 * 60
		for range week {
			put()
			time.Sleep(time.Minute)
		}
		put()
		w.mu.Lock()
		if n := len(w.pending["1001"].waiters); n > 100 {
			t.Errorf("%d callers are remembered, and one of them waits", n)
		}
		w.mu.Unlock()
		away.Store(false)
		if err := w.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if n := told.Load(); n != week+2 {
			t.Errorf("%d of %d callers were told", n, week+2)
		}
	})
}
