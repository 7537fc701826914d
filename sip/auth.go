package sip

import (
	"iter"
	"strings"
)

// AuthParams is a view of a challenge or of credentials (RFC 3261 section
// 20.7, 20.27, 20.28 and 20.44): `Digest realm="a", nonce="b"`.
type AuthParams struct {
	Scheme string // as written; compare with strings.EqualFold
	List   string // the parameters, separated by commas
}

// ParseAuth cuts the scheme off the parameters.
func ParseAuth(s string) AuthParams {
	s = trim(s)
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return AuthParams{Scheme: s}
	}
	return AuthParams{s[:i], trim(s[i:])}
}

// IsDigest tells whether the scheme is Digest.
func (a AuthParams) IsDigest() bool { return equalFold(a.Scheme, "Digest") }

// All yields names and values, quotes and escapes taken off.
func (a AuthParams) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for s, more := a.List, a.List != ""; more; {
			var item string
			item, s, more = nextParam(s)
			name, value, ok := strings.Cut(item, "=")
			if ok && !yield(trim(name), unquote(trim(value))) {
				return
			}
		}
	}
}

// nextParam cuts at a comma outside quotes; angle brackets mean nothing here.
func nextParam(s string) (item, rest string, more bool) {
	if i := indexOutside(s, ',', false); i >= 0 {
		return trim(s[:i]), s[i+1:], true
	}
	return trim(s), "", false
}

// Get returns one parameter, "" when it is not there.
func (a AuthParams) Get(name string) string {
	for n, v := range a.All() {
		if equalFold(n, name) {
			return v
		}
	}
	return ""
}

// Auths yields what each Authorization, Proxy-Authorization, WWW-Authenticate
// or Proxy-Authenticate line holds: these headers are not lists (RFC 3261
// section 7.3.1).
func (m *Message) Auths(id HeaderID) iter.Seq[AuthParams] {
	return func(yield func(AuthParams) bool) {
		for v := range m.Values(id) {
			if !yield(ParseAuth(v)) {
				return
			}
		}
	}
}
