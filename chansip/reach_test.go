package chansip

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

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
			inHouse(t, "[trunk]\ntype=peer\n"+c.account+"\n", withNames, func(h *house) {
				synctest.Wait()
				if got := h.ways("trunk"); got != c.want {
					t.Errorf("it can be called at %q, want %q", got, c.want)
				}
			})
		})
	}
}

func withNames(c *Config) {
	c.Resolver = &transport.Resolver{DNS: names{
		"trunk.example": netip.MustParseAddr("10.99.0.30"), "proxy.example": netip.MustParseAddr("10.99.0.41"),
	}}
}

// TestFixedHostTCP has the connection to a trunk opened when it is called.
func TestFixedHostTCP(t *testing.T) {
	inHouse(t, "[trunk]\ntype=peer\nhost=10.99.0.20\ntransport=tcp\n", nil, func(h *house) {
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

// moving is a DNS whose one name moves.
type moving struct{ to *atomic.Pointer[netip.Addr] }

func (m moving) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	to := m.to.Load()
	if to == nil {
		return nil, &net.DNSError{Err: "no answer", IsTemporary: true}
	}
	return []netip.Addr{*to}, nil
}

func (m moving) LookupSRV(context.Context, string, string, string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "no such service", IsNotFound: true}
}

// TestHostMoves has a host that is a name looked up again, and keep its address
// when DNS is silent.
func TestHostMoves(t *testing.T) {
	var at atomic.Pointer[netip.Addr]
	move := func(to string) {
		a := netip.MustParseAddr(to)
		at.Store(&a)
	}
	move("10.99.0.30")
	change := func(c *Config) { c.Resolver = &transport.Resolver{DNS: moving{&at}} }
	inHouse(t, "[trunk]\ntype=peer\nhost=trunk.example\n", change, func(h *house) {
		synctest.Wait()
		move("10.99.0.31")
		time.Sleep(6 * time.Minute)
		if got := h.ways("trunk"); got != "sip:trunk.example by udp 10.99.0.31:5060" {
			t.Errorf("it can be called at %q", got)
		}
		at.Store(nil)
		time.Sleep(6 * time.Minute)
		if got := h.ways("trunk"); got != "sip:trunk.example by udp 10.99.0.31:5060" {
			t.Errorf("without DNS it can be called at %q", got)
		}
		move("10.99.0.32")
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
[1001]
type=friend
secret=1001
host=dynamic
`
	inHouse(t, conf, withNames, func(h *house) {
		synctest.Wait()
		h.phone("1001", phoneOne).register("1001")
		for _, c := range []struct {
			from string
			t    transport.Transport
			want string
		}{
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
			if p := h.d.peerByAddr(h.d.Settings(), f); p != nil {
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
		if n := len(h.d.seen.byAddr); n != 0 {
			t.Errorf("%d addresses are remembered of phones that are gone", n)
		}
	})
}

// TestOptions has strangers and accounts answered as the original does.
func TestOptions(t *testing.T) {
	const conf = "[general]\ncontext=public\n[1001]\ntype=friend\nsecret=1001\nhost=dynamic\ncontext=my\n"
	for _, c := range []struct {
		name, conf, uri, to string
		want                int
		accept              string
	}{
		{"nobody", conf, "sip:10.99.0.1", "", 404, "application/sdp"},
		{"of the account alone", conf, "sip:1002@10.99.0.1", "", 404, "application/sdp"},
		{"of everybody", strings.Replace(conf, "public", "my", 1), "sip:1002@10.99.0.1", "", 200, "application/sdp"},
		{"proved", "[general]\nauth_options_requests=yes\n" + conf, "sip:1002@10.99.0.1", "", 200, "application/sdp"},
		{"of no call", conf, "sip:1002@10.99.0.1", "To: <sip:x@y>;tag=none", 481, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, c.conf, nil, func(h *house) {
				p := h.phone("1001", phoneOne)
				var headers []string
				if c.to != "" {
					headers = append(headers, c.to)
				}
				m := p.request(sip.OPTIONS, c.uri, "1001", headers...)
				if m.StatusCode() != c.want || m.Value(sip.HeaderAccept) != c.accept {
					t.Errorf("answered\n%s", m.Bytes())
				}
			})
		})
	}
}

// TestLocal tells our own addresses from others.
func TestLocal(t *testing.T) {
	const conf = "[general]\nrealm=pbx.example\nfromdomain=from.example\nlocalnet=10.0.0.0/8\nexternaddr=192.0.2.7\n"
	inHouse(t, conf, nil, func(h *house) {
		for host, want := range map[string]bool{
			"10.99.0.1": true, "10.99.0.1:5060": true, "10.99.0.1;transport=udp": true, "[2001:db8::1]": true, "[2001:db8::1]:5060": true,
			"192.0.2.7": true, "PBX.example": true, "from.example": true, "10.99.0.9;maddr=10.99.0.1": true,
			"10.99.0.2": false, "[2001:db8::2]": false, "192.0.2.8": false, "elsewhere.example": false, "10.99.0.1;maddr=10.99.0.9": false, "": false,
		} {
			if got := h.d.local(h.d.Settings(), host); got != want {
				t.Errorf("%q: %v", host, got)
			}
		}
	})
}
