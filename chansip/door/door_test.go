package door

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/event"
	"obelus/sip"
	"obelus/sip/digest"
	"obelus/sip/transport"
)

var (
	houseAddr = netip.MustParseAddrPort("10.99.0.1:5060")
	phoneAddr = netip.MustParseAddrPort("10.99.0.2:5070")
	trunkAddr = netip.MustParseAddrPort("10.99.0.30:5060")
)

// house is a door, and what was sent out by it.
type house struct {
	t       *testing.T
	d       *Door
	bus     event.Bus
	sent    []byte
	sentTo  netip.AddrPort
	trusted int
}

func newHouse(t *testing.T, sipConf string) *house {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("sip.conf", []byte(sipConf))
	if err != nil {
		t.Fatal(err)
	}
	set, _ := sipconf.ReadSettings(f, nil, "obelus test")
	h := &house{t: t}
	h.d = New(Config{
		Log: slog.New(slog.DiscardHandler), Bus: &h.bus, Settings: func() *sipconf.Settings { return set },
		ByAddr: func(set *sipconf.Settings, f transport.Flow, exten string) *sipconf.Peer {
			return set.ByAddr(transport.Unmap(f.Remote), f.Transport.Reliable(), exten)
		},
		Hostname: "thisbox", Proved: func(transport.Flow) { h.trusted++ },
		Tag: func(*sip.Message) string { return "ours" },
	})
	return h
}

// request is a request with these headers, from an address.
func (h *house) request(method sip.Method, from netip.AddrPort, headers ...string) Request {
	h.t.Helper()
	text := fmt.Sprintf("%s sip:1002@10.99.0.1 SIP/2.0\n%s\nTo: <sip:1002@10.99.0.1>\nCall-ID: a\nCSeq: 1 %s\nContent-Length: 0\n\n", method, strings.Join(headers, "\n"), method)
	m, err := sip.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		h.t.Fatal(err)
	}
	h.sent, h.trusted = nil, 0
	return h.d.Request(nil, m, transport.FlowFunc(transport.UDP, houseAddr, from, func(b []byte, to netip.AddrPort) error {
		h.sent, h.sentTo = append([]byte(nil), b...), to
		return nil
	}))
}

// status is what was answered, 0 for nothing.
func (h *house) status() int {
	h.t.Helper()
	if h.sent == nil {
		return 0
	}
	m, err := sip.Parse(h.sent)
	if err != nil {
		h.t.Fatal(err)
	}
	return m.StatusCode()
}

const via = "Via: SIP/2.0/UDP 10.99.0.2:5070;branch=z9hG4bK1;rport"

func fromUser(name string) string { return "From: <sip:" + name + "@10.99.0.1>;tag=t" }

const accounts = `
[1001]
type=friend
secret=geheim
host=dynamic
[open]
type=friend
host=dynamic
[barred]
type=friend
host=dynamic
deny=0.0.0.0/0
[sends]
type=friend
secret=geheim
host=dynamic
insecure=invite
[desk]
type=peer
secret=geheim
host=dynamic
[trunk]
type=peer
host=10.99.0.30
`

// TestIdentify has requests known by From, then by their address, then as a guest.
func TestIdentify(t *testing.T) {
	for _, c := range []struct {
		name, general string
		method        sip.Method
		from          netip.AddrPort
		user          string
		want          Verdict
		account       string
		status        int
		trusted       bool
	}{
		{"an account", "", sip.INVITE, phoneAddr, "1001", Challenged, "1001", 401, false},
		{"without a password", "", sip.INVITE, phoneAddr, "open", Known, "open", 0, true},
		{"from where it may not be", "alwaysauthreject=no", sip.INVITE, phoneAddr, "barred", Refused, "", 403, false},
		{"the same, told as little as a stranger", "", sip.INVITE, phoneAddr, "barred", Challenged, "", 401, false},
		{"spared", "", sip.INVITE, phoneAddr, "sends", Known, "sends", 0, true},
		{"spared for calls alone", "", sip.OPTIONS, phoneAddr, "sends", Challenged, "sends", 401, false},
		{"by address", "", sip.INVITE, trunkAddr, "4930123", Known, "trunk", 0, true},
		{"a peer that is not registered", "alwaysauthreject=no\nallowguest=no", sip.INVITE, phoneAddr, "desk", Refused, "", 403, false},
		{"a peer that wants to watch", "alwaysauthreject=no\nallowguest=no", sip.SUBSCRIBE, phoneAddr, "desk", Challenged, "desk", 401, false},
		{"a guest", "allowguest=yes", sip.INVITE, phoneAddr, "nobody", Guest, "", 0, false},
		{"a stranger", "allowguest=no\nalwaysauthreject=no", sip.INVITE, phoneAddr, "nobody", Refused, "", 403, false},
		{"a stranger who learns nothing", "allowguest=no", sip.INVITE, phoneAddr, "nobody", Challenged, "", 401, false},
	} {
		h := newHouse(t, "[general]\n"+c.general+accounts)
		r := h.request(c.method, c.from, via, fromUser(c.user))
		got := r.Identify()
		account := ""
		if r.Peer != nil {
			account = r.Peer.Name
		}
		if got != c.want || account != c.account || h.status() != c.status || (h.trusted > 0) != c.trusted {
			t.Errorf("%s: verdict %d, account %q, answered %d, trusted %d times", c.name, got, account, h.status(), h.trusted)
		}
	}
}

// TestProof has a challenge answered rightly, wrongly and by nobody; observers are
// told of what failed.
func TestProof(t *testing.T) {
	for _, c := range []struct {
		name, user, secret string
		want               Verdict
		status             int
		told               string
	}{
		{"right", "1001", "geheim", Known, 0, ""},
		{"wrong", "1001", "falsch", Refused, 403, "wrong password"},
		{"a stranger", "nobody", "geheim", Refused, 403, "no such account"},
	} {
		h := newHouse(t, "[general]\nallowguest=no"+accounts)
		facts, stop := h.bus.Subscribe(4)
		r := h.request(sip.INVITE, phoneAddr, via, fromUser(c.user))
		if got := r.Identify(); got != Challenged {
			t.Fatalf("%s: verdict %d", c.name, got)
		}
		challenge, err := sip.Parse(h.sent)
		if err != nil {
			t.Fatal(err)
		}
		id, proof, err := digest.Respond(challenge, digest.Answer{User: c.user, Secret: c.secret, Method: sip.INVITE, URI: "sip:1002@10.99.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		r = h.request(sip.INVITE, phoneAddr, via, fromUser(c.user), id.String()+": "+proof)
		if got := r.Identify(); got != c.want || h.status() != c.status {
			t.Errorf("%s: verdict %d, answered %d", c.name, got, h.status())
		}
		told := ""
		select {
		case e := <-facts:
			told = e.Fact.(event.AuthFailed).Reason
		default:
		}
		if told != c.told {
			t.Errorf("%s: told is %q, want %q", c.name, told, c.told)
		}
		stop()
	}
}

// TestRefused has refused what is refused whoever sends it.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name    string
		method  sip.Method
		header  string
		status  int
		general string
	}{
		{"nothing special", sip.INVITE, "Max-Forwards: 70", 0, ""},
		{"it has gone round", sip.INVITE, "Max-Forwards: 0", 483, ""},
		{"a question at its end", sip.OPTIONS, "Max-Forwards: 0", 0, ""},
		{"what we can't do", sip.INVITE, "Require: 100rel, timer", 420, ""},
		{"what we can", sip.INVITE, "Require: timer", 0, ""},
		{"a CANCEL may require what it wants", sip.CANCEL, "Require: 100rel", 0, ""},
		{"an ACK is never answered", sip.ACK, "Require: 100rel", 0, "disallowed_methods=ACK"},
		{"a method that sip.conf takes away", sip.MESSAGE, "Max-Forwards: 70", 501, "disallowed_methods=MESSAGE"},
	} {
		h := newHouse(t, "[general]\n"+c.general+accounts)
		r := h.request(c.method, phoneAddr, via, fromUser("1001"), c.header)
		if got := r.Refused(); got != (c.status != 0) || h.status() != c.status {
			t.Errorf("%s: refused %v, answered %d, want %d", c.name, got, h.status(), c.status)
		}
		if c.status == 420 && !strings.Contains(string(h.sent), "Unsupported: 100rel\r\n") {
			t.Errorf("%s: answered\n%s", c.name, h.sent)
		}
	}
}

// TestReplyFlow sends answers where RFC 3261 section 18.2.2, RFC 3581 and nat= say.
func TestReplyFlow(t *testing.T) {
	const plain = "Via: SIP/2.0/UDP %s;branch=z9hG4bK1%s"
	for _, c := range []struct{ name, nat, host, rport, to, via string }{
		{"it asks for rport", "nat=no", "10.99.0.2:5099", ";rport", "10.99.0.2:5070", ";received=10.99.0.2;rport=5070"},
		{"it names its port", "nat=no", "10.99.0.2:5099", "", "10.99.0.2:5099", ""},
		{"it names none", "nat=no", "10.99.0.2", "", "10.99.0.2:5060", ""},
		{"it is elsewhere than it says", "nat=no", "192.168.1.2:5099", "", "10.99.0.2:5099", ";received=10.99.0.2"},
		{"nat=force_rport", "nat=force_rport", "10.99.0.2:5099", "", "10.99.0.2:5070", ";received=10.99.0.2;rport=5070"},
		{"nat=auto_force_rport, behind NAT", "nat=auto_force_rport", "192.168.1.2:5099", "", "10.99.0.2:5070", ";received=10.99.0.2;rport=5070"},
		{"nat=auto_force_rport, in front of it", "nat=auto_force_rport", "10.99.0.2:5099", "", "10.99.0.2:5099", ""},
	} {
		h := newHouse(t, "[general]\n"+c.nat+accounts)
		r := h.request(sip.OPTIONS, phoneAddr, fmt.Sprintf(plain, c.host, c.rport), fromUser("1001"))
		r.Answer(200, "", nil)
		m, err := sip.Parse(h.sent)
		if err != nil {
			t.Fatal(err)
		}
		got, _, _ := strings.Cut(m.Value(sip.HeaderVia)[strings.Index(m.Value(sip.HeaderVia), "z9hG4bK1")+8:], ",")
		if h.sentTo.String() != c.to || got != c.via {
			t.Errorf("%s: answered to %s with Via ...%s, want %s and ...%s", c.name, h.sentTo, got, c.to, c.via)
		}
	}
}

// TestKept has an answer kept, sent or both, and the next one written over neither.
func TestKept(t *testing.T) {
	h := newHouse(t, "[general]\n"+accounts)
	r := h.request(sip.INVITE, phoneAddr, via, fromUser("1001"))
	b := r.Begin(200, "")
	kept := r.Keep(&b, "", nil)
	if h.sent != nil {
		t.Error("an answer that is kept was sent")
	}
	b = r.Begin(200, "Fine")
	again := r.SendAndKeep(&b, "text/plain", []byte("hello"))
	if string(h.sent) != string(again) || !strings.HasSuffix(string(again), "\r\n\r\nhello") {
		t.Errorf("sent is\n%s\nkept is\n%s", h.sent, again)
	}
	r.Tag = "dialog"
	r.Answer(486, "", nil)
	if !strings.HasPrefix(string(kept), "SIP/2.0 200 OK\r\n") || !strings.Contains(string(kept), "tag=ours") || !strings.HasPrefix(string(again), "SIP/2.0 200 Fine\r\n") {
		t.Errorf("kept was\n%s\nand\n%s", kept, again)
	}
	if h.status() != 486 || !strings.Contains(string(h.sent), "tag=dialog") {
		t.Errorf("then\n%s", h.sent)
	}
	r.Answer(100, "", nil)
	if strings.Contains(string(h.sent), "tag=dialog") {
		t.Errorf("a 100 has a tag:\n%s", h.sent)
	}
}

// TestDomains has a request be for us or for others, and the realm follow the domain.
func TestDomains(t *testing.T) {
	for _, c := range []struct {
		general, uri string
		ours         bool
		context      string
	}{
		{"", "sip:1@anywhere.example", true, ""},
		{"domain=example.org,public", "sip:1@EXAMPLE.org:5070", true, "public"},
		{"domain=example.org", "sip:1@example.net", false, ""},
		{"domain=example.org", "sip:1@10.99.0.1", false, ""},
		{"domain=example.org\nautodomain=yes", "sip:1@10.99.0.1", true, ""},
		{"autodomain=yes", "sip:1@ThisBox", true, ""},
		{"autodomain=yes", "sip:1@other", false, ""},
		{"domain=example.org", "tel:1", true, ""},
	} {
		h := newHouse(t, "[general]\n"+c.general+accounts)
		r := h.request(sip.INVITE, phoneAddr, via, fromUser("1001"))
		text := strings.Replace(string(r.M.Bytes()), "sip:1002@10.99.0.1 SIP", c.uri+" SIP", 1)
		m, err := sip.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		r.M = m
		if d, ours := r.Domain(); ours != c.ours || d.Context != c.context {
			t.Errorf("%q %s: %v %+v", c.general, c.uri, ours, d)
		}
	}
	h := newHouse(t, "[general]\ndomainsasrealm=yes\ndomain=10.99.0.1\nrealm=fallback"+accounts)
	r := h.request(sip.INVITE, phoneAddr, via, fromUser("1001"))
	r.Identify()
	if !strings.Contains(string(h.sent), `realm="10.99.0.1"`) || !r.ToDomain() {
		t.Errorf("asked is\n%s", h.sent)
	}
	r = h.request(sip.INVITE, phoneAddr, via, "From: <sip:1001@elsewhere>;tag=t")
	r.Identify()
	if !strings.Contains(string(h.sent), `realm="10.99.0.1"`) {
		t.Errorf("by To asked is\n%s", h.sent)
	}
}
