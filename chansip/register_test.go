package chansip

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/event"
	"obelus/location"
	"obelus/sip"
	"obelus/store"
)

const twoPhones = `
[general]
context=public
[1001]
type=friend
secret=1001
context=my
host=dynamic
nat=yes
[1002]
type=friend
secret=1002
context=my
host=dynamic
nat=yes
`

// TestRegisterRefused has REGISTERs refused, each for one reason. Where the reason
// says that there is such an account, the answer is that to a wrong password.
func TestRegisterRefused(t *testing.T) {
	const general = "[general]\ncontext=public\n"
	const open = "[general]\ncontext=public\nalwaysauthreject=no\n"
	const account = "[1001]\ntype=friend\nsecret=1001\nhost=dynamic\n"
	const here = "Contact: <sip:1001@10.99.0.2:5070>"
	for _, c := range []struct {
		name, conf string
		headers    []string
		want       []int
	}{
		{"wrong password", general + strings.Replace(account, "secret=1001", "secret=other", 1), []string{here}, []int{401, 403}},
		{"unknown", general, []string{here}, []int{401, 403}},
		{"unknown, told so", open, []string{here}, []int{404}},
		{"address denied", general + account + "deny=10.99.0.0/16\n", []string{here}, []int{401, 403}},
		{"address denied, told so", open + account + "deny=10.99.0.0/16\n", []string{here}, []int{403}},
		{"fixed host", general + "[1001]\ntype=friend\nsecret=1001\nhost=10.99.0.2\n", []string{here}, []int{401, 403}},
		{"fixed host, told so", open + "[1001]\ntype=friend\nsecret=1001\nhost=10.99.0.2\n", []string{here}, []int{403}},
		{"a user is not called", general + "[1001]\ntype=user\nsecret=1001\nhost=dynamic\n", []string{here}, []int{401, 403}},
		{"star that stays", general + account, []string{"Contact: *", "Expires: 60"}, []int{401, 400}},
		{"star without expiry", general + account, []string{"Contact: *"}, []int{401, 400}},
		{"star and another", general + account, []string{"Contact: *", here, "Expires: 0"}, []int{401, 400}},
		{"contact is us", general + account, []string{"Contact: <sip:x@10.99.0.1:5060>"}, []int{401, 403}},
		{"contact is us, default port", general + account, []string{"Contact: <sip:x@10.99.0.1>"}, []int{401, 403}},
		{"contact is our own loopback", general + account, []string{"Contact: <sip:x@127.0.0.1:5060>"}, []int{401, 403}},
		{"contact is everybody", general + account, []string{"Contact: <sip:x@239.1.1.1:5060>"}, []int{401, 403}},
		{"contact is nowhere", general + account, []string{"Contact: <sip:x@0.0.0.0:5060>"}, []int{401, 403}},
		{"contact is us outside", general + "externaddr=192.0.2.7\nlocalnet=192.168.0.0/16\n" + account, []string{"Contact: <sip:x@192.0.2.7:5060>"}, []int{401, 403}},
		{"contact denied", general + account + "contactdeny=10.99.0.7\n", []string{"Contact: <sip:1001@10.99.0.7:5060>"}, []int{401, 603}},
		{"contact that is none", general + account, []string{"Contact: <1001>"}, []int{400}},
		{"somebody else's account", general + account + "[1002]\ntype=friend\nsecret=1002\nhost=dynamic\n", []string{here, "To: <sip:1002@10.99.0.1>"}, []int{401, 403}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, c.conf, nil, func(h *house) {
				p := h.phone("1001", phoneOne)
				var got *sip.Message
				for i, want := range c.want {
					headers := c.headers
					if i > 0 {
						headers = append(headers, p.proof(got, sip.REGISTER, "sip:10.99.0.1", "1001"))
					}
					p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", i+1, headers...))
					got = p.answer(want)
				}
				if left := h.where.Snapshot(time.Now()); len(left) > 0 {
					t.Errorf("%v is registered", left)
				}
			})
		})
	}
}

// TestUnknownLooksKnown has the answers to an account that exists and to one that
// does not differ in nothing but what the request differs in (security class 11).
func TestUnknownLooksKnown(t *testing.T) {
	inHouse(t, twoPhones, nil, func(h *house) {
		one := h.phone("1001", phoneOne)
		said := func(name string) (all string) {
			one.name = name
			var m *sip.Message
			for i := range 2 {
				var headers []string
				if i == 1 {
					headers = []string{one.proof(m, sip.REGISTER, "sip:10.99.0.1", "wrong")}
				}
				one.send(one.requestText(sip.REGISTER, "sip:10.99.0.1", "id"+name, i+1, append(headers, "Contact: <sip:x@10.99.0.2:5070>")...))
				m = one.hear(time.Second)
				all += alike(strings.Split(strings.ReplaceAll(string(m.Bytes()), name, "NAME"), "\r\n"))
			}
			return all
		}
		if a, b := said("1001"), said("1009"); a != b {
			t.Errorf("known:\n%s\nunknown:\n%s", a, b)
		}
	})
}

// ways are where an account can be called, as text.
func (h *house) ways(name string) string {
	h.t.Helper()
	p := h.d.Settings().Peer(name)
	if p == nil {
		h.t.Fatalf("there is no account %s", name)
	}
	var out []string
	for _, w := range h.d.ways(p) {
		out = append(out, w.URI+" by "+w.Flow.Transport.Param()+" "+w.Flow.Remote.String())
	}
	return strings.Join(out, "; ")
}

func TestRegisteredAt(t *testing.T) {
	const head = "[general]\ncontext=public\n[1001]\ntype=friend\nsecret=1001\nhost=dynamic\n"
	for _, c := range []struct{ name, conf, contact, want string }{
		{"where it says", head, "Contact: <sip:1001@10.99.0.8:5080>", "sip:1001@10.99.0.8:5080 by udp 10.99.0.8:5080"},
		{"without a port", head, "Contact: <sip:1001@10.99.0.8>", "sip:1001@10.99.0.8 by udp 10.99.0.8:5060"},
		{"a host that is a name", head, "Contact: <sip:1001@phone.example>", "sip:1001@phone.example by udp 10.99.0.2:5070"},
		{"nat=force_rport", head + "nat=force_rport\n", "Contact: <sip:1001@192.168.1.9:5080>", "sip:1001@192.168.1.9:5080 by udp 10.99.0.2:5070"},
		{"nat=comedia", head + "nat=comedia\n", "Contact: <sip:1001@192.168.1.9:5080>", "sip:1001@192.168.1.9:5080 by udp 10.99.0.2:5070"},
		{"parameters and display", head, `Contact: "Ann" <sip:1001@10.99.0.8:5080;line=7;transport=udp>;q=0.5;audio`, "sip:1001@10.99.0.8:5080;line=7;transport=udp by udp 10.99.0.8:5080"},
		{"telephone number", head, "Contact: <tel:+123>", "tel:+123 by udp 10.99.0.2:5070"},
		{"by a proxy", head + "outboundproxy=10.99.0.9:5090,force\n", "Contact: <sip:1001@10.99.0.8:5080>", "sip:1001@10.99.0.8:5080 by udp 10.99.0.9:5090"},
		{"old and new", head, "Contact: <sip:1001@10.99.0.7>;expires=0\nContact: <sip:1001@10.99.0.8>", "sip:1001@10.99.0.8 by udp 10.99.0.8:5060"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, c.conf, nil, func(h *house) {
				p := h.phone("1001", phoneOne)
				if m := p.request(sip.REGISTER, "sip:10.99.0.1", "1001", c.contact); m.StatusCode() != 200 {
					t.Fatalf("%s", m.Bytes())
				}
				if got := h.ways("1001"); got != c.want {
					t.Errorf("it can be called at %q, want %q", got, c.want)
				}
				time.Sleep(121 * time.Second)
				if got := h.ways("1001"); got != "" {
					t.Errorf("after its expiry it can be called at %q", got)
				}
			})
		})
	}
}

// TestMaxContacts has two phones share an account, and a third take the place of
// the older one.
func TestMaxContacts(t *testing.T) {
	inHouse(t, "[1001]\ntype=friend\nsecret=1001\nhost=dynamic\nmax_contacts=2\n", nil, func(h *house) {
		p := h.phone("1001", phoneOne)
		register := func(contact, want string) {
			t.Helper()
			m := p.request(sip.REGISTER, "sip:10.99.0.1", "1001", "Contact: "+contact)
			var got []string
			for c := range m.Contacts() {
				got = append(got, c.Addr)
			}
			if s := strings.Join(got, " "); s != want {
				t.Errorf("registered are %s, want %s", s, want)
			}
			time.Sleep(time.Second)
		}
		register("<sip:a@10.99.0.2>", "sip:a@10.99.0.2")
		register("<sip:b@10.99.0.3>", "sip:b@10.99.0.3 sip:a@10.99.0.2")
		register("<sip:c@10.99.0.4>", "sip:c@10.99.0.4 sip:b@10.99.0.3")
		register("<sip:b@10.99.0.3>;expires=0", "sip:c@10.99.0.4")
		register("<sip:x@10.99.0.5>, <sip:y@10.99.0.6>, <sip:z@10.99.0.7>", "sip:y@10.99.0.6 sip:x@10.99.0.5")
	})
}

// TestRegisterTCP has calls go by the connection that the phone registered on, and
// by nothing once that is gone.
func TestRegisterTCP(t *testing.T) {
	inHouse(t, twoPhones+"transport=udp,tcp\n", nil, func(h *house) {
		p := h.phoneTCP("1002", phoneTwo.Addr())
		p.register("1002")
		want := "sip:1002@" + p.addr.String() + ";transport=tcp by tcp " + p.addr.String()
		if got := h.ways("1002"); got != want {
			t.Errorf("it can be called at %q, want %q", got, want)
		}
		time.Sleep(40 * time.Second) // longer than who has proved nothing may stay
		if h.ways("1002") != want {
			t.Error("its connection was taken away")
		}
		p.conn.Close()
		synctest.Wait()
		if got := h.ways("1002"); got != "" {
			t.Errorf("without its connection it can be called at %q", got)
		}
	})
}

func TestAutoCreate(t *testing.T) {
	inHouse(t, "[general]\nautocreatepeer=yes\ncontext=my\n", nil, func(h *house) {
		p := h.phone("guest7", phoneOne)
		p.register("")
		if got := h.ways("GUEST7"); got != "sip:guest7@10.99.0.2:5070 by udp 10.99.0.2:5070" {
			t.Errorf("it can be called at %q", got)
		}
		if c := h.d.Settings().Peer("guest7").Context; c != "my" {
			t.Errorf("its calls begin in %q", c)
		}
		h.reload("[general]\nautocreatepeer=yes\n")
		if h.d.Settings().Peer("guest7") != nil {
			t.Error("the account outlives the load")
		}
	})
}

// slowStore is a store that takes its time.
type slowStore struct{ takes time.Duration }

func (s slowStore) Load(context.Context, func(store.Binding) error) error { return nil }

func (s slowStore) Commit(ctx context.Context, _ []store.BindingOp) error {
	time.Sleep(s.takes)
	return ctx.Err()
}

// TestRegisterWaitsForStore has the 200 wait until the registration would survive
// a power cut, without keeping other phones waiting.
func TestRegisterWaitsForStore(t *testing.T) {
	change := func(c *Config) {
		c.Durable = true
		var err error
		if c.Location, err = location.Open(context.Background(), location.Config{Store: slowStore{200 * time.Millisecond}, Bus: c.Bus, Log: c.Log}); err != nil {
			panic(err)
		}
	}
	inHouse(t, twoPhones, change, func(h *house) {
		p, q := h.phone("1001", phoneOne), h.phone("1002", phoneTwo)
		begin := time.Now()
		p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 1, "Contact: <sip:1001@10.99.0.2:5070>"))
		proof := p.proof(p.answer(401), sip.REGISTER, "sip:10.99.0.1", "1001")
		p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 2, "Contact: <sip:1001@10.99.0.2:5070>", proof))
		synctest.Wait()
		q.request(sip.OPTIONS, "sip:1002@10.99.0.1", "")
		if took := time.Since(begin); took > 0 {
			t.Errorf("the other phone waited %v", took)
		}
		p.answer(200)
		if took := time.Since(begin); took < 200*time.Millisecond {
			t.Errorf("the phone was answered after %v, before the store was through", took)
		}
	})
}

// TestRegisterStrict has a phone refused whose registration the store does not have in
// time, where that is asked for.
func TestRegisterStrict(t *testing.T) {
	for takes, status := range map[time.Duration]int{200 * time.Millisecond: 200, time.Second: 503} {
		change := func(c *Config) {
			c.Durable, c.Strict = true, true
			var err error
			if c.Location, err = location.Open(context.Background(), location.Config{Store: slowStore{takes}, Strict: true, Bus: c.Bus, Log: c.Log}); err != nil {
				panic(err)
			}
		}
		inHouse(t, twoPhones, change, func(h *house) {
			p := h.phone("1001", phoneOne)
			p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 1, "Contact: <sip:1001@10.99.0.2:5070>"))
			proof := p.proof(p.answer(401), sip.REGISTER, "sip:10.99.0.1", "1001")
			p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 2, "Contact: <sip:1001@10.99.0.2:5070>", proof))
			if m := p.answer(status); status == 503 && m.Value(sip.HeaderRetryAfter) == "" {
				t.Errorf("a refusal without Retry-After:\n%s", m.Bytes())
			}
		})
	}
}

// TestRegisterAgain has a REGISTER that is sent twice, because its answer was lost,
// answered twice.
func TestRegisterAgain(t *testing.T) {
	inHouse(t, twoPhones, nil, func(h *house) {
		p := h.phone("1001", phoneOne)
		const contact = "Contact: <sip:1001@10.99.0.2:5070>"
		p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 1, contact))
		proof := p.proof(p.answer(401), sip.REGISTER, "sip:10.99.0.1", "1001")
		for range 2 {
			p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 2, contact, proof))
			p.answer(200)
		}
		p.send(p.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 1, contact, proof))
		if m := p.answer(401); !strings.Contains(m.Value(sip.HeaderWWWAuthenticate), "stale=true") {
			t.Errorf("a proof was taken twice:\n%s", m.Bytes())
		}
	})
}

// TestFailuresAreTold has observers hear who failed to prove what, and why.
func TestFailuresAreTold(t *testing.T) {
	inHouse(t, twoPhones+"deny=10.99.0.2\n", nil, func(h *house) {
		facts, stop := h.bus.Subscribe(16)
		defer stop()
		p := h.phone("1002", phoneOne)
		p.request(sip.REGISTER, "sip:10.99.0.1", "1002", "Contact: <sip:1002@10.99.0.2>")
		select {
		case e := <-facts:
			want := event.AuthFailed{Account: "1002", Addr: phoneOne, Transport: "UDP", Method: "REGISTER", Reason: "the address is not permitted"}
			if e.Fact != want {
				t.Errorf("told was %+v, want %+v", e.Fact, want)
			}
		default:
			t.Error("nothing was told")
		}
	})
}

// TestRegisterBehindNAT has the phone called where its NAT sends from.
func TestRegisterBehindNAT(t *testing.T) {
	inHouse(t, strings.ReplaceAll(twoPhones, "nat=yes", "nat=auto_force_rport,auto_comedia"), nil, func(h *house) {
		box := h.net.NAT("box", netip.MustParseAddr("10.99.0.50"), 2, 0)
		p := h.phoneOn(box.Inside().Host("phone 1001", netip.MustParseAddr("192.168.1.5")), "1001", netip.MustParseAddrPort("192.168.1.5:5060"))
		p.register("1001")
		got := h.ways("1001")
		if !strings.HasPrefix(got, "sip:1001@192.168.1.5:5060 by udp 10.99.0.50:") {
			t.Errorf("it can be called at %q", got)
		}
	})
}

// TestAnswersToVia has the answer go to the port that the Via names, where the
// phone sends from another one and asks for nothing else (RFC 3261 section 18.2.2).
func TestAnswersToVia(t *testing.T) {
	inHouse(t, strings.ReplaceAll(twoPhones, "nat=yes", ""), nil, func(h *house) {
		box := h.net.Host("phone 1001", phoneOne.Addr())
		ear := h.phoneOn(box, "1001", phoneOne)
		mouth := h.phoneOn(box, "1001", netip.AddrPortFrom(phoneOne.Addr(), 40000))
		text := ear.requestText(sip.REGISTER, "sip:10.99.0.1", "id", 1, "Contact: <sip:1001@10.99.0.2:5070>")
		mouth.send(strings.Replace(text, ";rport", "", 1))
		if via := ear.answer(401).Value(sip.HeaderVia); strings.Contains(via, "rport") {
			t.Errorf("via %s", via)
		}
		mouth.send(text)
		mouth.answer(401)
	})
}
