package identity

import (
	"strings"

	"obelus/call"
	"obelus/chansip/sipconf"
	"obelus/sip"
)

// Caller is who a request's sender is for the dialplan, in the original's order: what
// P-Asserted-Identity or Remote-Party-ID say, where trustrpid=yes and it is more than
// From has; else callerid= and callingpres= of the account, where they are set; else
// From.
func Caller(m *sip.Message, g *sipconf.General, account *sipconf.Peer) call.Party {
	p := sender(m, g)
	if account.TrustRPID {
		if told, ok := Asserted(m); ok && (told.Number != p.Number || told.Name != p.Name || told.NumPres != 0) {
			told.Number = shrunkBy(g, told.Number)
			told.Tag = account.CallerID.Tag
			return told
		}
	}
	if account.CallerID.Number != "" {
		p.Number = shrunkBy(g, account.CallerID.Number)
	}
	if account.CallerID.Name != "" {
		p.Name = account.CallerID.Name
	}
	p.NumPres, p.NamePres, p.Tag = account.CIDPres, account.CIDPres, account.CallerID.Tag
	return p
}

// sender is the name and number of From.
func sender(m *sip.Message, g *sipconf.General) call.Party {
	from, err := m.From()
	if err != nil {
		return call.Party{}
	}
	p := call.Party{Name: strings.Clone(from.Display)}
	if u, err := from.URI(); err == nil {
		user := u.Who()
		if i := strings.IndexByte(user, ';'); i >= 0 && g.LegacyUserField {
			user = user[:i]
		}
		p.Number = shrunkBy(g, strings.Clone(user))
	}
	return p
}

func shrunkBy(g *sipconf.General, number string) string {
	if g.ShrinkCallerID {
		return Shrunk(number)
	}
	return number
}

// unknown is the original's word for a caller who is not to be shown.
const unknown = "Anonymous"

// nowhere is the host of somebody who is not to be shown (RFC 3323 section 4.1.1.3).
const nowhere = "anonymous.invalid"

// anonymous says whether an account is not told who calls: the caller is not to be
// shown, and sendrpid= gives the account nothing that says so beside From.
func anonymous(account *sipconf.Peer, p call.Party) bool {
	return Hidden(p) && account.SendRPID == "no"
}

// User is the user part that a party is shown by to an account: fromuser, else the
// number, else the original's word for somebody unknown.
func User(g *sipconf.General, account *sipconf.Peer, p call.Party) string {
	switch {
	case account.FromUser != "":
		return account.FromUser
	case anonymous(account, p):
		return unknown
	case p.Number != "":
		return p.Number
	}
	return g.CallerID
}

// From is the From of a call to an account; uri is that of its [User] at fromdomain or
// at our own address.
func From(account *sipconf.Peer, p call.Party, uri string) sip.NameAddr {
	n := sip.NameAddr{Display: p.Name, Addr: uri, Bracketed: true}
	if anonymous(account, p) {
		if scheme, rest, ok := strings.Cut(uri, ":"); ok {
			user, _, _ := strings.Cut(rest, "@")
			n.Display, n.Addr = unknown, scheme+":"+user+"@"+nowhere
		}
	}
	return n
}
