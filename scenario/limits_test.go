package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// TestLimitOfTwoPhones has an account with two phones and a limit of one call: a call to
// it is one call, and both ring; a second one is refused.
func TestLimitOfTwoPhones(t *testing.T) {
	f := seed(t)
	f.sip = strings.Replace(f.sip, "[1002]\n", "[1002]\nmax_contacts=2\ncall-limit=1\n", 1) + third
	inHouse(t, f, func(h *house) {
		one, two, desk, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1002", addrFour), h.registered("1003", addrThree)
		caller := one.call("1002")
		invite, other := two.asked(sip.INVITE), desk.asked(sip.INVITE)
		two.reply(invite, 180)
		desk.reply(other, 180)
		one.answer(180)
		second := three.call("1002")
		three.reply(three.asked(sip.MESSAGE), 200) // the seed says so by text, too
		second.ackRefusal(three.answer(486))
		callee := desk.takes(other)
		caller.accepted()
		two.reply(two.asked(sip.CANCEL), 200)
		two.reply(invite, 487)
		two.asked(sip.ACK)
		callee.bye()
		one.reply(one.asked(sip.BYE), 200)
		two.silent(time.Minute)
		h.quiet()
	})
}

// TestDivertsNowhereElse has a phone that sends a call on name what is no number: it
// gets into no other context by it.
func TestDivertsNowhereElse(t *testing.T) {
	for _, user := range []string{"1003%2Fn", "1003%40default", "1003/n", "1003&SIP%2F1003"} {
		f := seed(t)
		f.sip += third
		f.extensions = strings.Replace(f.extensions, "[default]", "[default]\nexten => 1003,1,Dial(SIP/1003)\n", 1)
		inHouse(t, f, func(h *house) {
			one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
			caller := one.call("1002")
			invite := two.asked(sip.INVITE)
			var b sip.Builder
			b.Response(invite, 302, "", sip.Return{}, "callee1002")
			b.Add(sip.HeaderContact, "<sip:"+user+"@10.99.0.1>")
			two.sendRaw(b.End("", nil))
			two.asked(sip.ACK)
			if m := one.final(); m.StatusCode() < 400 {
				t.Errorf("%s: the call ended with\n%s", user, m.Bytes())
			} else {
				caller.ackRefusal(m)
			}
			three.silent(time.Second)
			h.quiet()
		})
	}
}
