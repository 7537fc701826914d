package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
)

// touchy panics in Inline.
type touchy struct{ echoer }

// Inline does not like poison.
func (t touchy) Inline(m *sip.Message) bool {
	if strings.Contains(m.RawURI(), "poison") {
		panic("poisoned")
	}
	return true
}

// Security class 1: a panic loses one message wherever it comes from, not only from Serve.
func TestPanicsOutsideTheHandler(t *testing.T) {
	poison := strings.Replace(options, "sip:s SIP", "sip:poison SIP", 1)
	synctest.Test(t, func(t *testing.T) {
		l, phone, server := inMemoryUDP(t, Options{Handler: touchy{}})
		write(t, phone, server, poison)
		l.SetTrace(func(Direction, Flow, []byte) { panic("the trace") })
		write(t, phone, server, options)
		synctest.Wait()
		l.SetTrace(nil)
		write(t, phone, server, options)
		if got := read(t, phone); !strings.HasPrefix(got, "SIP/2.0 200") {
			t.Errorf("after panics: %q", got)
		}
		if n := l.Counters(); n.Panics != 2 || n.Received != 3 {
			t.Errorf("%+v", n)
		}
		l.Close()
		phone.Close()
	})
	synctest.Test(t, func(t *testing.T) {
		l, dial := inMemory(t, Options{Handler: touchy{}, Closed: func(Flow) { panic("who is told") }})
		c := dial()
		if got := talk(t, c, overTCP(poison+options)); !strings.HasPrefix(got, "SIP/2.0 200") {
			t.Errorf("after a panic: %q", got)
		}
		c.Close()
		synctest.Wait()
		if n := l.Counters(); n.Panics != 2 || n.Connections != 0 {
			t.Errorf("%+v", n)
		}
		l.Close()
	})
}

// The one who dials may give up before those who wait for the same connection: theirs is opened all the same.
func TestConnectOutlivesTheDialler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		l := New(Options{Handler: echoer{}, Log: quiet(), Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			if dials++; dials == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			ours, theirs := net.Pipe()
			go io.Copy(io.Discard, theirs)
			return ours, nil
		}})
		to := netip.MustParseAddrPort("192.0.2.9:5060")
		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		first, second := make(chan error), make(chan error)
		go func() {
			_, err := l.Connect(short, Target{Transport: TCP, Addr: to})
			first <- err
		}()
		synctest.Wait()
		go func() {
			f, err := l.Connect(t.Context(), Target{Transport: TCP, Addr: to})
			if err == nil {
				err = f.Send([]byte("x"))
			}
			second <- err
		}()
		if err := <-first; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who dialled: %v", err)
		}
		if err := <-second; err != nil || dials != 2 {
			t.Errorf("who waited: %v after %d dials", err, dials)
		}
		if f, err := l.Connect(t.Context(), Target{Transport: TCP, Addr: to}); err != nil || f.Remote != to || dials != 2 {
			t.Errorf("the next: %v %v after %d dials", f, err, dials)
		}
		l.Close()
	})
}

// A dialler with a deadline of its own, shorter than the caller's, is asked once and not for ever.
func TestDialTimesOutByItself(t *testing.T) {
	l := New(Options{Handler: echoer{}, Log: quiet(), Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, context.DeadlineExceeded
	}})
	defer l.Close()
	if _, err := l.Connect(t.Context(), Target{Transport: TCP, Addr: netip.MustParseAddrPort("192.0.2.9:5060")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// Security class 26: what a peer does not read is bounded in bytes as well as in messages, and in time.
func TestWritesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, dial := inMemory(t, Options{Handler: echoer{}})
		c := dial()
		one := onlyStream(t, l)
		l.Authenticated(one.flow)
		sent := 0
		var err error
		for ; err == nil && sent < writeQueue; sent++ {
			err = one.flow.Send(make([]byte, writeBytes/8))
		}
		// Eight fill the queue, one is the writer's and some the network's.
		if !errors.Is(err, ErrFlowFull) || sent < 8 || sent > 24 {
			t.Errorf("%d big messages were taken: %v", sent, err)
		}
		c.Close()
		l.Close()
	})
	synctest.Test(t, func(t *testing.T) {
		l, dial := inMemory(t, Options{Handler: echoer{}})
		c := dial()
		one := onlyStream(t, l)
		l.Authenticated(one.flow)
		if err := one.flow.Send(make([]byte, 2*writeBytes)); err != nil { // a single message may be as big as it likes
			t.Fatal(err)
		}
		time.Sleep(writeTime - time.Second)
		if !one.alive() {
			t.Error("closed before its time")
		}
		time.Sleep(2 * time.Second)
		if one.alive() {
			t.Error("a peer that reads nothing lives on")
		}
		c.Close()
		l.Close()
	})
}

// A peer that reads along is sent any amount.
func TestWritesGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, dial := inMemory(t, Options{Handler: echoer{}})
		c := dial()
		one := onlyStream(t, l)
		total := make(chan int64, 1)
		go func() {
			n, err := io.Copy(io.Discard, c)
			if err != nil {
				t.Error(err)
			}
			total <- n
		}()
		for range 40 {
			if err := one.flow.Send(make([]byte, writeBytes/8)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		l.Close()
		if got := <-total; got != 5*writeBytes {
			t.Errorf("%d bytes arrived", got)
		}
		c.Close()
	})
}

// A registration's flow is found again by the address of ours that the phone knows.
func TestFindByOurAddress(t *testing.T) {
	l := openUDP(t, "127.0.0.1:0", echoer{})
	socks, err := Sockets{Address: "127.0.0.1:0"}.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.ServeUDP(socks[0])
	const phone = "127.0.0.1:9"
	for _, s := range l.sockets {
		name := "udp " + s.bound.String() + " " + phone
		f, ok := l.Find(name)
		if sock, isSocket := f.link.(*udpSocket); !ok || !isSocket || f.String() != name || sock.bound != s.bound {
			t.Errorf("%s: found %v %v", name, f, ok)
		}
	}
	if f, ok := l.Find("udp 192.0.2.77:5060 " + phone); !ok || f.Local != l.sockets[0].bound {
		t.Errorf("an address that is no longer ours: %v %v", f, ok)
	}
}
