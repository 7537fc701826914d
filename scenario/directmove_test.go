package scenario

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/call"
	"obelus/sip"
)

// directStory is what happens to two phones that may send to each other.
type directStory struct {
	name          string
	general, step string
	tell          func(h *house, one, two *phone)
}

func tellDirect(t *testing.T, stories []directStory) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			inHouse(t, directHouse(s.general, "", "", s.step), func(h *house) {
				s.tell(h, h.registered("1001", addrOne), h.registered("1002", addrTwo))
				h.quiet()
			})
		})
	}
}

// answered has one phone call another, which answers, and nothing more.
func (p *phone) answered(other *phone, headers ...string) (caller, callee *talk) {
	p.h.t.Helper()
	caller = p.call(other.name, headers...)
	m := other.asked(sip.INVITE)
	callee = other.called(m, "callee"+other.name)
	other.replyWith(m, 200, callee.ourTag, callee.body, headers...)
	other.asked(sip.ACK)
	caller.accepted()
	return caller, callee
}

// ends has the caller hang up; the called phone hears of nothing else.
func (t *talk) ends(other *phone) {
	t.p.h.t.Helper()
	t.bye()
	other.reply(other.asked(sip.BYE), 200)
}

// names fails the test unless a message has a description that names an address.
func (p *phone) names(m *sip.Message, addr string) {
	p.h.t.Helper()
	if !strings.Contains(string(m.Body()), "c=IN IP4 "+addr+"\r\n") {
		p.h.t.Errorf("phone %s is to send to %s, and was told\n%s", p.name, addr, m.Bytes())
	}
}

// within measures how long something takes.
func within(h *house, least, most time.Duration, what func()) {
	h.t.Helper()
	began := time.Now()
	what()
	if took := time.Since(began); took < least || took > most {
		h.t.Errorf("it took %v, and ought to take %v to %v", took, least, most)
	}
}

const (
	atHouse = "10.99.0.1"
	atOne   = "10.99.0.2"
	atTwo   = "10.99.0.3"
	atThree = "10.99.0.4"
)

// TestDirectMediaIsTold has the ways in which phones are told of each other.
func TestDirectMediaIsTold(t *testing.T) {
	const both = "Allow: INVITE, ACK, CANCEL, BYE, UPDATE"
	tellDirect(t, []directStory{
		{"by UPDATE", "directmedia=update", "", func(h *house, one, two *phone) {
			caller, callee := one.answered(two, both)
			callee.sentTo(sip.UPDATE, atOne)
			caller.sentTo(sip.UPDATE, atTwo)
			two.silent(time.Minute)
			caller.ends(two)
		}},
		{"by UPDATE,nonat, where it is not allowed after all", "directmedia=update,nonat", "", func(h *house, one, two *phone) {
			caller, callee := one.answered(two, both)
			two.reply(two.asked(sip.UPDATE), 405)
			callee.sentTo(sip.INVITE, atOne)
			caller.sentTo(sip.UPDATE, atTwo)
			caller.ends(two)
		}},
		{"glare", "", "", func(h *house, one, two *phone) {
			caller, callee := one.answered(two)
			two.replyWith(two.asked(sip.INVITE), 491, callee.ourTag, "")
			two.asked(sip.ACK)
			within(h, 2100*time.Millisecond, 4010*time.Millisecond, func() { callee.sentTo(sip.INVITE, atOne) }) // RFC 3261 section 14.1: our Call-ID
			one.replyWith(one.asked(sip.INVITE), 491, caller.ourTag, "")
			one.asked(sip.ACK)
			within(h, 0, 2010*time.Millisecond, func() { caller.sentTo(sip.INVITE, atTwo) })
			caller.ends(two)
		}},
		{"the called phone refuses", "", "", func(h *house, one, two *phone) {
			caller, callee := one.answered(two)
			two.replyWith(two.asked(sip.INVITE), 488, callee.ourTag, "")
			two.asked(sip.ACK)
			two.silent(time.Minute)
			one.silent(time.Minute)
			var shown strings.Builder
			if h.sip.ShowChannel(&shown, caller.callID); !strings.Contains(shown.String(), "refused it: 488") {
				h.t.Errorf("it is not said why:\n%s", shown.String())
			}
			caller.ends(two)
		}},
		{"the caller refuses", "", "", func(h *house, one, two *phone) {
			caller, callee := one.answered(two)
			callee.sentTo(sip.INVITE, atOne)
			one.replyWith(one.asked(sip.INVITE), 500, caller.ourTag, "")
			one.asked(sip.ACK)
			callee.sentTo(sip.INVITE, atHouse)
			two.silent(time.Minute)
			caller.ends(two)
		}},
		{"the called phone answers without sound", "", "", func(h *house, one, two *phone) {
			caller, callee := one.answered(two)
			two.replyWith(two.asked(sip.INVITE), 200, callee.ourTag, strings.Replace(callee.body, "m=audio 40000", "m=audio 0", 1))
			two.asked(sip.ACK)
			callee.sentTo(sip.INVITE, atHouse)
			one.silent(time.Minute)
			caller.ends(two)
		}},
		{"other payload numbers", "", "", func(h *house, one, two *phone) {
			caller := one.callWith("1002", strings.ReplaceAll(one.description(), "101", "97"))
			m := two.asked(sip.INVITE)
			callee := two.takes(m)
			caller.accepted()
			m = two.asked(sip.INVITE)
			if !strings.Contains(string(m.Body()), "m=audio 40000 RTP/AVP 0 97\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:97 telephone-event/8000\r\n") {
				h.t.Errorf("the called phone is told\n%s", m.Body())
			}
			two.replyWith(m, 200, callee.ourTag, strings.ReplaceAll(callee.body, "101", "97")) // it takes the number over
			two.asked(sip.ACK)
			m = one.asked(sip.INVITE)
			if !strings.Contains(string(m.Body()), "m=audio 40000 RTP/AVP 0 97\r\n") {
				h.t.Errorf("the caller is told\n%s", m.Body())
			}
			one.replyWith(m, 200, caller.ourTag, caller.body)
			one.asked(sip.ACK)
			one.silent(time.Minute)
			two.silent(time.Minute)
			caller.ends(two)
		}},
		{"phones that change their minds for ever", "", "", func(h *house, one, two *phone) {
			caller, callee := one.answered(two)
			told := map[*phone]*talk{one: caller, two: callee}
			port, quiet := 40000, map[*phone]bool{}
			for n := 0; !quiet[one] || !quiet[two]; n++ {
				if n > 100 {
					h.t.Fatal("it never ends")
				}
				for p, c := range told {
					m := p.hear(50 * time.Millisecond)
					if quiet[p] = m == nil; quiet[p] {
						continue
					}
					port += 2
					p.replyWith(m, 200, c.ourTag, strings.Replace(c.body, "40000", fmt.Sprint(port), 1))
					p.asked(sip.ACK)
				}
			}
			caller.ends(two)
		}},
		{"outgoing: who called is not told by itself", "directmedia=outgoing", "", func(h *house, one, two *phone) {
			caller, callee := one.answered(two)
			callee.sentTo(sip.INVITE, atOne)
			one.silent(time.Minute)
			caller.send(sip.INVITE, one.description())
			one.answer(100)
			one.names(caller.accepted(), atTwo) // but when it asks
			caller.ends(two)
		}},
		{"the caller's ACK is late", "", "", func(h *house, one, two *phone) {
			caller := one.call("1002")
			callee := two.takes(two.asked(sip.INVITE))
			m := one.answer(200)
			two.silent(300 * time.Millisecond) // nobody is told of somebody who may never come
			caller.joins(m)
			caller.ack("")
			callee.sentTo(sip.INVITE, atOne)
			caller.sentTo(sip.INVITE, atTwo)
			caller.ends(two)
		}},
	})
}

// TestDirectMediaEnds has what brings the sound back, and what does not.
func TestDirectMediaEnds(t *testing.T) {
	tellDirect(t, []directStory{
		{"the called phone holds, and is back", "", "", func(h *house, one, two *phone) {
			caller, callee := one.direct(two)
			callee.send(sip.INVITE, two.description("a=sendonly"))
			two.answer(100)
			m := callee.accepted()
			two.names(m, atHouse)
			if !strings.Contains(string(m.Body()), "a=recvonly") {
				h.t.Errorf("the hold is answered\n%s", m.Body())
			}
			caller.sentTo(sip.INVITE, atHouse)
			two.silent(time.Minute)
			callee.send(sip.INVITE, two.description("a=sendrecv"))
			two.answer(100)
			callee.accepted()
			callee.sentTo(sip.INVITE, atOne)
			caller.sentTo(sip.INVITE, atTwo)
			two.silent(time.Minute)
			caller.ends(two)
		}},
		{"the caller holds by UPDATE", "", "", func(h *house, one, two *phone) {
			caller, callee := one.direct(two)
			caller.send(sip.UPDATE, one.description("a=inactive"))
			one.names(one.answer(200), atHouse)
			callee.sentTo(sip.INVITE, atHouse)
			one.silent(time.Minute)
			caller.ends(two)
		}},
		{"a phone moves", "", "", func(h *house, one, two *phone) {
			caller, callee := one.direct(two)
			caller.send(sip.INVITE, strings.Replace(one.description(), "40000", "41000", 1))
			one.answer(100)
			one.names(caller.accepted(), atTwo) // it goes on sending to the other phone
			m := callee.sentTo(sip.INVITE, atOne)
			if !strings.Contains(string(m.Body()), "m=audio 41000 ") {
				h.t.Errorf("the other phone was told\n%s", m.Body())
			}
			one.silent(time.Minute)
			caller.ends(two)
		}},
		{"a phone changes its codec", "allow=!all,ulaw,alaw", "", func(h *house, one, two *phone) {
			many := func(p *phone) string { return strings.Replace(p.description(), "AVP 0 101", "AVP 0 8 101", 1) }
			caller := one.callWith("1002", many(one))
			m := two.asked(sip.INVITE)
			callee := two.called(m, "callee1002")
			callee.body = many(two)
			two.replyWith(m, 200, callee.ourTag, callee.body)
			two.asked(sip.ACK)
			caller.accepted()
			callee.sentTo(sip.INVITE, atOne)
			caller.sentTo(sip.INVITE, atTwo)
			caller.send(sip.INVITE, strings.Replace(one.description(), "AVP 0 101", "AVP 8 101", 1))
			one.answer(100)
			caller.accepted()
			for _, want := range []struct {
				c    *talk
				addr string
			}{{callee, atOne}, {caller, atTwo}} {
				if m := want.c.p.hear(time.Second); m != nil { // the caller may know already
					want.c.p.names(m, want.addr)
					if !strings.Contains(string(m.Body()), "AVP 8 101") {
						h.t.Errorf("told is\n%s", m.Body())
					}
					want.c.p.replyWith(m, 200, want.c.ourTag, strings.Replace(want.c.p.description(), "AVP 0 101", "AVP 8 101", 1))
					want.c.p.asked(sip.ACK)
				} else if want.c == callee {
					h.t.Error("the called phone is told nothing")
				}
			}
			one.silent(time.Minute)
			caller.ends(two)
		}},
		{"an offer is asked for", "", "", func(h *house, one, two *phone) {
			caller, _ := one.direct(two)
			caller.send(sip.INVITE, "")
			one.answer(100)
			m := one.answer(200)
			one.names(m, atTwo)
			caller.ack(one.description())
			one.silent(time.Minute)
			two.silent(time.Minute)
			caller.ends(two)
		}},
		{"the bridge is to be heard", "", "", func(h *house, one, two *phone) {
			caller, callee := one.direct(two)
			h.channelOf("1001").Bridge().Anchor("it is recorded")
			caller.sentTo(sip.INVITE, atHouse)
			callee.sentTo(sip.INVITE, atHouse)
			one.silent(time.Minute)
			caller.ends(two)
		}},
		{"something is played", "", "", func(h *house, one, two *phone) {
			caller, callee := one.direct(two)
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- h.channelOf("1002").Media().Play(ctx, endless{}) }()
			caller.sentTo(sip.INVITE, atHouse)
			callee.sentTo(sip.INVITE, atHouse)
			one.silent(time.Minute)
			stop()
			<-done
			callee.sentTo(sip.INVITE, atOne)
			caller.sentTo(sip.INVITE, atTwo)
			caller.ends(two)
		}},
		{"a phone sends from elsewhere", "", "", func(h *house, one, two *phone) {
			caller := one.call("1002")
			callee := two.takes(two.asked(sip.INVITE))
			voice := one.speaks(42000, caller.accepted())
			callee.sentTo(sip.INVITE, atOne)
			caller.sentTo(sip.INVITE, atTwo)
			for i := range 10 {
				voice.says(h.t, uint16(i), 0x55)
				h.pass(20 * time.Millisecond)
			}
			caller.sentTo(sip.INVITE, atHouse)
			callee.sentTo(sip.INVITE, atHouse)
			one.silent(time.Minute)
			caller.ends(two)
		}},
		{"the called phone hangs up, and the dialplan hangs up", "", "", func(h *house, one, two *phone) {
			_, callee := one.direct(two)
			callee.bye()
			one.reply(one.asked(sip.BYE), 200) // no re-INVITE just before
			one.silent(time.Minute)
		}},
		{"the called phone hangs up while it is asked", "", "", func(h *house, one, two *phone) {
			_, callee := one.answered(two)
			ours := two.asked(sip.INVITE)
			callee.bye()
			two.replyWith(ours, 487, callee.ourTag, "")
			two.asked(sip.ACK)
			one.reply(one.asked(sip.BYE), 200)
			two.silent(time.Minute)
		}},
		{"the caller hangs up while the other is asked, which agrees late", "", "", func(h *house, one, two *phone) {
			caller, callee := one.answered(two)
			ours := two.asked(sip.INVITE)
			caller.bye()
			bye := two.asked(sip.BYE)
			two.replyWith(ours, 200, callee.ourTag, callee.body)
			two.asked(sip.ACK)
			two.reply(bye, 200)
			two.silent(time.Minute)
			one.silent(time.Minute)
		}},
		{"it holds while the other is asked", "", "", func(h *house, one, two *phone) {
			caller, callee := one.answered(two)
			ours := two.asked(sip.INVITE)
			caller.send(sip.INVITE, one.description("a=sendonly"))
			one.answer(100)
			one.names(caller.accepted(), atHouse)
			two.replyWith(ours, 200, callee.ourTag, callee.body)
			two.asked(sip.ACK)
			callee.sentTo(sip.INVITE, atHouse) // what was wanted meanwhile
			two.silent(time.Minute)
			caller.ends(two)
		}},
		{"a phone does not come back", "", "", func(h *house, one, two *phone) {
			caller, callee := one.direct(two)
			caller.send(sip.INVITE, one.description("a=sendonly"))
			one.answer(100)
			caller.accepted()
			for range 3 {
				two.replyWith(two.asked(sip.INVITE), 500, callee.ourTag, "")
				two.asked(sip.ACK)
			}
			two.silent(time.Minute)
			caller.ends(two)
		}},
		{"a phone that is gone", "", "", func(h *house, one, two *phone) {
			_, callee := one.answered(two)
			two.replyWith(two.asked(sip.INVITE), 481, callee.ourTag, "")
			two.asked(sip.ACK)
			two.reply(two.asked(sip.BYE), 481)
			one.reply(one.asked(sip.BYE), 200)
		}},
	})
}

// TestDirectMediaRefresh has sessions refreshed while the two send to each other:
// nobody is told anything new (RFC 4028).
func TestDirectMediaRefresh(t *testing.T) {
	inHouse(t, directHouse("", "", "", ""), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		timer := []string{"Session-Expires: 120;refresher=uac", "Require: timer"}
		caller := one.call("1002", "Supported: timer", "Session-Expires: 120;refresher=uas")
		callee := two.takes(two.asked(sip.INVITE))
		caller.accepted()
		callee.sentTo(sip.INVITE, atOne)
		for range 3 { // told of the other, refreshed twice
			m := one.asked(sip.INVITE)
			one.names(m, atTwo)
			one.header(m, "Session-Expires", "120;refresher=uac")
			one.replyWith(m, 200, caller.ourTag, caller.body, timer...)
			one.asked(sip.ACK)
		}
		caller.ends(two)
		h.quiet()
	})
}

// TestDirectMediaTransfer has a call between two phones go to a third: the one that
// stays is told of it, and never of us where that is not needed.
func TestDirectMediaTransfer(t *testing.T) {
	inHouse(t, directHouse("", "", "", ""), func(h *house) {
		one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
		caller, callee := one.direct(two)
		callee.send(sip.REFER, "", "Refer-To: <sip:1003@10.99.0.1>")
		two.answer(202)
		m := three.asked(sip.INVITE)
		callee.told()
		caller.sentTo(sip.INVITE, atHouse) // it rings, and the old bridge is gone
		last := three.takes(m)
		last.sentTo(sip.INVITE, atOne)
		caller.sentTo(sip.INVITE, atThree)
		one.silent(time.Minute)
		last.bye()
		one.reply(one.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestDirectRTPSetup has the phones told of each other by the first descriptions
// (directrtpsetup=yes), where that can be: no re-INVITE follows.
func TestDirectRTPSetup(t *testing.T) {
	const yes = "directrtpsetup=yes\n"
	tellDirect(t, []directStory{
		{"at once", yes, "", func(h *house, one, two *phone) {
			caller := one.call("1002")
			m := two.asked(sip.INVITE)
			two.names(m, atOne)
			two.takes(m)
			one.names(caller.accepted(), atTwo)
			two.silent(time.Minute)
			one.silent(time.Minute)
			caller.ends(two)
		}},
		{"with early sound", yes, "", func(h *house, one, two *phone) {
			caller := one.call("1002")
			m := two.asked(sip.INVITE)
			two.names(m, atOne)
			two.replyWith(m, 183, "callee1002", two.description())
			one.names(one.answer(183), atTwo)
			two.takes(m)
			one.names(caller.accepted(), atTwo)
			two.silent(time.Minute)
			caller.ends(two)
		}},
		{"the sound must pass here", yes, "Dial(SIP/${EXTEN},30,T)", func(h *house, one, two *phone) {
			caller := one.call("1002")
			m := two.asked(sip.INVITE)
			two.names(m, atHouse)
			two.takes(m)
			one.names(caller.accepted(), atHouse)
			two.silent(time.Minute)
			caller.ends(two)
		}},
		{"the called phone turns out to have no keys", yes, "", func(h *house, one, two *phone) {
			caller := one.call("1002")
			m := two.asked(sip.INVITE)
			two.names(m, atOne)
			callee := two.called(m, "callee1002")
			callee.body = strings.Replace(callee.body, " 0 101", " 0", 1)
			two.replyWith(m, 200, callee.ourTag, callee.body)
			two.asked(sip.ACK)
			callee.sentTo(sip.INVITE, atHouse)
			one.names(caller.accepted(), atHouse)
			two.silent(time.Minute)
			caller.ends(two)
		}},
		{"the called account says no", yes + "directmedia=no", "", func(h *house, one, two *phone) {
			caller := one.call("1002")
			m := two.asked(sip.INVITE)
			two.names(m, atHouse)
			two.takes(m)
			one.names(caller.accepted(), atHouse)
			caller.ends(two)
		}},
	})
}

// channelOf is the channel of an account's call.
func (h *house) channelOf(name string) *call.Channel {
	h.t.Helper()
	for _, c := range h.calls.All() {
		if strings.HasPrefix(c.Name(), "SIP/"+name+"-") {
			return c
		}
	}
	h.t.Fatalf("%s has no call", name)
	return nil
}

// callWith calls an extension with a description.
func (p *phone) callWith(exten, body string) *talk {
	p.h.t.Helper()
	t := p.begins(exten)
	t.body = body
	t.invites()
	p.answer(100)
	return t
}

// endless is a sound without end.
type endless struct{}

func (endless) Rate() int                       { return 8000 }
func (endless) Read(frame []int16) (int, error) { return len(frame), nil }
