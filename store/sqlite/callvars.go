package sqlite

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"obelus/store"
)

// variablesText writes variables as a JSON object, "" for none, so that json_extract finds them. The order is kept, and so are bytes
// that are not UTF-8, which a phone may have sent: SQLite lets them pass.
func variablesText(vars []store.Variable) string {
	if len(vars) == 0 {
		return ""
	}
	out := []byte{'{'}
	for i, v := range vars {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendJSON(out, v.Name)
		out = append(out, ':')
		out = appendJSON(out, v.Value)
	}
	return string(append(out, '}'))
}

func appendJSON(to []byte, s string) []byte {
	to = append(to, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			to = append(to, '\\', c)
		case c < ' ' || c == 0x7f:
			to = fmt.Appendf(to, `\u%04x`, c)
		default:
			to = append(to, c)
		}
	}
	return append(to, '"')
}

// parseVariables reads what variablesText wrote. Somebody may have edited the file: it ends where it can't be read.
func parseVariables(s string) (vars []store.Variable) {
	for s = strings.TrimSpace(s); s != ""; {
		if s[0] != '{' && s[0] != ',' {
			break
		}
		name, rest, ok := jsonString(strings.TrimLeft(s[1:], " \t\r\n"))
		rest = strings.TrimLeft(rest, " \t\r\n")
		if !ok || !strings.HasPrefix(rest, ":") {
			break
		}
		value, rest, ok := jsonString(strings.TrimLeft(rest[1:], " \t\r\n"))
		if !ok {
			break
		}
		vars = append(vars, store.Variable{Name: name, Value: value})
		s = strings.TrimLeft(rest, " \t\r\n")
	}
	return vars
}

// jsonString reads a string in quotes at the beginning of s.
func jsonString(s string) (text, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", s, false
	}
	var b strings.Builder
	for s = s[1:]; ; {
		i := strings.IndexAny(s, `"\`)
		if i < 0 {
			return "", "", false
		}
		b.WriteString(s[:i])
		if s[i] == '"' {
			return b.String(), s[i+1:], true
		}
		var c string
		if c, s, ok = jsonEscape(s[i+1:]); !ok {
			return "", "", false
		}
		b.WriteString(c)
	}
}

// jsonEscape reads what follows a backslash.
func jsonEscape(s string) (text, rest string, ok bool) {
	if s == "" {
		return "", "", false
	}
	switch c := s[0]; c {
	case '"', '\\', '/':
		return s[:1], s[1:], true
	case 'b', 'f', 'n', 'r', 't':
		return string("\b\f\n\r\t"[strings.IndexByte("bfnrt", c)]), s[1:], true
	case 'u':
		r, ok := jsonUnit(s)
		if !ok {
			return "", "", false
		}
		if s = s[5:]; utf16.IsSurrogate(r) && strings.HasPrefix(s, `\u`) {
			if low, ok := jsonUnit(s[1:]); ok {
				return string(utf16.DecodeRune(r, low)), s[6:], true
			}
		}
		return string(r), s, true
	}
	return "", "", false
}

// jsonUnit reads uXXXX.
func jsonUnit(s string) (rune, bool) {
	if len(s) < 5 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:5], 16, 16)
	return rune(n), err == nil
}
