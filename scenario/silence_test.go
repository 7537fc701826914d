package scenario

import (
	"testing"
	"time"

	"obelus/sip"
)

// TestSilence has calls without sound end, or go on: rtptimeout, rtpholdtimeout.
func TestSilence(t *testing.T) {
	const cause = "Requested channel not available"
	for _, s := range []struct {
		name, general, one string
		tell               func(h *house, one, two *phone, caller, callee *talk, voice *ear)
	}{
		{"nobody says anything", "directmedia=no\nrtptimeout=60", "", func(h *house, one, two *phone, caller, _ *talk, _ *ear) {
			within(h, 59*time.Second, 61*time.Second, func() {
				bye := one.asked(sip.BYE)
				one.header(bye, "X-Asterisk-HangupCause", cause)
				one.reply(bye, 200)
			})
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"who speaks stays", "directmedia=no", "rtptimeout=60", func(h *house, one, two *phone, caller, _ *talk, voice *ear) {
			for i := range 5 {
				voice.says(h.t, uint16(i), 0x55)
				one.silent(30 * time.Second)
			}
			within(h, 29*time.Second, 31*time.Second, func() { one.reply(one.asked(sip.BYE), 200) })
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"on hold, where that has no limit", "directmedia=no", "rtptimeout=60", func(h *house, one, two *phone, caller, _ *talk, _ *ear) {
			caller.send(sip.INVITE, one.description("a=sendonly"))
			one.answer(100)
			caller.accepted()
			one.silent(10 * time.Minute)
			caller.send(sip.INVITE, one.description("a=sendrecv"))
			one.answer(100)
			caller.accepted()
			within(h, 59*time.Second, 61*time.Second, func() { one.reply(one.asked(sip.BYE), 200) })
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"on hold for too long", "directmedia=no", "rtptimeout=60\nrtpholdtimeout=300", func(h *house, one, two *phone, caller, _ *talk, _ *ear) {
			one.silent(50 * time.Second)
			caller.send(sip.INVITE, one.description("a=inactive"))
			one.answer(100)
			caller.accepted()
			within(h, 299*time.Second, 301*time.Second, func() {
				one.silent(4 * time.Minute)
				one.reply(one.asked(sip.BYE), 200)
			})
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"while the phones send to each other", "rtptimeout=60\nrtpholdtimeout=60", "", func(h *house, one, two *phone, caller, callee *talk, _ *ear) {
			callee.sentTo(sip.INVITE, atOne)
			caller.sentTo(sip.INVITE, atTwo)
			one.silent(10 * time.Minute)
			h.channelOf("1001").Bridge().Anchor("it is recorded")
			caller.sentTo(sip.INVITE, atHouse)
			callee.sentTo(sip.INVITE, atHouse)
			within(h, 59*time.Second, 62*time.Second, func() { one.reply(one.asked(sip.BYE), 200) })
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"no limit", "directmedia=no", "", func(h *house, one, two *phone, caller, _ *talk, _ *ear) {
			one.silent(time.Hour)
			caller.ends(two)
		}},
	} {
		t.Run(s.name, func(t *testing.T) {
			inHouse(t, directHouse(s.general, s.one, "", ""), func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				caller := one.call("1002")
				callee := two.takes(two.asked(sip.INVITE))
				voice := one.listens(caller.accepted())
				s.tell(h, one, two, caller, callee, voice)
				h.quiet()
			})
		})
	}
}

// TestRTPKeepalive has a phone that is sent no sound sent comfort noise (RFC 3389),
// but none while the other phone sends to it.
func TestRTPKeepalive(t *testing.T) {
	for _, direct := range []bool{false, true} {
		option := map[bool]string{false: "directmedia=no", true: "directmedia=yes"}[direct]
		t.Run(option, func(t *testing.T) {
			inHouse(t, directHouse(option, "rtpkeepalive=15", "", ""), func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				caller := one.call("1002")
				callee := two.takes(two.asked(sip.INVITE))
				voice := one.listens(caller.accepted())
				want := 4
				if direct {
					callee.sentTo(sip.INVITE, atOne)
					caller.sentTo(sip.INVITE, atTwo)
					want = 0
				}
				if got := voice.hears(t, 13, 62*time.Second); len(got) != want {
					t.Errorf("%d packets of comfort noise in a minute, want %d", len(got), want)
				}
				caller.ends(two)
				h.quiet()
			})
		})
	}
}
