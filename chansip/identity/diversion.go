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

// reasons are why a call is sent on: in the words of Diversion, and in those of
// REDIRECTING(reason).
func reasons() [][2]string {
	return [][2]string{
		{"user-busy", "cfb"}, {"no-answer", "cfnr"}, {"unavailable", "unavailable"}, {"unconditional", "cfu"}, {"time-of-day", "time_of_day"}, {"do-not-disturb", "dnd"},
		{"deflection", "deflection"}, {"follow-me", "follow_me"}, {"out-of-service", "out_of_order"}, {"away", "away"}, {"cf_dte", "cf_dte"}, {"send_to_vm", "send_to_vm"},
	}
}

// Reason is a reason of Diversion as REDIRECTING(reason) has it: one that it does not
// know stands in quotes.
func Reason(said string) string {
	for _, r := range reasons() {
		if strings.EqualFold(r[0], said) {
			return r[1]
		}
	}
	if said == "" || strings.EqualFold(said, "unknown") {
		return ""
	}
	return `"` + said + `"`
}

// reasonToSay is the other way round.
func reasonToSay(reason string) string {
	for _, r := range reasons() {
		if r[1] == reason {
			return r[0]
		}
	}
	if len(reason) > 2 && reason[0] == '"' && strings.Trim(reason[1:len(reason)-1], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. ") == "" {
		return reason
	}
	return "unknown"
}

// Divert writes Diversion for a call that somebody has sent on, as send_diversion=
// allows: by whom and why. The host is where its number is.
func Divert(b *sip.Builder, by call.Party, reason, host string) {
	if by.Number == "" || Hidden(by) {
		return
	}
	n := sip.NameAddr{Display: by.Name, Addr: "sip:" + string(sip.AppendEscapedUser(nil, by.Number)) + "@" + host, Bracketed: true}
	b.Add(sip.HeaderDiversion, n.String()+";reason="+reasonToSay(reason))
}
