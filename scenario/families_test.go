package scenario

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// The phones of IPv6 around the house.
var (
	sixOne = netip.MustParseAddrPort("[2001:db8::2]:5070")
	sixTwo = netip.MustParseAddrPort("[2001:db8::3]:5070")
)

// TestFamilies has phones of IPv4 and of IPv6 call and text each other: each is
// told of the house by an address of its own family, and hears the other.
func TestFamilies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ one, two netip.AddrPort }{
		"IPv6 calls IPv6": {sixOne, sixTwo}, "IPv4 calls IPv6": {addrOne, sixTwo}, "IPv6 calls IPv4": {sixOne, addrTwo},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, seed(t), func(h *house) {
				one, two := h.registered("1001", c.one), h.registered("1002", c.two)
				caller := one.call("1002")
				m := two.asked(sip.INVITE)
				two.told(m)
				theirs := two.listens(m)
				two.takes(m)
				accepted := caller.accepted()
				one.told(accepted)
				mine := one.listens(accepted)
				h.pass(time.Second)
				for i := range uint16(10) {
					mine.says(t, i, 0x11)
					theirs.says(t, i, 0x22)
					h.pass(20 * time.Millisecond)
				}
				for who, heard := range map[string][][]byte{"the caller": mine.hears(t, 0, time.Second), "the called": theirs.hears(t, 0, time.Second)} {
					if len(heard) < 9 {
						t.Errorf("%s heard %d packets", who, len(heard))
					}
				}
				caller.bye()
				two.reply(two.asked(sip.BYE), 200)
				if m := one.requestBody(sip.MESSAGE, "sip:1002@10.99.0.1", "hello", "To: <sip:1002@10.99.0.1>", "Content-Type: text/plain"); m.StatusCode() != 202 {
					t.Fatalf("the text is answered\n%s", m.Bytes())
				}
				text := two.asked(sip.MESSAGE)
				two.told(text)
				if string(text.Body()) != "hello" {
					t.Errorf("the text is %q", text.Body())
				}
				two.reply(text, 200)
				h.pass(time.Second)
				h.quiet()
			})
		})
	}
}

// told holds what a phone is told of the house: every address is of the phone's
// family, and brackets are where they belong.
func (p *phone) told(m *sip.Message) {
	p.h.t.Helper()
	uri, via, sdp := "@"+p.house().String()+">", p.house().String(), "IN IP4 "+p.house().Addr().String()
	if p.addr.Addr().Is6() {
		sdp = "IN IP6 " + p.house().Addr().String()
	}
	if c := m.Value(sip.HeaderContact); !strings.HasSuffix(c, uri) {
		p.h.t.Errorf("phone %s is told Contact %s, want one that ends in %s", p.name, c, uri)
	}
	if v := m.Value(sip.HeaderVia); m.IsRequest() && !strings.HasPrefix(v, "SIP/2.0/UDP "+via+";") {
		p.h.t.Errorf("phone %s is told Via %s, want %s", p.name, v, via)
	}
	if body := string(m.Body()); strings.HasPrefix(body, "v=0") {
		for _, line := range []string{"c=" + sdp + "\r\n", fmt.Sprintf(" %s\r\ns=", sdp)} {
			if !strings.Contains(body, line) {
				p.h.t.Errorf("phone %s is told\n%s\nand no %q", p.name, body, line)
			}
		}
	}
}
