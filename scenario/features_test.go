package scenario

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/features"
	"obelus/sip"
)

// press has the phone press keys, each told by INFO.
func (t *talk) press(keys string) {
	t.p.h.t.Helper()
	for i := range len(keys) {
		t.send(sip.INFO, fmt.Sprintf("Signal=%c\r\nDuration=160\r\n", keys[i]), "Content-Type: application/dtmf-relay")
		t.p.answer(200)
		t.p.h.pass(100 * time.Millisecond)
	}
}

// threePhones has three phones that tell their keys by INFO, and a dialplan that lets both sides transfer.
func threePhones(t *testing.T) files {
	f := seed(t)
	f.sip = strings.ReplaceAll(f.sip+third, "type=friend\n", "type=friend\ndtmfmode=info\ncallgroup=1\npickupgroup=1,3-5\n")
	f.extensions = "[my]\nexten => _1XXX,1,Dial(SIP/${EXTEN},30,tThH)\nexten => pick,1,Pickup(1002@my)\nexten => pickchan,1,PickupChan(SIP/1002)\nexten => pickmark,1,Pickup(7@PICKUPMARK)\n" +
		"exten => marked,1,Set(__PICKUPMARK=7)\nsame => n,Dial(SIP/1002)\nexten => nobody,1,Pickup(1009@my)\n"
	return f
}

// keysOf is the features.conf of most people.
func keysOf(h *house) {
	c := features.Defaults()
	c.Map["blindxfer"], c.Map["atxfer"], c.Map["disconnect"] = "#1", "*2", "*0"
	h.features.Load(c)
}

// TestTransferByKeys has each side of a call transfer the other by keys, and sees both parties of what is left talk and hang up.
func TestTransferByKeys(t *testing.T) {
	for _, byCaller := range []bool{true, false} {
		for _, attended := range []bool{false, true} {
			t.Run(fmt.Sprintf("by the caller %v, attended %v", byCaller, attended), func(t *testing.T) {
				inHouse(t, threePhones(t), func(h *house) {
					keysOf(h)
					one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
					who, other := one.connects(two)
					if !byCaller {
						who, other = other, who
					}
					if attended {
						who.press("*21003")
					} else {
						who.press("#11003")
						who.p.reply(who.p.asked(sip.BYE), 200)
					}
					m := three.asked(sip.INVITE)
					three.reply(m, 180)
					h.pass(time.Second)
					last := three.takes(m)
					h.pass(time.Second)
					if attended {
						who.press("5")
						if got := three.asked(sip.INFO); !strings.Contains(string(got.Body()), "5") {
							t.Errorf("the target was told %s", got.Body())
						} else {
							three.reply(got, 200)
						}
						other.p.silent(time.Second)
						who.bye()
					}
					h.pass(time.Second)
					other.press("7")
					got := three.asked(sip.INFO)
					three.reply(got, 200)
					if !strings.Contains(string(got.Body()), "7") {
						t.Errorf("the target was told %s", got.Body())
					}
					last.bye()
					other.p.reply(other.p.asked(sip.BYE), 200)
					h.quiet()
				})
			})
		}
	}
}

// TestHangUpByKeys: *0 ends the call, and is not heard by the other.
func TestHangUpByKeys(t *testing.T) {
	inHouse(t, threePhones(t), func(h *house) {
		keysOf(h)
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller, _ := one.connects(two)
		caller.press("*")
		two.silent(500 * time.Millisecond)
		caller.send(sip.INFO, "Signal=0\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay")
		one.answer(200)
		two.reply(two.asked(sip.BYE), 200)
		one.reply(one.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestPickups has a third phone take a call that rings at the second.
func TestPickups(t *testing.T) {
	for exten, dials := range map[string]string{"*8": "1002", "pick": "1002", "pickchan": "1002", "pickmark": "marked"} {
		t.Run(exten, func(t *testing.T) {
			inHouse(t, threePhones(t), func(h *house) {
				one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
				caller := one.call(dials)
				m := two.asked(sip.INVITE)
				two.reply(m, 180)
				one.answer(180)
				h.pass(time.Second)
				taker := three.call(exten)
				taker.accepted()
				two.reply(two.asked(sip.CANCEL), 200)
				two.reply(m, 487)
				two.asked(sip.ACK)
				caller.accepted()
				h.pass(time.Second)
				caller.press("7")
				three.reply(three.asked(sip.INFO), 200)
				caller.bye()
				three.reply(three.asked(sip.BYE), 200)
				h.quiet()
			})
		})
	}
	for exten, status := range map[string]int{"*8": 403, "nobody": 603} {
		t.Run(exten+", and nobody rings", func(t *testing.T) {
			inHouse(t, threePhones(t), func(h *house) {
				three := h.registered("1003", addrThree)
				taker := three.begins(exten).invites()
				if m := three.final(); m.StatusCode() != status {
					t.Errorf("it is answered %d, want %d", m.StatusCode(), status)
				} else {
					taker.ackRefusal(m)
				}
				h.quiet()
			})
		})
	}
}

// TestEventsAreHeldBack: a key that may begin a feature does not pass as RFC 4733 until it turns out to be none, and then once.
func TestEventsAreHeldBack(t *testing.T) {
	f := seed(t)
	f.extensions = "[my]\nexten => _1XXX,1,Dial(SIP/${EXTEN},30,T)\n"
	inHouse(t, f, func(h *house) {
		c := features.Defaults()
		c.Map["blindxfer"] = "55"
		h.features.Load(c)
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller, mine, theirs := talking(h, one, two)
		keyWays[0].presses(h, caller, mine)
		if heard := theirs.hears(t, 101, 10*time.Millisecond); len(heard) != 0 {
			t.Errorf("%d packets of the key have passed", len(heard))
		}
		heard := theirs.hears(t, 101, 2*time.Second)
		ends := 0
		for _, b := range heard {
			if b[1]&0x80 != 0 {
				ends++
			}
		}
		if ends != 3 || heard[0][0] != 5 {
			t.Errorf("the end of the key came %d times in %d packets", ends, len(heard))
		}
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestTransferApplication has the dialplan send a caller elsewhere: by 302 before the answer, by REFER after it.
func TestTransferApplication(t *testing.T) {
	f := seed(t)
	f.extensions = "[my]\nexten => early,1,Transfer(1009)\nexten => late,1,Answer()\nsame => n,Transfer(SIP/1009@there.example)\nsame => n,Set(RESULT=${TRANSFERSTATUS} ${TRANSFERSTATUSPROTOCOL})\nsame => n,Hangup()\n"
	inHouse(t, f, func(h *house) {
		one := h.registered("1001", addrOne)
		caller := one.begins("early").invites()
		m := one.final()
		if c, _ := m.Contact(); m.StatusCode() != 302 || c.Addr != "sip:1009@10.99.0.1" {
			t.Errorf("it is answered %d, %v", m.StatusCode(), c)
		}
		caller.ackRefusal(m)
		h.quiet()
	})
	for name, c := range map[string]struct {
		answer int
		notify string
		want   string
	}{"made": {202, "SIP/2.0 200 OK", "SUCCESS 200"}, "not made": {202, "SIP/2.0 486 Busy Here", "FAILURE 486"}, "refused": {603, "", "FAILURE 603"}} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, f, func(h *house) {
				one := h.registered("1001", addrOne)
				caller := one.call("late")
				caller.accepted()
				ch := h.calls.All()[0]
				got := make(chan string, 1)
				ch.AtEnd(func() { v, _ := ch.Vars.Get("RESULT"); got <- v })
				m := one.asked(sip.REFER)
				if to, _ := m.Header("Refer-To"); to != "<sip:1009@there.example>" {
					t.Errorf("Refer-To: %s", to)
				}
				one.reply(m, c.answer)
				if c.notify != "" {
					caller.send(sip.NOTIFY, c.notify+"\r\n", "Event: refer", "Subscription-State: terminated", "Content-Type: message/sipfrag;version=2.0")
					one.answer(200)
				}
				one.reply(one.asked(sip.BYE), 200)
				if r := <-got; r != c.want {
					t.Errorf("the dialplan is told %q, want %q", r, c.want)
				}
				h.quiet()
			})
		})
	}
}

// TestPreDial has a called channel add a header to its own INVITE, before that is sent: Dial's option b.
func TestPreDial(t *testing.T) {
	f := seed(t)
	f.extensions = "[my]\nexten => _1XXX,1,SIPAddHeader(X-All: yes)\nsame => n,Dial(SIP/${EXTEN},30,b(headers^s^1(${EXTEN}))U(confirm))\n" +
		"[headers]\nexten => s,1,SIPAddHeader(X-For: ${ARG1})\nsame => n,Wait(1)\nsame => n,Return()\n" +
		"[confirm]\nexten => s,1,Read(KEY,,1,,1,3)\nsame => n,ExecIf($[\"${KEY}\" != \"5\"]?Set(GOSUB_RESULT=BUSY))\nsame => n,Return()\n"
	f.sip = strings.ReplaceAll(f.sip, "type=friend\n", "type=friend\ndtmfmode=info\n")
	for _, key := range []string{"5", "6"} {
		inHouse(t, f, func(h *house) {
			one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
			caller := one.call("1002")
			two.silent(900 * time.Millisecond)
			m := two.asked(sip.INVITE)
			for name, want := range map[string]string{"X-For": "1002", "X-All": "yes"} {
				if got, _ := m.Header(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			callee := two.takes(m)
			h.pass(time.Second)
			callee.press(key)
			if key == "5" {
				caller.accepted()
				caller.bye()
				two.reply(two.asked(sip.BYE), 200)
			} else {
				two.reply(two.asked(sip.BYE), 200)
				m := one.final()
				if m.StatusCode() != 486 {
					t.Errorf("the caller is told %d", m.StatusCode())
				}
				caller.ackRefusal(m)
				h.pass(11 * time.Second)
			}
			h.quiet()
		})
	}
	inHouse(t, f, func(h *house) { // the caller gives up before anybody is called
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.call("1002")
		h.pass(500 * time.Millisecond)
		caller.cancel()
		one.answer(200)
		m := one.final()
		caller.ackRefusal(m)
		two.silent(3 * time.Second)
		h.quiet()
	})
}
