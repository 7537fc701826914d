package scenario

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"obelus/internal/simnet"
	"obelus/sip"
)

// TestRefusals has the called phone refuse in every usual way, and the caller
// get what the original's caller gets.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ says, caller, cause int }{
		{400, 503, 127}, {403, 503, 21}, {404, 503, 1}, {410, 503, 22}, {480, 503, 19}, {486, 486, 17}, {488, 503, 58},
		{500, 503, 38}, {503, 503, 34}, {600, 486, 17}, {603, 486, 21}, {604, 503, 1},
	} {
		tell(t, []story{{strconv.Itoa(c.says), func(h *house, one, two *phone) {
			caller := one.call("1002")
			two.reply(two.asked(sip.INVITE), c.says)
			two.asked(sip.ACK)
			one.reply(one.asked(sip.MESSAGE), 200)
			m := one.final()
			caller.ackRefusal(m)
			if m.StatusCode() != c.caller {
				t.Errorf("the caller gets\n%s", m.Bytes())
			}
			one.header(m, "X-Asterisk-HangupCauseCode", strconv.Itoa(c.cause))
			two.silent(time.Minute)
		}}})
	}
}

// TestCrossing has both sides do something at the same moment.
func TestCrossing(t *testing.T) {
	tell(t, []story{
		{"the called phone answers while the caller cancels", func(h *house, one, two *phone) {
			caller := one.call("1002")
			invite := two.asked(sip.INVITE)
			two.reply(invite, 180)
			one.answer(180)
			caller.cancel()
			one.answer(200)
			caller.ackRefusal(one.answer(487))
			two.asked(sip.CANCEL)
			callee := two.called(invite, "callee1002")
			two.replyWith(invite, 200, callee.ourTag, two.description())
			two.asked(sip.ACK)
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"both hang up", func(h *house, one, two *phone) {
			caller, callee := one.connects(two)
			caller.send(sip.BYE, "")
			callee.send(sip.BYE, "")
			for _, p := range []*phone{one, two} {
				for m := p.hear(time.Second); m != nil; m = p.hear(time.Second) {
					if m.IsRequest() {
						p.reply(m, 200)
					} else if s := m.StatusCode(); s != 200 && s != 481 {
						t.Errorf("a BYE is answered\n%s", m.Bytes())
					}
				}
			}
		}},
		{"the caller hangs up before the answer", func(h *house, one, two *phone) {
			caller := one.call("1002")
			invite := two.asked(sip.INVITE)
			two.reply(invite, 180)
			caller.joins(one.answer(180))
			caller.bye()
			caller.ackRefusal(one.answer(487)) // RFC 3261 section 15.1.2
			two.reply(two.asked(sip.CANCEL), 200)
			two.reply(invite, 487)
			two.asked(sip.ACK)
		}},
		{"the called phone hangs up before the ACK", func(h *house, one, two *phone) {
			caller := one.call("1002")
			callee := two.takes(two.asked(sip.INVITE))
			callee.bye()
			caller.joins(one.answer(200))
			one.silent(0)
			caller.ack("")
			one.reply(one.asked(sip.BYE), 200)
		}},
	})
}

// TestHouseCloses has the house close while phones talk and ring: all are told.
func TestHouseCloses(t *testing.T) {
	inHouse(t, seed(t), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		one.connects(two)
		h.calls.HangupAll(16)
		one.reply(one.asked(sip.BYE), 200)
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestLostPackets has the first packet that begins so be lost: everything goes
// through nevertheless, and once.
func TestLostPackets(t *testing.T) {
	lose := func(h *house, first string) {
		var gone atomic.Bool
		h.net.Filter(func(p simnet.Packet) bool {
			return strings.HasPrefix(string(p.Data), first) && gone.CompareAndSwap(false, true)
		})
	}
	tell(t, []story{
		{"the text", func(h *house, one, two *phone) {
			lose(h, "MESSAGE sip:1002@10.99.0.3")
			one.texts("1002", "text/plain", "hello")
			two.reply(two.asked(sip.MESSAGE), 200)
			two.silent(time.Minute)
			one.silent(time.Minute)
		}},
		{"the text's 200", func(h *house, one, two *phone) {
			one.texts("1002", "text/plain", "hello")
			m := two.asked(sip.MESSAGE)
			lose(h, "SIP/2.0 200")
			two.reply(m, 200)
			again := two.asked(sip.MESSAGE)
			if string(m.Bytes()) != string(again.Bytes()) {
				t.Errorf("another text came:\n%s", again.Bytes())
			}
			two.reply(again, 200)
			one.silent(time.Minute)
		}},
		{"the INVITE", func(h *house, one, two *phone) {
			lose(h, "INVITE sip:1002@10.99.0.3")
			caller, _ := one.connects(two)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the BYE", func(h *house, one, two *phone) {
			caller, _ := one.connects(two)
			lose(h, "BYE sip:1002@10.99.0.3")
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
			two.silent(time.Minute)
		}},
		{"all BYEs: the phone is dead", func(h *house, one, two *phone) {
			caller, _ := one.connects(two)
			h.net.Filter(func(p simnet.Packet) bool { return p.To == addrTwo })
			caller.bye()
			h.pass(time.Minute)
		}},
		{"the caller's CANCEL", func(h *house, one, two *phone) {
			caller := one.call("1002")
			invite := two.asked(sip.INVITE)
			two.reply(invite, 180)
			one.answer(180)
			lose(h, "CANCEL sip:1002@10.99.0.3")
			caller.cancel()
			one.answer(200)
			caller.ackRefusal(one.answer(487))
			two.reply(two.asked(sip.CANCEL), 200)
			two.reply(invite, 487)
			two.asked(sip.ACK)
		}},
		{"the refusal's ACK", func(h *house, one, two *phone) {
			caller := one.call("1002")
			two.reply(two.asked(sip.INVITE), 486)
			two.asked(sip.ACK)
			one.reply(one.asked(sip.MESSAGE), 200)
			first := one.answer(486)
			if again := one.answer(486); string(again.Bytes()) != string(first.Bytes()) {
				t.Errorf("another refusal came:\n%s", again.Bytes())
			}
			caller.ackRefusal(first)
			one.silent(time.Minute)
		}},
	})
}
