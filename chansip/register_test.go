package chansip

import (
	"testing"

	"obelus/sip"
)

const twoPhones = `
[general]
context=public
[1001]
type=friend
secret=1001
context=my
host=dynamic
nat=yes
[1002]
type=friend
secret=1002
context=my
host=dynamic
nat=yes
`

func TestRegisterSmoke(t *testing.T) {
	inHouse(t, twoPhones, nil, func(h *house) {
		p := h.phone("1001", phoneOne)
		m := p.register("1001", "Expires: 120")
		if got := m.Value(sip.HeaderContact); got != "<sip:1001@10.99.0.2:5070>;expires=120" {
			t.Error(got)
		}
	})
}
