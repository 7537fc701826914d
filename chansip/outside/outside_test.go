package outside

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/internal/simnet"
	"obelus/sip"
	"obelus/sip/transport"
	"obelus/stun"
)

func settings(t testing.TB, text string) *sipconf.Settings {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("sip.conf", []byte("[general]\n"+strings.ReplaceAll(text, "; ", "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	set, found := sipconf.ReadSettings(f, nil, "obelus test")
	for _, d := range found {
		t.Errorf("sip.conf: %s", d)
	}
	return set
}

// TestSides has each option of the server's side of NAT, for each side that a peer may be on and each transport: our address
// in Via and Contact, and in the description of sound.
func TestSides(t *testing.T) {
	t.Parallel()
	const (
		nets = "localnet=10.0.0.0/8; localnet=172.16.0.0/255.240.0.0; "
		ext  = nets + "externaddr=192.0.2.7; "
	)
	for _, c := range []struct {
		name, conf    string
		over          transport.Transport
		local, remote string
		want, media   string
	}{
		{"nothing", "", transport.UDP, "10.0.0.1:5060", "198.51.100.2:5070", "10.0.0.1:5060", "10.0.0.1"},
		{"externaddr without localnet", "externaddr=192.0.2.7", transport.UDP, "10.0.0.1:5060", "198.51.100.2:5070", "10.0.0.1:5060", "10.0.0.1"},
		{"localnet without externaddr", nets, transport.UDP, "10.0.0.1:5060", "198.51.100.2:5070", "10.0.0.1:5060", "10.0.0.1"},
		{"inside", ext, transport.UDP, "10.0.0.1:5060", "10.7.7.7:5070", "10.0.0.1:5060", "10.0.0.1"},
		{"inside by the other localnet", ext, transport.UDP, "10.0.0.1:5060", "172.31.0.1:5070", "10.0.0.1:5060", "10.0.0.1"},
		{"just outside the other localnet", ext, transport.UDP, "10.0.0.1:5060", "172.32.0.1:5070", "192.0.2.7:5060", "192.0.2.7"},
		{"outside", ext, transport.UDP, "10.0.0.1:5060", "198.51.100.2:5070", "192.0.2.7:5060", "192.0.2.7"},
		{"outside, in the clothes of IPv6", ext, transport.UDP, "[::ffff:10.0.0.1]:5060", "[::ffff:198.51.100.2]:5070", "192.0.2.7:5060", "192.0.2.7"},
		{"inside, in the clothes of IPv6", ext, transport.UDP, "[::ffff:10.0.0.1]:5060", "[::ffff:10.0.0.2]:5070", "10.0.0.1:5060", "10.0.0.1"},
		{"externip", nets + "externip=192.0.2.7:7060", transport.UDP, "10.0.0.1:5060", "198.51.100.2:5070", "192.0.2.7:7060", "192.0.2.7"},
		{"our port", ext, transport.UDP, "10.0.0.1:5080", "198.51.100.2:5070", "192.0.2.7:5080", "192.0.2.7"},
		{"IPv6 needs none", ext, transport.UDP, "[2001:db8::1]:5060", "[2001:db8:7::2]:5070", "[2001:db8::1]:5060", "2001:db8::1"},

		{"TCP", ext + "tcpenable=yes", transport.TCP, "10.0.0.1:41000", "198.51.100.2:5070", "192.0.2.7:5060", "192.0.2.7"},
		{"TCP inside", ext + "tcpenable=yes; tcpbindaddr=0.0.0.0:5070", transport.TCP, "10.0.0.1:41000", "10.0.0.2:5070", "10.0.0.1:5070", "10.0.0.1"},
		{"externtcpport", ext + "tcpenable=yes; externtcpport=7061", transport.TCP, "10.0.0.1:5060", "198.51.100.2:5070", "192.0.2.7:7061", "192.0.2.7"},
		{"externtcpport inside", ext + "tcpenable=yes; externtcpport=7061", transport.TCP, "10.0.0.1:5060", "10.0.0.2:5070", "10.0.0.1:5060", "10.0.0.1"},
		{"externtcpport is that of externaddr", nets + "tcpenable=yes; externaddr=192.0.2.7:7060", transport.TCP, "10.0.0.1:5060", "198.51.100.2:5070", "192.0.2.7:7060", "192.0.2.7"},
		{"TLS", ext, transport.TLS, "10.0.0.1:5061", "198.51.100.2:5070", "192.0.2.7:5061", "192.0.2.7"},
		{"TLS inside", ext + "tlsenable=yes; tlsbindaddr=0.0.0.0:5071; tlscertfile=x.pem", transport.TLS, "10.0.0.1:41000", "10.0.0.2:5070", "10.0.0.1:5071", "10.0.0.1"},
		{"externtlsport", ext + "externtlsport=7062", transport.TLS, "10.0.0.1:5061", "198.51.100.2:5070", "192.0.2.7:7062", "192.0.2.7"},
		{"externtlsport is not for TCP", ext + "tcpenable=yes; externtlsport=7062", transport.TCP, "10.0.0.1:5060", "198.51.100.2:5070", "192.0.2.7:5060", "192.0.2.7"},
		{"nor externtcpport for UDP", ext + "externtcpport=7061", transport.UDP, "10.0.0.1:5060", "198.51.100.2:5070", "192.0.2.7:5060", "192.0.2.7"},

		{"media_address outside", ext + "media_address=192.0.2.9", transport.UDP, "10.0.0.1:5060", "198.51.100.2:5070", "192.0.2.7:5060", "192.0.2.9"},
		{"media_address inside", ext + "media_address=192.0.2.9", transport.UDP, "10.0.0.1:5060", "10.0.0.2:5070", "10.0.0.1:5060", "192.0.2.9"},
		{"media_address without localnet", "media_address=192.0.2.9", transport.UDP, "10.0.0.1:5060", "10.0.0.2:5070", "10.0.0.1:5060", "192.0.2.9"},
		{"media_address of the other kind", "media_address=192.0.2.9", transport.UDP, "[2001:db8::1]:5060", "[2001:db8::2]:5070", "[2001:db8::1]:5060", "2001:db8::1"},
		{"rtpbindaddr inside", ext + "rtpbindaddr=10.0.0.5", transport.UDP, "10.0.0.1:5060", "10.0.0.2:5070", "10.0.0.1:5060", "10.0.0.5"},
		{"rtpbindaddr outside", ext + "rtpbindaddr=10.0.0.5", transport.UDP, "10.0.0.1:5060", "198.51.100.2:5070", "192.0.2.7:5060", "192.0.2.7"},
		{"rtpbindaddr everywhere", "rtpbindaddr=0.0.0.0", transport.UDP, "10.0.0.1:5060", "10.0.0.2:5070", "10.0.0.1:5060", "10.0.0.1"},
		{"rtpbindaddr and media_address", "rtpbindaddr=10.0.0.5; media_address=192.0.2.9", transport.UDP, "10.0.0.1:5060", "10.0.0.2:5070", "10.0.0.1:5060", "192.0.2.9"},

		{"matchexternaddrlocally, from inside", ext + "matchexternaddrlocally=yes", transport.UDP, "10.0.0.1:5060", "198.51.100.2:5070", "192.0.2.7:5060", "192.0.2.7"},
		{"matchexternaddrlocally, from a public address", ext + "matchexternaddrlocally=yes", transport.UDP, "203.0.113.1:5060", "198.51.100.2:5070", "203.0.113.1:5060", "203.0.113.1"},
		{"from a public address", ext, transport.UDP, "203.0.113.1:5060", "198.51.100.2:5070", "192.0.2.7:5060", "192.0.2.7"},
	} {
		set := settings(t, c.conf)
		f := New(Config{Log: slog.New(slog.DiscardHandler), Settings: func() *sipconf.Settings { return set }})
		flow := transport.Flow{Transport: c.over, Local: netip.MustParseAddrPort(c.local), Remote: netip.MustParseAddrPort(c.remote)}
		if got := f.Signalling(&set.General, flow).String(); got != c.want {
			t.Errorf("%s: we are at %s, want %s", c.name, got, c.want)
		}
		if got := f.Media(&set.General, flow).String(); got != c.media {
			t.Errorf("%s: sound goes to %s, want %s", c.name, got, c.media)
		}
	}
}

// names is a DNS with one name, which may move, or be silent.
type names struct {
	to    atomic.Pointer[[]netip.Addr]
	asked atomic.Int64
}

func (n *names) move(to ...string) {
	var all []netip.Addr
	for _, a := range to {
		all = append(all, netip.MustParseAddr(a))
	}
	n.to.Store(&all)
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.asked.Add(1)
	to := n.to.Load()
	if to == nil || host != "home.example" {
		return nil, &net.DNSError{Err: "no answer", Name: host, IsTemporary: true}
	}
	return *to, nil
}

func (n *names) LookupSRV(context.Context, string, string, string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "no such service", IsNotFound: true}
}

// house is a finder with SIP sockets, behind a NAT.
type house struct {
	t     *testing.T
	f     *Finder
	set   atomic.Pointer[sipconf.Settings]
	said  strings.Builder
	moves atomic.Int64
	layer *transport.Layer
}

// inHouse runs a test in a bubble.
func inHouse(t *testing.T, text string, dns transport.Lookup, sockets []net.PacketConn, test func(h *house)) {
	t.Helper()
	h := &house{t: t}
	h.set.Store(settings(t, text))
	log := slog.New(slog.NewTextHandler(&h.said, nil))
	h.layer = transport.New(transport.Options{Handler: nobody{}, Log: log, STUN: func(b []byte, f transport.Flow) { h.f.Take(b, f) }})
	h.f = New(Config{Log: log, DNS: dns, Settings: h.set.Load, Flows: h.layer.Ways, Changed: func() { h.moves.Add(1) }})
	for _, pc := range sockets {
		h.layer.ServeUDP(pc)
	}
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.f.Run(ctx)
	}()
	defer func() {
		end()
		<-done
		h.layer.Close()
	}()
	synctest.Wait()
	test(h)
}

type nobody struct{}

func (nobody) Inline(*sip.Message) bool           { return true }
func (nobody) Serve(*sip.Message, transport.Flow) {}

// at is where we say that we are, to somebody outside.
func (h *house) at(flow transport.Flow) string {
	return h.f.Signalling(&h.set.Load().General, flow).String()
}

// pass lets time go by, and everything happen that is due.
func (h *house) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (h *house) reload(text string) {
	h.set.Store(settings(h.t, text))
	h.f.Again()
	synctest.Wait()
}

func udp(local, remote string) transport.Flow {
	return transport.Flow{Transport: transport.UDP, Local: netip.MustParseAddrPort(local), Remote: netip.MustParseAddrPort(remote)}
}

// TestExternHost has the name looked up again and again, and keep its address when DNS is silent, which is said once.
func TestExternHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dns := &names{}
		dns.move("2001:db8::7", "192.0.2.7")
		inHouse(t, "localnet=10.0.0.0/8; externhost=home.example; externrefresh=20", dns, nil, func(h *house) {
			out := udp("10.0.0.1:5060", "198.51.100.2:5070")
			if got := h.at(out); got != "192.0.2.7:5060" {
				t.Errorf("we are at %s", got)
			}
			dns.move("192.0.2.8")
			time.Sleep(19 * time.Second)
			synctest.Wait()
			if got := h.at(out); got != "192.0.2.7:5060" {
				t.Errorf("before externrefresh is over we are at %s", got)
			}
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if got := h.at(out); got != "192.0.2.8:5060" || h.moves.Load() != 2 {
				t.Errorf("then we are at %s, after %d moves", got, h.moves.Load())
			}
			if !h.f.Ours(&h.set.Load().General, netip.MustParseAddr("192.0.2.8")) || h.f.Ours(&h.set.Load().General, netip.MustParseAddr("192.0.2.7")) {
				t.Error("which address is ours is not known")
			}
			dns.to.Store(nil)
			time.Sleep(5 * time.Minute)
			synctest.Wait()
			if got := h.at(out); got != "192.0.2.8:5060" {
				t.Errorf("without DNS we are at %s", got)
			}
			if n := strings.Count(h.said.String(), "externhost does not say"); n != 1 {
				t.Errorf("it was said %d times\n%s", n, h.said.String())
			}
			h.reload("localnet=10.0.0.0/8; externhost=home.example:7060; externtcpport=7061")
			dns.move("192.0.2.9")
			time.Sleep(11 * time.Second) // the default of externrefresh
			synctest.Wait()
			if got := h.at(out); got != "192.0.2.9:7060" {
				t.Errorf("after a reload we are at %s", got)
			}
			h.reload("localnet=10.0.0.0/8")
			asked := dns.asked.Load()
			time.Sleep(time.Hour)
			if got := h.at(out); got != "10.0.0.1:5060" || dns.asked.Load() != asked {
				t.Errorf("without externhost we are at %s, and DNS was asked %d times", got, dns.asked.Load()-asked)
			}
			h.reload("localnet=10.0.0.0/8; externhost=home.example; externaddr=203.0.113.1")
			if got := h.at(out); got != "203.0.113.1:5060" {
				t.Errorf("with externaddr too we are at %s", got)
			}
		})
	})
}

// world is a STUN server outside and a house behind NAT.
type world struct {
	net     *simnet.Network
	nat     *simnet.NAT
	sockets []net.PacketConn
	outside *simnet.Host
}

var stunAt = netip.MustParseAddrPort("192.0.2.1:3478")

func newWorld(t *testing.T, kind simnet.NATKind) *world {
	w := &world{net: simnet.New(1)}
	w.outside = w.net.Host("stun", stunAt.Addr())
	w.nat = w.net.NAT("router", netip.MustParseAddr("203.0.113.1"), kind, time.Minute)
	inside := w.nat.Inside().Host("house", netip.MustParseAddr("10.0.0.1"))
	for _, a := range []string{"10.0.0.1:5060", "10.0.0.1:5070"} {
		pc, err := inside.ListenPacket("udp", a)
		if err != nil {
			t.Fatal(err)
		}
		w.sockets = append(w.sockets, pc)
	}
	return w
}

func (w *world) serve(t *testing.T) *stun.Server {
	t.Helper()
	pc, err := w.outside.ListenPacket("udp", stunAt.String())
	if err != nil {
		t.Fatal(err)
	}
	s := stun.New(stun.Options{Log: slog.New(slog.DiscardHandler)})
	s.Serve(stun.Sockets{Main: pc})
	return s
}

// TestSTUN has each SIP socket find its address outside, hear of it when the NAT has begun anew, and keep the last one while
// the server is away.
func TestSTUN(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, simnet.PortRestricted)
		server := w.serve(t)
		dns := &names{}
		dns.move(stunAt.Addr().String())
		inHouse(t, "localnet=10.0.0.0/8; stunaddr=home.example", dns, w.sockets, func(h *house) {
			h.pass(time.Second)
			ways := h.layer.Ways(netip.MustParseAddrPort("198.51.100.2:5070"))
			first, second := h.at(ways[0]), h.at(ways[1])
			if !strings.HasPrefix(first, "203.0.113.1:") || !strings.HasPrefix(second, "203.0.113.1:") || first == second {
				t.Errorf("we are at %s and %s", first, second)
			}
			tcp := ways[0]
			tcp.Transport = transport.TCP
			if got := h.at(tcp); got != "203.0.113.1:5060" {
				t.Errorf("over TCP we are at %s", got)
			}
			if got := h.at(udp("10.0.0.1:5060", "10.0.0.2:5070")); got != "10.0.0.1:5060" {
				t.Errorf("inside we are at %s", got)
			}
			if !h.f.Ours(&h.set.Load().General, w.nat.Addr()) {
				t.Error("our address is not known to be ours")
			}
			var shown strings.Builder
			h.f.Show(&shown)
			if n := strings.Count(shown.String(), "home.example              3478  30      5        OK      203.0.113.1      "); n != 2 {
				t.Errorf("shown is\n%s", shown.String())
			}
			moves := h.moves.Load()
			h.pass(10 * time.Minute)
			if got := h.at(ways[0]); got != first || h.moves.Load() != moves {
				t.Errorf("asking keeps the way open, and we went from %s to %s", first, got)
			}
			w.nat.Reboot()
			h.pass(time.Minute)
			if got := h.at(ways[0]); got == first || !strings.HasPrefix(got, "203.0.113.1:") || h.moves.Load() == moves {
				t.Errorf("after the router's restart we are still at %s", got)
			}
			first = h.at(ways[0])
			server.Close()
			h.pass(10 * time.Minute)
			if got := h.at(ways[0]); got != first {
				t.Errorf("while the server is away we are at %s, want %s", got, first)
			}
			if n := strings.Count(h.said.String(), "stunaddr does not say"); n != 1 {
				t.Errorf("it was said %d times\n%s", n, h.said.String())
			}
			shown.Reset()
			h.f.Show(&shown)
			if !strings.Contains(shown.String(), " Failed  203.0.113.1 ") {
				t.Errorf("shown is\n%s", shown.String())
			}
			server = w.serve(t)
			h.pass(time.Minute)
			if !strings.Contains(h.said.String(), "stunaddr answers again") {
				t.Errorf("that it is back was not said\n%s", h.said.String())
			}
			h.reload("localnet=10.0.0.0/8")
			if got := h.at(ways[0]); got != "10.0.0.1:5060" {
				t.Errorf("without stunaddr we are at %s", got)
			}
		})
		server.Close()
	})
}

// TestSecurityClass22FalseAnswers has nobody but the server that was asked tell us where we are (security class 22).
func TestSecurityClass22FalseAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := simnet.New(1)
		home, liar := wire.Host("house", netip.MustParseAddr("10.0.0.1")), wire.Host("liar", netip.MustParseAddr("192.0.2.66"))
		pc, err := home.ListenPacket("udp", "10.0.0.1:5060")
		if err != nil {
			t.Fatal(err)
		}
		seen, sockets := wire.Capture(), []net.PacketConn{pc}
		inHouse(t, "localnet=10.0.0.0/8; stunaddr=192.0.2.1", &names{}, sockets, func(h *house) {
			time.Sleep(100 * time.Millisecond)
			packets := seen.Packets()
			if len(packets) != 1 {
				t.Fatalf("%d packets", len(packets))
			}
			m, err := stun.Parse(packets[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			lie, err := liar.ListenPacket("udp", "192.0.2.66:3478")
			if err != nil {
				t.Fatal(err)
			}
			defer lie.Close()
			answer := stun.New(stun.Options{Log: slog.New(slog.DiscardHandler)}).Reply(nil, packets[0].Data, netip.MustParseAddrPort("198.51.100.66:6666"), stunAt)
			if _, err := lie.WriteTo(answer, pc.LocalAddr()); err != nil {
				t.Fatal(err)
			}
			ways := h.layer.Ways(netip.MustParseAddrPort("198.51.100.2:5070"))
			time.Sleep(100 * time.Millisecond)
			if got := h.at(ways[0]); got != "10.0.0.1:5060" {
				t.Errorf("a stranger who knows the question's name %x had us believe that we are at %s", m.ID, got)
			}
			from := ways[0].To(stunAt)
			if h.f.Take(stun.AppendRequest(nil, m.ID), from) {
				t.Error("a request was taken for an answer")
			}
			other := stun.AppendRequest(nil, stun.NewID())
			if h.f.Take(stun.New(stun.Options{Log: slog.New(slog.DiscardHandler)}).Reply(nil, other, stunAt, stunAt), from) {
				t.Error("an answer to nothing was taken")
			}
			if !h.f.Take(answer, from) {
				t.Error("the answer itself was not taken")
			}
			synctest.Wait()
			if got := h.at(ways[0]); got != "198.51.100.66:6666" {
				t.Errorf("after the answer we are at %s", got)
			}
		})
	})
}
