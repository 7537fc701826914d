package rtp

import (
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/media/wire"
)

// New settings are for new calls; ports in use stay taken, those at rest rest.
func TestSet(t *testing.T) {
	inHouse(t, Options{Start: 20000, End: 20003}, func(h *house) {
		a, b := h.open(SessionConfig{}), h.open(SessionConfig{})
		if err := h.plane.Set(Options{Start: 20000, End: 20005, Lenient: true}); err != nil {
			t.Fatal(err)
		}
		c := h.open(SessionConfig{})
		if c.Audio().Port() != 20004 {
			t.Errorf("port %d, want the new one", c.Audio().Port())
		}
		if a.Audio().in.learn.Lenient || !c.Audio().in.learn.Lenient {
			t.Error("strictrtp of the new call, or of the old one, is not its own")
		}
		if err := h.plane.Set(Options{Start: 20004, End: 20003}); err == nil {
			t.Error("a range without a port is taken")
		}
		check(t, a.Close())
		if _, err := h.plane.Open(SessionConfig{Bind: at}); !errors.Is(err, ErrNoPort) {
			t.Errorf("err = %v", err)
		}
		check(t, h.plane.Set(Options{Start: 20006, End: 20007}))
		check(t, b.Close()) // a port that is no longer in the range
		if d := h.open(SessionConfig{}); d.Audio().Port() != 20006 {
			t.Errorf("port %d", d.Audio().Port())
		}
		if s := h.plane.Settings(); s.Start != 20006 || s.Probation != 4 || s.Lenient {
			t.Errorf("%+v", s)
		}
	})
}

func TestReportInterval(t *testing.T) {
	for _, every := range []time.Duration{500 * time.Millisecond, 20 * time.Second} {
		inHouse(t, Options{RTCPInterval: every}, func(h *house) {
			a := h.leg("198.51.100.1:4000", 1, ulaw)
			control := h.phone("198.51.100.1:4001")
			a.v.say(1)
			time.Sleep(20 * every)
			// Reports are looked for every 200 ms, so that there are fewer of short intervals.
			if n := len(control.take()); n < 12 || n > 25 {
				t.Errorf("every %v: %d reports in 20 intervals", every, n)
			}
		})
	}
}

func TestKeepAlive(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw, keys96)
		b := h.leg("198.51.100.2:5000", 2, ulaw)
		a.s.KeepAlive(time.Second)
		a.v.say(5)
		time.Sleep(10 * time.Second)
		alone := a.e.take()
		if n := len(alone); n < 8 || n > 10 {
			t.Fatalf("%d packets in ten seconds of silence", n)
		}
		whole(t, alone)
		for _, p := range alone {
			if p.PT != comfortNoise || len(p.body()) != 1 || p.body()[0] != silentNoise {
				t.Fatalf("type %d % x", p.PT, p.body())
			}
		}
		check(t, Connect(a.s, b.s))
		b.v.say(200)
		talk := a.e.take()
		whole(t, append(alone[len(alone)-1:], talk...))
		if len(talk) != 200 || !talk[0].Marker {
			t.Errorf("%d packets, marker %v: nothing is put between speech", len(talk), talk[0].Marker)
		}
		if n := len(b.e.take()); n != 0 {
			t.Errorf("b, which wants none, is sent %d", n)
		}
		// On hold the NAT is kept open too; without an address nothing is sent.
		set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}, Direction: Inactive})
		time.Sleep(5 * time.Second)
		if n := len(a.e.take()); n < 3 {
			t.Errorf("%d packets on hold", n)
		}
		set(t, a.s.Audio(), Remote{Addr: netip.MustParseAddrPort("0.0.0.0:4000"), Payloads: []Payload{ulaw}})
		time.Sleep(5 * time.Second)
		set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}})
		a.s.KeepAlive(0)
		a.e.take()
		time.Sleep(5 * time.Second)
		if n := len(a.e.take()); n != 0 {
			t.Errorf("%d packets once it was ended", n)
		}
	})
}

// A mark that the system refuses costs no call; it is logged once.
func TestMarkRefused(t *testing.T) {
	for _, engine := range []string{EngineAuto, EngineGo} {
		var log strings.Builder
		p, err := New(Options{Engine: engine, Start: 31000, End: 31999, Log: slog.New(slog.NewTextHandler(&log, nil)), NoChecksums: true})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			s, err := p.Open(SessionConfig{Bind: netip.MustParseAddr("127.0.0.1"), AudioMark: wire.Mark{TOS: 0xb8, Priority: -5000}})
			if err != nil {
				t.Fatal(err)
			}
			check(t, s.Close())
		}
		p.Close()
		if n := strings.Count(log.String(), "not marked"); n > 1 {
			t.Errorf("%s: logged %d times", engine, n)
		}
	}
}

func TestCoalesceOption(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{
		0: time.Millisecond, -1: -1, time.Hour: maxCoalesce, 500 * time.Microsecond: 500 * time.Microsecond,
	} {
		p, err := New(Options{Coalesce: given})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.options.Coalesce; got != want {
			t.Errorf("%v became %v, want %v", given, got, want)
		}
		p.Close()
	}
}
