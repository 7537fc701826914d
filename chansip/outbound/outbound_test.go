package outbound

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

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/internal/simnet"
	"obelus/sip"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

var (
	houseAddr = netip.MustParseAddrPort("10.99.0.1:5060")
	trunkAddr = netip.MustParseAddrPort("10.99.0.30:5060")
)

// house registers with a server, on a network in memory.
type house struct {
	t      *testing.T
	out    *Registrations
	our    *outside.Finder
	at     *reach.Directory
	set    atomic.Pointer[sipconf.Settings]
	dns    *names
	server *server
}

// inHouse runs a test in a bubble, with a house that has this sip.conf, and a
// server at trunk.example.
func inHouse(t *testing.T, sipConf string, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, dns: &names{to: map[string]string{"trunk.example": "10.99.0.30", "home.example": "203.0.113.7"}}}
		h.set.Store(settings(t, sipConf))
		log := slog.New(slog.DiscardHandler)
		world := simnet.New(1)
		listen := func(name string, at netip.AddrPort) net.PacketConn {
			pc, err := world.Host(name, at.Addr()).ListenPacket("udp", at.String())
			if err != nil {
				t.Fatal(err)
			}
			return pc
		}
		h.server = &server{t: t, pc: listen("server", trunkAddr)}
		tx := transaction.New(transaction.Config{Log: log})
		tp := transport.New(transport.Options{Handler: answersTo{tx}, Log: log})
		life, end := context.WithCancel(t.Context())
		var jobs sync.WaitGroup
		job := func(f func(context.Context)) { jobs.Go(func() { f(life) }) }
		h.our = outside.New(outside.Config{Log: log, DNS: h.dns, Settings: h.set.Load, Flows: tp.Ways, Changed: func() { h.out.Moved() }})
		h.at = reach.New(reach.Config{Log: log, Resolver: &transport.Resolver{DNS: h.dns}, Settings: h.set.Load, Ours: h.our.Ours, Life: life})
		h.at.Attach(tp)
		h.out = New(Config{Log: log, Settings: h.set.Load, Reach: h.at, Outside: h.our, Transactions: tx, Life: life, Job: job})
		tp.ServeUDP(listen("house", houseAddr))
		job(h.our.Run)
		job(h.at.Run)
		synctest.Wait()
		h.out.Apply(h.set.Load())
		defer func() {
			end()
			jobs.Wait()
			tx.Close()
			tp.Close()
			h.server.pc.Close()
		}()
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
	h.out.Apply(h.set.Load())
}

// names is a DNS whose names may move.
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

// server is the other server, which says what it is told to.
type server struct {
	t  *testing.T
	pc net.PacketConn
}

// hear waits for the next message; nil if none comes within that time.
func (s *server) hear(within time.Duration) *sip.Message {
	s.t.Helper()
	if err := s.pc.SetReadDeadline(time.Now().Add(within)); err != nil {
		s.t.Fatal(err)
	}
	b := make([]byte, 4096)
	n, _, err := s.pc.ReadFrom(b)
	if err != nil {
		return nil
	}
	m, err := sip.Parse(b[:n])
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// asked waits for a request of that method.
func (s *server) asked(method sip.Method) *sip.Message {
	s.t.Helper()
	m := s.hear(2 * time.Minute)
	if m == nil || !m.IsRequest() || m.Method() != method {
		s.t.Fatalf("waited for %s and heard %v", method, m)
	}
	return m
}

// silent fails the test if anything is heard for that long.
func (s *server) silent(long time.Duration) {
	s.t.Helper()
	if m := s.hear(long); m != nil {
		s.t.Fatalf("should hear nothing, and heard\n%s", m.Bytes())
	}
}

// reply answers a request; headers are lines of their own.
func (s *server) reply(m *sip.Message, status int, headers ...string) {
	s.t.Helper()
	var b sip.Builder
	b.Response(m, status, "", sip.Return{}, "server")
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		b.Header(name, value)
	}
	if _, err := s.pc.WriteTo(b.End("", nil), net.UDPAddrFromAddrPort(houseAddr)); err != nil {
		s.t.Fatal(err)
	}
}

const registering = "[general]\nregister => 48221:geheim:auth7@trunk.example/1002\n"

// registry is the state of the first register => line, as the console shows it.
func (h *house) registry() string {
	h.t.Helper()
	synctest.Wait()
	var b strings.Builder
	h.out.Show(&b)
	lines := strings.Split(b.String(), "\n")
	return strings.Join(strings.Fields(lines[1])[2:], " ")
}

func TestRegisterOut(t *testing.T) {
	inHouse(t, registering, func(h *house) {
		srv := h.server
		first := srv.asked(sip.REGISTER)
		got := strings.Replace(strings.ReplaceAll(string(first.Bytes()), "\r\n", "\n"), first.Value(sip.HeaderVia), "VIA", 1)
		got = strings.Replace(got, first.FromTag(), "asT", 1)
		want := `REGISTER sip:trunk.example SIP/2.0
Via: VIA
Max-Forwards: 70
From: <sip:48221@trunk.example>;tag=asT
To: <sip:48221@trunk.example>
Call-ID: ` + first.CallID() + `
CSeq: 102 REGISTER
Supported: replaces, timer
User-Agent: obelus test
Expires: 120
Contact: <sip:1002@10.99.0.1:5060>
Content-Length: 0

`
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		srv.reply(first, 401, `WWW-Authenticate: Digest realm="trunk", nonce="1", algorithm=MD5`)
		second := srv.asked(sip.REGISTER)
		if second.CallID() != first.CallID() || second.FromTag() != first.FromTag() {
			t.Errorf("the second try is another registration:\n%s", second.Bytes())
		}
		for a := range second.Auths(sip.HeaderAuthorization) {
			if a.Get("username") != "auth7" || a.Get("realm") != "trunk" || a.Get("uri") != "sip:trunk.example" {
				t.Errorf("proof %s", a.List)
			}
		}
		srv.reply(second, 200, "Contact: <sip:other@10.99.0.9>;expires=9", "Contact: <sip:1002@10.99.0.1:5060>;expires=60")
		begin := time.Now()
		if got := h.registry(); !strings.HasPrefix(got, "48221 45 Registered Sat, 01 Jan 2000 00:00:0") {
			t.Errorf("sip show registry: %q", got)
		}
		third := srv.asked(sip.REGISTER)
		if gap := time.Since(begin); gap < 45*time.Second || gap > 46*time.Second {
			t.Errorf("refreshed after %v", gap)
		}
		if c, _ := third.CSeq(); c.Seq != 104 || third.CallID() != first.CallID() {
			t.Errorf("the refresh is\n%s", third.Bytes())
		}
	})
}

// TestRegisterOutRefused has a server refuse us, and we try again or not.
func TestRegisterOutRefused(t *testing.T) {
	const challenge = `WWW-Authenticate: Digest realm="trunk", nonce="1"`
	for _, c := range []struct {
		name, conf string
		answers    []int // 0: none
		headers    []string
		again      time.Duration // when the next REGISTER comes, 0: never
		state      string
	}{
		{"403", "", []int{403}, nil, 0, "48221 0 No Authentication"},
		{"403, tried again", "register_retry_403=yes\n", []int{403}, nil, 20 * time.Second, "48221 0 No Authentication"},
		{"404", "", []int{404}, nil, 0, "48221 0 Rejected"},
		{"503", "", []int{503}, nil, 20 * time.Second, "48221 0 Rejected"},
		{"503, every ten seconds", "registertimeout=10\n", []int{503}, nil, 10 * time.Second, "48221 0 Rejected"},
		{"wrong password", "", []int{401, 401}, []string{challenge}, 20 * time.Second, "48221 0 No Authentication"},
		{"a challenge that nobody can answer", "", []int{401}, []string{`WWW-Authenticate: Basic realm="x"`}, 20 * time.Second, "48221 0 No Authentication"},
		{"stale without end", "", []int{401, 401, 401}, []string{challenge + ", stale=true"}, 20 * time.Second, "48221 0 Rejected"},
		{"too brief", "", []int{423, 423}, []string{"Min-Expires: 600"}, 20 * time.Second, "48221 0 Rejected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, strings.Replace(registering, "[general]\n", "[general]\n"+c.conf, 1), func(h *house) {
				srv := h.server
				for _, status := range c.answers {
					srv.reply(srv.asked(sip.REGISTER), status, c.headers...)
				}
				begin := time.Now()
				if got := h.registry(); got != c.state {
					t.Errorf("sip show registry: %q, want %q", got, c.state)
				}
				if c.again == 0 {
					srv.silent(10 * time.Minute)
					return
				}
				srv.asked(sip.REGISTER)
				// The first REGISTER may have come before the server's socket was there: then it heard the repetition, half a second later.
				if gap := time.Since(begin); gap < c.again-time.Second || gap > c.again+time.Second {
					t.Errorf("tried again after %v", gap)
				}
			})
		})
	}
}

// TestRegisterOutSilence gives a server up that never answers, as often as
// registerattempts says.
func TestRegisterOutSilence(t *testing.T) {
	inHouse(t, strings.Replace(registering, "[general]\n", "[general]\nregisterattempts=3\n", 1), func(h *house) {
		srv := h.server
		tries := make(map[string]time.Duration)
		begin := time.Now()
		for {
			m := srv.hear(5 * time.Minute)
			if m == nil {
				break
			}
			if branch := m.Value(sip.HeaderVia); tries[branch] == 0 {
				tries[branch] = time.Since(begin) + 1
			}
		}
		if len(tries) != 3 {
			t.Errorf("tried %d times: %v", len(tries), tries)
		}
		for _, at := range tries {
			if at > 45*time.Second {
				t.Errorf("tries at %v", tries)
			}
		}
		if got := h.registry(); got != "48221 0 Failed" {
			t.Errorf("sip show registry: %q", got)
		}
	})
}

// TestRegisterOutReload begins and ends registrations with the settings; a line
// that stays is left alone.
func TestRegisterOutReload(t *testing.T) {
	inHouse(t, registering, func(h *house) {
		srv := h.server
		srv.reply(srv.asked(sip.REGISTER), 200)
		h.reload(registering + "register => 555@trunk.example\n")
		m := srv.asked(sip.REGISTER)
		if to, _ := m.To(); to.Addr != "sip:555@trunk.example" {
			t.Errorf("registered is %s", to.Addr)
		}
		if c, _ := m.Contact(); c.Addr != "sip:s@10.99.0.1:5060" {
			t.Errorf("contact %s", c.Addr)
		}
		srv.reply(m, 200)
		synctest.Wait()
		h.reload("")
		for _, ask := range []string{"", `WWW-Authenticate: Digest realm="trunk", nonce="1"`, ""} { // of one it is not believed at once
			m := srv.asked(sip.REGISTER)
			if n, ok := m.Expires(); !ok || n != 0 {
				t.Errorf("it is not taken back:\n%s", m.Bytes())
			}
			if ask == "" {
				srv.reply(m, 200)
			} else {
				srv.reply(m, 401, ask)
			}
		}
		srv.silent(10 * time.Minute)
		var b strings.Builder
		h.out.Show(&b)
		if !strings.HasSuffix(b.String(), "\n0 SIP registrations.\n") {
			t.Errorf("sip show registry:\n%s", b.String())
		}
	})
}

// TestRegisterOutReplaced leaves a registration with the server to the line that has
// taken the place of its own.
func TestRegisterOutReplaced(t *testing.T) {
	inHouse(t, registering, func(h *house) {
		srv := h.server
		srv.reply(srv.asked(sip.REGISTER), 200)
		h.reload(strings.Replace(registering, "/1002", "/1003", 1))
		m := srv.asked(sip.REGISTER)
		if n, ok := m.Expires(); !ok || n == 0 {
			t.Errorf("it is taken back:\n%s", m.Bytes())
		}
		if c, _ := m.Contact(); c.Addr != "sip:1003@10.99.0.1:5060" {
			t.Errorf("contact %s", c.Addr)
		}
		srv.reply(m, 200)
		srv.silent(30 * time.Second)
	})
}

// TestRegisterOutRealm proves itself by the auth= line for the server's realm.
func TestRegisterOutRealm(t *testing.T) {
	inHouse(t, registering+"[authentication]\nauth=realmuser:realmsecret@theirs\n", func(h *house) {
		srv := h.server
		for _, ask := range [][2]string{{"other", "auth7"}, {"theirs", "realmuser"}} {
			srv.reply(srv.asked(sip.REGISTER), 401, `WWW-Authenticate: Digest realm="`+ask[0]+`", nonce="1"`)
			m := srv.asked(sip.REGISTER)
			for a := range m.Auths(sip.HeaderAuthorization) {
				if a.Get("username") != ask[1] {
					t.Errorf("proof %s", a.List)
				}
			}
			srv.reply(m, 200, "Expires: 60")
		}
	})
}

// TestRegisterOutByAccount takes host, proxy and password from the account that
// the line names.
func TestRegisterOutByAccount(t *testing.T) {
	const conf = `[general]
register => trunk?48221@sip.provider.example
[trunk]
type=peer
host=10.99.0.77
outboundproxy=trunk.example
remotesecret=geheim
`
	inHouse(t, conf, func(h *house) {
		srv := h.server
		m := srv.asked(sip.REGISTER)
		if m.RawURI() != "sip:sip.provider.example" {
			t.Errorf("asked is %s", m.RawURI())
		}
		srv.reply(m, 407, `Proxy-Authenticate: Digest realm="trunk", nonce="1", qop="auth"`)
		for a := range srv.asked(sip.REGISTER).Auths(sip.HeaderProxyAuthorization) {
			if a.Get("username") != "48221" || a.Get("qop") != "auth" {
				t.Errorf("proof %s", a.List)
			}
		}
	})
}

// TestRegisterOutMoves has us register again at once, with the new Contact, when
// our address outside is another: the server would call where nobody is.
func TestRegisterOutMoves(t *testing.T) {
	const conf = "[general]\nlocalnet=192.168.0.0/16\nexternhost=home.example\nexternrefresh=10\nregister => me:secret@10.99.0.30/1002\n"
	inHouse(t, conf, func(h *house) {
		srv := h.server
		for _, want := range []string{"203.0.113.7", "203.0.113.8", "203.0.113.9"} {
			begin := time.Now()
			m := srv.asked(sip.REGISTER)
			for range 2 { // the old one may be made once more: the first of all, before DNS has answered, and its repetition
				if m.Value(sip.HeaderContact) != "<sip:1002@"+want+":5060>" {
					srv.reply(m, 200, "Expires: 3600")
					m = srv.asked(sip.REGISTER)
				}
			}
			if got := m.Value(sip.HeaderContact); got != "<sip:1002@"+want+":5060>" {
				t.Errorf("registered at %s, want %s", got, want)
			}
			if took := time.Since(begin); took > 11*time.Second {
				t.Errorf("only after %v", took)
			}
			srv.reply(m, 200, "Expires: 3600")
			h.dns.move("home.example", map[string]string{"203.0.113.7": "203.0.113.8", "203.0.113.8": "203.0.113.9", "203.0.113.9": "203.0.113.9"}[want])
		}
		if m := srv.hear(5 * time.Minute); m != nil && m.Value(sip.HeaderContact) != "<sip:1002@203.0.113.9:5060>" {
			t.Errorf("and then\n%s", m.Bytes())
		}
		srv.silent(5 * time.Minute)
	})
}

// TestRegisterOutNames registers with the domain that the line names, as the original
// does: the host is only where the request is sent.
func TestRegisterOutNames(t *testing.T) {
	for _, c := range []struct{ conf, uri, aor string }{
		{"[general]\nregister => 48221@domain.example:geheim@trunk.example\n", "sip:domain.example", "sip:48221@domain.example"},
		{"[general]\nregister => 48221@domain.example:5070:geheim:auth@trunk.example\n", "sip:domain.example:5070", "sip:48221@domain.example:5070"},
		{"[general]\noutboundproxy=trunk.example\nregister => 48221:geheim@sip.provider.example:5070\n", "sip:sip.provider.example:5070", "sip:48221@sip.provider.example"},
		{"[general]\nregister => 48221:geheim@trunk.example:5060\n", "sip:trunk.example", "sip:48221@trunk.example"},
		{"[general]\n[trunk]\ntype=peer\nhost=trunk.example\ndefaultuser=48221\nsecret=x\nfromdomain=domain.example\ncallbackextension=s\n", "sip:domain.example", "sip:48221@trunk.example"},
	} {
		inHouse(t, c.conf, func(h *house) {
			m := h.server.asked(sip.REGISTER)
			if to, _ := m.To(); m.RawURI() != c.uri || to.Addr != c.aor {
				t.Errorf("%s: %s for %s, want %s for %s", c.conf, m.RawURI(), to.Addr, c.uri, c.aor)
			}
			h.server.reply(m, 401, `WWW-Authenticate: Digest realm="trunk", nonce="1"`)
			for a := range h.server.asked(sip.REGISTER).Auths(sip.HeaderAuthorization) {
				if a.Get("uri") != c.uri {
					t.Errorf("%s: proof %s", c.conf, a.List)
				}
			}
		})
	}
}

// TestRegisterOutByProxyAndServer has both the proxy on the way and the server ask for a
// proof: each request then has both (RFC 3261 section 22.3).
func TestRegisterOutByProxyAndServer(t *testing.T) {
	inHouse(t, registering, func(h *house) {
		srv := h.server
		srv.reply(srv.asked(sip.REGISTER), 407, `Proxy-Authenticate: Digest realm="proxy", nonce="1"`)
		srv.reply(srv.asked(sip.REGISTER), 401, `WWW-Authenticate: Digest realm="trunk", nonce="2"`)
		m := srv.asked(sip.REGISTER)
		if !m.Has(sip.HeaderProxyAuthorization) || !m.Has(sip.HeaderAuthorization) {
			t.Errorf("asked is\n%s", m.Bytes())
		}
		srv.reply(m, 200, "Expires: 60")
		if got := h.registry(); !strings.Contains(got, " Registered ") {
			t.Errorf("sip show registry: %q", got)
		}
	})
}

// TestRegisterOutTooBrief keeps the shortest time that a server takes: it need not say so
// again at every refresh, nor after it has asked for a proof with a nonce that is good once.
func TestRegisterOutTooBrief(t *testing.T) {
	inHouse(t, registering, func(h *house) {
		srv := h.server
		srv.reply(srv.asked(sip.REGISTER), 423, "Min-Expires: 600")
		for range 2 {
			m := srv.asked(sip.REGISTER)
			if n, _ := m.Expires(); n != 600 {
				t.Errorf("asked is for %d s", n)
			}
			srv.reply(m, 200, "Expires: 600")
			srv.silent(9 * time.Minute)
		}
	})
}
