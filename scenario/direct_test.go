package scenario

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// directHouse is a house with these lines in [general] and in the two accounts,
// and this step of the dialplan.
func directHouse(general, one, two, step string) files {
	account := func(name, more string) string {
		return fmt.Sprintf("[%s]\ntype=friend\nsecret=%[1]s\ncontext=my\nhost=dynamic\n%s\n", name, more)
	}
	if step == "" {
		step = "Dial(SIP/${EXTEN},30)"
	}
	return files{
		sip:        "[general]\ncontext=public\n" + general + "\n" + account("1001", one) + account("1002", two) + account("1003", ""),
		extensions: "[my]\nexten => _X.,1," + step + "\n same => n,SendText(bye)\n same => n,Wait(30)\n",
	}
}

// named is the description of the house that names an address and a port.
func named(id, version int, addr string, port int) string {
	return fmt.Sprintf("v=0\r\no=root %d %d IN IP4 10.99.0.1\r\ns=obelus test\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP 0 101\r\n"+
		"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=maxptime:140\r\na=sendrecv\r\n", id, version, addr, port)
}

// origin reads the session and the version of a description.
func origin(h *house, m *sip.Message) (id, version int) {
	h.t.Helper()
	for line := range strings.Lines(string(m.Body())) {
		if _, err := fmt.Sscanf(line, "o=root %d %d IN IP4 10.99.0.1", &id, &version); err == nil {
			return id, version
		}
	}
	h.t.Fatalf("there is no o= of ours in\n%s", m.Body())
	return 0, 0
}

// sentTo waits for an offer within the call that names an address, and takes it.
func (t *talk) sentTo(method sip.Method, addr string) *sip.Message {
	t.p.h.t.Helper()
	m := t.p.asked(method)
	if want := "c=IN IP4 " + addr + "\r\n"; !strings.Contains(string(m.Body()), want) {
		t.p.h.t.Fatalf("phone %s is to send to %s, and was told\n%s", t.p.name, addr, m.Bytes())
	}
	t.p.replyWith(m, 200, t.ourTag, t.body)
	if method == sip.INVITE {
		t.p.asked(sip.ACK)
	}
	return m
}

// direct has one phone call another, and the two be told of each other.
func (p *phone) direct(other *phone) (caller, callee *talk) {
	p.h.t.Helper()
	caller = p.call(other.name)
	m := other.asked(sip.INVITE)
	other.reply(m, 180)
	p.answer(180)
	callee = other.takes(m)
	caller.accepted()
	callee.sentTo(sip.INVITE, p.addr.Addr().String())
	caller.sentTo(sip.INVITE, other.addr.Addr().String())
	p.h.pass(time.Second)
	return caller, callee
}

// TestDirectMedia has two phones told of each other after the answer, as the
// original was recorded to do it, and the caller told to send to us again when the
// called phone has hung up and the dialplan goes on.
func TestDirectMedia(t *testing.T) {
	inHouse(t, directHouse("", "", "", "Dial(SIP/${EXTEN},30,g)"), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.call("1002")
		m := two.asked(sip.INVITE)
		outID, outVersion := origin(h, m)
		callee := two.takes(m)
		inID, inVersion := origin(h, caller.accepted())
		m = callee.sentTo(sip.INVITE, "10.99.0.2")
		if want := named(outID, outVersion+1, "10.99.0.2", 40000); string(m.Body()) != want {
			t.Errorf("the called phone was told\n%s\nwant\n%s", m.Body(), want)
		}
		m = caller.sentTo(sip.INVITE, "10.99.0.3")
		if want := named(inID, inVersion+1, "10.99.0.3", 40000); string(m.Body()) != want {
			t.Errorf("the caller was told\n%s\nwant\n%s", m.Body(), want)
		}
		one.silent(time.Minute)
		callee.bye()
		one.reply(one.asked(sip.MESSAGE), 202)
		caller.sentTo(sip.INVITE, "10.99.0.1")
		caller.bye()
		h.quiet()
	})
}

// TestNoDirectMedia has calls whose sound must pass the server: nobody is told of
// the other.
func TestNoDirectMedia(t *testing.T) {
	const ulaw = "m=audio 40000 RTP/AVP 0 101"
	for _, c := range []struct {
		name, why, general, one, two, step string
		secured                            bool
		body                               [2]string // an edit of the called phone's description
	}{
		{name: "the caller says no", why: "has directmedia=no", one: "directmedia=no"},
		{name: "the called phone says no", why: "has directmedia=no", two: "canreinvite=no"},
		{name: "the house says no", why: "has directmedia=no", general: "directmedia=no"},
		{name: "nat=yes", why: "has nat=force_rport,comedia", one: "nat=yes"},
		{name: "nat=comedia", why: "has nat=comedia", two: "nat=comedia"},
		{name: "auto_comedia, and it is behind NAT", why: "it is behind NAT", two: "nat=auto_comedia", body: [2]string{"c=IN IP4 10.99.0.3", "c=IN IP4 10.98.0.3"}},
		{name: "a private address from a public one, and back", why: "inside localnet", general: "localnet=10.99.0.0/16", body: [2]string{"c=IN IP4 10.99.0.3", "c=IN IP4 198.51.100.3"}},
		{name: "one private address", why: "private address", body: [2]string{"c=IN IP4 10.99.0.3", "c=IN IP4 198.51.100.3"}},
		{name: "directmediadeny of the caller", why: "directmediadeny", one: "directmediadeny=0.0.0.0/0\ndirectmediapermit=10.99.0.9"},
		{name: "directmediadeny of the called phone", why: "directmediadeny", two: "directmediadeny=10.99.0.2/32"},
		{name: "directmediaacl, a list that is not there", why: "directmediaacl", two: "directmediaacl=lan"},
		{name: "keys go two ways", why: "sends keys", two: "dtmfmode=info"},
		{name: "keys in the sound of one", why: "sends keys", two: "dtmfmode=inband"},
		{name: "the called phone has no keys", why: "sends keys", body: [2]string{" 0 101", " 0"}},
		{name: "codecs differ", why: "codecs differ", one: "disallow=all\nallow=ulaw", two: "disallow=all\nallow=alaw", body: [2]string{ulaw, "m=audio 40000 RTP/AVP 8 101"}},
		{name: "IPv4 and IPv6", why: "IPv6", two: "directmedia=yes", one: "directmedia=yes", body: [2]string{"c=IN IP4 10.99.0.3", "c=IN IP6 2001:db8::3"}},
		{name: "one is encrypted", why: "it is encrypted", two: "encryption=yes", secured: true},
		{name: "the called phone holds at once", why: "on hold", body: [2]string{ulaw, ulaw + "\r\na=sendonly"}},
		{name: "Dial listens to keys of the called", why: "Dial has option t", step: "Dial(SIP/${EXTEN},30,t)"},
		{name: "Dial listens to keys of the caller", why: "Dial has option T", step: "Dial(SIP/${EXTEN},30,T)"},
		{name: "Dial has H", why: "Dial has option H", step: "Dial(SIP/${EXTEN},30,H)"},
		{name: "Dial has h", why: "Dial has option h", step: "Dial(SIP/${EXTEN},30,h)"},
		{name: "Dial has W", why: "Dial has option W", step: "Dial(SIP/${EXTEN},30,W)"},
		{name: "Dial has w", why: "Dial has option w", step: "Dial(SIP/${EXTEN},30,w)"},
		{name: "Dial has K", why: "Dial has option K", step: "Dial(SIP/${EXTEN},30,K)"},
		{name: "Dial has k", why: "Dial has option k", step: "Dial(SIP/${EXTEN},30,k)"},
		{name: "Dial has X", why: "Dial has option X", step: "Dial(SIP/${EXTEN},30,X)"},
		{name: "Dial has x", why: "Dial has option x", step: "Dial(SIP/${EXTEN},30,x)"},
		{name: "Dial warns of the end", why: "warnings", step: "Dial(SIP/${EXTEN},30,L(600000:60000))"},
		{name: "the dialplan is behind it", step: "Goto(echo,1)\nexten => echo,1,Answer()\n same => n,Wait(100)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := directHouse(c.general, c.one, c.two, c.step)
			inHouse(t, f, func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				caller := one.call("1002")
				if strings.Contains(c.step, "echo") {
					caller.accepted()
					one.silent(time.Minute)
					caller.bye()
					return
				}
				m := two.asked(sip.INVITE)
				callee := two.called(m, "callee1002")
				body := two.description()
				if c.body[0] != "" {
					body = strings.Replace(body, c.body[0], c.body[1], 1)
				}
				if c.secured {
					body = two.secured("1")
				}
				if body == two.description() && c.body[0] != "" {
					t.Fatalf("%q is not in it", c.body[0])
				}
				two.replyWith(m, 200, callee.ourTag, body)
				two.asked(sip.ACK)
				caller.accepted()
				two.silent(time.Minute)
				one.silent(time.Minute)
				var shown strings.Builder
				if h.sip.ShowChannel(&shown, caller.callID); !strings.Contains(shown.String(), "no direct media") || !strings.Contains(shown.String(), c.why) {
					t.Errorf("sip show channel does not say %q:\n%s", c.why, shown.String())
				}
				caller.bye()
				two.reply(two.asked(sip.BYE), 200)
				h.quiet()
			})
		})
	}
}

// TestDirectMediaAllowed has accounts that differ from the usual, and yet may.
func TestDirectMediaAllowed(t *testing.T) {
	for _, c := range []struct{ name, general, one, two, step string }{
		{name: "nat=no", general: "nat=no"},
		{name: "nat=force_rport", general: "nat=force_rport"},
		{name: "directmedia=yes", general: "directmedia=yes"},
		{name: "nonat, and nobody is behind NAT", one: "canreinvite=nonat", two: "canreinvite=nonat"},
		{name: "permitted addresses", one: "directmediadeny=0.0.0.0/0\ndirectmediapermit=10.99.0.3", two: "directmediadeny=192.168.0.0/16"},
		{name: "both inside localnet", general: "externaddr=198.51.100.9\nlocalnet=10.99.0.0/16"},
		{name: "Dial ends the call by itself", step: "Dial(SIP/${EXTEN},30,L(600000)S(500))"},
		{name: "update, by a phone that does not know it", general: "directmedia=update"},
		{name: "through a Local channel", step: "Dial(Local/9${EXTEN}@my/n,30)\nexten => _9X.,1,Dial(SIP/${EXTEN:1},30)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, directHouse(c.general, c.one, c.two, c.step), func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				caller, _ := one.direct(two)
				one.silent(time.Minute)
				caller.bye()
				two.reply(two.asked(sip.BYE), 200) // and no re-INVITE before it
				h.quiet()
			})
		})
	}
}
