package scenario

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"obelus/sip"
)

// replaces names a talk as the one who gets an INVITE knows it (RFC 3891).
func (t *talk) replaces() string {
	return fmt.Sprintf("%s;to-tag=%s;from-tag=%s", t.callID, t.theirTag, t.ourTag)
}

// fourth is one more account behind the third.
const fourth = third + "[1004]\ntype=friend\nsecret=1004\ncontext=my\nhost=dynamic\n"

// TestAttendedTransfer has a phone with two calls connect the other parties and leave.
func TestAttendedTransfer(t *testing.T) {
	for name, calls := range map[string][2]bool{ // whether the phone that transfers made the call
		"two calls made": {true, true}, "one came, one made": {false, true}, "two came": {false, false}, "one made, one came": {true, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := seed(t)
			f.sip += third
			inHouse(t, f, func(h *house) {
				one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
				var mine, theirs [2]*talk
				for i, other := range []*phone{two, three} {
					if calls[i] {
						mine[i], theirs[i] = one.connects(other)
					} else {
						theirs[i], mine[i] = other.connects(one)
					}
				}
				mine[0].send(sip.REFER, "", "Refer-To: <sip:1003@10.99.0.1?Replaces="+url.QueryEscape(mine[1].replaces())+">")
				one.answer(202)
				h.transferred(one, 2)
				h.pass(2 * time.Second)
				if n := len(h.calls.All()); n != 2 {
					t.Errorf("%d channels are left, want the 2 that talk", n)
				}
				theirs[0].send(sip.INFO, "Signal=5\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay")
				two.answer(200) // the call lives
				theirs[0].bye()
				three.reply(three.asked(sip.BYE), 200)
				h.quiet()
			})
		})
	}
}

// transferred waits until a phone is told that its transfer went well, and that so many calls
// of its have ended.
func (h *house) transferred(p *phone, calls int) {
	h.t.Helper()
	notified := false
	for !notified || calls > 0 {
		m := p.hear(time.Second)
		if m == nil {
			h.t.Fatalf("who transferred was told: %t; %d calls go on", notified, calls)
		}
		p.reply(m, 200)
		switch m.Method() {
		case sip.NOTIFY:
			notified = notified || string(m.Body()) == "SIP/2.0 200 OK\r\n"
		case sip.BYE:
			calls--
		}
	}
}

// TestTransferWithNobody: a REFER whose Replaces names no call of the phone changes nothing.
func TestTransferWithNobody(t *testing.T) {
	f := seed(t)
	f.sip += fourth
	inHouse(t, f, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		mine, _ := one.connects(two)
		for _, with := range []string{"nosuch;to-tag=1;from-tag=2", mine.replaces()} {
			mine.send(sip.REFER, "", "Refer-To: <sip:1003@10.99.0.1?Replaces="+url.QueryEscape(with)+">")
			one.answer(202)
			notify := one.asked(sip.NOTIFY)
			if got := string(notify.Body()); got != "SIP/2.0 481 Call leg/transaction does not exist\r\n" {
				t.Errorf("%q was reported", got)
			}
			one.reply(notify, 200)
		}
		mine.send(sip.REFER, "", "Refer-To: <sip:1003@10.99.0.1?Replaces=nonsense>")
		one.answer(400)
		mine.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestReplaces has a third phone take the place of one that talks.
func TestReplaces(t *testing.T) {
	for _, caller := range []bool{true, false} {
		t.Run(map[bool]string{true: "of the caller", false: "of the called phone"}[caller], func(t *testing.T) {
			f := seed(t)
			f.sip += third
			inHouse(t, f, func(h *house) {
				one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
				leaves, stays := one.connects(two)
				if !caller {
					leaves, stays = stays, leaves
				}
				in := three.call("1001", "Replaces: "+leaves.replaces())
				in.accepted()
				m := leaves.p.asked(sip.BYE)
				leaves.p.reply(m, 200)
				h.pass(time.Second)
				in.bye()
				stays.p.reply(stays.p.asked(sip.BYE), 200)
				h.quiet()
			})
		})
	}
}

// TestReplacesRefused: what names no call, or none that can be had, is refused.
func TestReplacesRefused(t *testing.T) {
	f := seed(t)
	f.sip += third
	inHouse(t, f, func(h *house) {
		one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
		caller, _ := one.connects(two)
		for value, status := range map[string]int{"nosuch;to-tag=1;from-tag=2": 481, "nonsense": 400, caller.replaces() + ";early-only": 486} {
			c := three.begins("1001").invites("Replaces: " + value)
			c.ackRefusal(three.answer(status))
		}
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
}
