package dialstring

import (
	"strings"

	"obelus/chansip/identity"
	"obelus/chansip/sipconf"
	"obelus/sip"
)

// Account is an account with what a dial string says instead.
func (t *Target) Account(p *sipconf.Peer) *sipconf.Peer {
	if !t.Proves() && t.FromUser == "" && t.FromDomain == "" {
		return p
	}
	own := p.Clone()
	if t.Proves() {
		own.Secret, own.RemoteSecret, own.MD5Secret, own.Username = t.Secret, "", t.MD5Secret, t.AuthUser
		if own.Username == "" {
			own.Username = t.Number
		}
	}
	if t.FromUser != "" {
		own.FromUser = t.FromUser
	}
	if t.FromDomain != "" {
		own.FromDomain = t.FromDomain
	}
	return &own
}

// HostURI is where a call to a host goes.
func (t *Target) HostURI() string {
	uri := "sip:" + t.Host
	if t.Number != "" {
		uri = "sip:" + string(sip.AppendEscapedUser(nil, t.Number)) + "@" + t.Host
	}
	if t.Transport.Reliable() {
		uri += ";transport=" + t.Transport.Param()
	}
	return uri
}

// URI is where a call to a number goes, "" for the account itself, by one of the
// account's ways.
func URI(p *sipconf.Peer, way, number string) string {
	if number != "" {
		way = withUser(way, number)
	}
	if p.UserEqPhone {
		way = phoneURI(way)
	}
	return way
}

// To is the To of a call that goes to a URI; said is what the dial string says of it, ""
// for nothing.
func To(said, uri string) string {
	switch {
	case said == "":
		return "<" + uri + ">"
	case strings.Contains(said, "@"):
		return "<sip:" + said + ">"
	}
	return "<" + withUser(uri, said) + ">"
}

// withUser replaces the user part of a URI.
func withUser(uri, user string) string {
	scheme, rest, ok := strings.Cut(uri, ":")
	if !ok {
		return uri
	}
	if _, host, at := strings.Cut(rest, "@"); at {
		rest = host
	}
	return scheme + ":" + string(sip.AppendEscapedUser(nil, user)) + "@" + rest
}

// phoneURI says of a URI whose user is a telephone number that it is one (RFC 3261
// section 19.1.1), as usereqphone=yes wants it.
func phoneURI(uri string) string {
	u, err := sip.ParseURI(uri)
	if err != nil || !u.IsSIP() || !identity.Phone(u.UserName()) || u.Params.Has("user") {
		return uri
	}
	return uri + ";user=phone"
}
