package sip

import (
	"iter"
	"strings"
)

// nextItem cuts the first member off a comma-separated list. A comma inside
// quotes or angle brackets is not a separator.
func nextItem(s string) (item, rest string, more bool) {
	i := indexOutside(s, ',', true)
	if i < 0 {
		return trim(s), "", false
	}
	return trim(s[:i]), s[i+1:], true
}

// indexOutside finds sep outside quoted strings and, if brackets is set,
// outside <...>; -1 when there is none.
func indexOutside(s string, sep byte, brackets bool) int {
	first := strings.IndexByte(s, sep)
	if first < 0 {
		return -1
	}
	if strings.IndexByte(s[:first], '"') < 0 && (!brackets || strings.IndexByte(s[:first], '<') < 0) {
		return first // most often nothing can hide it
	}
	quoted, angled := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"' && !angled:
			quoted = !quoted
		case quoted:
		case brackets && c == '<':
			angled = true
		case brackets && c == '>':
			angled = false
		case c == sep && !angled:
			return i
		}
	}
	return -1
}

// List yields the members of a comma-separated header, over all its lines;
// empty members are skipped.
func (m *Message) List(id HeaderID) iter.Seq[string] {
	return func(yield func(string) bool) {
		for v := range m.Values(id) {
			for more := v != ""; more; {
				var item string
				if item, v, more = nextItem(v); item != "" && !yield(item) {
					return
				}
			}
		}
	}
}

// HasToken tells whether a list header (Supported, Require, Allow ...) names a
// token, in any case.
func (m *Message) HasToken(id HeaderID, token string) bool {
	for item := range m.List(id) {
		if equalFold(item, token) {
			return true
		}
	}
	return false
}

// unquote takes the quotes off a quoted string and resolves its escapes. A
// string that is not quoted comes back as it is.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// AppendQuoted appends s as a quoted string, escaping what must be.
func AppendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20 && c != '\t' || c == 0x7f:
			b = append(b, ' ')
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// quotedEnd returns the index after the quoted string that s begins with, -1
// when its closing quote is missing.
func quotedEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}
