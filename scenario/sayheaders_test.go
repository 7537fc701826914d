package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// TestSIPAddHeader: what the dialplan adds stands in the INVITE of whom it calls, by
// way of a Local channel too, and in nobody else's.
func TestSIPAddHeader(t *testing.T) {
	for name, dial := range map[string]string{"straight": "SIP/1002", "by a Local channel": "Local/1002@to"} {
		t.Run(name, func(t *testing.T) {
			f := seed(t)
			f.extensions = "[my]\nexten => _1XXX,1,SIPAddHeader(Alert-Info: <http://127.0.0.1>\\;info=ring2)\n same => n,SIPAddHeader(X-Gone: 1)\n same => n,SIPRemoveHeader(X-Gone:)\n" +
				" same => n,SIPAddHeader(P-Call-Id: ${CALLERID(num)})\n same => n,Dial(" + dial + ",30)\n[to]\nexten => _X.,1,Dial(SIP/${EXTEN})\n"
			inHouse(t, f, func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				caller := one.call("1002")
				m := two.asked(sip.INVITE)
				two.header(m, "Alert-Info", "<http://127.0.0.1>;info=ring2")
				two.header(m, "P-Call-Id", "1001")
				if _, is := m.Header("X-Gone"); is {
					t.Errorf("a header that was taken away is in\n%s", m.Bytes())
				}
				two.takes(m)
				caller.accepted()
				caller.bye()
				bye := two.asked(sip.BYE)
				if _, is := bye.Header("Alert-Info"); is {
					t.Error("the BYE has it too")
				}
				two.reply(bye, 200)
				h.quiet()
			})
		})
	}
}

// TestCustomInfo: an INFO that the dialplan writes reaches the phone that calls.
func TestCustomInfo(t *testing.T) {
	f := seed(t)
	f.extensions = "[my]\nexten => _X.,1,Answer()\n same => n,SIPDtmfMode(info)\n same => n,SIPSendCustomINFO(door=open,door/1)\n same => n,Wait(5)\n"
	inHouse(t, f, func(h *house) {
		one := h.registered("1001", addrOne)
		caller := one.call("500")
		caller.accepted()
		m := one.asked(sip.INFO)
		one.header(m, "Content-Type", "text/plain")
		if got := strings.TrimSpace(string(m.Body())); got != "door=open" {
			t.Errorf("the body is %q", got)
		}
		one.reply(m, 200)
		h.pass(time.Second)
		caller.bye()
		h.quiet()
	})
}
