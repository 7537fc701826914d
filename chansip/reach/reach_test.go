package reach

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/internal/simnet"
	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
)

var houseAddr = netip.MustParseAddrPort("10.99.0.1:5060")

// house is a directory with a transport, on a network in memory.
type house struct {
	t     *testing.T
	net   *simnet.Network
	d     *Directory
	where *location.Registrar
	set   atomic.Pointer[sipconf.Settings]
	dns   *names
}

// inHouse runs a test in a bubble, with a house that has this sip.conf and has
// looked its hosts up.
func inHouse(t *testing.T, sipConf string, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, net: simnet.New(1), dns: &names{to: map[string]string{"trunk.example": "10.99.0.30", "proxy.example": "10.99.0.41"}}}
		h.set.Store(settings(t, sipConf))
		log := slog.New(slog.DiscardHandler)
		var err error
		if h.where, err = location.Open(t.Context(), location.Config{Log: log}); err != nil {
			t.Fatal(err)
		}
		host := h.net.Host("house", houseAddr.Addr(), netip.MustParseAddr("2001:db8::1"))
		tp := transport.New(transport.Options{Handler: nobody{}, Log: log, Dial: host.DialContext})
		life, end := context.WithCancel(t.Context())
		h.d = New(Config{
			Log: log, Location: h.where, Resolver: &transport.Resolver{DNS: h.dns}, Settings: h.set.Load, Life: life,
			Ours: func(g *sipconf.General, a netip.Addr) bool { return a == g.ExternAddr.Addr() },
		})
		h.d.Attach(tp)
		for _, at := range []string{"10.99.0.1:5060", "[2001:db8::1]:5060"} {
			pc, err := host.ListenPacket("udp", at)
			if err != nil {
				t.Fatal(err)
			}
			tp.ServeUDP(pc)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			h.d.Run(life)
		}()
		defer func() {
			end()
			<-done
			tp.Close()
			if err := h.where.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		test(h)
	})
}

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
	h.d.Again()
}

// registers has a phone registered, as a REGISTER does.
func (h *house) registers(account string, b *location.Binding) {
	h.t.Helper()
	b.AOR, b.Transport, b.CSeq = account, "udp", b.CSeq+1
	if _, _, err := h.where.Bind(nil, account, []location.Binding{*b}, 2, time.Now(), nil); err != nil {
		h.t.Fatal(err)
	}
	h.d.Note(b, account)
}

// ways are where an account can be called, as text.
func (h *house) ways(name string) string {
	h.t.Helper()
	var out []string
	for _, w := range h.d.Ways(h.set.Load().Peer(name), every) {
		out = append(out, w.URI+" by "+w.Flow.Transport.Param()+" "+w.Flow.Remote.String())
	}
	return strings.Join(out, "; ")
}

type nobody struct{}

func (nobody) Inline(*sip.Message) bool           { return true }
func (nobody) Serve(*sip.Message, transport.Flow) {}

// names is a DNS whose names may move, or be silent.
type names struct {
	mu sync.Mutex
	to map[string]string
}

func (n *names) move(name, to string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.to[name] = to
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if a, err := netip.ParseAddr(n.to[host]); err == nil {
		return []netip.Addr{a}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (n *names) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "no such service", Name: name, IsNotFound: true}
}

// TestFixedHosts has accounts that do not register called where sip.conf says.
func TestFixedHosts(t *testing.T) {
	for _, c := range []struct{ name, account, want string }{
		{"address", "host=10.99.0.20", "sip:10.99.0.20 by udp 10.99.0.20:5060"},
		{"port", "host=10.99.0.20\nport=5080", "sip:10.99.0.20:5080 by udp 10.99.0.20:5080"},
		{"address and port", "host=10.99.0.20:5080", "sip:10.99.0.20:5080 by udp 10.99.0.20:5080"},
		{"user", "host=10.99.0.20\ndefaultuser=me", "sip:me@10.99.0.20 by udp 10.99.0.20:5060"},
		{"name", "host=trunk.example", "sip:trunk.example by udp 10.99.0.30:5060"},
		{"name and port", "host=trunk.example\nport=5070", "sip:trunk.example:5070 by udp 10.99.0.30:5070"},
		{"unknown name", "host=nowhere.example", ""},
		{"proxy", "host=trunk.example\noutboundproxy=10.99.0.40:5090", "sip:trunk.example by udp 10.99.0.40:5090"},
		{"proxy by name", "host=10.99.0.20\noutboundproxy=sip:proxy.example", "sip:10.99.0.20 by udp 10.99.0.41:5060"},
		{"defaultip", "host=dynamic\ndefaultip=10.99.0.20", "sip:10.99.0.20 by udp 10.99.0.20:5060"},
		{"dynamic", "host=dynamic", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, "[trunk]\ntype=peer\n"+c.account+"\n", func(h *house) {
				if got := h.ways("trunk"); got != c.want {
					t.Errorf("it can be called at %q, want %q", got, c.want)
				}
			})
		})
	}
}

// TestFixedHostTCP has the connection to a trunk opened when it is called.
func TestFixedHostTCP(t *testing.T) {
	inHouse(t, "[trunk]\ntype=peer\nhost=10.99.0.20\ntransport=tcp\n", func(h *house) {
		box := h.net.Host("trunk", netip.MustParseAddr("10.99.0.20"))
		if got := h.ways("trunk"); got != "" {
			t.Errorf("nobody listens, and it can be called at %q", got)
		}
		ln, err := box.Listen("tcp", "10.99.0.20:5060")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		if got := h.ways("trunk"); got != "sip:10.99.0.20;transport=tcp by tcp 10.99.0.20:5060" {
			t.Errorf("it can be called at %q", got)
		}
	})
}

// TestHostMoves has a host that is a name looked up again, and keep its address
// when DNS is silent.
func TestHostMoves(t *testing.T) {
	inHouse(t, "[trunk]\ntype=peer\nhost=trunk.example\n", func(h *house) {
		h.dns.move("trunk.example", "10.99.0.31")
		time.Sleep(6 * time.Minute)
		if got := h.ways("trunk"); got != "sip:trunk.example by udp 10.99.0.31:5060" {
			t.Errorf("it can be called at %q", got)
		}
		h.dns.move("trunk.example", "")
		time.Sleep(6 * time.Minute)
		if got := h.ways("trunk"); got != "sip:trunk.example by udp 10.99.0.31:5060" {
			t.Errorf("without DNS it can be called at %q", got)
		}
		h.dns.move("other.example", "10.99.0.32")
		h.reload("[trunk2]\ntype=peer\nhost=other.example\n")
		synctest.Wait()
		if got := h.ways("trunk2"); got != "sip:other.example by udp 10.99.0.32:5060" {
			t.Errorf("after a reload it can be called at %q", got)
		}
	})
}

// TestPeerByAddr has requests known by where they come from.
func TestPeerByAddr(t *testing.T) {
	const conf = `
[exact]
type=peer
host=10.99.0.20
transport=udp,tcp
[anyport]
type=peer
host=10.99.0.21
insecure=port
[named]
type=peer
host=trunk.example
[named2]
type=friend
host=proxy.example
insecure=port,invite
[caller]
type=user
host=10.99.0.22
[gateway]
type=peer
host=dynamic
insecure=port,invite
[1001]
type=friend
secret=1001
host=dynamic
`
	inHouse(t, conf, func(h *house) {
		h.registers("1001", &location.Binding{Contact: "sip:1001@10.99.0.2:5070", Received: netip.MustParseAddrPort("10.99.0.2:5070"), CallID: "a", Expires: time.Now().Add(2 * time.Minute)})
		h.registers("gateway", &location.Binding{Contact: "sip:gateway@10.99.0.3:5070", Received: netip.MustParseAddrPort("10.99.0.3:5070"), CallID: "b", Expires: time.Now().Add(2 * time.Minute)})
		for _, c := range []struct {
			from string
			t    transport.Transport
			want string
		}{
			{"10.99.0.3:5070", transport.UDP, "gateway"},
			{"10.99.0.3:40000", transport.UDP, "gateway"},
			{"10.99.0.20:5060", transport.UDP, "exact"},
			{"10.99.0.20:5061", transport.UDP, ""},
			{"10.99.0.20:40000", transport.TCP, "exact"},
			{"10.99.0.21:40000", transport.UDP, "anyport"},
			{"10.99.0.30:5060", transport.UDP, "named"},
			{"10.99.0.30:5061", transport.UDP, ""},
			{"10.99.0.41:9999", transport.UDP, "named2"},
			{"10.99.0.22:5060", transport.UDP, ""},
			{"[::ffff:10.99.0.20]:5060", transport.UDP, "exact"},
			{"10.99.0.2:5070", transport.UDP, "1001"},
			{"10.99.0.2:5071", transport.UDP, ""},
		} {
			got := ""
			f := transport.Flow{Transport: c.t, Remote: netip.MustParseAddrPort(c.from)}
			if p := h.d.ByAddr(h.set.Load(), f, ""); p != nil {
				got = p.Name
			}
			if got != c.want {
				t.Errorf("%s by %s is %q, want %q", c.from, c.t, got, c.want)
			}
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		h.d.seen.mu.Lock()
		defer h.d.seen.mu.Unlock()
		if n := len(h.d.seen.byAddr) + len(h.d.seen.byIP); n != 0 {
			t.Errorf("%d addresses are remembered of phones that are gone", n)
		}
	})
}

// TestLocal tells our own addresses from others.
func TestLocal(t *testing.T) {
	const conf = "[general]\nrealm=pbx.example\nfromdomain=from.example\nlocalnet=10.0.0.0/8\nexternaddr=192.0.2.7\n"
	inHouse(t, conf, func(h *house) {
		for host, want := range map[string]bool{
			"10.99.0.1": true, "10.99.0.1:5060": true, "10.99.0.1;transport=udp": true, "[2001:db8::1]": true, "[2001:db8::1]:5060": true,
			"192.0.2.7": true, "PBX.example": true, "from.example": true, "10.99.0.9;maddr=10.99.0.1": true,
			"10.99.0.2": false, "[2001:db8::2]": false, "192.0.2.8": false, "elsewhere.example": false, "10.99.0.1;maddr=10.99.0.9": false, "": false,
		} {
			if got := h.d.Local(h.set.Load(), host); got != want {
				t.Errorf("%q: %v", host, got)
			}
		}
	})
}

func TestProxy(t *testing.T) {
	for _, c := range []struct {
		text string
		want Host
		ok   bool
	}{
		{"", Host{}, false},
		{"proxy.example", Host{"proxy.example", 0, transport.UDP}, true},
		{"sip:proxy.example:5080,force", Host{"proxy.example", 5080, transport.UDP}, true},
		{"tcp://proxy.example", Host{"proxy.example", 0, transport.TCP}, true},
		{"[2001:db8::1]:5070", Host{"2001:db8::1", 5070, transport.UDP}, true},
		{" ,force", Host{}, false},
	} {
		p := sipconf.Peer{Common: &sipconf.Common{OutboundProxy: c.text}}
		if got, ok := ProxyOf(&p); ok != c.ok || ok && got != c.want {
			t.Errorf("%q is %v %v, want %v", c.text, got, ok, c.want)
		}
	}
}

// TestLodgers tells one phone of an account from another at the same address, and
// remembers who registered by which connection until it ends.
func TestLodgers(t *testing.T) {
	inHouse(t, "[1001]\ntype=friend\nhost=dynamic\n", func(h *house) {
		at := netip.MustParseAddrPort("10.99.0.2:5070")
		until := time.Now().Add(time.Hour)
		first := &location.Binding{Contact: "sip:1001@10.99.0.2:5070", Received: at, CallID: "a", Expires: until}
		second := &location.Binding{Contact: "sip:1001@10.99.0.2:5070", Received: at, CallID: "b", Expires: until}
		if !h.d.Note(first, "1001") || h.d.Note(first, "1001") {
			t.Error("a refresh counts as a move, or the first time does not")
		}
		if !h.d.WasAt(at, first, "1001") || h.d.WasAt(at, second, "1001") || h.d.WasAt(at, first, "1002") {
			t.Error("one phone is taken for another")
		}
		if !h.d.Note(second, "1001") || !h.d.WasAt(at, second, "1001") {
			t.Error("another phone that registers from there is not noted")
		}
		udp := transport.Flow{Transport: transport.UDP, Remote: at}
		tcp := transport.Flow{Transport: transport.TCP, Remote: at}
		for range 2 {
			h.d.Joined(udp, "1002")
			h.d.Joined(tcp, "1001")
		}
		if got := h.d.Left(tcp); len(got) != 1 || got[0] != "1001" || h.d.Left(tcp) != nil {
			t.Errorf("by the connection registered %q", got)
		}
	})
}

// every counts all flows.
func every(string) bool { return true }
