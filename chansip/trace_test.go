package chansip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// TestLinphoneTraces has Linphone on a telephone behind NAT register as recorded on
// the wire in 2014: first without a STUN server, with its private address in Via and
// Contact, then with the public one that STUN told it in Contact. Both are answered
// with the address that was seen, and called there.
func TestLinphoneTraces(t *testing.T) {
	t.Parallel()
	const via = "SIP/2.0/UDP 192.168.1.131:63627;branch=z9hG4bK.PcrNcrd8a;rport"
	for name, contact := range map[string]string{
		"without STUN": "sip:112@192.168.1.131:63627", "with STUN": "sip:112@192.168.60.147:63627",
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, "[general]\n[112]\ntype=friend\nhost=dynamic\n", nil, func(h *house) {
				at := netip.MustParseAddrPort("192.168.60.147:63627")
				p := h.phone("112", at)
				p.send(fmt.Sprintf(`REGISTER sip:10.99.0.1 SIP/2.0
Via: %s
From: <sip:112@10.99.0.1>;tag=~wyqkEm4k
To: sip:112@10.99.0.1
CSeq: 20 REGISTER
Call-ID: QuDP68~7EC
Max-Forwards: 70
Supported: outbound
Contact: <%s>;+sip.instance="<urn:uuid:f402ede7-9815-42d5-b0c5-66d7dabf93ba>"
Expires: 3600
User-Agent: (belle-sip/1.3.3)
`, via, contact))
				m := p.answer(200)
				if got, want := m.Value(sip.HeaderVia), via[:len(via)-len("rport")]+"received=192.168.60.147;rport=63627"; got != want {
					t.Errorf("Via is %s, want %s", got, want)
				}
				if got, want := m.Value(sip.HeaderContact), "<"+contact+">;expires=3600"; got != want {
					t.Errorf("Contact is %s, want %s", got, want)
				}
				if got, want := h.ways("112"), contact+" by udp "+at.String(); got != want {
					t.Errorf("it is called at %s, want %s", got, want)
				}
				var b strings.Builder
				h.d.ShowPeers(&b)
				if !strings.Contains(b.String(), "112/112                   192.168.60.147 ") {
					t.Errorf("sip show peers says\n%s", b.String())
				}
				h.pass(time.Second)
			})
		})
	}
}
