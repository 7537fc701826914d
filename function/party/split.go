package party

import (
	"strings"

	"obelus/function/argument"
)

// SplitCallerID takes "Name" <number>, in the many forms it is written, apart.
// Without angle brackets a text that can be a number is one.
func SplitCallerID(s string) (name, number string) {
	at := strings.LastIndexByte(s, '<')
	if at < 0 {
		if n := shrinkNumber(s); n != "" && strings.Trim(n, "0123456789*#+") == "" {
			return "", n
		}
		if _, inner, ok := strings.Cut(s, `"`); ok {
			if inner, _, ok := strings.Cut(inner, `"`); ok {
				return inner, ""
			}
		}
		return strings.Trim(s, argument.Blanks), ""
	}
	if t := strings.Trim(s, argument.Blanks); len(t) > 1 && t[0] == '"' && t[len(t)-1] == '"' {
		s = t[1 : len(t)-1] // quotes around it all
		at = strings.LastIndexByte(s, '<')
	}
	number, _, _ = strings.Cut(s[at+1:], ">")
	name = strings.Trim(s[:at], argument.Blanks)
	if len(name) > 1 && name[0] == '"' && name[len(name)-1] == '"' {
		name = unescaped(name[1 : len(name)-1])
	}
	return name, shrinkNumber(number)
}

// unescaped takes the backslashes out of a quoted string (RFC 3261 section 25.1, quoted-pair).
func unescaped(s string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}

// shrinkNumber takes out of a number what people write to make it readable:
// spaces, parentheses, dots, and hyphens outside square brackets.
func shrinkNumber(s string) string {
	var out []byte
	bracket := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '[':
			bracket++
			out = append(out, c)
		case c == ']':
			bracket--
			out = append(out, c)
		case c == '-' && bracket > 0:
			out = append(out, c)
		case strings.IndexByte(" ().-", c) < 0:
			out = append(out, c)
		}
	}
	return string(out)
}
