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
