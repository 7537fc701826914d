package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/call"
	"obelus/function/functiontest"
	"obelus/sip"
)

// TestIsAvailable has ChanIsAvail and DEVICE_STATE say what a phone's lamp shows.
func TestIsAvailable(t *testing.T) {
	f := withLamps(t, "", "exten => 1002,hint,SIP/1002")
	f.extensions += "[ask]\nexten => s,1,ChanIsAvail(SIP/1002,s)\n same => n,Set(DB(asked/${EPOCH})=${AVAILSTATUS} ${DEVICE_STATE(SIP/1002)} ${EXTENSION_STATE(1002@my)} ${AVAILORIGCHAN})\n"
	inHouse(t, f, func(h *house) {
		asked := func(want string) {
			t.Helper()
			h.pass(time.Second)
			ch := h.calls.New(call.Spec{Name: "Ask/" + want, Leg: &functiontest.Leg{}, State: call.StateUp, Internal: true})
			ch.Start(h.pbx.Run("ask", "s", 1))
			<-ch.Done()
			names := h.db.Names("asked")
			if len(names) == 0 {
				t.Fatal("nobody was asked")
			}
			if got, _ := h.db.Get("asked", names[len(names)-1]); strings.TrimSpace(got) != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		asked("5 UNAVAILABLE UNAVAILABLE")
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		asked("1 NOT_INUSE NOT_INUSE SIP/1002")
		caller := one.call("1002")
		invite := two.asked(sip.INVITE)
		two.reply(invite, 180)
		one.answer(180)
		asked("6 RINGING RINGING")
		callee := two.takes(invite)
		caller.accepted()
		asked("2 INUSE INUSE")
		callee.bye()
		one.reply(one.asked(sip.BYE), 200)
		asked("1 NOT_INUSE NOT_INUSE SIP/1002")
	})
}
