package scenario

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

var addrFour = netip.MustParseAddrPort("10.99.0.5:5070")

// TestTwoPhonesOfOneAccount has both ring; the slower one is given up.
func TestTwoPhonesOfOneAccount(t *testing.T) {
	f := seed(t)
	f.sip = strings.Replace(f.sip, "[1002]\n", "[1002]\nmax_contacts=2\n", 1)
	inHouse(t, f, func(h *house) {
		one, two, desk := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1002", addrFour)
		caller := one.call("1002")
		invite, other := two.asked(sip.INVITE), desk.asked(sip.INVITE)
		two.reply(invite, 180)
		desk.reply(other, 180)
		one.answer(180)
		callee := desk.takes(other)
		caller.accepted()
		cancel := two.asked(sip.CANCEL)
		two.header(cancel, "Reason", `SIP;cause=200;text="Call completed elsewhere"`) // no missed call
		two.reply(cancel, 200)
		two.reply(invite, 487)
		two.asked(sip.ACK)
		callee.bye()
		one.reply(one.asked(sip.BYE), 200)
		two.silent(time.Minute)
		h.quiet()
	})
}

// TestEarlyMedia has the called phone's 183 reach the caller, once, with a
// description.
func TestEarlyMedia(t *testing.T) {
	tell(t, []story{{"183", func(h *house, one, two *phone) {
		caller := one.call("1002")
		m := two.asked(sip.INVITE)
		two.replyWith(m, 183, "callee1002", two.description())
		early := one.answer(183)
		if !strings.Contains(string(early.Body()), "m=audio") {
			t.Errorf("there is no description in\n%s", early.Bytes())
		}
		two.takes(m)
		if m := caller.accepted(); m.ToTag() != early.ToTag() {
			t.Errorf("the 183 and the 200 are of different calls")
		}
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
	}}})
}

// TestNoDescription has a caller that leaves the offer to the other side
// (RFC 3261 section 13.2.1).
func TestNoDescription(t *testing.T) {
	tell(t, []story{
		{"the answer is in the ACK", func(h *house, one, two *phone) {
			caller := one.begins("1002")
			caller.body = ""
			caller.invites()
			one.answer(100)
			two.takes(two.asked(sip.INVITE))
			m := one.answer(200)
			if !strings.Contains(string(m.Body()), "m=audio") {
				t.Errorf("there is no offer in\n%s", m.Bytes())
			}
			caller.joins(m)
			caller.ack(one.description())
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the ACK has none", func(h *house, one, two *phone) {
			caller := one.begins("1002")
			caller.body = ""
			caller.invites()
			one.answer(100)
			two.takes(two.asked(sip.INVITE))
			caller.accepted()
			one.reply(one.asked(sip.BYE), 200)
			two.reply(two.asked(sip.BYE), 200)
		}},
	})
}

// TestForked has a proxy behind the called address: two phones answer one
// INVITE. The first has the call, the other is acknowledged and let go
// (RFC 3261 section 13.2.2.4).
func TestForked(t *testing.T) {
	tell(t, []story{{"two 200s", func(h *house, one, two *phone) {
		caller := one.call("1002")
		m := two.asked(sip.INVITE)
		two.replyWith(m, 180, "fork1", "")
		two.replyWith(m, 180, "fork2", "")
		one.answer(180)
		callee := two.called(m, "fork1")
		two.replyWith(m, 200, "fork1", two.description())
		two.asked(sip.ACK)
		caller.accepted()
		two.replyWith(m, 200, "fork2", two.description())
		if ack := two.asked(sip.ACK); ack.ToTag() != "fork2" {
			t.Errorf("the second 200 was acknowledged\n%s", ack.Bytes())
		}
		bye := two.asked(sip.BYE)
		if bye.ToTag() != "fork2" {
			t.Errorf("the wrong call was let go:\n%s", bye.Bytes())
		}
		two.reply(bye, 200)
		callee.bye()
		one.reply(one.asked(sip.BYE), 200)
	}}})
}

// TestCallLimit has an account call, and be called, no more often than it may.
func TestCallLimit(t *testing.T) {
	f := seed(t)
	f.sip = strings.ReplaceAll(f.sip, "host=dynamic\n", "host=dynamic\ncall-limit=1\n")
	f.sip += third
	inHouse(t, f, func(h *house) {
		one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
		caller, _ := one.connects(two)
		again := one.begins("1003").invites()
		again.ackRefusal(one.answer(480))
		late := three.call("1002")
		three.reply(three.asked(sip.MESSAGE), 200)
		m := three.answer(486)
		late.ackRefusal(m)
		three.header(m, "X-Asterisk-HangupCauseCode", "17")
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
		// What was refused counts no more: both may call again.
		_, callee := one.connects(two)
		callee.bye()
		one.reply(one.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestDescriptionAmongParts has an offer that is one part of a body
// (RFC 5621 section 3.1).
func TestDescriptionAmongParts(t *testing.T) {
	tell(t, []story{{"multipart", func(h *house, one, two *phone) {
		caller := one.begins("1002")
		caller.body = "--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n" + one.description() + "\r\n--b1--\r\n"
		caller.invites("Content-Type: multipart/mixed; boundary=b1")
		one.answer(100)
		two.takes(two.asked(sip.INVITE))
		caller.accepted()
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
	}}})
}
