package sip

import "strings"

func unhex(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	default:
		return -1
	}
}

// Unescape resolves the %xx escapes of a URI part; a % that escapes nothing
// stays. The result may hold any byte, control characters included.
func Unescape(s string) string {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			b = append(b, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		} else {
			b = append(b, s[i])
		}
	}
	return string(b)
}

// AppendEscapedUser appends text as the user part of a URI, escaping all that
// RFC 3261 does not let stand there. "#" is escaped, as Asterisk does.
func AppendEscapedUser(b []byte, s string) []byte {
	return appendEscaped(b, s, "-_.!~*'()&=+$,;?/")
}

// AppendEscapedHeader appends text as a name or value of a URI's headers.
func AppendEscapedHeader(b []byte, s string) []byte {
	return appendEscaped(b, s, "-_.!~*'()[]/?:+$")
}

func appendEscaped(b []byte, s, allowed string) []byte {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		c := s[i]
		if isAlpha(c) || isDigit(c) || strings.IndexByte(allowed, c) >= 0 {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}
