package scenario

import (
	"testing"

	"obelus/sip"
)

// TestDomains has calls of guests begin where their domain says, calls to others'
// domains refused, and nobody register there.
func TestDomains(t *testing.T) {
	f := directHouse("allowguest=yes\nalwaysauthreject=no\nallowexternaldomains=no\ndomain=10.99.0.1\ndomain=sales.example,sales", "", "", "")
	f.extensions += "[sales]\nexten => _X.,1,Hangup(17)\n"
	inHouse(t, f, func(h *house) {
		guest := h.phone("guest", addrThree)
		for uri, status := range map[string]int{"sip:100@sales.example": 486, "sip:100@10.99.0.1": 404, "sip:100@elsewhere.example": 404} {
			c := guest.begins("100")
			c.target = uri
			c.send(sip.INVITE, c.body)
			m := guest.final()
			if m.StatusCode() != status {
				t.Errorf("%s: answered\n%s", uri, m.Bytes())
			}
			c.ackRefusal(m)
		}
		one := h.phone("1001", addrOne)
		if m := one.request(sip.REGISTER, "sip:elsewhere.example", "To: <sip:1001@elsewhere.example>", "Contact: <sip:1001@10.99.0.2:5070>"); m.StatusCode() != 404 {
			t.Errorf("registered elsewhere:\n%s", m.Bytes())
		}
		one.register()
		h.quiet()
	})
}
