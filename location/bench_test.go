package location_test

import (
	"context"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"obelus/location"
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
