package scenario

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/internal/simnet"
	"obelus/sip"
)

// The house as it is seen from outside, and who is out there.
var (
	outsideAddr = netip.MustParseAddrPort("203.0.113.7:5060")
	outsideOne  = netip.MustParseAddrPort("198.51.100.2:5070")
	trunkAddr   = netip.MustParseAddrPort("198.51.100.9:5060")
)

// TestServerBehindNAT has the house behind a NAT of its own, with a phone beside
// it, one outside and a server outside: what each is told of it, in requests and in
// answers, is the address on the receiver's side.
func TestServerBehindNAT(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ option, sdp string }{
		"externaddr":    {"externaddr=203.0.113.7", "203.0.113.7"},
		"externip":      {"externip=203.0.113.7:5060", "203.0.113.7"},
		"media_address": {"externaddr=203.0.113.7\nmedia_address=203.0.113.8", "203.0.113.8"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				world := simnet.New(1)
				box := world.NAT("router", outsideAddr.Addr(), simnet.PortRestricted, time.Hour)
				box.Forward(5060, houseAddr)
				trunk := listensAt(t, world, trunkAddr)
				f := seed(t)
				f.sip = strings.Replace(f.sip, "[general]\n", "[general]\nlocalnet=10.99.0.0/255.255.0.0\nlocalnet=192.168.0.0/16\n"+c.option+
					"\nregister => me:secret@198.51.100.9/1001\n", 1) + "\n[trunk]\ntype=peer\nhost=198.51.100.9\nqualify=yes\ncontext=my\n"
				h := newHouseOn(t, f, box.Inside())
				defer h.close()
				inside, outside := h.registered("1001", addrOne), h.phoneOn(world.Host("phone outside", outsideOne.Addr()), "1002", outsideOne)
				outside.to = outsideAddr
				outside.register()
				sides := map[*phone]seenFrom{
					inside: {houseAddr, houseAddr.Addr().String()}, outside: {outsideAddr, c.sdp},
				}
				if name == "media_address" {
					sides[inside] = seenFrom{houseAddr, c.sdp} // as in the original it is for everybody
				}
				for _, c := range []struct{ caller, called *phone }{{inside, outside}, {outside, inside}} {
					call := c.caller.call(c.called.name)
					m := c.called.asked(sip.INVITE)
					sides[c.called].holds(t, m)
					callee := c.called.takes(m)
					sides[c.caller].holds(t, call.accepted())
					callee.send(sip.BYE, "")
					for _, m := range []*sip.Message{c.called.final(), c.caller.asked(sip.BYE)} {
						if m.IsRequest() {
							sides[c.caller].holds(t, m)
							c.caller.reply(m, 200)
						}
					}
					c.caller.requestBody(sip.MESSAGE, "sip:"+c.called.name+"@10.99.0.1", "hello", "To: <sip:"+c.called.name+"@10.99.0.1>", "Content-Type: text/plain")
					text := c.called.asked(sip.MESSAGE)
					sides[c.called].holds(t, text)
					c.called.reply(text, 200)
				}
				for _, want := range []sip.Method{sip.OPTIONS, sip.REGISTER} {
					seenFrom{outsideAddr, ""}.holds(t, next(t, trunk, want))
				}
				h.pass(time.Second)
			})
		})
	}
}

// listensAt opens a socket on a host of its own.
func listensAt(t *testing.T, n *simnet.Network, at netip.AddrPort) net.PacketConn {
	t.Helper()
	pc, err := n.Host("trunk", at.Addr()).ListenPacket("udp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	return pc
}

// next is the next request of a method that came to a socket.
func next(t *testing.T, pc net.PacketConn, method sip.Method) *sip.Message {
	t.Helper()
	if err := pc.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	for {
		b := make([]byte, 4096)
		n, _, err := pc.ReadFrom(b)
		if err != nil {
			t.Fatalf("no %s came: %v", method, err)
		}
		if m, err := sip.Parse(b[:n]); err == nil && m.IsRequest() && m.Method() == method {
			return m
		}
	}
}

// seenFrom is the house as one side sees it: where it signals, and the address of
// its sound.
type seenFrom struct {
	at  netip.AddrPort
	sdp string
}

// holds fails the test where a message names the house by another address than it
// has on that side.
func (s seenFrom) holds(t *testing.T, m *sip.Message) {
	t.Helper()
	if v := m.Value(sip.HeaderVia); m.IsRequest() && !strings.HasPrefix(v, "SIP/2.0/UDP "+s.at.String()+";") {
		t.Errorf("%s: Via is %s, want %s", m.Method(), v, s.at)
	}
	if c := m.Value(sip.HeaderContact); !strings.HasSuffix(c, "@"+s.at.String()+">") {
		t.Errorf("Contact is %s, want %s\n%s", c, s.at, m.Bytes())
	}
	if from := m.Value(sip.HeaderFrom); m.IsRequest() && m.ToTag() == "" && m.Method() != sip.REGISTER && !strings.Contains(from, "@"+s.at.Addr().String()) {
		t.Errorf("%s: From is %s, want %s", m.Method(), from, s.at.Addr())
	}
	if id := m.CallID(); m.IsRequest() && m.ToTag() == "" && !strings.HasSuffix(id, "@"+s.at.String()) {
		t.Errorf("%s: Call-ID is %s, want it at %s", m.Method(), id, s.at)
	}
	if body := string(m.Body()); strings.HasPrefix(body, "v=0") {
		if want := "c=IN IP4 " + s.sdp + "\r\n"; !strings.Contains(body, want) || strings.Count(body, " IN IP4 "+s.sdp+"\r\n") != 1 {
			t.Errorf("the description is\n%s\nwant the address %s", body, s.sdp)
		}
	}
}
