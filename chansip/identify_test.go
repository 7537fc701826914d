package chansip

import (
	"context"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/chansip/show"
	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
	"obelus/store"
)

// TestIdentify has requests taken for somebody's, proved, or refused. OPTIONS
// stand for all: 200 where the extension is in the sender's context.
func TestIdentify(t *testing.T) {
	const proving = "[general]\ncontext=public\nauth_options_requests=yes\n"
	const account = "[1001]\ntype=friend\nsecret=1001\nhost=dynamic\ncontext=my\n"
	for _, c := range []struct {
		name, conf, as, secret string
		headers                []string
		want                   int
		asked                  bool // for a proof
	}{
		{"an account", proving + account, "1001", "1001", nil, 200, true},
		{"wrong password", proving + account, "1001", "guess", nil, 403, true},
		{"without a password", proving + strings.Replace(account, "secret=1001\n", "", 1), "1001", "", nil, 200, false},
		{"a guest", proving + account, "stranger", "", nil, 404, false},
		{"no guests", proving + "allowguest=no\n" + account, "stranger", "x", nil, 403, true},
		{"no guests, told so", proving + "allowguest=no\nalwaysauthreject=no\n" + account, "stranger", "", nil, 403, false},
		{"address denied", proving + account + "deny=10.99.0.2\n", "1001", "1001", nil, 403, true},
		{"address denied, told so", proving + "alwaysauthreject=no\n" + account + "deny=10.99.0.2\n", "1001", "", nil, 403, false},
		{"a peer is not known by name", proving + "allowguest=no\n[trunk]\ntype=peer\nsecret=1\nhost=10.99.0.77\ncontext=my\n", "trunk", "1", nil, 403, true},
		{"a peer is known by address", proving + "allowguest=no\n[trunk]\ntype=peer\nhost=10.99.0.2\nport=5070\ncontext=my\n", "whoever", "", nil, 200, false},
		{"insecure=invite is not for OPTIONS", proving + account + "insecure=invite\n", "1001", "1001", nil, 200, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, c.conf, nil, func(h *house) {
				p := h.phone(c.as, phoneOne)
				p.send(p.requestText(sip.OPTIONS, "sip:1002@10.99.0.1", "id", 1))
				m := p.final()
				if asked := m.StatusCode() == 401; asked != c.asked {
					t.Fatalf("answered\n%s", m.Bytes())
				}
				if c.asked {
					p.send(p.requestText(sip.OPTIONS, "sip:1002@10.99.0.1", "id", 2, p.proof(m, sip.OPTIONS, "sip:1002@10.99.0.1", c.secret)))
					m = p.final()
				}
				if m.StatusCode() != c.want {
					t.Errorf("answered\n%s", m.Bytes())
				}
			})
		})
	}
}

// TestAnonymousIsKnown has a registered phone that hides its name be known by
// where it speaks from.
func TestAnonymousIsKnown(t *testing.T) {
	inHouse(t, "[general]\nallowguest=no\nauth_options_requests=yes\n[1001]\ntype=friend\nsecret=1001\nhost=dynamic\ncontext=my\n", nil, func(h *house) {
		p := h.phone("1001", phoneOne)
		p.register("1001")
		hidden := func(seq int, headers ...string) string {
			text := p.requestText(sip.OPTIONS, "sip:1002@10.99.0.1", "hid", seq, headers...)
			return strings.Replace(text, "From: <sip:1001@10.99.0.1>", `From: "Anonymous" <sip:anonymous@anonymous.invalid>`, 1)
		}
		p.send(hidden(1))
		p.send(hidden(2, p.proof(p.answer(401), sip.OPTIONS, "sip:1002@10.99.0.1", "1001")))
		p.answer(200)
	})
}

// remembering is a store that has these bindings.
type remembering []store.Binding

func (r remembering) Load(_ context.Context, yield func(store.Binding) error) error {
	for _, b := range r {
		if err := yield(b); err != nil {
			return err
		}
	}
	return nil
}

func (remembering) Commit(context.Context, []store.BindingOp) error { return nil }

// TestAfterRestart has phones called, known and asked that registered with the
// process before this one.
func TestAfterRestart(t *testing.T) {
	change := func(c *Config) {
		var err error
		c.Location, err = location.Open(context.Background(), location.Config{Bus: c.Bus, Log: c.Log, Store: remembering{{
			AOR: "1001", ContactID: "sip:1001@10.99.0.2:5070", Contact: "sip:1001@10.99.0.2:5070", Received: phoneOne, Transport: "udp",
			RegisteredAt: time.Now(), Expires: time.Now().Add(time.Hour),
		}}})
		if err != nil {
			panic(err)
		}
	}
	inHouse(t, qualified, change, func(h *house) {
		p := h.phone("1001", phoneOne)
		p.reply(p.asked(sip.OPTIONS), 200)
		if got := h.ways("1001"); got != "sip:1001@10.99.0.2:5070 by udp 10.99.0.2:5070" {
			t.Errorf("it can be called at %q", got)
		}
		if who := h.d.reach.ByAddr(h.d.Settings(), transport.Flow{Transport: transport.UDP, Remote: phoneOne}, ""); who == nil {
			t.Error("it is not known by its address")
		}
	})
}

// TestRegisterOvertaken has a REGISTER refused that comes after a later one.
func TestRegisterOvertaken(t *testing.T) {
	inHouse(t, strings.ReplaceAll(twoPhones, "secret=1001\n", ""), nil, func(h *house) {
		p := h.phone("1001", phoneOne)
		p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 8, "Contact: <sip:1001@10.99.0.2:5070>"))
		p.answer(200)
		p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 7, "Contact: <sip:1001@10.99.0.2:5070>", "Expires: 0"))
		p.answer(500)
		p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 7, "Contact: *", "Expires: 0"))
		p.answer(500)
		if h.ways("1001") == "" {
			t.Error("it is gone")
		}
	})
}

// TestQualifyTrunkTCP has a trunk over TCP asked by a connection that is opened
// for it, and again while there is none.
func TestQualifyTrunkTCP(t *testing.T) {
	inHouse(t, "[general]\nqualifyfreq=30\n[trunk]\ntype=peer\nhost=10.99.0.20\ntransport=tcp\nqualify=yes\n", nil, func(h *house) {
		time.Sleep(5 * time.Second)
		if got := h.status("trunk"); got != "UNREACHABLE" {
			t.Errorf("status %q", got)
		}
		host := h.net.Host("trunk", netip.MustParseAddr("10.99.0.20"))
		ln, err := host.Listen("tcp", "10.99.0.20:5060")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		conn, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		p := &phone{h: h, name: "trunk", addr: trunkAddr, conn: conn}
		p.reply(p.asked(sip.OPTIONS), 200)
		synctest.Wait()
		if got := h.status("trunk"); got != "OK (1 ms)" {
			t.Errorf("status %q", got)
		}
	})
}

// TestQualifyNameless says nothing of a trunk that DNS does not find, and asks
// when it does.
func TestQualifyNameless(t *testing.T) {
	inHouse(t, "[trunk]\ntype=peer\nhost=nowhere.example\nqualify=yes\n", withNames, func(h *house) {
		time.Sleep(time.Minute)
		if got := h.status("trunk"); got != "UNKNOWN" {
			t.Errorf("status %q", got)
		}
	})
}

// TestShowNetwork shows how we are seen from outside.
func TestShowNetwork(t *testing.T) {
	d := New(Config{Settings: readConf(t, "[general]\nexternaddr=192.0.2.7\nlocalnet=10.0.0.0/8\nlocalnet=192.168.0.0/16\nautocreatepeer=yes\ntcpenable=yes\n")})
	defer d.Close()
	var b strings.Builder
	show.Settings(&b, d.Settings())
	for _, want := range []string{
		"  SIP address remapping:  Enabled using externaddr\n", "  Externaddr:             192.0.2.7:0\n", "  Localnet:               10.0.0.0/8\n",
		"                          192.168.0.0/16\n", "  AutoCreate Peer:        On\n", "  TCP SIP Bindaddress:    0.0.0.0:5060\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no line %q in\n%s", want, b.String())
		}
	}
	d.ShowPeers(io.Discard)
}
