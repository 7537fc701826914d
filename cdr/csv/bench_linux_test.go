package csv_test

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"obelus/cdr/csv"
	"obelus/cdr/outbox"
	"obelus/store/sqlite"
)

// BenchmarkRecords takes records all the way: begun, answered and ended in cdr.db, then a line in Master.csv.
func BenchmarkRecords(b *testing.B) {
	dir := b.TempDir()
	calls, err := sqlite.OpenCalls(b.Context(), dir, quiet())
	if err != nil {
		b.Fatal(err)
	}
	defer calls.Close()
	box, err := outbox.Open(b.Context(), outbox.Config{Store: calls, Log: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	box.SetSinks(b.Context(), outbox.Batch{}, csv.NewMaster(dir, csv.Options{UniqueID: true}))
	const batch = 5000 // ten times what goes in one
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	n, begun := 0, processorTime(b)
	for ; b.Loop(); n++ {
		for i := range batch {
			r := crashCall(n*batch + i)
			r.CallerID, r.DContext, r.LastApp, r.LastData, r.DstChannel = `"Anna" <1001>`, "internal", "Dial", "SIP/1002,20", "SIP/1002-00000001"
			box.Begin(r)
			r.Answer = r.Start.Add(time.Second)
			box.Begin(r)
			r.End = r.Start.Add(time.Minute)
			box.End(r)
		}
		for box.Status(b.Context()).Sinks[0].Shipped < uint64((n+1)*batch) {
			<-tick.C
		}
	}
	b.ReportMetric(float64((processorTime(b)-begun).Microseconds())/float64(n*batch), "cpu-µs/record")
	b.StopTimer()
	if err := box.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
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
