package chansip

import (
	"strings"
	"testing"
	"time"

	"obelus/call"
	"obelus/sip"
)

// TestFlowsOfOnePhone has a phone with two flows (RFC 5626) called once: by the later
// one, and by the other when that fails.
func TestFlowsOfOnePhone(t *testing.T) {
	for _, c := range []struct {
		name  string
		fails func(p *phone, invite *sip.Message)
	}{
		{"the flow has failed", func(p *phone, invite *sip.Message) { p.reply(invite, 430) }},
		{"nobody answers by it", func(p *phone, _ *sip.Message) { p.h.pass(32200 * time.Millisecond) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, twoPhones, nil, func(h *house) {
				host := h.net.Host("phone 1001", phoneOne.Addr())
				first, second := h.phoneOn(host, "1001", phoneOne), h.phoneOn(host, "1001", phoneTwoFlows)
				second.seq = 100 // another Call-ID
				for i, p := range []*phone{first, second} {
					contact := "Contact: <sip:1001@" + p.addr.String() + ">;+sip.instance=\"<urn:uuid:1>\";reg-id=" + string(rune('1'+i))
					if m := p.request(sip.REGISTER, "sip:10.99.0.1", "1001", contact, "Supported: outbound, path"); m.StatusCode() != 200 || m.HasToken(sip.HeaderRequire, "outbound") {
						t.Fatalf("%s", m.Bytes())
					}
					time.Sleep(time.Second)
				}
				began, err := h.d.Dial(t.Context(), call.Request{Target: "1001"})
				if err != nil || len(began) != 1 {
					t.Fatalf("%d calls, %v", len(began), err)
				}
				invite := second.asked(sip.INVITE)
				if b := first.hearRaw(100 * time.Millisecond); b != nil {
					t.Fatalf("it rings twice\n%s", b)
				}
				c.fails(second, invite)
				again := first.asked(sip.INVITE)
				if again.CallID() != invite.CallID() || again.Value(sip.HeaderCSeq) == invite.Value(sip.HeaderCSeq) || !strings.Contains(again.Value(sip.HeaderTo), "1001@") {
					t.Errorf("the second try is\n%s", again.Bytes())
				}
				first.reply(again, 486)
				first.asked(sip.ACK)
				h.pass(time.Second)
				if n := h.d.calls.count("1001"); n != 0 {
					t.Errorf("%d calls are left", n)
				}
			})
		})
	}
}

// TestFlowThatDoesNotAnswer has a phone be there by the flow that answers qualify, where
// its latest does not.
func TestFlowThatDoesNotAnswer(t *testing.T) {
	inHouse(t, strings.Replace(qualified, "host=dynamic\n", "host=dynamic\nmax_contacts=2\n", 1), nil, func(h *house) {
		host := h.net.Host("phone 1001", phoneOne.Addr())
		first, second := h.phoneOn(host, "1001", phoneOne), h.phoneOn(host, "1001", phoneTwoFlows)
		second.seq = 100 // another Call-ID
		for i, p := range []*phone{first, second} {
			contact := "Contact: <sip:1001@" + p.addr.String() + ">;+sip.instance=\"<urn:uuid:1>\";reg-id=" + string(rune('1'+i))
			if m := p.request(sip.REGISTER, "sip:10.99.0.1", "1001", contact); m.StatusCode() != 200 {
				t.Fatalf("%s", m.Bytes())
			}
		}
		first.reply(first.asked(sip.OPTIONS), 200)
		second.hearUntilSilent(10 * time.Second)
		if got := h.ways("1001"); !strings.Contains(got, "sip:1001@"+phoneOne.String()) || strings.Contains(got, phoneTwoFlows.String()) {
			t.Errorf("it can be called at %q", got)
		}
	})
}

// TestPath has requests to a phone go by the proxy that it registered through (RFC
// 3327), where its account keeps Path.
func TestPath(t *testing.T) {
	const path = "Path: <sip:10.99.0.3:5070;lr>, <sip:10.99.0.9;lr>"
	for _, keeps := range []bool{true, false} {
		conf := strings.Replace(twoPhones, "nat=yes", "nat=no\nqualify=yes", 1)
		if keeps {
			conf = strings.Replace(conf, "[general]\n", "[general]\nsupportpath=yes\n", 1)
		}
		inHouse(t, conf, nil, func(h *house) {
			edge, phone := h.phone("1001", phoneTwo), h.phone("phone", phoneOne)
			m := edge.request(sip.REGISTER, "sip:10.99.0.1", "1001", "Contact: <sip:1001@10.99.0.2:5070>", path)
			at := edge
			if want := "<sip:10.99.0.3:5070;lr>, <sip:10.99.0.9;lr>"; keeps != (m.Value(sip.HeaderPath) == want) || keeps != m.HasToken(sip.HeaderSupported, "path") {
				t.Errorf("it is kept: %v, and the answer is\n%s", keeps, m.Bytes())
			}
			if !keeps {
				at = phone
			}
			check := func(m *sip.Message) {
				var routes []string
				for r := range m.List(sip.HeaderRoute) {
					routes = append(routes, r)
				}
				if got := strings.Join(routes, " "); keeps != (got == "<sip:10.99.0.3:5070;lr> <sip:10.99.0.9;lr>") || !keeps && got != "" {
					t.Errorf("it is kept: %v, and %s goes by %q", keeps, m.Method(), got)
				}
				if m.RawURI() != "sip:1001@10.99.0.2:5070" {
					t.Errorf("%s is to %s", m.Method(), m.RawURI())
				}
			}
			m = at.asked(sip.OPTIONS)
			check(m)
			at.reply(m, 200)
			h.pass(time.Second)
			if _, err := h.d.Dial(t.Context(), call.Request{Target: "1001"}); err != nil {
				t.Fatal(err)
			}
			m = at.asked(sip.INVITE)
			check(m)
			at.reply(m, 486)
			check(at.asked(sip.ACK))
		})
	}
}
