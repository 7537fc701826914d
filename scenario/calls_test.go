package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// story is a whole call; the house is quiet after it.
type story struct {
	name string
	tell func(h *house, one, two *phone)
}

// tell tells stories on the seed's files with its two phones registered.
func tell(t *testing.T, stories []story) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			inHouse(t, seed(t), func(h *house) {
				s.tell(h, h.registered("1001", addrOne), h.registered("1002", addrTwo))
				h.quiet()
			})
		})
	}
}

// header fails the test unless a message has that header value.
func (p *phone) header(m *sip.Message, name, want string) {
	p.h.t.Helper()
	if got, _ := m.Header(name); got != want {
		p.h.t.Errorf("%s is %q, want %q in\n%s", name, got, want, m.Bytes())
	}
}

// TestCallsEnd tells how calls begin and end.
func TestCallsEnd(t *testing.T) {
	tell(t, []story{
		{"the caller hangs up", func(h *house, one, two *phone) {
			caller, _ := one.connects(two)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the called phone hangs up", func(h *house, one, two *phone) {
			_, callee := one.connects(two)
			callee.bye()
			bye := one.asked(sip.BYE)
			one.header(bye, "X-Asterisk-HangupCause", "Normal Clearing")
			one.reply(bye, 200)
		}},
		{"the caller cancels", func(h *house, one, two *phone) {
			call := one.call("1002")
			invite := two.asked(sip.INVITE)
			two.reply(invite, 180)
			one.answer(180)
			call.cancel()
			statuses := map[int]bool{}
			for range 2 {
				m := one.hear(time.Second)
				statuses[m.StatusCode()] = true
				if m.StatusCode() == 487 {
					call.ackRefusal(m)
				}
			}
			if !statuses[200] || !statuses[487] {
				h.t.Errorf("a CANCEL was answered %v", statuses)
			}
			two.reply(two.asked(sip.CANCEL), 200)
			two.reply(invite, 487)
			two.asked(sip.ACK)
		}},
		{"busy", func(h *house, one, two *phone) {
			call := one.call("1002")
			two.reply(two.asked(sip.INVITE), 486)
			two.asked(sip.ACK)
			one.reply(one.asked(sip.MESSAGE), 200)
			m := one.answer(486)
			call.ackRefusal(m)
			one.header(m, "X-Asterisk-HangupCauseCode", "17")
		}},
		{"nobody answers", func(h *house, one, two *phone) {
			call := one.call("1002")
			invite := two.asked(sip.INVITE)
			began := time.Now()
			two.reply(invite, 180)
			one.answer(180)
			two.reply(two.asked(sip.CANCEL), 200)
			if took := time.Since(began); took != 30*time.Second {
				h.t.Errorf("it rang for %v", took)
			}
			two.reply(invite, 487)
			two.asked(sip.ACK)
			one.reply(one.asked(sip.MESSAGE), 200)
			call.ackRefusal(one.answer(603)) // as recorded of the original
		}},
		{"the ACK is lost for a while", func(h *house, one, two *phone) {
			call := one.call("1002")
			two.takes(two.asked(sip.INVITE))
			first := one.answer(200)
			began := time.Now()
			for _, after := range []time.Duration{500 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond, 7500 * time.Millisecond} {
				again := one.answer(200)
				if string(again.Bytes()) != string(first.Bytes()) || time.Since(began) != after {
					h.t.Errorf("after %v came\n%s", time.Since(began), again.Bytes())
				}
			}
			call.joins(first)
			call.ack("")
			one.silent(time.Minute)
			call.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the ACK never comes", func(h *house, one, two *phone) {
			one.call("1002")
			two.takes(two.asked(sip.INVITE))
			began := time.Now()
			m := one.answer(200)
			for !m.IsRequest() {
				m = one.hear(time.Minute)
			}
			if m.Method() != sip.BYE || time.Since(began) != 32*time.Second {
				h.t.Errorf("after %v came\n%s", time.Since(began), m.Bytes())
			}
			one.reply(m, 200)
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the called phone repeats its 200 until it is acknowledged", func(h *house, one, two *phone) {
			call := one.call("1002")
			invite := two.asked(sip.INVITE)
			callee := two.takes(invite)
			call.accepted()
			for range 3 { // the ACK was lost
				two.replyWith(invite, 200, callee.ourTag, two.description())
				two.asked(sip.ACK)
			}
			call.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"no codec is shared", func(h *house, one, two *phone) {
			call := one.begins("1002")
			call.body = strings.NewReplacer("RTP/AVP 0 101", "RTP/AVP 18", "a=rtpmap:0 PCMU/8000", "a=rtpmap:18 G729/8000").Replace(call.body)
			call.invites()
			call.ackRefusal(one.answer(488))
			two.silent(time.Minute)
		}},
	})
}
