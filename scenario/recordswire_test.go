package scenario

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// serials are the numbers of channels.
var serials = regexp.MustCompile(`-[0-9a-f]{8}`)

// TestRecordsOnTheWire tells calls between real phones, and the records they make.
func TestRecordsOnTheWire(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(h *house, one, two, three *phone)
		want []string
	}{
		{"the caller hangs up, with the call on hold for a while", func(h *house, one, two, _ *phone) {
			caller, _ := one.connects(two)
			h.pass(3 * time.Second)
			caller.send(sip.INVITE, strings.Replace(caller.body, "a=sendrecv", "a=sendonly", 1))
			one.answer(100)
			caller.accepted()
			caller.ack("")
			h.pass(4 * time.Second)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}, []string{"SIP/1001 SIP/1002 1002 Dial ANSWERED 8/8"}},
		{"the called phone hangs up", func(h *house, one, two, _ *phone) {
			_, callee := one.connects(two)
			h.pass(3 * time.Second)
			callee.bye()
			one.reply(one.asked(sip.BYE), 200)
		}, []string{"SIP/1001 SIP/1002 1002 Dial ANSWERED 4/4"}},
		{"the caller cancels", func(h *house, one, two, _ *phone) {
			call := one.call("1002")
			invite := two.asked(sip.INVITE)
			two.reply(invite, 180)
			one.answer(180)
			h.pass(5 * time.Second)
			call.cancel()
			for range 2 {
				if m := one.hear(time.Second); m.StatusCode() == 487 {
					call.ackRefusal(m)
				}
			}
			two.reply(two.asked(sip.CANCEL), 200)
			two.reply(invite, 487)
			two.asked(sip.ACK)
		}, []string{"SIP/1001 SIP/1002 1002 Dial NO ANSWER 5/0"}},
		{"the phone is busy", refused(486, 486), []string{"SIP/1001 SIP/1002 1002 Dial BUSY 0/0"}},
		{"the phone declines", refused(603, 486), []string{"SIP/1001 SIP/1002 1002 Dial BUSY 0/0"}},
		{"the phone can't", refused(503, 503), []string{"SIP/1001 SIP/1002 1002 Dial FAILED 0/0"}},
		{"an extension that there is not", func(h *house, one, _, _ *phone) {
			call := one.begins("*1").invites()
			call.ackRefusal(one.answer(404))
		}, nil},
		{"forwarded by a 302", func(h *house, one, two, three *phone) {
			caller := one.call("1002")
			var moved sip.Builder
			moved.Response(two.asked(sip.INVITE), 302, "", sip.Return{}, "callee1002")
			moved.Add(sip.HeaderContact, "<sip:1003@10.99.0.1>")
			two.sendRaw(moved.End("", nil))
			two.asked(sip.ACK)
			three.takes(three.asked(sip.INVITE))
			caller.accepted()
			h.pass(3 * time.Second)
			caller.bye()
			three.reply(three.asked(sip.BYE), 200)
		}, []string{"SIP/1001 SIP/1002 1002 Dial NO ANSWER 0/0", "Local/1003@my;2 SIP/1003 1003 Dial ANSWERED 3/3", "SIP/1001 Local/1003@my;1 1002 Dial ANSWERED 3/3"}},
		{"transferred by the caller", transferred(true), []string{"SIP/1001 SIP/1002 1002 Dial ANSWERED 1/1", "SIP/1002 SIP/1003 1003 Dial ANSWERED 3/3"}},
		{"transferred by the called phone", transferred(false), []string{"SIP/1001 SIP/1002 1002 Dial ANSWERED 1/1", "SIP/1001 SIP/1003 1003 Dial ANSWERED 3/3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := seed(t)
			f.sip += third
			f.extensions = strings.Replace(f.extensions, "same => n,SendText(Welcome to Asterisk)\n", "", 1)
			inHouse(t, f, func(h *house) {
				one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
				c.tell(h, one, two, three)
				h.quiet()
				got := serials.ReplaceAllString(strings.Join(h.book.lines(), "\n"), "")
				if want := strings.Join(c.want, "\n"); got != want {
					t.Errorf("the records are\n%s\nwant\n%s", got, want)
				}
				if file := serials.ReplaceAllString(strings.Join(h.book.master(t), "\n"), ""); file != got {
					t.Errorf("in Master.csv are\n%s", file)
				}
				if len(h.book.begun) > 0 {
					t.Errorf("begun and not ended: %v", h.book.begun)
				}
			})
		})
	}
}

// refused is a call that the phone refuses with one status, and the caller hears another.
func refused(status, heard int) func(h *house, one, two, three *phone) {
	return func(_ *house, one, two, _ *phone) {
		call := one.call("1002")
		two.reply(two.asked(sip.INVITE), status)
		two.asked(sip.ACK)
		call.ackRefusal(one.answer(heard))
	}
}

// transferred is a call that one side sends on to a third phone.
func transferred(byCaller bool) func(h *house, one, two, three *phone) {
	return func(h *house, one, two, three *phone) {
		who, other := one.connects(two)
		if !byCaller {
			who, other = other, who
		}
		who.send(sip.REFER, "", "Refer-To: <sip:1003@10.99.0.1>")
		who.p.answer(202)
		last := three.takes(three.asked(sip.INVITE))
		who.told()
		h.pass(3 * time.Second)
		last.bye()
		other.p.reply(other.p.asked(sip.BYE), 200)
	}
}
