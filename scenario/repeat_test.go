package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// TestRepeatedInvite has a caller that heard nothing say the same again: it hears
// what it was told, and there is one call.
func TestRepeatedInvite(t *testing.T) {
	tell(t, []story{{"while it rings", func(h *house, one, two *phone) {
		caller := one.call("1002")
		invite := two.asked(sip.INVITE)
		two.reply(invite, 180)
		first := one.answer(180)
		for range 3 {
			caller.write(sip.INVITE, caller.seq, caller.branch, caller.body, "Content-Type: application/sdp", caller.credentials)
			if again := one.answer(180); string(again.Bytes()) != string(first.Bytes()) {
				t.Errorf("another answer came:\n%s", again.Bytes())
			}
		}
		two.takes(invite)
		caller.accepted()
		two.silent(time.Second)
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
	}}})
}

// TestCallsItself has a phone call its own number.
func TestCallsItself(t *testing.T) {
	inHouse(t, seed(t), func(h *house) {
		one := h.registered("1001", addrOne)
		caller := one.call("1001")
		one.reply(one.asked(sip.INVITE), 486)
		one.asked(sip.ACK)
		one.reply(one.asked(sip.MESSAGE), 200)
		caller.ackRefusal(one.answer(486))
		h.quiet()
	})
}

// TestMovesDuringACall has a phone register from another address while it talks:
// the call stays where it is, the next goes to the new address.
func TestMovesDuringACall(t *testing.T) {
	inHouse(t, seed(t), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller, _ := one.connects(two)
		moved := h.registered("1002", addrThree)
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		caller, _ = one.connects(moved)
		two.silent(time.Second)
		caller.bye()
		moved.reply(moved.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestDiverts has the called phone send the call elsewhere, as the caller's
// dialplan allows.
func TestDiverts(t *testing.T) {
	f := seed(t)
	f.sip += third
	inHouse(t, f, func(h *house) {
		one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
		caller := one.call("1002")
		invite := two.asked(sip.INVITE)
		var b sip.Builder
		b.Response(invite, 302, "", sip.Return{}, "callee1002")
		b.Add(sip.HeaderContact, "<sip:1003@10.99.0.1>")
		two.sendRaw(b.End("", nil))
		two.asked(sip.ACK)
		callee := three.takes(three.asked(sip.INVITE))
		caller.accepted()
		callee.bye()
		one.reply(one.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestReload has a house take new files while a phone rings: the call goes on as
// it began, and the next is made by the new ones.
func TestReload(t *testing.T) {
	inHouse(t, seed(t), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.call("1002")
		invite := two.asked(sip.INVITE)
		h.load(strings.Replace(seed(t).extensions, "Dial(SIP/${EXTEN},30)", "Hangup(17)", 1))
		callee := two.takes(invite)
		caller.accepted()
		callee.bye()
		one.reply(one.asked(sip.BYE), 200)
		next := one.call("1002")
		next.ackRefusal(one.answer(486))
		two.silent(time.Second)
		h.quiet()
	})
}
