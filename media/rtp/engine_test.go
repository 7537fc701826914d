package rtp

import (
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"obelus/media/packet"
)

// kernelPair is two connected legs on ports of the kernel, with their phones.
func kernelPair(t *testing.T, p *Plane) (a, b *Session, ca, cb *net.UDPConn) {
	t.Helper()
	local := netip.MustParseAddr("127.0.0.1")
	open := func(near *Session) (*Session, *net.UDPConn) {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		s, err := p.Open(SessionConfig{Bind: local, Near: near})
		if err != nil {
			t.Fatal(err)
		}
		set(t, s.Audio(), Remote{Addr: c.LocalAddr().(*net.UDPAddr).AddrPort(), Payloads: []Payload{ulaw}, Signal: local})
		return s, c
	}
	a, ca = open(nil)
	b, cb = open(a)
	check(t, Connect(a, b))
	return a, b, ca, cb
}

// everyEngine runs a test with each engine that this system has.
func everyEngine(t *testing.T, o Options, f func(t *testing.T, p *Plane)) {
	o.Start, o.End = 31000, 31999
	for _, engine := range []string{EngineAuto, EngineGo} {
		t.Run(engine, func(t *testing.T) {
			o.Engine = engine
			p, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if want := runtime.GOOS == "linux" && engine == EngineAuto; want != (p.Engine() == EngineEpoll) {
				t.Errorf("%s is %s on %s", engine, p.Engine(), runtime.GOOS)
			}
			f(t, p)
		})
	}
}

// From the phone's socket through the engine to the other phone's socket no
// packet takes memory.
func TestEnginesTakeNoMemory(t *testing.T) {
	everyEngine(t, Options{}, func(t *testing.T, p *Plane) {
		a, _, ca, cb := kernelPair(t, p)
		h := packet.Header{PT: 0, Seq: 1, TS: 1, SSRC: 1}
		packet, buf := rtpBytes(h, make([]byte, 160)), make([]byte, 2000)
		to := a.Audio().Local()
		cb.SetReadDeadline(time.Now().Add(time.Minute))
		n := testing.AllocsPerRun(500, func() {
			h.Seq++
			h.TS += 160
			h.Rewrite(packet)
			if _, err := ca.WriteToUDPAddrPort(packet, to); err != nil {
				t.Fatal(err)
			}
			if _, _, err := cb.ReadFromUDPAddrPort(buf); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%v allocations a packet", n)
		}
	})
}

// Under load the shard naps: what is sent in bursts comes through whole, and in
// order.
func TestEnginesUnderLoad(t *testing.T) {
	everyEngine(t, Options{}, func(t *testing.T, p *Plane) {
		a, _, ca, cb := kernelPair(t, p)
		buf := make([]byte, 2000)
		cb.SetReadDeadline(time.Now().Add(time.Minute))
		h := packet.Header{PT: 0, SSRC: 1}
		next, started := -1, false
		for burst := range 200 {
			for range 50 {
				h.Seq++
				if _, err := ca.WriteToUDPAddrPort(rtpBytes(h, []byte{1}), a.Audio().Local()); err != nil {
					t.Fatal(err)
				}
			}
			for range 50 {
				n, _, err := cb.ReadFromUDPAddrPort(buf)
				if err != nil {
					t.Fatalf("burst %d: %v", burst, err)
				}
				got, ok := packet.Parse(buf[:n])
				if !ok || started && int(got.Seq) != next {
					t.Fatalf("burst %d: number %d, want %d", burst, got.Seq, next)
				}
				next, started = int(got.Seq+1), true
			}
		}
	})
}

// Calls end while packets for them come in: no packet reaches another call, and
// nobody waits for ever.
func TestEnginesCloseUnderLoad(t *testing.T) {
	everyEngine(t, Options{}, func(t *testing.T, p *Plane) {
		_, keep, _, _ := kernelPair(t, p)
		var floods sync.WaitGroup
		stop := make(chan struct{})
		defer floods.Wait()
		defer close(stop)
		for range 30 {
			a, b, ca, _ := kernelPair(t, p)
			packet := rtpBytes(packet.Header{PT: 0, Seq: 1, SSRC: 1}, []byte{1})
			to := a.Audio().Local()
			floods.Go(func() {
				for range 2000 {
					select {
					case <-stop:
						return
					default:
						_, _ = ca.WriteToUDPAddrPort(packet, to) // the port may be closed by now
					}
				}
			})
			check(t, a.Close())
			check(t, b.Close())
		}
		if n := p.Sessions(); n != 2 {
			t.Errorf("%d sessions", n)
		}
		if in := keep.Audio().Stats(); in.PacketsIn != 0 || in.Foreign != 0 {
			t.Errorf("another call's packets came in: %+v", in)
		}
	})
}

// A shard that has napped parks again when the calls fall silent, and is woken by
// the next packet.
func TestEnginesAfterLoad(t *testing.T) {
	everyEngine(t, Options{}, func(t *testing.T, p *Plane) {
		a, _, ca, cb := kernelPair(t, p)
		buf, h := make([]byte, 2000), packet.Header{PT: 0, SSRC: 1}
		pass := func(n int) {
			t.Helper()
			for range n {
				h.Seq++
				_, err := ca.WriteToUDPAddrPort(rtpBytes(h, []byte{1}), a.Audio().Local())
				check(t, err)
				cb.SetReadDeadline(time.Now().Add(10 * time.Second))
				_, _, err = cb.ReadFromUDPAddrPort(buf)
				check(t, err)
			}
		}
		for range 5 {
			for begun := time.Now(); time.Since(begun) < 60*time.Millisecond; {
				pass(10)
			}
			cb.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			if n, _, err := cb.ReadFromUDPAddrPort(buf); err == nil {
				t.Fatalf("% x came of itself", buf[:n])
			}
			pass(1)
		}
	})
}
