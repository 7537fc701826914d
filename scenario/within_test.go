package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// TestWithinACall tells what phones do while they talk.
func TestWithinACall(t *testing.T) {
	tell(t, []story{
		{"hold and resume by re-INVITE", func(h *house, one, two *phone) {
			caller, callee := one.connects(two)
			for _, c := range []struct{ says, hears string }{{"a=sendonly", "a=recvonly"}, {"a=sendrecv", "a=sendrecv"}, {"a=inactive", "a=inactive"}} {
				caller.send(sip.INVITE, one.description(c.says))
				one.answer(100)
				m := caller.accepted()
				if !strings.Contains(string(m.Body()), c.hears) && c.hears != "a=sendrecv" {
					h.t.Errorf("%s was answered\n%s", c.says, m.Body())
				}
			}
			two.silent(time.Second)
			callee.bye()
			one.reply(one.asked(sip.BYE), 200)
		}},
		{"both change the call at once", func(h *house, one, two *phone) {
			caller, _ := one.connects(two)
			caller.send(sip.INVITE, one.description("a=sendonly"))
			one.answer(100)
			first := one.answer(200)
			caller.send(sip.INVITE, one.description("a=sendrecv")) // before the ACK
			caller.ackRefusal(one.answer(500))                     // RFC 3261 section 14.2
			caller.inviteSeq--                                     // the first
			caller.ack("")
			if first.ToTag() != caller.theirTag {
				h.t.Errorf("the first was answered\n%s", first.Bytes())
			}
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"keys by INFO", func(h *house, one, two *phone) {
			caller, _ := one.connects(two)
			for _, body := range []string{"Signal=5\r\nDuration=160\r\n", "Signal=#\r\nDuration=160\r\n"} {
				caller.send(sip.INFO, body, "Content-Type: application/dtmf-relay")
				one.answer(200)
			}
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"text", func(h *house, one, two *phone) {
			caller, callee := one.connects(two)
			for _, c := range []struct {
				from *talk
				to   *phone
				text string
			}{{caller, two, "Zażółć\r\n\"${EXTEN}\" $[1+1]"}, {callee, one, "ok"}} {
				c.from.send(sip.MESSAGE, c.text, "Content-Type: text/plain")
				c.from.p.answer(202)
				m := c.to.asked(sip.MESSAGE)
				if string(m.Body()) != c.text {
					h.t.Errorf("%q arrived as %q", c.text, m.Body())
				}
				c.to.reply(m, 200)
			}
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"OPTIONS and an unknown method", func(h *house, one, two *phone) {
			caller, _ := one.connects(two)
			caller.send("FOO", "")
			one.answer(501)
			caller.send(sip.UPDATE, "")
			one.answer(200)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"an overtaken request", func(h *house, one, two *phone) {
			caller, _ := one.connects(two)
			caller.seq = 0
			caller.send(sip.INFO, "Signal=5\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay")
			one.answer(500) // RFC 3261 section 12.2.2
			caller.seq = 5
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
	})
}

// third, added to the seed's sip.conf, is one more account.
const third = "[1003]\ntype=friend\nsecret=1003\ncontext=my\nhost=dynamic\n"

// TestBlindTransfer has each side of a call send the other to a third phone.
func TestBlindTransfer(t *testing.T) {
	for _, byCaller := range []bool{true, false} {
		t.Run(map[bool]string{true: "by the caller", false: "by the called phone"}[byCaller], func(t *testing.T) {
			f := seed(t)
			f.sip += third
			inHouse(t, f, func(h *house) {
				one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
				who, other := one.connects(two)
				if !byCaller {
					who, other = other, who
				}
				who.send(sip.REFER, "", "Refer-To: <sip:1003@10.99.0.1>")
				who.p.answer(202)
				last := three.takes(three.asked(sip.INVITE))
				who.told()
				h.pass(time.Second)
				last.bye()
				m := other.p.asked(sip.BYE)
				other.p.reply(m, 200)
				h.quiet()
			})
		})
	}
}

// told waits until who transferred a call is told that it went well, and that
// the call has ended.
func (t *talk) told() {
	t.p.h.t.Helper()
	notified, ended := false, false
	for !notified || !ended {
		m := t.p.hear(time.Second)
		if m == nil {
			t.p.h.t.Fatalf("who transferred was told: %t, is out: %t", notified, ended)
		}
		t.p.reply(m, 200)
		switch m.Method() {
		case sip.NOTIFY:
			notified = strings.HasPrefix(string(m.Body()), "SIP/2.0 200")
		case sip.BYE:
			ended = true
		}
	}
}
