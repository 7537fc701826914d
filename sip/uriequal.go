package sip

import (
	"net/netip"
	"strings"
)

// Equal compares two URIs by RFC 3261 section 19.1.4: the user part by case,
// all else without; a port or a transport that only one of them names makes
// them differ, other parameters that only one has do not. The relation is not
// transitive. Of a tel URI the visual separators don't count (RFC 3966 section 4).
func (u URI) Equal(v URI) bool {
	switch {
	case !equalFold(u.Scheme, v.Scheme):
		return false
	case u.IsSIP():
		return u.equalSIP(v)
	case u.Scheme == "tel":
		return equalNumber(u.User, v.User) && sameParams(u.Params, v.Params, true) && sameParams(v.Params, u.Params, true)
	default:
		return u.Opaque == v.Opaque
	}
}

func (u URI) equalSIP(v URI) bool {
	return equalEscaped(u.User, v.User, false) && equalEscaped(u.Password, v.Password, false) &&
		equalHost(u.Host, v.Host) && u.Port == v.Port &&
		sameParams(u.Params, v.Params, false) && sameParams(v.Params, u.Params, false) &&
		sameHeaders(u.Headers, v.Headers) && sameHeaders(v.Headers, u.Headers)
}

// equalHost compares IPv6 addresses by value (RFC 5954 section 4), names
// without case.
func equalHost(a, b string) bool {
	if equalFold(a, b) {
		return true
	}
	if strings.IndexByte(a, ':') < 0 || strings.IndexByte(b, ':') < 0 {
		return false
	}
	x, err1 := netip.ParseAddr(a)
	y, err2 := netip.ParseAddr(b)
	return err1 == nil && err2 == nil && x == y
}

// sameParams tells whether b agrees with each parameter of a. One that b does
// not have is a difference if it is one of the five that RFC 3261 names, or all is set.
func sameParams(a, b Params, all bool) bool {
	for name, value := range a.All() {
		other, ok := b.raw(name)
		switch {
		case ok && !equalEscaped(value, other, true):
			return false
		case !ok && (all || decides(name)):
			return false
		}
	}
	return true
}

// raw is Get without taking quotes off.
func (p Params) raw(name string) (string, bool) {
	for n, v := range p.All() {
		if equalEscaped(n, name, true) {
			return v, true
		}
	}
	return "", false
}

// decides names the parameters that never match a URI without them.
func decides(name string) bool {
	for _, known := range [...]string{"user", "ttl", "method", "maddr", "transport"} {
		if equalFold(name, known) {
			return true
		}
	}
	return false
}

// sameHeaders tells whether each header of URI a is in URI b, with its value.
func sameHeaders(a, b string) bool {
next:
	for more := a != ""; more; {
		var h string
		if h, a, more = strings.Cut(a, "&"); h == "" {
			continue
		}
		for rest, more := b, b != ""; more; {
			var other string
			other, rest, more = strings.Cut(rest, "&")
			if equalEscaped(h, other, true) {
				continue next
			}
		}
		return false
	}
	return true
}

// equalEscaped compares two URI parts. A character and its escape are the same,
// but not if it is a reserved one: "a%3Bb" and "a;b" differ.
func equalEscaped(a, b string, fold bool) bool {
	for a != "" && b != "" {
		var x, y unit
		x, a = nextUnit(a)
		y, b = nextUnit(b)
		if fold && isAlpha(x.char) && isAlpha(y.char) {
			x.char |= 0x20
			y.char |= 0x20
		}
		if x != y {
			return false
		}
	}
	return a == "" && b == ""
}

// unit is one character of a URI; escaped is kept where it makes a difference.
type unit struct {
	char    byte
	escaped bool
}

func nextUnit(s string) (unit, string) {
	if s[0] != '%' || len(s) < 3 || unhex(s[1]) < 0 || unhex(s[2]) < 0 {
		return unit{char: s[0]}, s[1:]
	}
	c := byte(unhex(s[1])<<4 | unhex(s[2]))
	plain := isAlpha(c) || isDigit(c) || strings.IndexByte("-_.!~*'()", c) >= 0
	return unit{c, !plain}, s[3:]
}

// equalNumber compares telephone numbers without their visual separators.
func equalNumber(a, b string) bool {
	for {
		a, b = strings.TrimLeft(a, "-.()"), strings.TrimLeft(b, "-.()")
		if a == "" || b == "" {
			return a == b
		}
		if !equalFold(a[:1], b[:1]) {
			return false
		}
		a, b = a[1:], b[1:]
	}
}
