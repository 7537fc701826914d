package simnet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// streams makes two ends of a stream from a to b:5060.
func streams(t *testing.T, n *Network, a, b *Host) (near, far net.Conn) {
	t.Helper()
	l, err := b.Listen("tcp", ":5060")
	if err != nil {
		t.Fatal(err)
	}
	near, err = a.DialContext(context.Background(), "tcp", netip.AddrPortFrom(b.Addr(), 5060).String())
	if err != nil {
		t.Fatal(err)
	}
	if far, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return near, far
}

func twoHosts() (n *Network, a, b *Host) {
	n = New(1)
	return n, n.Host("a", addrA), n.Host("b", addrB)
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if n, err := c.Write([]byte(text)); err != nil || n != len(text) {
		t.Fatalf("wrote %d of %q: %v", n, text, err)
	}
}

func read(t *testing.T, c net.Conn, want string) {
	t.Helper()
	b := make([]byte, len(want))
	if n, err := io.ReadFull(c, b); err != nil || string(b) != want {
		t.Fatalf("read %q, want %q: %v", b[:n], want, err)
	}
}

func TestStreamBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := twoHosts()
		n.SetLink(anybody, anybody, Link{Delay: 50 * time.Millisecond})
		begin := time.Now()
		near, far := streams(t, n, a, b)
		if took := time.Since(begin); took != 100*time.Millisecond {
			t.Errorf("dialled in %v, want one trip there and back", took)
		}
		if near.LocalAddr().String() != far.RemoteAddr().String() || far.LocalAddr().String() != "192.0.2.2:5060" {
			t.Errorf("near %v, far %v %v", near.LocalAddr(), far.LocalAddr(), far.RemoteAddr())
		}
		write(t, near, "INVITE ")
		write(t, near, "sip:bob")
		begin = time.Now()
		read(t, far, "INVITE sip:bob")
		if took := time.Since(begin); took != 50*time.Millisecond {
			t.Errorf("arrived after %v", took)
		}
		write(t, far, "SIP/2.0 200 OK")
		read(t, near, "SIP/2.0 200 OK")
		if err := near.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := far.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("read after the peer closed: %v", err)
		}
		if err := near.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed twice: %v", err)
		}
	})
}

func TestStreamIsWholeOnABadLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := twoHosts()
		n.SetLink(anybody, anybody, Link{Delay: 10 * time.Millisecond, Jitter: 100 * time.Millisecond, Loss: 0.2})
		near, far := streams(t, n, a, b)
		sent := bytes.Repeat([]byte("0123456789abcdef"), 20000) // five windows
		go func() {
			for rest := sent; len(rest) > 0; {
				k := min(1000, len(rest))
				if _, err := near.Write(rest[:k]); err != nil {
					t.Error(err)
				}
				rest = rest[k:]
			}
			near.Close()
		}()
		got, err := io.ReadAll(far)
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("read %d of %d bytes: %v", len(got), len(sent), err)
		}
	})
}

func TestStreamWriteWaitsForTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := twoHosts()
		near, far := streams(t, n, a, b)
		done := make(chan int)
		go func() {
			k, err := near.Write(make([]byte, window+5))
			if err != nil {
				t.Error(err)
			}
			done <- k
		}()
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("the write did not wait")
		default:
		}
		read(t, far, string(make([]byte, 5)))
		if k := <-done; k != window+5 {
			t.Errorf("wrote %d", k)
		}
		if err := near.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := near.Write(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("write on a full stream: %v", err)
		}
	})
}

func TestStreamReadDeadlineAndClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := twoHosts()
		near, _ := streams(t, n, a, b)
		if err := near.SetDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read past the deadline: %v", err)
		}
		if err := near.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { _, err := near.Read(make([]byte, 1)); done <- err }()
		synctest.Wait()
		near.Close()
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("read on a stream that closes: %v", err)
		}
		if _, err := near.Write(nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write on a closed stream: %v", err)
		}
		if err := near.SetDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("deadline on a closed stream: %v", err)
		}
	})
}

func TestStreamHalfClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := twoHosts()
		near, far := streams(t, n, a, b)
		write(t, near, "all")
		if err := near.(*Conn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(far); err != nil || string(got) != "all" {
			t.Fatalf("read %q, %v", got, err)
		}
		write(t, far, "late answer")
		read(t, near, "late answer")
		if _, err := near.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("write after CloseWrite: %v", err)
		}
	})
}

func TestStreamToAClosedPeerIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := twoHosts()
		near, far := streams(t, n, a, b)
		far.Close()
		write(t, near, "nobody reads this")
		if _, err := near.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("second write: %v", err)
		}
	})
}

func TestDialFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := twoHosts()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		for _, c := range []struct {
			network, address string
			want             error
		}{
			{"tcp", "192.0.2.2:5060", syscall.ECONNREFUSED},
			{"tcp", "192.0.2.9:5060", syscall.EHOSTUNREACH},
			{"tcp", "[2001:db8::1]:5060", syscall.EHOSTUNREACH},
			{"tcp6", "192.0.2.2:5060", errNetwork},
			{"sctp", "192.0.2.2:5060", errNetwork},
			{"tcp", "example.com:5060", nil},
		} {
			_, err := a.DialContext(ctx, c.network, c.address)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("dial %s %s: %v, want %v", c.network, c.address, err, c.want)
			}
		}
		if _, err := a.DialFrom(ctx, addrC, "tcp", "192.0.2.2:5060"); !errors.Is(err, errNoAddress) {
			t.Errorf("dial from somebody else's address: %v", err)
		}
		if _, err := b.Listen("tcp", ":5060"); err != nil {
			t.Fatal(err)
		}
		n.SetLink(addrA, addrB, Link{Down: true})
		begin := time.Now()
		if _, err := a.DialContext(ctx, "tcp", "192.0.2.2:5060"); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 5*time.Second {
			t.Errorf("dial over a line that is down: %v after %v", err, time.Since(begin))
		}
		if len(a.streams) != 0 {
			t.Errorf("%d streams left behind", len(a.streams))
		}
	})
}

func TestStreamOverALineThatComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := twoHosts()
		near, far := streams(t, n, a, b)
		n.SetLinks(addrA, addrB, Link{Down: true})
		write(t, near, "hello")
		time.Sleep(time.Minute)
		n.SetLinks(addrA, addrB, Link{})
		begin := time.Now()
		read(t, far, "hello")
		if took := time.Since(begin); took > retransmit {
			t.Errorf("took %v after the line came back", took)
		}
		n.SetLinks(addrA, addrB, Link{Down: true})
		write(t, near, "lost")
		begin = time.Now()
		if _, err := far.Read(make([]byte, 1)); !errors.Is(err, syscall.ETIMEDOUT) || time.Since(begin) > giveUp {
			t.Errorf("a line that stays down: %v after %v", err, time.Since(begin))
		}
		if _, err := near.Write([]byte("x")); !errors.Is(err, syscall.ETIMEDOUT) {
			t.Errorf("write: %v", err)
		}
	})
}

func TestListenerAndHostClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b := twoHosts()
		l, err := b.Listen("tcp", ":5060")
		if err != nil {
			t.Fatal(err)
		}
		dial := func() net.Conn {
			c, err := a.DialContext(context.Background(), "tcp", "192.0.2.2:5060")
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		first, second := dial(), dial()
		accepted, err := l.Accept()
		if err != nil || accepted.RemoteAddr().String() != first.LocalAddr().String() {
			t.Fatalf("accepted %v, %v", accepted, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := second.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a stream nobody accepted: %v", err)
		}
		write(t, first, "lives on")
		read(t, accepted, "lives on")
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept on a closed listener: %v", err)
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed twice: %v", err)
		}
		l, err = b.Listen("tcp", "192.0.2.2:5060")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { _, err := l.Accept(); done <- err }()
		synctest.Wait()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept on a host that is switched off: %v", err)
		}
		if _, err := first.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("peer of a host that is switched off: %v", err)
		}
		if _, err := accepted.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("own end of a host that is switched off: %v", err)
		}
	})
}

func TestHostCloseEndsADial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := twoHosts()
		if _, err := b.Listen("tcp", ":5060"); err != nil {
			t.Fatal(err)
		}
		n.SetLink(anybody, anybody, Link{Down: true})
		done := make(chan error)
		go func() {
			_, err := a.DialContext(context.Background(), "tcp", "192.0.2.2:5060")
			done <- err
		}()
		synctest.Wait()
		a.Close()
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
}

func TestStreamThroughNAT(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		box := n.NAT("box", natAddr, Symmetric, time.Minute)
		phone := box.Inside().Host("phone", phoneAddr)
		server := n.Host("server", addrB)
		n.SetLink(anybody, anybody, Link{Delay: 30 * time.Millisecond})
		box.Inside().SetLink(anybody, anybody, Link{Delay: 5 * time.Millisecond})
		begin := time.Now()
		near, far := streams(t, n, phone, server)
		if took := time.Since(begin); took != 70*time.Millisecond {
			t.Errorf("dialled in %v, want both hops twice", took)
		}
		if far.RemoteAddr().String() != "198.51.100.1:20000" {
			t.Errorf("the server sees %v", far.RemoteAddr())
		}
		write(t, far, "down")
		read(t, near, "down")
		write(t, near, "up")
		read(t, far, "up")
		if _, err := server.DialContext(context.Background(), "tcp", "198.51.100.1:20000"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial to a NAT box: %v", err)
		}
	})
}
