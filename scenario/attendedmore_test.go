package scenario

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// refersTo asks for an attended transfer to another talk of the phone, and returns what is said to come of it.
func (t *talk) refersTo(other *talk) string {
	t.p.h.t.Helper()
	t.send(sip.REFER, "", "Refer-To: <sip:x@10.99.0.1?Replaces="+url.QueryEscape(other.replaces())+">")
	t.p.answer(202)
	m := t.p.asked(sip.NOTIFY)
	t.p.reply(m, 200)
	return strings.TrimSpace(string(m.Body()))
}

// TestTransferWhileItRings: who is transferred to a call that still rings takes its place in the dialplan, where its variables hold, those of a
// subroutine, too.
func TestTransferWhileItRings(t *testing.T) {
	f := seed(t)
	f.sip += third
	f.extensions = `[my]
exten => 1002,1,Dial(SIP/1002,30)
exten => 1003,1,Set(who=1003)
 same => n,Gosub(ring,s,1(SIP/${who}))
[ring]
exten => s,1,Dial(${ARG1},30)
`
	inHouse(t, f, func(h *house) {
		one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
		mine, theirs := one.connects(two)
		asks := one.begins("1003").invites()
		one.answer(100)
		first := three.asked(sip.INVITE)
		three.replyWith(first, 180, "ringing1003", "")
		asks.joins(one.answer(180))
		if said := mine.refersTo(asks); said != "SIP/2.0 200 OK" {
			t.Fatalf("%q was reported", said)
		}
		var rings *sip.Message
		for rings == nil {
			m := three.hear(time.Second)
			if m == nil {
				t.Fatal("1003 is not called for who was transferred")
			}
			switch m.Method() {
			case sip.INVITE:
				rings = m
			case sip.CANCEL:
				three.reply(m, 200)
				three.replyWith(first, 487, "ringing1003", "")
			}
		}
		talks := three.called(rings, "callee1003b")
		three.replyWith(rings, 200, talks.ourTag, three.description())
		for acked := false; !acked; {
			m := three.hear(time.Second)
			if m == nil {
				t.Fatal("no ACK")
			}
			switch {
			case m.Method() == sip.CANCEL:
				three.reply(m, 200)
				three.replyWith(first, 487, "ringing1003", "")
			case m.Method() == sip.ACK && m.ToTag() == talks.ourTag:
				acked = true
			}
		}
		for m := one.hear(time.Second); m != nil; m = one.hear(time.Second) {
			switch {
			case m.IsRequest() && m.Method() == sip.BYE:
				one.reply(m, 200)
			case !m.IsRequest() && m.StatusCode() >= 300:
				asks.ackRefusal(m)
			}
		}
		for m := three.hear(time.Second); m != nil; m = three.hear(time.Second) {
			if m.Method() == sip.CANCEL {
				three.reply(m, 200)
				three.replyWith(first, 487, "ringing1003", "")
			}
		}
		if n := len(h.calls.All()); n != 2 {
			t.Errorf("%d channels are left, want the 2 that talk", n)
		}
		theirs.bye()
		three.reply(three.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestTransferToOneself: a phone whose two calls are one with itself, or whose second call still rings at itself, transfers nobody.
func TestTransferToOneself(t *testing.T) {
	inHouse(t, seed(t), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		mine, theirs := one.connects(one)
		if said := mine.refersTo(theirs); said != "SIP/2.0 503 Service Unavailable" {
			t.Errorf("%q was reported", said)
		}
		mine.bye()
		one.reply(one.asked(sip.BYE), 200)
		mine, _ = one.connects(two)
		caller := two.call("1001")
		m := one.asked(sip.INVITE)
		one.replyWith(m, 180, "ringing1001", "")
		two.answer(180)
		if said := mine.refersTo(one.called(m, "ringing1001")); said != "SIP/2.0 503 Service Unavailable" {
			t.Errorf("%q was reported", said)
		}
		caller.cancel()
		two.answer(200)
		caller.ackRefusal(two.answer(487))
		one.reply(one.asked(sip.CANCEL), 200)
		one.replyWith(m, 487, "ringing1001", "")
		one.asked(sip.ACK)
		mine.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestGuestsTransfer: a guest has no say over another guest's call, even if he knows how it is named (security class 16).
func TestGuestsTransfer(t *testing.T) {
	f := seed(t)
	f.sip = strings.Replace(f.sip, "context=public", "context=my\nallowguest=yes\ndirectmedia=no", 1) + third
	inHouse(t, f, func(h *house) {
		two, three := h.registered("1002", addrTwo), h.registered("1003", addrThree)
		guest, thief := h.phone("guest", addrOne), h.phone("thief", netip.MustParseAddrPort("10.99.0.9:5070"))
		calls := func(from, to *phone) (a, b *talk) {
			a = from.begins(to.name)
			a.send(sip.INVITE, a.body)
			from.answer(100)
			b = to.takes(to.asked(sip.INVITE))
			a.accepted()
			return a, b
		}
		victim, talks := calls(guest, two)
		own, other := calls(thief, three)
		if said := own.refersTo(victim); said != "SIP/2.0 481 Call leg/transaction does not exist" {
			t.Errorf("%q was reported", said)
		}
		h.pass(time.Second)
		if n := len(h.calls.All()); n != 4 {
			t.Errorf("%d channels are left of 4", n)
		}
		victim.bye()
		talks.p.reply(talks.p.asked(sip.BYE), 200)
		own.bye()
		other.p.reply(other.p.asked(sip.BYE), 200)
		h.quiet()
	})
}
