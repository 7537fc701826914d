package simnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

var (
	addrA   = netip.MustParseAddr("192.0.2.1")
	addrB   = netip.MustParseAddr("192.0.2.2")
	addrC   = netip.MustParseAddr("192.0.2.3")
	anybody = netip.Addr{}
)

func listenPacket(t *testing.T, h *Host, address string) *PacketConn {
	t.Helper()
	pc, err := h.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	return pc.(*PacketConn)
}

func sendTo(t *testing.T, pc *PacketConn, to string, text string) {
	t.Helper()
	if _, err := pc.WriteTo([]byte(text), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(to))); err != nil {
		t.Fatal(err)
	}
}

// heard reads until nothing comes for a second and returns "text<from".
func heard(t *testing.T, pc *PacketConn) []string {
	t.Helper()
	var all []string
	b := make([]byte, 1500)
	for {
		if err := pc.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		n, from, err := pc.ReadFrom(b)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(b[:n])+"<"+from.(*net.UDPAddr).String())
	}
}

func expect(t *testing.T, pc *PacketConn, want ...string) {
	t.Helper()
	if got := heard(t, pc); !slices.Equal(got, want) {
		t.Errorf("%s heard %q, want %q", pc.LocalAddr(), got, want)
	}
}

func TestDatagramArrivesAndIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		a := listenPacket(t, n.Host("a", addrA), ":5060")
		b := listenPacket(t, n.Host("b", addrB), "192.0.2.2:5060")
		sendTo(t, a, "192.0.2.2:5060", "one")
		sendTo(t, a, "192.0.2.2:5060", "two")
		expect(t, b, "one<192.0.2.1:5060", "two<192.0.2.1:5060")
		sendTo(t, b, "192.0.2.1:5060", "three")
		expect(t, a, "three<192.0.2.2:5060")
	})
}

func TestDatagramToNobodyIsNoError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		c := n.Capture()
		a := listenPacket(t, n.Host("a", addrA), ":5060")
		n.Host("b", addrB)
		sendTo(t, a, "192.0.2.2:5060", "no socket")
		sendTo(t, a, "192.0.2.9:5060", "no host")
		var fates []string
		for _, p := range c.Packets() {
			fates = append(fates, p.Fate)
		}
		if want := []string{"no socket", "no route"}; !slices.Equal(fates, want) {
			t.Errorf("fates %q, want %q", fates, want)
		}
	})
}

func TestBothFamilies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		six := netip.MustParseAddr("2001:db8::1")
		both := n.Host("both", addrA, six)
		pc := listenPacket(t, both, ":5060")
		four, err := both.ListenPacket("udp4", ":5070")
		if err != nil {
			t.Fatal(err)
		}
		other := n.Host("other", addrB, netip.MustParseAddr("2001:db8::2"))
		from := listenPacket(t, other, ":6000")
		sendTo(t, from, "192.0.2.1:5060", "v4")
		sendTo(t, from, "[2001:db8::1]:5060", "v6")
		sendTo(t, from, "[::ffff:192.0.2.1]:5060", "mapped")
		sendTo(t, from, "192.0.2.1:5070", "v4")
		sendTo(t, from, "[2001:db8::1]:5070", "v6")
		expect(t, pc, "v4<192.0.2.2:6000", "v6<[2001:db8::2]:6000", "mapped<192.0.2.2:6000")
		expect(t, four.(*PacketConn), "v4<192.0.2.2:6000")
	})
}

func TestReadWaitsForCloseAndDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pc := listenPacket(t, New(1).Host("a", addrA), ":5060")
		result := make(chan error)
		read := func() {
			_, _, err := pc.ReadFrom(make([]byte, 10))
			result <- err
		}
		begin := time.Now()
		go read()
		synctest.Wait() // returns only because the read waits durably
		if err := pc.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		err := <-result
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(begin) != time.Minute {
			t.Errorf("after %v: %v; want a time-out after a minute", time.Since(begin), err)
		}
		if err := pc.SetDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		go read()
		synctest.Wait()
		if err := pc.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-result; !errors.Is(err, net.ErrClosed) {
			t.Errorf("read on a socket that closes: %v", err)
		}
		if err := pc.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed twice: %v", err)
		}
		if _, err := pc.WriteToUDPAddrPort(nil, netip.AddrPortFrom(addrB, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write on a closed socket: %v", err)
		}
		if err := pc.SetDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("deadline on a closed socket: %v", err)
		}
	})
}

func TestBind(t *testing.T) {
	h := New(1).Host("a", addrA)
	pc := listenPacket(t, h, ":5060")
	for _, c := range []struct {
		network, address string
		want             error
	}{
		{"udp", ":5060", syscall.EADDRINUSE},
		{"udp", "192.0.2.9:5060", errNoAddress},
		{"udp6", "192.0.2.1:5060", errNetwork},
		{"tcp", ":5061", errNetwork},
		{"udp", ":99999", nil},
		{"udp", "name:5060", nil},
		{"udp", "5060", nil},
	} {
		_, err := h.ListenPacket(c.network, c.address)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("ListenPacket(%q, %q): %v, want %v", c.network, c.address, err, c.want)
		}
	}
	if err := pc.Close(); err != nil {
		t.Fatal(err)
	}
	listenPacket(t, h, ":5060")
	one, two := listenPacket(t, h, ":0"), listenPacket(t, h, "192.0.2.1:0")
	if a, b := one.LocalAddr().(*net.UDPAddr).Port, two.LocalAddr().(*net.UDPAddr).Port; a < firstEphemeral || b <= a {
		t.Errorf("free ports %d and %d", a, b)
	}
}

func TestWriteErrors(t *testing.T) {
	pc := listenPacket(t, New(1).Host("a", addrA), ":5060")
	if _, err := pc.WriteToUDPAddrPort(make([]byte, maxDatagram+1), netip.AddrPortFrom(addrB, 1)); !errors.Is(err, syscall.EMSGSIZE) {
		t.Errorf("too long: %v", err)
	}
	if _, err := pc.WriteTo(nil, &net.TCPAddr{}); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("to a TCP address: %v", err)
	}
	if _, err := pc.WriteTo(nil, &net.UDPAddr{IP: net.IPv6loopback}); !errors.Is(err, syscall.EHOSTUNREACH) {
		t.Errorf("to the other family: %v", err)
	}
	if _, err := pc.Write(nil); !errors.Is(err, syscall.EDESTADDRREQ) {
		t.Errorf("write without a peer: %v", err)
	}
}

func TestConnectedSocketHearsItsPeerOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		a := n.Host("a", addrA)
		c, err := a.DialContext(context.Background(), "udp", "192.0.2.2:53")
		if err != nil {
			t.Fatal(err)
		}
		b := n.Host("b", addrB)
		peer, other := listenPacket(t, b, ":53"), listenPacket(t, b, ":54")
		if _, err := c.Write([]byte("question")); err != nil {
			t.Fatal(err)
		}
		expect(t, peer, "question<"+c.LocalAddr().String())
		sendTo(t, other, c.LocalAddr().String(), "forged")
		sendTo(t, peer, c.LocalAddr().String(), "answer")
		buf := make([]byte, 3)
		if got, err := c.Read(buf); err != nil || string(buf[:got]) != "ans" {
			t.Errorf("read %q, %v", buf[:got], err)
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		a, b := listenPacket(t, n.Host("a", addrA), ":1"), listenPacket(t, n.Host("b", addrB), ":1")
		for range receiveQueue + 10 {
			sendTo(t, a, "192.0.2.2:1", "x")
		}
		if got := len(heard(t, b)); got != receiveQueue {
			t.Errorf("%d datagrams waited, want %d", got, receiveQueue)
		}
	})
}

// count sends n numbered packets 20 ms apart and returns what arrives.
func count(t *testing.T, seed uint64, l Link, packets int) (got []string, took []time.Duration) {
	t.Helper()
	n := New(seed)
	n.SetLink(anybody, anybody, l)
	a, b := listenPacket(t, n.Host("a", addrA), ":1"), listenPacket(t, n.Host("b", addrB), ":1")
	begin := time.Now()
	var sender sync.WaitGroup
	defer sender.Wait()
	sender.Go(func() {
		for i := range packets {
			sendTo(t, a, "192.0.2.2:1", fmt.Sprint(i))
			time.Sleep(20 * time.Millisecond)
		}
	})
	buf := make([]byte, 100)
	for {
		if err := b.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		size, _, err := b.ReadFrom(buf)
		if err != nil {
			return got, took
		}
		sent := 0
		fmt.Sscan(string(buf[:size]), &sent)
		got = append(got, string(buf[:size]))
		took = append(took, time.Since(begin)-time.Duration(sent)*20*time.Millisecond)
	}
}

func TestLinks(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name                  string
		link                  Link
		least, most           int // packets of 1000 that arrive
		shortest, longest     time.Duration
		ordered, seenAgain    bool
		leastJumps, mostJumps int
	}{
		{"perfect", Link{}, 1000, 1000, 0, 0, true, false, 0, 0},
		{"delay", Link{Delay: 80 * ms}, 1000, 1000, 80 * ms, 80 * ms, true, false, 0, 0},
		{"jitter", Link{Delay: 50 * ms, Jitter: 60 * ms}, 1000, 1000, 50 * ms, 110 * ms, true, false, 0, 0},
		{"loss", Link{Loss: 0.1}, 850, 950, 0, 0, true, false, 0, 0},
		{"all lost", Link{Loss: 1}, 0, 0, 0, 0, true, false, 0, 0},
		{"down", Link{Down: true}, 0, 0, 0, 0, true, false, 0, 0},
		{"duplicates", Link{Duplicate: 0.1}, 1050, 1150, 0, 0, true, true, 0, 0},
		{"reorder", Link{Reorder: 0.1, HoldBack: 30 * ms}, 1000, 1000, 0, 30 * ms, false, false, 50, 150},
		{"reorder by default", Link{Delay: ms, Reorder: 0.1}, 1000, 1000, ms, ms + defaultHoldBack, false, false, 0, 150},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, took := count(t, 7, c.link, 1000)
				if len(got) < c.least || len(got) > c.most {
					t.Fatalf("%d arrived, want %d to %d", len(got), c.least, c.most)
				}
				if len(got) == 0 {
					return
				}
				if s, l := slices.Min(took), slices.Max(took); s < c.shortest || l > c.longest {
					t.Errorf("took %v to %v, want %v to %v", s, l, c.shortest, c.longest)
				}
				jumps, again := disorder(got)
				if c.ordered && jumps > 0 || !c.ordered && (jumps < c.leastJumps || jumps > c.mostJumps) {
					t.Errorf("%d packets were overtaken", jumps)
				}
				if (again > 0) != c.seenAgain {
					t.Errorf("%d packets came twice", again)
				}
			})
		})
	}
}

// disorder counts packets that came after a later one, and that came twice.
func disorder(got []string) (jumps, again int) {
	highest := -1
	seen := make(map[string]bool)
	for _, s := range got {
		i := 0
		fmt.Sscan(s, &i)
		if seen[s] {
			again++
		}
		seen[s] = true
		if i < highest {
			jumps++
		}
		highest = max(highest, i)
	}
	return jumps, again
}

func TestSeedDecides(t *testing.T) {
	run := func(seed uint64) (got []string) {
		synctest.Test(t, func(t *testing.T) {
			got, _ = count(t, seed, Link{Loss: 0.5, Jitter: time.Second, Duplicate: 0.2, Reorder: 0.2}, 200)
		})
		return got
	}
	if a, b := run(1), run(1); !slices.Equal(a, b) {
		t.Errorf("the same seed gave %q and %q", a, b)
	}
	if a, b := run(1), run(2); slices.Equal(a, b) {
		t.Error("two seeds gave the same")
	}
}

func TestClosestLinkWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		a, b, c := listenPacket(t, n.Host("a", addrA), ":1"), listenPacket(t, n.Host("b", addrB), ":1"), listenPacket(t, n.Host("c", addrC), ":1")
		n.SetLink(anybody, anybody, Link{Down: true})
		n.SetLink(anybody, addrC, Link{})
		n.SetLink(addrA, anybody, Link{})
		n.SetLinks(addrA, addrC, Link{Down: true})
		for _, from := range []*PacketConn{a, b, c} {
			for _, to := range []string{"192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1"} {
				sendTo(t, from, to, "x")
			}
		}
		expect(t, a, "x<192.0.2.1:1")
		expect(t, b, "x<192.0.2.1:1")
		expect(t, c, "x<192.0.2.2:1", "x<192.0.2.3:1")
	})
}

func TestWrongUsePanics(t *testing.T) {
	n := New(1)
	n.Host("a", addrA)
	for name, f := range map[string]func(){
		"address taken":  func() { n.Host("b", addrA) },
		"no address":     func() { n.Host("b") },
		"invalid":        func() { n.Host("b", netip.Addr{}) },
		"share":          func() { n.SetLink(anybody, anybody, Link{Loss: 1.5}) },
		"negative delay": func() { n.SetLink(anybody, anybody, Link{Delay: -1}) },
	} {
		func() {
			defer func() {
				if message := fmt.Sprint(recover()); !strings.HasPrefix(message, "simnet: ") {
					t.Errorf("%s: %q", name, message)
				}
			}()
			f()
		}()
	}
}

func TestHostCloseClosesSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(1).Host("a", addrA)
		pc := listenPacket(t, h, ":1")
		done := make(chan error)
		go func() { _, err := pc.Read(nil); done <- err }()
		synctest.Wait()
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		listenPacket(t, h, ":1")
	})
}
