package qualify

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/internal/simnet"
	"obelus/location"
	"obelus/sip"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

var (
	houseAddr = netip.MustParseAddrPort("10.99.0.1:5060")
	trunkAddr = netip.MustParseAddrPort("10.99.0.2:5060")
)

// house asks a trunk, on a network in memory.
type house struct {
	t     *testing.T
	q     *Phones
	set   atomic.Pointer[sipconf.Settings]
	trunk net.PacketConn
	back  atomic.Int32 // how often an account was said to be back
}

// inHouse runs a test in a bubble, with a house that has this sip.conf.
func inHouse(t *testing.T, sipConf string, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t}
		h.set.Store(settings(t, sipConf))
		log := slog.New(slog.DiscardHandler)
		where, err := location.Open(t.Context(), location.Config{Log: log})
		if err != nil {
			t.Fatal(err)
		}
		world := simnet.New(1)
		if h.trunk, err = world.Host("trunk", trunkAddr.Addr()).ListenPacket("udp", trunkAddr.String()); err != nil {
			t.Fatal(err)
		}
		pc, err := world.Host("house", houseAddr.Addr()).ListenPacket("udp", houseAddr.String())
		if err != nil {
			t.Fatal(err)
		}
		tx := transaction.New(transaction.Config{Log: log})
		tp := transport.New(transport.Options{Handler: answersTo{tx}, Log: log})
		our := outside.New(outside.Config{Log: log, Settings: h.set.Load})
		at := reach.New(reach.Config{Log: log, Location: where, Settings: h.set.Load, Ours: our.Ours, Life: t.Context()})
		at.Attach(tp)
		tp.ServeUDP(pc)
		h.q = New(Config{
			Log: log, Settings: h.set.Load, Reach: at, Outside: our, Transactions: tx,
			Job:  func(f func(context.Context)) { t.Error("a connection is opened") },
			Back: func(string) { h.back.Add(1) },
		})
		defer func() {
			tx.Close()
			tp.Close()
			h.trunk.Close()
			if err := where.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		h.q.Apply(h.set.Load())
		test(h)
	})
}

// answersTo hands what arrives to transactions.
type answersTo struct{ tx *transaction.Layer }

func (a answersTo) Inline(*sip.Message) bool               { return false }
func (a answersTo) Serve(m *sip.Message, f transport.Flow) { a.tx.Serve(m, f) }

func settings(t testing.TB, text string) *sipconf.Settings {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("sip.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	set, _ := sipconf.ReadSettings(f, nil, "obelus test")
	return set
}

func (h *house) reload(sipConf string) {
	h.set.Store(settings(h.t, sipConf))
	h.q.Apply(h.set.Load())
}

// hears is the next that the trunk hears within a time; nil for nothing.
func (h *house) hears(within time.Duration) []byte {
	h.t.Helper()
	if err := h.trunk.SetReadDeadline(time.Now().Add(within)); err != nil {
		h.t.Fatal(err)
	}
	b := make([]byte, 4096)
	n, _, err := h.trunk.ReadFrom(b)
	if err != nil {
		return nil
	}
	return b[:n]
}

// answers has the trunk wait for an OPTIONS and answer it after a time.
func (h *house) answers(after time.Duration) {
	h.t.Helper()
	m, err := sip.Parse(h.hears(2 * time.Minute))
	if err != nil || m.Method() != sip.OPTIONS {
		h.t.Fatalf("waited for OPTIONS: %v", err)
	}
	time.Sleep(after)
	var b sip.Builder
	b.Response(m, 404, "", sip.Return{}, "trunk") // any answer says that it is there
	if _, err := h.trunk.WriteTo(b.End("", nil), net.UDPAddrFromAddrPort(houseAddr)); err != nil {
		h.t.Fatal(err)
	}
	time.Sleep(time.Millisecond)
	synctest.Wait()
}

// silence has the trunk answer nothing that it hears for that long.
func (h *house) silence(long time.Duration) (heard int) {
	for until := time.Now().Add(long); time.Until(until) > 0; {
		if h.hears(time.Until(until)) != nil {
			heard++
		}
	}
	return heard
}

// remembered is how many phones are asked or kept reachable.
func (h *house) remembered() int {
	h.q.mu.Lock()
	defer h.q.mu.Unlock()
	h.q.beats.mu.Lock()
	defer h.q.beats.mu.Unlock()
	return len(h.q.phones) + len(h.q.beats.run)
}

const asking = "[trunk]\ntype=peer\nhost=10.99.0.2\nqualify=1000\nqualifyfreq=60\n"

func TestStates(t *testing.T) {
	inHouse(t, asking, func(h *house) {
		for _, c := range []struct {
			name string
			does func()
			want string
			call bool
		}{
			{"at first", func() {}, "UNKNOWN", true},
			{"it answers", func() { h.answers(30 * time.Millisecond) }, "OK (30 ms)", true},
			{"it answers slowly", func() { h.answers(1500 * time.Millisecond) }, "LAGGED (1500 ms)", false},
			{"it is silent", func() { h.silence(70 * time.Second) }, "UNREACHABLE", false},
			{"it registers", func() { h.q.Here(h.set.Load().Peer("trunk"), "") }, "UNKNOWN", true},
			{"it answers again", func() { h.answers(20 * time.Millisecond) }, "OK (20 ms)", true},
		} {
			c.does()
			p := h.set.Load().Peer("trunk")
			got, _ := h.q.Status(p, "")
			if call := h.q.Reachable(p, ""); got != c.want || call != c.call {
				t.Errorf("%s: %s, it may be called: %v, want %s, %v", c.name, got, call, c.want, c.call)
			}
		}
		h.reload("[trunk]\ntype=peer\nhost=10.99.0.2\n")
		if got := h.silence(5 * time.Minute); got != 0 || h.remembered() != 0 {
			t.Errorf("it is asked %d times although nobody wants that any more, %d are remembered", got, h.remembered())
		}
		if got, ok := h.q.Status(h.set.Load().Peer("trunk"), ""); got != "Unmonitored" || !ok {
			t.Errorf("and it is %s, %v", got, ok)
		}
		h.q.Here(h.set.Load().Peer("trunk"), "")
		if got := h.silence(5 * time.Minute); got != 0 {
			t.Errorf("it is asked %d times because it registers", got)
		}
	})
}

// TestBack tells once of a phone that answers again, whether or not it has registered
// in between: texts wait for it. At the start none was away.
func TestBack(t *testing.T) {
	inHouse(t, asking, func(h *house) {
		for i, does := range []func(){
			func() { h.answers(30 * time.Millisecond) },
			func() { h.silence(70 * time.Second); h.answers(30 * time.Millisecond) },
			func() {
				h.answers(1500 * time.Millisecond)
				h.silence(time.Millisecond) // the same again, which it had heard meanwhile
				h.answers(30 * time.Millisecond)
			},
			func() {
				h.silence(70 * time.Second)
				h.q.Here(h.set.Load().Peer("trunk"), "") // its registration, refreshed
				h.answers(30 * time.Millisecond)
			},
			func() { h.answers(30 * time.Millisecond) },
		} {
			does()
			if got, want := h.back.Load(), int32(min(i, 3)); got != want {
				t.Errorf("after %d: it was back %d times, want %d", i, got, want)
			}
		}
	})
}

// TestFreq takes the account's own pause before that of all.
func TestFreq(t *testing.T) {
	for _, c := range []struct {
		own, all, want time.Duration
	}{{0, 0, time.Minute}, {0, 2 * time.Minute, 2 * time.Minute}, {30 * time.Second, 2 * time.Minute, 30 * time.Second}} {
		set := &sipconf.Settings{General: sipconf.General{QualifyFreq: c.all}}
		if got := Freq(&sipconf.Peer{Common: &sipconf.Common{QualifyFreq: c.own}}, set); got != c.want {
			t.Errorf("own %v, of all %v: %v, want %v", c.own, c.all, got, c.want)
		}
	}
}

// TestKeepalive sends two line ends now and then, for as long as they are wanted.
func TestKeepalive(t *testing.T) {
	const host = "[trunk]\ntype=peer\nhost=10.99.0.2\n"
	inHouse(t, host+"keepalive=30\n", func(h *house) {
		for range 3 {
			begin := time.Now()
			if b := h.hears(time.Minute); string(b) != "\r\n\r\n" {
				t.Errorf("heard %q", b)
			}
			if gap := time.Since(begin); gap > 31*time.Second {
				t.Errorf("%v passed between two", gap)
			}
		}
		h.reload(host)
		if got := h.silence(5 * time.Minute); got != 0 || h.remembered() != 0 {
			t.Errorf("%d more, and %d are remembered", got, h.remembered())
		}
	})
}

// TestNoFlood has 10,000 phones asked at a start and after: never many at once, and
// each within qualifyfreq.
func TestNoFlood(t *testing.T) {
	const phones, most = 10_000, 45 // 45 s have room for 22 in 100 ms, 60 s for 17
	var b strings.Builder
	b.WriteString("[general]\nqualifyfreq=60\n")
	for i := range phones {
		fmt.Fprintf(&b, "[p%d]\ntype=peer\nhost=10.99.0.2\nqualify=1000\nkeepalive=45\n", i)
	}
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t}
		h.set.Store(settings(t, b.String()))
		log := slog.New(slog.DiscardHandler)
		var sent, beats []time.Duration
		begin := time.Now()
		tx := transaction.New(transaction.Config{Log: log})
		tp := transport.New(transport.Options{Handler: answersTo{tx}, Log: log})
		var mu sync.Mutex
		tp.SetTrace(func(d transport.Direction, _ transport.Flow, b []byte) {
			mu.Lock()
			defer mu.Unlock()
			if d != transport.Out {
				return
			}
			if bytes.HasPrefix(b, []byte("OPTIONS")) {
				sent = append(sent, time.Since(begin))
			} else {
				beats = append(beats, time.Since(begin))
			}
		})
		where, err := location.Open(t.Context(), location.Config{Log: log})
		if err != nil {
			t.Fatal(err)
		}
		our := outside.New(outside.Config{Log: log, Settings: h.set.Load})
		at := reach.New(reach.Config{Log: log, Location: where, Settings: h.set.Load, Ours: our.Ours, Life: t.Context()})
		at.Attach(tp)
		tp.ServeUDP(willing{make(chan struct{}), make(chan []byte, phones)})
		h.q = New(Config{Log: log, Settings: h.set.Load, Reach: at, Outside: our, Transactions: tx})
		h.q.Apply(h.set.Load())
		time.Sleep(time.Minute)
		synctest.Wait()
		mu.Lock()
		firsts := len(sent)
		mu.Unlock()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		tx.Close()
		tp.Close()
		if err := where.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if firsts < phones {
			t.Errorf("%d OPTIONS in the first minute", firsts)
		}
		if got := densest(beats); len(beats) < 3*phones || got > most {
			t.Errorf("%d times two line ends, at most %d in 100 ms", len(beats), got)
		}
		if got := densest(sent); got > most {
			t.Errorf("at most %d OPTIONS in 100 ms", got)
		}
		t.Logf("%d OPTIONS in the first minute, %d in all, at most %d in 100 ms; two line ends at most %d", firsts, len(sent), densest(sent), densest(beats))
	})
}

// densest is the most that there were within any 100 ms.
func densest(at []time.Duration) (most int) {
	slices.Sort(at)
	first := 0
	for i := range at {
		for at[i]-at[first] >= 100*time.Millisecond {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// willing is a socket to a network where every OPTIONS is answered at once.
type willing struct {
	closed  chan struct{}
	answers chan []byte
}

func (w willing) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case a := <-w.answers:
		return copy(b, a), net.UDPAddrFromAddrPort(trunkAddr), nil
	case <-w.closed:
		return 0, nil, net.ErrClosed
	}
}

func (w willing) WriteTo(b []byte, _ net.Addr) (int, error) {
	if m, err := sip.Parse(bytes.Clone(b)); err == nil {
		var answer sip.Builder
		answer.Response(m, 200, "", sip.Return{}, "phone")
		w.answers <- bytes.Clone(answer.End("", nil))
	}
	return len(b), nil
}

func (w willing) Close() error                   { close(w.closed); return nil }
func (willing) LocalAddr() net.Addr              { return net.UDPAddrFromAddrPort(houseAddr) }
func (willing) SetDeadline(time.Time) error      { return nil }
func (willing) SetReadDeadline(time.Time) error  { return nil }
func (willing) SetWriteDeadline(time.Time) error { return nil }
