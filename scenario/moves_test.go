package scenario

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/internal/simnet"
	"obelus/sip"
)

// TestMovesInMidCall has a phone behind NAT lose its port in the middle of a call.
// What the server has to say within the call, a BYE at last, reaches it as soon as
// it has spoken from the new port or registered again, by whatever value of nat=.
func TestMovesInMidCall(t *testing.T) {
	t.Parallel()
	for _, nat := range []string{"nat=yes", "nat=force_rport", "nat=comedia", "nat=auto_force_rport,auto_comedia", ""} {
		for _, c := range []struct {
			name string
			move func(p *phone, callee *talk)
			want bool
		}{
			{"says nothing", func(*phone, *talk) {}, false},
			{"registers again", func(p *phone, _ *talk) { p.register() }, true},
			{"speaks within the call", func(_ *phone, callee *talk) {
				callee.send(sip.OPTIONS, "")
				callee.p.answer(200)
			}, true},
		} {
			t.Run(nat+"/"+c.name, func(t *testing.T) {
				f := seed(t)
				f.sip = strings.ReplaceAll(f.sip, "nat=yes", nat)
				inHouse(t, f, func(h *house) {
					one := h.registered("1001", addrOne)
					box := h.net.NAT("router", addrTwo.Addr(), simnet.PortRestricted, time.Hour)
					two := h.phoneOn(box.Inside().Host("phone 1002", netip.MustParseAddr("192.168.1.7")), "1002", netip.MustParseAddrPort("192.168.1.7:5060"))
					two.register()
					caller, callee := one.connects(two)
					box.Reboot()
					two.pass()
					c.move(two, callee)
					caller.bye()
					heard := two.hear(40 * time.Second)
					if got := heard != nil && heard.Method() == sip.BYE; got != c.want {
						t.Errorf("the BYE reaches the phone: %v, want %v", got, c.want)
					}
					if heard != nil {
						two.reply(heard, 200)
					}
					h.quiet()
				})
			})
		}
	}
}

// pass has the router's new mapping differ from the old one: a packet of another
// socket takes its port.
func (p *phone) pass() {
	p.h.t.Helper()
	other := p.h.phoneOn(p.host, p.name, netip.MustParseAddrPort("192.168.1.7:5062"))
	other.sendRaw([]byte("\r\n\r\n"))
	p.h.pass(time.Second)
}

// TestMovesToAnotherNetwork has a phone change its address in mid-call, and its
// Contact with it: known by its instance it is followed, and another phone of the
// same account is not taken for it.
func TestMovesToAnotherNetwork(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, instance string
		want           bool
	}{
		{"the same phone", `;+sip.instance="<urn:uuid:1>"`, true},
		{"another phone", `;+sip.instance="<urn:uuid:2>"`, false},
		{"one without a name", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, seed(t), func(h *house) {
				one, two := h.registered("1001", addrOne), h.phone("1002", addrTwo)
				two.request(sip.REGISTER, "sip:10.99.0.1", `Contact: <sip:1002@10.99.0.3:5070>;+sip.instance="<urn:uuid:1>"`)
				caller, _ := one.connects(two)
				there := h.phone("1002", addrThree)
				there.request(sip.REGISTER, "sip:10.99.0.1", "Contact: <sip:1002@10.99.0.4:5070>"+c.instance)
				caller.send(sip.BYE, "")
				p := two
				if c.want {
					p = there
				}
				p.reply(p.asked(sip.BYE), 200)
				one.answer(200)
				h.quiet()
			})
		})
	}
}
