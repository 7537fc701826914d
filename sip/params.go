package sip

import (
	"iter"
	"strings"
)

// Params is a view of parameters as written: ";name=value;flag".
type Params string

// next cuts the first parameter off p.
func (p Params) next() (name, value string, rest Params) {
	s := string(p)
	for s != "" && (s[0] == ';' || isSpace(s[0])) {
		s = s[1:]
	}
	if i := indexOutside(s, ';', false); i >= 0 {
		s, rest = s[:i], Params(s[i:])
	}
	name, value, _ = strings.Cut(s, "=")
	return trim(name), trim(value), rest
}

// Get returns a parameter's value with its quotes taken off, and whether the
// parameter is there at all. Names are case-insensitive.
func (p Params) Get(name string) (value string, ok bool) {
	for p != "" {
		var n, v string
		n, v, p = p.next()
		if equalFold(n, name) {
			return unquote(v), true
		}
	}
	return "", false
}

// Has tells whether a parameter is there, with or without a value.
func (p Params) Has(name string) bool {
	_, ok := p.Get(name)
	return ok
}

// All yields names and values as written, quotes included.
func (p Params) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for p := p; p != ""; {
			var n, v string
			n, v, p = p.next()
			if n != "" && !yield(n, v) {
				return
			}
		}
	}
}

// AppendParam appends ";name=value", or ";name" when value is empty. A value
// that is neither a token nor a host is quoted.
func AppendParam(b []byte, name, value string) []byte {
	b = append(append(b, ';'), name...)
	if value == "" {
		return b
	}
	b = append(b, '=')
	for i := 0; i < len(value); i++ {
		if c := value[i]; !isTokenChar(c) && c != '[' && c != ']' && c != ':' && value[0] != '"' {
			return AppendQuoted(b, value)
		}
	}
	return append(b, value...)
}
