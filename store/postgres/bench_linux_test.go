package postgres_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"obelus/internal/pgtest"
	"obelus/store"
	"obelus/store/postgres"
)

// spent is the processor time of this process, and of the server's.
func spent(b *testing.B, s *pgtest.Server) (ours, theirs time.Duration) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	ours = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	first := strconv.Itoa(s.Process().Pid)
	for _, name := range all {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if pid := filepath.Base(filepath.Dir(name)); pid != first && f[1] != first {
			continue
		}
		for _, at := range []int{11, 12, 13, 14} { // user and system, its own and of children that have ended
			ticks, err := strconv.Atoi(f[at])
			if err != nil {
				b.Fatal(err)
			}
			theirs += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return ours, theirs
}

// measure runs work, which does n operations, and reports what each costs.
func measure(b *testing.B, s *pgtest.Server, n int, work func() error) {
	b.Helper()
	ours, theirs := spent(b, s)
	start := time.Now()
	if err := work(); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	o, t := spent(b, s)
	b.ReportMetric(float64((o-ours).Microseconds())/float64(n), "µs-ours/op")
	b.ReportMetric(float64((t-theirs).Microseconds())/float64(n), "µs-server/op")
	b.ReportMetric(float64(n)/took.Seconds(), "op/s")
	b.ReportMetric(took.Seconds(), "s")
	b.ReportMetric(0, "ns/op")
}

func benchPhone(n int, kind store.OpKind) store.BindingOp {
	num := strconv.Itoa(n)
	return store.BindingOp{Kind: kind, Binding: store.Binding{AOR: num, ContactID: "sip:" + num + "@192.0.2.7:5060;transport=udp",
		Contact: "sip:" + num + "@192.0.2.7:5060;transport=udp", Transport: "udp", UserAgent: "Yealink SIP-T46S 66.85.0.5",
		CallID: "0_3422342@192.0.2.7-" + num, Node: "a", Q: 1000, RegisteredAt: time.Now(), Expires: time.Now().Add(time.Hour)}}
}

// BenchmarkEngine: 100,000 phones register, refresh and are loaded; 64 writers keep texts of 300 bytes, each by itself and 64 together.
func BenchmarkEngine(b *testing.B) {
	s, _, dsn := serve(b)
	e, err := postgres.Open(b.Context(), postgres.Config{DSN: dsn, Node: "a"})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	const phones, batch = 100_000, 500
	all := func(kind store.OpKind) error {
		for from := 0; from < phones; from += batch {
			ops := make([]store.BindingOp, batch)
			for i := range ops {
				ops[i] = benchPhone(from+i, kind)
			}
			if err := e.Commit(b.Context(), ops); err != nil {
				return err
			}
		}
		return nil
	}
	b.Run("register", func(b *testing.B) { measure(b, s, phones, func() error { return all(store.Upsert) }) })
	b.Run("refresh", func(b *testing.B) { measure(b, s, phones, func() error { return all(store.Refresh) }) })
	b.Run("load", func(b *testing.B) {
		measure(b, s, phones, func() error { return e.Load(b.Context(), func(store.Binding) error { return nil }) })
	})
	body := []byte(strings.Repeat("text ", 60))
	for _, together := range []int{1, 64} {
		b.Run(fmt.Sprint("texts/", together), func(b *testing.B) {
			const writers = 64
			each := 100 // for each of them, or of those together
			measure(b, s, writers*each, func() error {
				var wg sync.WaitGroup
				errs := make(chan error, writers)
				for w := range writers / together {
					wg.Go(func() {
						for i := range each {
							list := make([]store.Message, together)
							for k := range list {
								list[k] = store.Message{ID: fmt.Sprintf("%d-%d-%d-%d", together, w, i, k), AOR: "1001", From: "sip:1", To: "sip:2", ContentType: "text/plain",
									Body: body, At: time.Now(), Expires: time.Now().Add(time.Hour)}
							}
							if err := e.Append(b.Context(), list); err != nil {
								errs <- err
								return
							}
						}
					})
				}
				wg.Wait()
				close(errs)
				return <-errs
			})
		})
	}
}
