package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/internal/simnet"
	"obelus/sip"
)

func overTCP(s string) string { return strings.ReplaceAll(s, "UDP", "TCP") }

// onlyStream is the one connection of a layer.
func onlyStream(t *testing.T, l *Layer) *stream {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.conns) != 1 {
		t.Fatalf("%d connections", len(l.conns))
	}
	for _, s := range l.conns {
		return s
	}
	return nil
}

// A message that takes for ever to arrive ends its connection (security class 26), also one that proved itself; a connection
// that is busy without a break, or quiet, lives.
func TestMessageMustArriveInTime(t *testing.T) {
	whole := overTCP(options)
	for name, test := range map[string]struct {
		write func(c net.Conn)
		lives bool
	}{
		"a letter a second": {func(c net.Conn) {
			for i := range 60 {
				if _, err := io.WriteString(c, whole[i:i+1]); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}, false},
		"always in the middle of the next": {func(c net.Conn) {
			for range 60 {
				if _, err := io.WriteString(c, whole+whole[:40]); err != nil {
					return
				}
				time.Sleep(time.Second)
				if _, err := io.WriteString(c, whole[40:]+whole[:50]); err != nil {
					return
				}
				time.Sleep(time.Second)
				if _, err := io.WriteString(c, whole[50:]); err != nil {
					return
				}
			}
		}, true},
		"nothing": {func(net.Conn) { time.Sleep(time.Hour) }, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			l, dial := inMemory(t, Options{Handler: echoer{}})
			c := dial()
			l.Authenticated(onlyStream(t, l).flow)
			go io.Copy(io.Discard, c)
			test.write(c)
			synctest.Wait()
			if lives := l.Counters().Connections == 1; lives != test.lives {
				t.Errorf("%s: the connection lives: %v", name, lives)
			}
			c.Close()
			l.Close()
		})
	}
}

// One message after the other that ends in the middle: the time is each message's own.
func TestPatienceIsForEachMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, dial := inMemory(t, Options{Handler: echoer{}, AuthTimeout: time.Hour})
		c := dial()
		go io.Copy(io.Discard, c)
		whole := overTCP(options)
		if _, err := io.WriteString(c, whole[:40]); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			time.Sleep(20 * time.Second)
			if _, err := io.WriteString(c, whole[40:]+whole[:40]); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := l.Counters(); n.Connections != 1 || n.Received != 10 {
			t.Errorf("%+v", n)
		}
		c.Close()
		l.Close()
	})
}

// A peer far away is dialled once, however many ask at the same time, and its connection is used again.
func TestConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(1)
		us, them := n.Host("us", netip.MustParseAddr("192.0.2.1")), n.Host("them", netip.MustParseAddr("192.0.2.2"))
		n.SetLinks(us.Addr(), them.Addr(), simnet.Link{Delay: 50 * time.Millisecond})
		ln, err := them.Listen("tcp", "192.0.2.2:5060")
		if err != nil {
			t.Fatal(err)
		}
		callee := New(Options{Handler: echoer{}, Log: quiet()})
		callee.ServeTCP(ln, TCP)
		heard := make(chan string, 10)
		dials := 0
		caller := New(Options{Handler: listener(func(m *sip.Message, f Flow) { heard <- m.Reason() }), Log: quiet(),
			Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				dials++
				return us.DialContext(ctx, network, address)
			}})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				f, err := caller.Connect(t.Context(), Target{Transport: TCP, Addr: netip.MustParseAddrPort("192.0.2.2:5060")})
				if err != nil || !f.Alive() || f.Remote.Port() != 5060 {
					t.Errorf("%v %v", f, err)
				}
				if err := f.Send([]byte(overTCP(options))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for range 5 {
			if got := <-heard; got != "OK" {
				t.Errorf("heard %q", got)
			}
		}
		f, err := caller.Connect(t.Context(), Target{Transport: TCP, Addr: netip.MustParseAddrPort("[::ffff:192.0.2.2]:5060")})
		if err != nil || dials != 1 {
			t.Errorf("%d connections were opened: %v", dials, err)
		}
		callee.Close()
		time.Sleep(time.Second) // the news travels
		if f.Alive() || !errors.Is(f.Send([]byte("x")), ErrFlowClosed) {
			t.Error("a connection that the other side closed is alive")
		}
		if _, err := caller.Connect(t.Context(), Target{Transport: TCP, Addr: netip.MustParseAddrPort("192.0.2.2:5060")}); err == nil || dials != 2 {
			t.Errorf("after its end: %v, %d dials", err, dials)
		}
		if _, err := caller.Connect(t.Context(), Target{Transport: TLS, Addr: netip.MustParseAddrPort("192.0.2.2:5061")}); err == nil {
			t.Error("TLS is not there, and was connected")
		}
		caller.Close()
		if _, err := caller.Connect(t.Context(), Target{Transport: TCP, Addr: netip.MustParseAddrPort("192.0.2.2:5060")}); err == nil {
			t.Error("a closed layer connects")
		}
	})
}

// Who waits for somebody else's connection may give up waiting.
func TestConnectGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Handler: echoer{}, Log: quiet(), Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		long, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		short, stop2 := context.WithTimeout(t.Context(), time.Second)
		defer stop2()
		start := time.Now()
		took := make(chan time.Duration, 2)
		for _, ctx := range []context.Context{long, short} {
			go func() {
				if _, err := l.Connect(ctx, Target{Transport: TCP, Addr: netip.MustParseAddrPort("192.0.2.9:5060")}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("gave up with %v", err)
				}
				took <- time.Since(start)
			}()
			synctest.Wait()
		}
		if first, second := <-took, <-took; first != time.Second || second != time.Minute {
			t.Errorf("took %v and %v", first, second)
		}
		l.Close()
	})
}

// Messages too big, and connections too many, are refused (security class 26).
func TestConnectionLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, dial := inMemory(t, Options{Handler: echoer{}, MaxMessage: 8 << 10, MaxConnections: 2})
		one := dial()
		l.Authenticated(onlyStream(t, l).flow)
		body := strings.Repeat("x", 6<<10)
		fits := strings.Replace(overTCP(options), "Content-Length: 0\r\n\r\n", fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body), 1)
		if got := talk(t, one, fits); !strings.HasPrefix(got, "SIP/2.0 200") {
			t.Errorf("a message of 6 KB: %s", got)
		}
		two, three := dial(), dial()
		synctest.Wait()
		if n := l.Counters(); n.Connections != 2 || n.RefusedConns != 1 {
			t.Errorf("%+v", n)
		}
		body = strings.Repeat("x", 60<<10)
		go io.WriteString(two, strings.Replace(overTCP(options), "Content-Length: 0\r\n\r\n", fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body), 1))
		if got := hear(t, two); !strings.HasPrefix(got, "SIP/2.0 400") {
			t.Errorf("a message of 60 KB: %s", got)
		}
		synctest.Wait()
		if n := l.Counters(); n.Connections != 1 {
			t.Errorf("%+v", n)
		}
		for _, c := range []net.Conn{one, two, three} {
			c.Close()
		}
		l.Close()
	})
}

// Security class 1: a poisoned message on a connection loses itself alone.
func TestPoisonOnAConnection(t *testing.T) {
	for _, inline := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			l, dial := inMemory(t, Options{Handler: echoer{inline}})
			c := dial()
			for range 30 {
				if _, err := io.WriteString(c, overTCP(strings.Replace(options, "sip:s SIP", "sip:poison SIP", 1))); err != nil {
					t.Fatal(err)
				}
			}
			if got := talk(t, c, overTCP(options)); !strings.HasPrefix(got, "SIP/2.0 200") {
				t.Errorf("after poison: %s", got)
			}
			if n := l.Counters(); n.Panics != 30 || n.Connections != 1 {
				t.Errorf("%+v", n)
			}
			c.Close()
			l.Close()
		})
	}
}

// The room of one big message is given back.
func TestBufferShrinks(t *testing.T) {
	s := &stream{layer: New(Options{Handler: echoer{}, Log: quiet(), MaxMessage: 16 << 10})}
	defer s.layer.Close()
	buf := make([]byte, 0, firstBuffer)
	for cap(buf) < 16<<10 {
		buf = s.fit(buf[:cap(buf)])
		if buf == nil {
			t.Fatal("no room")
		}
	}
	if s.fit(buf[:cap(buf)]) != nil {
		t.Error("there is room beyond the limit")
	}
	if got := cap(s.fit(buf[:0])); got != firstBuffer {
		t.Errorf("a quiet connection holds %d bytes", got)
	}
}
