package sqlite_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"obelus/store"
	"obelus/store/batch"
	"obelus/store/sqlite"
)

// What is measured here is CPU time, of the process and the kernel for it: the disk is waited for by nobody who matters.

// metered reports the CPU time of what work does, by the operations it counts.
func metered(b *testing.B, work func() (operations int)) {
	total := 0
	before := cpuTime(b)
	for b.Loop() {
		total += work()
	}
	b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/1000/float64(total), "cpu-µs/op")
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "op/s")
}

func opened(b *testing.B, bindings int) *sqlite.Engine {
	b.Helper()
	e, _, err := open(filled(b, bindings))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := e.Close(); err != nil {
			b.Error(err)
		}
	})
	return e
}

func BenchmarkLocation(b *testing.B) {
	const known, size = 100000, 1000
	for name, kind := range map[string]store.OpKind{"refresh": store.Refresh, "change": store.Upsert, "new": store.Upsert} {
		b.Run(name, func(b *testing.B) {
			e := opened(b, known)
			n, at := 0, time.UnixMilli(1_800_000_000_000)
			metered(b, func() int {
				ops := make([]store.BindingOp, size)
				at = at.Add(time.Second)
				for i := range ops {
					n += 37 // phones come in no order
					p := binding(n % known)
					if name == "new" {
						p = binding(known + n)
					}
					p.RegisteredAt, p.Expires = at, at.Add(time.Hour)
					ops[i] = store.BindingOp{Kind: kind, Binding: p}
				}
				if err := e.Commit(b.Context(), ops); err != nil {
					b.Fatal(err)
				}
				return size
			})
		})
	}
}

// BenchmarkLoad is a restart: from the open to the last of 100,000 bindings.
func BenchmarkLoad(b *testing.B) {
	dir := filled(b, 100000)
	metered(b, func() (n int) {
		e, _, err := open(dir)
		if err != nil {
			b.Fatal(err)
		}
		if err := e.Load(b.Context(), func(store.Binding) error { n++; return nil }); err != nil {
			b.Fatal(err)
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
		return n
	})
}

// each has 64 writers write, each waiting for what it wrote before it goes on.
func each[K comparable, T any](b *testing.B, w *batch.Writer[K, T], what func(n int64) T) {
	var last atomic.Int64
	metered(b, func() int {
		const writers, share = 64, 20
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				for range share {
					done := make(chan error, 1)
					if err := w.Put(func(err error) { done <- err }, what(last.Add(1))); err != nil {
						b.Error(err)
						return
					}
					if err := <-done; err != nil {
						b.Error(err)
					}
				}
			})
		}
		all.Wait()
		return writers * share
	})
	if err := w.Close(context.Background()); err != nil {
		b.Error(err)
	}
}

func BenchmarkMessage64(b *testing.B) {
	e := opened(b, 0)
	body := []byte(strings.Repeat("x", 300))
	w := batch.New(batch.Config[string, store.Message]{Commit: e.Append, Key: func(m store.Message) string { return m.ID }, Delay: time.Minute})
	at := time.UnixMilli(1_800_000_000_000)
	each(b, w, func(n int64) store.Message {
		account := fmt.Sprint(1000 + n%500)
		return store.Message{ID: fmt.Sprintf("%020d", n), AOR: account, From: `"A" <sip:1001@example.com>`, To: "sip:" + account + "@example.com",
			ContentType: "text/plain", Body: body, Peer: "1001", At: at, Expires: at.Add(time.Hour)}
	})
}

func BenchmarkKey64(b *testing.B) {
	e := opened(b, 0)
	w := batch.New(batch.Config[string, store.KVOp]{Commit: e.WriteKeys, Key: func(o store.KVOp) string { return o.Key }, Delay: time.Minute})
	each(b, w, func(n int64) store.KVOp {
		return store.KVOp{Key: fmt.Sprintf("/cfim/%d", n%20000), Value: "sip:1001@example.com"}
	})
}

// BenchmarkTogether is what all kinds do to each other: each has one who commits small batches, one after the other. An operation is a batch.
func BenchmarkTogether(b *testing.B) {
	e := opened(b, 10000)
	at := time.UnixMilli(1_800_000_000_000)
	n := 0
	metered(b, func() int {
		const rounds, size = 20, 10
		n += rounds * size
		var all sync.WaitGroup
		each := func(commit func(first int) error) {
			all.Go(func() {
				for i := range rounds {
					if err := commit(n + i*size); err != nil {
						b.Error(err)
					}
				}
			})
		}
		each(func(first int) error {
			var ops []store.BindingOp
			for i := range size {
				p := binding((first + i) * 37 % 10000)
				p.RegisteredAt, p.Expires = at.Add(time.Duration(first)), at.Add(time.Hour)
				ops = append(ops, store.BindingOp{Kind: store.Refresh, Binding: p})
			}
			return e.Commit(b.Context(), ops)
		})
		each(func(first int) error {
			var texts []store.Message
			for i := range size {
				texts = append(texts, store.Message{ID: fmt.Sprintf("%020d", first+i), AOR: fmt.Sprint(1000 + i), Body: make([]byte, 300), At: at, Expires: at})
			}
			return e.Append(b.Context(), texts)
		})
		each(func(first int) error {
			var ops []store.KVOp
			for i := range size {
				ops = append(ops, store.KVOp{Key: fmt.Sprint("/cfim/", (first+i)%20000), Value: "sip:1001@example.com"})
			}
			return e.WriteKeys(b.Context(), ops)
		})
		all.Wait()
		return 3 * rounds
	})
}
