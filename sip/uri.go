package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ErrURI is wrapped by every error of ParseURI.
var ErrURI = errors.New("sip: bad URI")

// URI is a view of a URI (RFC 3261 section 19.1), its parts still escaped.
//
// A sip or sips URI has User, Password, Host, Port, Params and Headers. A tel
// URI (RFC 3966) has its number in User, and Params. Any other scheme has all
// that follows the colon in Opaque.
type URI struct {
	Scheme   string // lower case for sip, sips and tel
	User     string
	Password string
	Host     string // an IPv6 address without its brackets
	Port     uint16 // 0: not given
	Params   Params
	Headers  string // what follows "?"
	Opaque   string
}

// ParseURI reads a URI.
func ParseURI(s string) (URI, error) {
	i := strings.IndexByte(s, ':')
	if i <= 0 || !isScheme(s[:i]) {
		return URI{}, fmt.Errorf("%w: no scheme", ErrURI)
	}
	if !cleanURI(s) {
		return URI{}, fmt.Errorf("%w: a character that must be escaped", ErrURI)
	}
	u, rest := URI{Scheme: knownScheme(s[:i])}, s[i+1:]
	switch u.Scheme {
	case "sip", "sips":
		return u.parseSIP(rest)
	case "tel":
		u.User, rest, _ = cutBefore(rest, ';')
		u.Params = Params(rest)
	default:
		u.Opaque = rest
	}
	if u.User == "" && u.Opaque == "" {
		return URI{}, fmt.Errorf("%w: nothing after the scheme", ErrURI)
	}
	return u, nil
}

// parseSIP reads what follows "sip:". The user part may hold ";" and "?", so
// the "@" is looked for first.
func (u URI) parseSIP(s string) (URI, error) {
	if i := strings.IndexByte(s, '@'); i >= 0 {
		u.User, u.Password, _ = strings.Cut(s[:i], ":")
		s = s[i+1:]
	}
	s, u.Headers, _ = strings.Cut(s, "?")
	hostport, params, _ := cutBefore(s, ';')
	u.Params = Params(params)
	var err error
	u.Host, u.Port, err = parseHostPort(hostport)
	if err != nil {
		return URI{}, fmt.Errorf("%w: %w", ErrURI, err)
	}
	return u, nil
}

// cutBefore cuts s before sep, which stays at the head of rest.
func cutBefore(s string, sep byte) (before, rest string, found bool) {
	if i := strings.IndexByte(s, sep); i >= 0 {
		return s[:i], s[i:], true
	}
	return s, "", false
}

func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !isAlpha(c) && (i == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// knownScheme gives the three schemes that we act on in lower case.
func knownScheme(s string) string {
	for _, known := range [...]string{"sip", "sips", "tel"} {
		if equalFold(s, known) {
			return known
		}
	}
	return s
}

// cleanURI tells whether s is free of what no URI may hold: controls, spaces,
// quotes, angle brackets and a % that escapes nothing. "#" and bytes above 127
// pass: telephones put both into user parts.
func cleanURI(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c <= ' ' || c == 0x7f || c == '"' || c == '<' || c == '>':
			return false
		case c == '%' && (i+2 >= len(s) || unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0):
			return false
		}
	}
	return true
}

var errHost = errors.New("bad host or port")

// parseHostPort reads host[:port]; an IPv6 host must be in brackets and comes
// back without them. White space around the colon is taken as in Via.
func parseHostPort(s string) (host string, port uint16, err error) {
	rest := ""
	if s != "" && s[0] == '[' {
		i := strings.IndexByte(s, ']')
		if i < 0 {
			return "", 0, errHost
		}
		host, rest = s[1:i], s[i+1:]
		if a, err := netip.ParseAddr(host); err != nil || !a.Is6() || a.Zone() != "" {
			return "", 0, errHost
		}
	} else {
		host, rest, _ = cutBefore(s, ':')
		if host = trim(host); !isHostName(host) {
			return "", 0, errHost
		}
	}
	if rest = trim(rest); rest == "" {
		return host, 0, nil
	}
	n, ok := parseUint(trim(rest[1:]), 65535)
	if rest[0] != ':' || !ok {
		return "", 0, errHost
	}
	return host, uint16(n), nil
}

// isHostName takes names and IPv4 addresses. The underscore is no letter of a
// host name, but people have such names.
func isHostName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isAlpha(c) && !isDigit(c) && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return s != ""
}

// IsSIP tells whether the scheme is sip or sips.
func (u URI) IsSIP() bool { return u.Scheme == "sip" || u.Scheme == "sips" }

// UserName returns the user part with its escapes resolved.
func (u URI) UserName() string { return Unescape(u.User) }

// Who returns who the URI names, unescaped: its user part, or the number of a tel
// URI. What follows a semicolon in the user part is dropped.
func (u URI) Who() string {
	user := u.UserName()
	if user == "" && u.Scheme == "tel" {
		user = u.User
	}
	user, _, _ = strings.Cut(user, ";")
	return user
}

// Transport returns the transport parameter, "" when there is none.
func (u URI) Transport() string {
	v, _ := u.Params.Get("transport")
	return v
}

// Append appends the URI.
func (u URI) Append(b []byte) []byte {
	b = append(append(b, u.Scheme...), ':')
	b = append(b, u.Opaque...)
	b = append(b, u.User...)
	if u.Password != "" {
		b = append(append(b, ':'), u.Password...)
	}
	if u.IsSIP() {
		if u.User != "" || u.Password != "" {
			b = append(b, '@')
		}
		b = AppendHostPort(b, u.Host, u.Port)
	}
	b = append(b, u.Params...)
	if u.Headers != "" {
		b = append(append(b, '?'), u.Headers...)
	}
	return b
}

// String returns the URI as text.
func (u URI) String() string { return string(u.Append(nil)) }

// AppendHostPort appends host[:port], with brackets round an IPv6 address.
func AppendHostPort(b []byte, host string, port uint16) []byte {
	if strings.IndexByte(host, ':') >= 0 {
		b = append(append(append(b, '['), host...), ']')
	} else {
		b = append(b, host...)
	}
	if port != 0 {
		b = strconv.AppendUint(append(b, ':'), uint64(port), 10)
	}
	return b
}
