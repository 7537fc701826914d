package csv_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"obelus/cdr/csv"
	"obelus/cdr/outbox"
	"obelus/store"
	"obelus/store/sqlite"
)

// BenchmarkRecords takes records all the way: begun, answered and ended in cdr.db, then a line in Master.csv. So many are in one commit, and
// beginning, answer and end in one each.
func BenchmarkRecords(b *testing.B) {
	for _, many := range []int{500, 10} {
		b.Run(strconv.Itoa(many), func(b *testing.B) { benchmarkRecords(b, many) })
	}
}

func benchmarkRecords(b *testing.B, many int) {
	dir := b.TempDir()
	calls, err := sqlite.OpenCalls(b.Context(), dir, quiet())
	if err != nil {
		b.Fatal(err)
	}
	defer calls.Close()
	done := make(chan int, many)
	box, err := outbox.Open(b.Context(), outbox.Config{Store: telling{calls, done, new(atomic.Int64)}, Log: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	box.SetSinks(b.Context(), outbox.Batch{}, csv.NewMaster(dir, csv.Options{UniqueID: true}))
	until := func(n int) {
		for n > 0 {
			n -= <-done
		}
	}
	n, begun := 0, processorTime(b)
	for ; b.Loop(); n++ {
		for step := range 3 {
			for i := range many {
				r := crashCall(n*many + i)
				r.CallerID, r.DContext, r.LastApp, r.LastData, r.DstChannel = `"Anna" <1001>`, "internal", "Dial", "SIP/1002,20", "SIP/1002-00000001"
				if step > 0 {
					r.Answer = r.Start.Add(time.Second)
				}
				if step == 2 {
					r.End = r.Start.Add(time.Minute)
					box.End(r)
				} else {
					box.Begin(r)
				}
			}
			until(many)
		}
		until(many) // and shipped
	}
	b.ReportMetric(float64((processorTime(b)-begun).Microseconds())/float64(n*many), "cpu-µs/record")
	b.StopTimer()
	if err := box.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// telling is a store that tells of each record that it has, and that has been shipped.
type telling struct {
	*sqlite.Calls
	done    chan<- int
	shipped *atomic.Int64
}

func (t telling) WriteCalls(ctx context.Context, ops []store.CallOp) error {
	err := t.Calls.WriteCalls(ctx, ops)
	t.done <- len(ops)
	return err
}

func (t telling) Ship(ctx context.Context, sink string, upTo int64, note string) error {
	err := t.Calls.Ship(ctx, sink, upTo, note)
	t.done <- int(upTo - t.shipped.Swap(upTo))
	return err
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
