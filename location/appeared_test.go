package location_test

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"obelus/location"
	"obelus/store/memory"
)

// TestAppeared tells which registrations are of a phone that could not be reached there before.
func TestAppeared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, told := new(slowStore), []string(nil)
		s.takes = 10 * time.Millisecond
		start := time.Now()
		cfg := location.Config{Store: s, Appeared: func(aor, instance string) { told = append(told, aor+" "+instance+" "+time.Since(start).String()) }}
		r, err := location.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		phone := func(instance, uri, flow, from string) location.Binding {
			b := at(uri, time.Hour)
			b.Instance, b.Flow, b.Received = instance, flow, netip.MustParseAddrPort(from)
			return b
		}
		for _, tt := range []struct {
			what string
			b    location.Binding
			want []string
		}{
			{"a phone that is new", phone("one", "sip:a", "", "192.0.2.1:5060"), []string{"1001 one 10ms"}},
			{"its refresh", phone("one", "sip:a", "", "192.0.2.1:5060"), nil},
			{"from another port", phone("one", "sip:a", "", "192.0.2.1:5080"), []string{"1001 one 2.01s"}},
			{"by a connection", phone("one", "sip:a", "tcp 1", "192.0.2.1:5080"), []string{"1001 one 3.01s"}},
			{"switched on again, with another Call-ID", phone("one", "sip:changed", "tcp 1", "192.0.2.1:5080"), []string{"1001 one 4.01s"}},
			{"with another preference", preferred(phone("one", "sip:changed", "tcp 1", "192.0.2.1:5080")), nil},
			{"another phone", phone("", "sip:b", "", "192.0.2.2:5060"), []string{"1001  6.01s"}},
			{"one that goes", location.Binding{Contact: "sip:b", CallID: "call of sip:b", CSeq: 2, Received: netip.MustParseAddrPort("192.0.2.2:5060")}, nil},
		} {
			if _, _, err := r.Bind(nil, "1001", []location.Binding{tt.b}, 2, time.Now(), nil); err != nil {
				t.Errorf("%s: %v", tt.what, err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if !slices.Equal(told, tt.want) {
				t.Errorf("%s: told %q, want %q", tt.what, told, tt.want)
			}
			told = nil
		}
		synctest.Wait()
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}

		// What the store brings back has not appeared; its phone has, when it comes by a new connection.
		if r, err = location.Open(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		defer r.Close(context.Background())
		if len(told) != 0 {
			t.Errorf("at the start told %q", told)
		}
		if _, _, err := r.Bind(nil, "1001", []location.Binding{phone("one", "sip:changed", "tcp 2", "192.0.2.1:6080")}, 2, time.Now(), nil); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if len(told) != 1 {
			t.Errorf("of a phone that comes back told %q", told)
		}
	})
}

func preferred(b location.Binding) location.Binding {
	b.Q = 1000
	return b
}

// TestAppearedWithoutAStore is told at once, and outside of any lock.
func TestAppearedWithoutAStore(t *testing.T) {
	for name, s := range map[string]*memory.Engine{"none": nil, "closed": new(memory.Engine)} {
		synctest.Test(t, func(t *testing.T) {
			var r *location.Registrar
			n := 0
			cfg := location.Config{Appeared: func(aor, _ string) {
				if n++; !r.Reachable(aor, time.Now()) {
					t.Errorf("%s: %s has appeared and can't be reached", name, aor)
				}
			}}
			if s != nil {
				cfg.Store = s
			}
			var err error
			if r, err = location.Open(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			if err := r.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, _, err := r.Bind(nil, "1001", []location.Binding{at("sip:a", time.Hour)}, 1, time.Now(), nil); err != nil || n != 1 {
				t.Errorf("%s: told %d times, %v", name, n, err)
			}
		})
	}
}
