package identity

import (
	"strings"

	"obelus/call"
	"obelus/sip"
)

// Diverted is who sent a call on that came here, by Diversion (RFC 5806 section 4), of
// several the last to do so; false where nobody says so. Reason is its word for why,
// which the original has in SIPREDIRECTREASON, domain the host of its address.
func Diverted(m *sip.Message) (p call.Party, reason, domain string, ok bool) {
	for text := range m.List(sip.HeaderDiversion) {
		p, params, ok := party(text)
		if !ok {
			continue
		}
		if a, err := sip.ParseNameAddr(text); err == nil {
			if u, err := a.URI(); err == nil {
				domain = strings.Clone(u.Host)
			}
		}
		why, _ := params.Get("reason")
		return p, strings.Clone(strings.Trim(why, `"`)), domain, true
	}
	return call.Party{}, "", "", false
}

// Divert writes Diversion for a call that somebody has sent on, as send_diversion=
// allows. The host is where its number is.
func Divert(b *sip.Builder, by call.Party, host string) {
	if by.Number == "" || Hidden(by) {
		return
	}
	n := sip.NameAddr{Display: by.Name, Addr: "sip:" + string(sip.AppendEscapedUser(nil, by.Number)) + "@" + host, Bracketed: true}
	b.Add(sip.HeaderDiversion, n.String()+";reason=unknown")
}
