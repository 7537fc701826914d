package scenario

import (
	"testing"
	"time"

	"obelus/sip"
)

// TestRegcontext has extensions exist while their accounts are registered: regexten of
// an account, else its name, and what the file adds behind priority 1.
func TestRegcontext(t *testing.T) {
	f := directHouse("regcontext=phones\nallowoverlap=no", "regexten=71&72@other", "", "")
	f.extensions = "[my]\ninclude => phones\ninclude => other\n[phones]\nexten => 71,2,Hangup(17)\nexten => _1XXX,2,Hangup(17)\n[other]\nexten => _7X,2,Hangup(21)\n"
	inHouse(t, f, func(h *house) {
		three := h.registered("1003", addrThree)
		asks := func(exten string, want int) {
			t.Helper()
			c := three.begins(exten).invites()
			m := three.final()
			if m.StatusCode() != want {
				t.Errorf("%s: answered %d, want %d", exten, m.StatusCode(), want)
			}
			c.ackRefusal(m)
		}
		for _, exten := range []string{"71", "72", "1002"} {
			asks(exten, 404)
		}
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		asks("71", 486)
		asks("72", 403)
		asks("1002", 486)
		asks("1001", 404) // it has a regexten
		asks("73", 404)
		for _, p := range []*phone{one, two} {
			if m := p.request(sip.REGISTER, "sip:10.99.0.1", "Contact: *", "Expires: 0"); m.StatusCode() != 200 {
				t.Fatalf("it could not leave:\n%s", m.Bytes())
			}
		}
		h.pass(time.Second)
		for _, exten := range []string{"71", "72", "1002"} {
			asks(exten, 404)
		}
		h.quiet()
	})
}
