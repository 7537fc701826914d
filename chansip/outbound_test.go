package chansip

import (
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

var trunkAddr = netip.MustParseAddrPort("10.99.0.30:5060")

const registering = "[general]\nregister => 48221:geheim:auth7@trunk.example/1002\n"

// registry is the state of the first register => line, as the console shows it.
func (h *house) registry() string {
	h.t.Helper()
	synctest.Wait()
	var b strings.Builder
	h.d.ShowRegistry(&b)
	lines := strings.Split(b.String(), "\n")
	return strings.Join(strings.Fields(lines[1])[2:], " ")
}

func TestRegisterOut(t *testing.T) {
	inHouse(t, registering, withNames, func(h *house) {
		srv := h.phone("48221", trunkAddr)
		first := srv.asked(sip.REGISTER)
		got := strings.Replace(alike(strings.Split(string(first.Bytes()), "\r\n")), first.Value(sip.HeaderVia), "VIA", 1)
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
			inHouse(t, strings.Replace(registering, "[general]\n", "[general]\n"+c.conf, 1), withNames, func(h *house) {
				srv := h.phone("48221", trunkAddr)
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
	inHouse(t, strings.Replace(registering, "[general]\n", "[general]\nregisterattempts=3\n", 1), withNames, func(h *house) {
		srv := h.phone("48221", trunkAddr)
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
	inHouse(t, registering, withNames, func(h *house) {
		srv := h.phone("48221", trunkAddr)
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
		h.reload("")
		srv.silent(10 * time.Minute)
		var b strings.Builder
		h.d.ShowRegistry(&b)
		if !strings.HasSuffix(b.String(), "\n0 SIP registrations.\n") {
			t.Errorf("sip show registry:\n%s", b.String())
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
	inHouse(t, conf, withNames, func(h *house) {
		srv := h.phone("48221", trunkAddr)
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
	var at atomic.Pointer[netip.Addr]
	move := func(to string) {
		a := netip.MustParseAddr(to)
		at.Store(&a)
	}
	move("203.0.113.7")
	change := func(c *Config) { c.Resolver = &transport.Resolver{DNS: moving{&at}} }
	const conf = "[general]\nlocalnet=192.168.0.0/16\nexternhost=home.example\nexternrefresh=10\nregister => me:secret@10.99.0.30/1002\n"
	inHouse(t, conf, change, func(h *house) {
		srv := h.phone("me", trunkAddr)
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
			move(map[string]string{"203.0.113.7": "203.0.113.8", "203.0.113.8": "203.0.113.9", "203.0.113.9": "203.0.113.9"}[want])
		}
		if m := srv.hear(5 * time.Minute); m != nil && m.Value(sip.HeaderContact) != "<sip:1002@203.0.113.9:5060>" {
			t.Errorf("and then\n%s", m.Bytes())
		}
		srv.silent(5 * time.Minute)
	})
}
