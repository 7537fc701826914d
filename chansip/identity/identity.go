// Package identity is who a call is said to be from, beside From, which anybody may
// fill in: P-Asserted-Identity (RFC 3325), Remote-Party-ID (the draft that came before
// it) and Diversion (RFC 5806), read where an account is trusted and written where it
// asks for them.
package identity

import (
	"strings"

	"obelus/call"
	"obelus/chansip/sipconf"
	"obelus/sip"
)

// Asserted is the party that a message is from by P-Asserted-Identity, else by
// Remote-Party-ID; false where it has neither. As in the original it counts with
// trustrpid=yes alone, and wins over callerid= of the account.
func Asserted(m *sip.Message) (call.Party, bool) {
	if p, ok := passerted(m); ok {
		return p, true
	}
	return remoteParty(m)
}

// passerted reads P-Asserted-Identity: of several (a sip: and a tel: URI, RFC 3325
// section 9.1) the first that names a user.
func passerted(m *sip.Message) (call.Party, bool) {
	for text := range m.List(sip.HeaderPAssertedIdentity) {
		if p, _, ok := party(text); ok {
			p.NumPres = call.PresAllowed
			if hides(m) {
				p.NumPres = call.PresProhibited
			}
			p.NamePres = p.NumPres
			return p, true
		}
	}
	return call.Party{}, false
}

// hides says whether Privacy asks that the sender be shown to nobody (RFC 3323 section
// 4.2, RFC 3325 section 9.3).
func hides(m *sip.Message) bool {
	for v := range m.Values(sip.HeaderPrivacy) {
		for word := range strings.FieldsFuncSeq(v, func(c rune) bool { return c == ';' || c == ',' || c == ' ' }) {
			switch strings.ToLower(word) {
			case "id", "user", "header":
				return true
			}
		}
	}
	return false
}

// remoteParty reads the Remote-Party-ID that is about who sent the message: in a
// request the one who calls, in an answer the one who was called.
func remoteParty(m *sip.Message) (call.Party, bool) {
	role := "called"
	if m.IsRequest() {
		role = "calling"
	}
	for text := range m.List(sip.HeaderRemotePartyID) {
		p, params, ok := party(text)
		if whose, has := params.Get("party"); !ok || has && !strings.EqualFold(whose, role) {
			continue
		}
		screen, _ := params.Get("screen")
		privacy, _ := params.Get("privacy")
		if strings.EqualFold(screen, "yes") {
			p.NumPres = call.PresPassed
		}
		if privacy != "" && !strings.EqualFold(privacy, "off") {
			p.NumPres |= call.PresProhibited
		}
		p.NamePres = p.NumPres
		return p, true
	}
	return call.Party{}, false
}

// party is the name and number of an address; false where it has no user.
func party(text string) (call.Party, sip.Params, bool) {
	a, err := sip.ParseNameAddr(text)
	if err != nil {
		return call.Party{}, "", false
	}
	u, err := a.URI()
	if err != nil || u.Who() == "" {
		return call.Party{}, "", false
	}
	return call.Party{Name: strings.Clone(a.Display), Number: strings.Clone(u.Who())}, a.Params, true
}

// Hidden says whether a party's number is not to be shown.
func Hidden(p call.Party) bool { return p.NumPres&0x60 != 0 }

// Role is which end of a call an identity is of.
type Role string

// The roles of Remote-Party-ID.
const (
	Calling Role = "calling"
	Called  Role = "called"
)

// Assert writes what sendrpid= of an account asks for: who a party is, host being
// where its number is. Of one that is not to be shown, trust_id_outbound says what the
// account is told: no is nothing, yes all, with the wish; legacy, the default, is
// Anonymous in P-Asserted-Identity and all but the host in Remote-Party-ID.
func Assert(b *sip.Builder, account *sipconf.Peer, p call.Party, host string, role Role) {
	hidden := Hidden(p)
	if account.SendRPID == "no" || p.Number == "" || hidden && account.TrustID == sipconf.TrustNo {
		return
	}
	legacy := hidden && account.TrustID == sipconf.TrustLegacy
	if legacy {
		host = nowhere
	}
	n := sip.NameAddr{Display: p.Name, Addr: "sip:" + string(sip.AppendEscapedUser(nil, p.Number)) + "@" + host, Bracketed: true}
	if n.Display == "" {
		n.Display = p.Number // as the original
	}
	if account.SendRPID == "rpid" {
		b.Add(sip.HeaderRemotePartyID, n.String()+";party="+string(role)+wishes(p.NumPres))
		return
	}
	if legacy {
		n = sip.NameAddr{Display: "Anonymous", Addr: "sip:anonymous@" + nowhere, Bracketed: true}
	}
	b.Add(sip.HeaderPAssertedIdentity, n.String())
	if hidden && account.TrustID == sipconf.TrustYes {
		b.Add(sip.HeaderPrivacy, "id")
	}
}

// wishes are the parameters of a Remote-Party-ID for a presentation.
func wishes(p call.Presentation) string {
	if p == call.PresUnavailable {
		return ""
	}
	privacy, screen := "off", "no"
	if p&0x60 != 0 {
		privacy = "full"
	}
	if by := p & 0x03; by == call.PresPassed || by == call.PresNetwork {
		screen = "yes"
	}
	return ";privacy=" + privacy + ";screen=" + screen
}
