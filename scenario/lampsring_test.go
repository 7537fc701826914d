package scenario

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// TestLampOfWhoCalls has a lamp say who rings, with notifycid.
func TestLampOfWhoCalls(t *testing.T) {
	for _, c := range []struct{ general, callerid, name, uri string }{
		{"", "", "1002", "sip:1002@10.99.0.1"},
		{"notifycid=no", "", "1002", "sip:1002@10.99.0.1"},
		{"notifycid=yes", "callerid=\"Ann & Bob\" <555>", "Ann & Bob", "sip:555@10.99.0.1"},
		{"notifycid=ignore-context", "callerid=\"Ann & Bob\" <555>", "Ann & Bob", "sip:555@10.99.0.1"},
		{"notifycid=yes", "callerid=Ann <555>\ncallingpres=prohib", "anonymous", "sip:anonymous@anonymous.invalid"},
	} {
		f := withLamps(t, c.general, oneHint)
		f.sip = strings.Replace(f.sip, "[1001]\n", "[1001]\n"+c.callerid+"\n", 1) + third
		inHouse(t, f, func(h *house) {
			one, two, desk := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.phone("1003", addrThree)
			l, _ := desk.watches("1002", dialogs)
			caller := one.call("1002")
			invite := two.asked(sip.INVITE)
			two.reply(invite, 180)
			one.answer(180)
			m := l.told()
			var d dialogInfo
			desk.reads(m, &d)
			who := d.Dialogs[0].Who
			if who.Identity.Display != c.name || who.Identity.URI != c.uri || who.Target.URI != c.uri {
				t.Errorf("%s %s: %+v, want %s %s", c.general, c.callerid, who, c.name, c.uri)
			}
			if got := d.Dialogs[0]; got.CallID != "pickup-"+l.talk.callID || got.Local != l.talk.ourTag || got.Remote != l.talk.theirTag {
				t.Errorf("%s: %+v", c.general, got)
			}
			caller.cancel()
			two.reply(two.asked(sip.CANCEL), 200)
			two.reply(invite, 487)
			two.asked(sip.ACK)
			one.answer(200)
			caller.ackRefusal(one.answer(487))
			l.told()
			h.quiet()
		})
	}
}

// TestNotifyRinging has lamps show ringing, or not.
func TestNotifyRinging(t *testing.T) {
	for general, want := range map[string][2]string{
		"": {"early", "early"}, "notifyringing=notinuse": {"early", "confirmed"}, "notifyringing=no": {"terminated", "confirmed"},
	} {
		inHouse(t, withLamps(t, general, "exten => 8,hint,Custom:a"), func(h *house) {
			p := h.phone("1001", addrOne)
			l, _ := p.watches("8", dialogs)
			for i, state := range []string{"RINGING", "RINGINUSE"} {
				if err := h.board.Set("Custom:a", state); err != nil {
					t.Fatal(err)
				}
				if got := p.state(l.told()); got != fmt.Sprint(i+1, " ", want[i]) {
					t.Errorf("%s, %s: %s, want %s", general, state, got, want[i])
				}
			}
		})
	}
}

// summary is the body of a message-summary, in one line.
func summary(m *sip.Message) string {
	return strings.Join(strings.Fields(string(m.Body())), " ")
}

// TestMessagesWaiting has phones be told of their messages, asked or not.
func TestMessagesWaiting(t *testing.T) {
	f := withLamps(t, "vmexten=*97\nmwi_from=voice", oneHint)
	f.sip = strings.Replace(f.sip, "[1001]\n", "[1001]\nmailbox=1001@default,77@office\n", 1)
	f.sip = strings.Replace(f.sip, "[1002]\n", "[1002]\nmailbox=1002\nsubscribemwi=yes\nvmexten=98\nbuggymwi=yes\n", 1)
	inHouse(t, f, func(h *house) {
		h.boxes.set("77@office", 0, 4)
		one := h.registered("1001", addrOne)
		unasked := func(want string) {
			t.Helper()
			m := one.asked(sip.NOTIFY)
			one.reply(m, 200)
			if got := summary(m); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			if m.Has(sip.HeaderSubscriptionState) || m.ToTag() != "" {
				t.Errorf("it is of a subscription:\n%s", m.Bytes())
			}
			one.header(m, "Event", "message-summary")
			one.header(m, "Content-Type", "application/simple-message-summary")
			if from, err := m.From(); err != nil || from.Addr != "sip:voice@10.99.0.1" {
				t.Errorf("from %v", from)
			}
		}
		unasked("Messages-Waiting: no Message-Account: sip:*97@10.99.0.1 Voice-Message: 0/4 (0/0)")
		h.boxes.set("1001@default", 2, 1)
		h.sip.Lamps().Messages("default", "1001")
		unasked("Messages-Waiting: yes Message-Account: sip:*97@10.99.0.1 Voice-Message: 2/5 (0/0)")
		if got := h.board.State("MWI:1001@default").String(); got != "INUSE" {
			t.Errorf("MWI: %s", got)
		}
		// One that asks is told by its subscription, and not beside it.
		l, m := one.watches("1001", messages)
		if got := summary(m); !strings.HasSuffix(got, "2/5 (0/0)") {
			t.Errorf("asked: %s", got)
		}
		h.boxes.set("1001@default", 3, 1)
		h.sip.Lamps().Messages("default", "1001")
		if got := summary(l.told()); !strings.HasSuffix(got, "3/5 (0/0)") {
			t.Errorf("asked: %s", got)
		}
		one.silent(time.Second)

		two := h.registered("1002", addrTwo)
		two.silent(time.Second)
		h.boxes.set("1002@default", 1, 0)
		h.sip.Lamps().Messages("default", "1002")
		two.silent(time.Second)
		l, m = two.watches("1002", messages)
		if got := summary(m); got != "Messages-Waiting: yes Message-Account: sip:98@10.99.0.1 Voice-Message: 1/0" {
			t.Errorf("in few words: %s", got)
		}
		l.again(0)
		two.header(l.told(), "Subscription-State", "terminated;reason=timeout")
		if _, m := two.subscribes("1002", "Event: message-summary\nAccept: text/plain", 600); m.StatusCode() != 406 {
			t.Errorf("another format:\n%s", m.Bytes())
		}
	})
}

// TestPickupByLamp has a phone take the call that its lamp shows (RFC 3891), as Snom and
// others do.
func TestPickupByLamp(t *testing.T) {
	f := withLamps(t, "notifycid=yes", oneHint)
	f.sip += third
	inHouse(t, f, func(h *house) {
		one, two, desk := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
		l, _ := desk.watches("1002", dialogs)
		caller := one.call("1002")
		invite := two.asked(sip.INVITE)
		two.reply(invite, 180)
		one.answer(180)
		var d dialogInfo
		desk.reads(l.told(), &d)
		shown := d.Dialogs[0]
		// Another's lamp is no key to the call.
		other := two.begins("1002").invites(fmt.Sprintf("Replaces: %s;to-tag=%s;from-tag=%s", shown.CallID, shown.Local, shown.Remote))
		other.ackRefusal(two.answer(481))
		taker := desk.begins("1002").invites(fmt.Sprintf("Replaces: %s;to-tag=%s;from-tag=%s", shown.CallID, shown.Local, shown.Remote))
		for m := desk.final(); ; m = desk.final() {
			if m.Value(sip.HeaderCallID) == taker.callID {
				taker.joins(m)
				taker.ack("")
				break
			}
		}
		two.reply(two.asked(sip.CANCEL), 200)
		two.reply(invite, 487)
		two.asked(sip.ACK)
		caller.accepted()
		if got := desk.state(l.told()); !strings.HasSuffix(got, " terminated") {
			t.Errorf("taken: %s", got)
		}
		caller.bye()
		desk.reply(desk.asked(sip.BYE), 200)
		h.quiet()
	})
}
