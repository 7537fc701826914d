package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
)

// zone is a name service that counts what it is asked.
type zone struct {
	srv   map[string][]*net.SRV
	hosts map[string][]netip.Addr
	asked int
}

func (z *zone) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	z.asked++
	if r := z.srv["_"+service+"._"+proto+"."+name]; r != nil {
		return name, r, nil
	}
	return "", nil, &net.DNSError{Name: name, IsNotFound: true}
}

func (z *zone) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	z.asked++
	if a := z.hosts[host]; a != nil {
		return a, nil
	}
	return nil, &net.DNSError{Name: host, IsNotFound: true}
}

func addrs(list ...string) (out []netip.Addr) {
	for _, s := range list {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

func (z *zone) resolve(t *testing.T, r *Resolver, uri string, srv bool) string {
	t.Helper()
	u, err := sip.ParseURI(uri)
	if err != nil {
		t.Fatal(err)
	}
	targets, err := r.Resolve(t.Context(), u, srv)
	if err != nil {
		return "error"
	}
	var out []string
	for _, x := range targets {
		out = append(out, x.Transport.Param()+" "+x.Addr.String())
	}
	return strings.Join(out, ", ")
}

// RFC 3263 section 4: every address of every server, in the order to be tried.
func TestResolveEveryAddress(t *testing.T) {
	z := &zone{
		srv: map[string][]*net.SRV{
			"_sip._udp.example":   {{Target: "gone.example", Port: 1, Priority: 0}, {Target: "far.example", Port: 5070, Priority: 9}, {Target: "near.example", Port: 5080, Priority: 1}},
			"_sip._tcp.example":   {{Target: "near.example", Port: 5081}},
			"_sips._tcp.example":  {{Target: "near.example", Port: 5443}},
			"_sip._udp.nowhere":   {{Target: "gone.example", Port: 1}},
			"_sip._udp.both.test": {{Target: "near.example", Port: 5080}},
		},
		hosts: map[string][]netip.Addr{
			"near.example": addrs("192.0.2.1", "2001:db8::1"), "far.example": addrs("::ffff:192.0.2.2"),
			"example": addrs("192.0.2.3"), "nowhere": addrs("192.0.2.4"), "empty": {},
		},
	}
	for _, c := range []struct {
		uri  string
		srv  bool
		want string
	}{
		{"sip:a@example", true, "udp 192.0.2.1:5080, udp [2001:db8::1]:5080, udp 192.0.2.2:5070"},
		{"sip:a@example;transport=tcp", true, "tcp 192.0.2.1:5081, tcp [2001:db8::1]:5081"},
		{"sips:a@example", true, "tls 192.0.2.1:5443, tls [2001:db8::1]:5443"},
		{"sip:a@example;transport=TLS", true, "tls 192.0.2.1:5443, tls [2001:db8::1]:5443"},
		{"sip:a@example", false, "udp 192.0.2.3:5060"},
		{"sip:a@example:5099", true, "udp 192.0.2.3:5099"},
		{"sip:a@nowhere", true, "udp 192.0.2.4:5060"}, // its servers are gone: the host itself
		{"sips:a@near.example", false, "tls 192.0.2.1:5061, tls [2001:db8::1]:5061"},
		{"sip:a@[::ffff:192.0.2.9]", true, "udp 192.0.2.9:5060"},
		{"sip:a@unknown;maddr=192.0.2.8", true, "udp 192.0.2.8:5060"},
		{"sip:a@unknown:5070;maddr=[2001:db8::8];transport=tcp", true, "tcp [2001:db8::8]:5070"},
		{"sip:a@unknown;maddr=example", true, "udp 192.0.2.1:5080, udp [2001:db8::1]:5080, udp 192.0.2.2:5070"},
		{"sip:a@example;transport=ws", true, "ws 192.0.2.3:80"},
		{"sip:a@empty", true, "error"},
		{"sip:a@unknown", true, "error"},
		{"tel:+4930", true, "error"},
	} {
		if got := z.resolve(t, &Resolver{DNS: z}, c.uri, c.srv); got != c.want {
			t.Errorf("%s (SRV %v): %s, want %s", c.uri, c.srv, got, c.want)
		}
	}
}

func TestResolveErrors(t *testing.T) {
	u, err := sip.ParseURI("sip:a@empty")
	if err != nil {
		t.Fatal(err)
	}
	r := &Resolver{DNS: &zone{hosts: map[string][]netip.Addr{"empty": {}}}}
	if _, err := r.Resolve(t.Context(), u, false); !errors.Is(err, ErrUnresolved) || !strings.Contains(err.Error(), "empty") {
		t.Errorf("a host without an address: %v", err)
	}
}

// Answers are kept for a while, errors are not.
func TestResolveCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := &zone{hosts: map[string][]netip.Addr{"example": addrs("192.0.2.3")}}
		r := &Resolver{DNS: z}
		for _, c := range []struct {
			wait  time.Duration
			asked int
		}{{0, 1}, {time.Second, 1}, {answerLife, 2}} {
			time.Sleep(c.wait)
			if got := z.resolve(t, r, "sip:a@example", false); got != "udp 192.0.2.3:5060" || z.asked != c.asked {
				t.Errorf("after %v: %s, asked %d times", c.wait, got, z.asked)
			}
		}
		for range 2 {
			z.resolve(t, r, "sip:a@new", false)
		}
		z.hosts["new"] = addrs("192.0.2.5")
		if got := z.resolve(t, r, "sip:a@new", false); got != "udp 192.0.2.5:5060" || z.asked != 5 {
			t.Errorf("a host that came to be: %s, asked %d times", got, z.asked)
		}
		for i := range 2 * maxAnswers {
			r.keep(question{host: string(rune(i + 1000))}, nil)
		}
		if n := len(r.cache); n > maxAnswers {
			t.Errorf("%d answers are kept", n)
		}
	})
}

// RFC 2782: priorities in order, and within one the weights decide how often a server comes first.
func TestOrderByWeight(t *testing.T) {
	records := []*net.SRV{{Target: "spare", Priority: 2, Weight: 9}, {Target: "big", Priority: 1, Weight: 90}, {Target: "small", Priority: 1, Weight: 10}, {Target: "never", Priority: 1}}
	first := make(map[string]int)
	for range 2000 {
		got := order(records)
		if len(got) != 4 || got[3].Target != "spare" {
			t.Fatalf("ordered %v", got)
		}
		first[got[0].Target]++
	}
	// Of 2,000 the small one has 198 on average; a 60 or a 400 comes once in a universe.
	if n := first["small"]; n < 60 || n > 400 || first["big"] < 1500 || first["never"] > 100 {
		t.Errorf("first were %v", first)
	}
	if records[0].Target != "spare" {
		t.Error("the caller's list was shuffled")
	}
}
