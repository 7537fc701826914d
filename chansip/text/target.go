package text

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"obelus/chansip/sipconf"
	"obelus/message"
	"obelus/sip"
)

// address is what a destination of a text says: whom, and where.
type address struct {
	scheme string // "sip:", "sips:"; "" for a name alone
	user   string // "" for the account or host itself
	host   string // an account's name, or a host with its port
	params string // of the URI, with its semicolon
}

// readAddress reads sip:1002, sip:1002@host, SIP/1002, SIP/account/number,
// SIP/number@account, a name alone, and a URI in brackets with a name before.
func readAddress(s string) (address, error) {
	if n, err := sip.ParseNameAddr(s); err == nil && n.Bracketed {
		s = n.Addr
	}
	rest := strings.Trim(strings.TrimSpace(s), "<>")
	var a address
	for _, scheme := range []string{"sip:", "sips:", "sip/"} {
		if len(rest) >= len(scheme) && strings.EqualFold(rest[:len(scheme)], scheme) {
			rest, a.scheme = rest[len(scheme):], strings.Replace(scheme, "/", ":", 1)
			break
		}
	}
	if i := strings.IndexByte(rest, ';'); i >= 0 {
		rest, a.params = rest[:i], rest[i:]
	}
	rest, _, _ = strings.Cut(rest, "?") // a URI's headers are not for us to send
	a.host = rest
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		a.user, a.host = rest[:at], rest[at+1:]
		a.user, _, _ = strings.Cut(a.user, ":")
	} else if name, number, ok := strings.Cut(rest, "/"); ok {
		a.user, a.host = number, name
	}
	if a.host == "" || strings.ContainsAny(rest, " \t\r\n\"<>") {
		return address{}, fmt.Errorf("%w: %q names nobody", message.ErrURI, s)
	}
	return a, nil
}

// Find says whom an address means. A host of ours, or one that is an account's
// name, leads to accounts; everything else to a host.
func (s *Sender) Find(ctx context.Context, set *sipconf.Settings, to string) (To, error) {
	a, err := readAddress(to)
	if err != nil {
		return To{}, err
	}
	name, number := s.named(set, a)
	if p := set.Peer(name); p != nil && p.Type&sipconf.TypePeer != 0 {
		return s.account(set, p, number)
	}
	if a.scheme == "" {
		return To{}, fmt.Errorf("%w: %q names no protocol, and no account of sip.conf", message.ErrProtocol, to)
	}
	if name != a.host || strings.Trim(name, "+*#0123456789") == "" {
		return To{}, fmt.Errorf("%w: there is no account '%s' in sip.conf, and it is no host name", message.ErrFailed, name)
	}
	uri := a.scheme + a.host + a.params
	if number != "" {
		uri = a.scheme + string(sip.AppendEscapedUser(nil, number)) + "@" + a.host + a.params
	}
	ways, err := s.c.Reach.Resolve(ctx, set, uri)
	if err != nil {
		return To{}, fmt.Errorf("%w: no account '%s' in sip.conf, and as a host: %w", message.ErrFailed, name, err)
	}
	return To{set, &set.General.Default, ways}, nil
}

// account is the way to an account's phones, or to a number behind it.
func (s *Sender) account(set *sipconf.Settings, p *sipconf.Peer, number string) (To, error) {
	ways := slices.Clone(s.c.Ways(p))
	if len(ways) == 0 {
		return To{}, fmt.Errorf("%w: SIP/%s is not registered, or does not answer", message.ErrFailed, p.Name)
	}
	if number != "" {
		for i := range ways {
			ways[i].URI = withUser(ways[i].URI, number)
			ways[i].Others = nil // of a phone, which a number is not behind
		}
	}
	return To{set, p, ways}, nil
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
