package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

const challenge = `WWW-Authenticate: Digest realm="asterisk", nonce="1234", algorithm=MD5`

// TestSecurityClass13DigestLeak has a phone that we call ask for our password: it
// gets none, for no request of ours.
func TestSecurityClass13DigestLeak(t *testing.T) {
	tell(t, []story{
		{"INVITE", func(h *house, one, two *phone) {
			caller := one.call("1002")
			two.reply(two.asked(sip.INVITE), 401, challenge)
			two.asked(sip.ACK)
			one.reply(one.asked(sip.MESSAGE), 200)
			caller.ackRefusal(one.final())
			two.silent(time.Minute)
		}},
		{"MESSAGE", func(h *house, one, two *phone) {
			if m := one.texts("1002", "text/plain", "hello"); m.StatusCode() != 202 {
				h.t.Fatalf("answered\n%s", m.Bytes())
			}
			two.reply(two.asked(sip.MESSAGE), 401, challenge)
			one.reply(one.asked(sip.MESSAGE), 200) // the notice
			two.silent(time.Minute)
		}},
		{"BYE", func(h *house, one, two *phone) {
			caller, _ := one.connects(two)
			caller.bye()
			two.reply(two.asked(sip.BYE), 401, challenge)
			two.silent(time.Minute)
		}},
	})
}

// TestSecurityClass16DialogHijack has a stranger who knows a Call-ID, or more,
// meddle with a call: nothing happens to it.
func TestSecurityClass16DialogHijack(t *testing.T) {
	for method, want := range map[sip.Method]int{
		sip.BYE: 481, sip.INVITE: 481, sip.UPDATE: 481, sip.INFO: 481, sip.REFER: 603, sip.MESSAGE: 481, sip.OPTIONS: 481,
	} {
		t.Run("guessed tags "+string(method), func(t *testing.T) {
			inHouse(t, seed(t), func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				caller, _ := one.connects(two)
				stranger := h.phone("1001", addrThree)
				for _, guess := range []struct{ ours, theirs string }{{caller.ourTag, "as00000000"}, {"guess", caller.theirTag}} {
					fake := *caller
					fake.p, fake.ourTag, fake.theirTag = stranger, guess.ours, guess.theirs
					fake.send(method, "", "Refer-To: <sip:1009@10.99.0.1>")
					if m := stranger.final(); m.StatusCode() != want {
						t.Errorf("a stranger's %s is answered\n%s", method, m.Bytes())
					}
				}
				two.silent(time.Second)
				caller.bye()
				two.reply(two.asked(sip.BYE), 200)
				h.quiet()
			})
		})
	}
	tell(t, []story{{"Replaces", func(h *house, one, two *phone) {
		caller, _ := one.connects(two)
		stranger := h.phone("1002", addrThree)
		replaces := "Replaces: " + caller.callID + ";to-tag=" + caller.theirTag + ";from-tag=" + caller.ourTag
		fake := stranger.begins("1001")
		fake.send(sip.INVITE, fake.body, replaces)
		fake.ackRefusal(stranger.answer(401))
		for _, guess := range []string{caller.callID + ";to-tag=" + caller.theirTag + ";from-tag=guess", caller.callID + ";to-tag=guess;from-tag=" + caller.ourTag} {
			fake = stranger.begins("1001").invites("Replaces: " + guess) // with a proof, and not all of the call's name
			fake.ackRefusal(stranger.answer(481))
		}
		one.silent(time.Second)
		two.silent(time.Second)
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
	}}, {"CANCEL from elsewhere", func(h *house, one, two *phone) {
		caller := one.call("1002")
		invite := two.asked(sip.INVITE)
		two.reply(invite, 180)
		one.answer(180)
		fake := *caller
		fake.p = h.phone("1001", addrThree)
		fake.cancel()
		if m := fake.p.hear(time.Second); m != nil && m.StatusCode() == 200 {
			t.Errorf("a stranger's CANCEL is answered\n%s", m.Bytes())
		}
		two.silent(time.Second)
		two.takes(invite)
		caller.accepted()
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
	}}})
}

// TestNoGuests has a house with allowguest=no let nobody in who is not known, and
// one with it into context public only.
func TestNoGuests(t *testing.T) {
	for name, c := range map[string]struct {
		guests string
		status int
	}{"allowguest=no": {"no", 401}, "allowguest=yes": {"yes", 404}} {
		t.Run(name, func(t *testing.T) {
			f := seed(t)
			f.sip = strings.Replace(f.sip, "[general]\n", "[general]\nallowguest="+c.guests+"\n", 1)
			inHouse(t, f, func(h *house) {
				two := h.registered("1002", addrTwo)
				p := h.phone("stranger", addrThree)
				p.begins("1002").send(sip.INVITE, p.description())
				if m := p.final(); m.StatusCode() != c.status {
					t.Errorf("answered\n%s", m.Bytes())
				}
				two.silent(time.Minute)
				h.quiet()
			})
		})
	}
}
