package location_test

import (
	"context"
	"log/slog"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"obelus/location"
	"obelus/store/sqlite"
)

// phone is a registration of a usual phone.
func phone(n int, now time.Time) location.Binding {
	num := strconv.Itoa(n)
	return location.Binding{Contact: "sip:" + num + "@192.0.2.7:5060;transport=udp", Received: netip.MustParseAddrPort("198.51.100.7:40312"),
		Transport: "udp", Local: netip.MustParseAddrPort("203.0.113.1:5060"), UserAgent: "Yealink SIP-T46S 66.85.0.5",
		CallID: "0_3422342@192.0.2.7-" + num, CSeq: 1, Q: 1000, Expires: now.Add(time.Hour)}
}

func openMemory(t testing.TB) *location.Registrar {
	t.Helper()
	r, err := location.Open(context.Background(), location.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestRefreshFromMemoryAllocatesNothing(t *testing.T) {
	r := openMemory(t)
	now := time.Now()
	contacts := []location.Binding{phone(1001, now)}
	dst := make([]location.Binding, 0, 4)
	n := testing.AllocsPerRun(1000, func() {
		contacts[0].CSeq++
		contacts[0].Expires = contacts[0].Expires.Add(time.Second)
		after, pending, err := r.Bind(dst, "1001", contacts, 1, now, nil)
		if err != nil || pending || len(after) != 1 {
			t.Fatalf("refresh: %d contacts, pending %v, %v", len(after), pending, err)
		}
	})
	if n != 0 {
		t.Errorf("a refresh allocates %v times, want 0", n)
	}
}

func BenchmarkRefresh(b *testing.B) {
	r := openMemory(b)
	now := time.Now()
	contacts := []location.Binding{phone(1001, now)}
	dst := make([]location.Binding, 0, 4)
	b.ReportAllocs()
	for b.Loop() {
		contacts[0].CSeq++
		contacts[0].Expires = contacts[0].Expires.Add(time.Second)
		if _, _, err := r.Bind(dst, "1001", contacts, 1, now, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	r := openMemory(b)
	now := time.Now()
	if _, _, err := r.Bind(nil, "1001", []location.Binding{phone(1001, now)}, 1, now, nil); err != nil {
		b.Fatal(err)
	}
	dst := make([]location.Binding, 0, 4)
	b.ReportAllocs()
	for b.Loop() {
		if len(r.Lookup(dst, "1001", now)) != 1 {
			b.Fatal("not found")
		}
	}
}

// BenchmarkDurable registers 100,000 phones over SQLite, refreshes them, and starts again with them.
func BenchmarkDurable(b *testing.B) {
	dir := b.TempDir()
	const phones = 100_000
	var cseq uint32
	for b.Loop() {
		for _, name := range []string{"register", "refresh", "restore"} {
			cseq++
			start := time.Now()
			e, err := sqlite.Open(b.Context(), dir, slog.New(slog.DiscardHandler))
			if err != nil {
				b.Fatal(err)
			}
			r, err := location.Open(b.Context(), location.Config{Store: e})
			if err != nil {
				b.Fatal(err)
			}
			if name == "restore" {
				b.ReportMetric(time.Since(start).Seconds(), "s/restore")
				if got := r.Stats().Contacts; got != phones {
					b.Fatalf("%d contacts came back", got)
				}
			} else {
				registerAll(b, r, phones, cseq)
				b.ReportMetric(float64(time.Since(start).Microseconds())/phones, "µs/"+name)
			}
			if err := r.Close(context.Background()); err != nil {
				b.Fatal(err)
			}
			if err := e.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// registerAll registers phones and waits for the store.
func registerAll(b *testing.B, r *location.Registrar, phones int, cseq uint32) {
	b.Helper()
	var wg sync.WaitGroup
	now := time.Now()
	for i := range phones {
		p := phone(i, now)
		p.CSeq = cseq
		wg.Add(1)
		if _, pending, err := r.Bind(nil, strconv.Itoa(i), []location.Binding{p}, 1, now, func(error) { wg.Done() }); err != nil || !pending {
			b.Fatal(pending, err)
		}
	}
	wg.Wait()
}
