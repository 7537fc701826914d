package sip

import (
	"errors"
	"fmt"
	"iter"
	"strings"
)

// ErrAddress is wrapped by every error of ParseNameAddr.
var ErrAddress = errors.New("sip: bad address")

// NameAddr is an address as From, To, Contact, Route and their like carry it:
// a display name, a URI, and the header's parameters.
type NameAddr struct {
	Display   string // without quotes and escapes, control characters masked
	Addr      string // the URI as written
	Params    Params // the header's parameters, not the URI's
	Bracketed bool   // the URI stood in angle brackets
}

// ParseNameAddr reads one address. Without angle brackets all that follows the
// first ";" belongs to the header (RFC 3261 section 20.10). A display name of
// several words may hold what only quotes allow, as telephones send it.
func ParseNameAddr(s string) (NameAddr, error) {
	var a NameAddr
	s = trim(s)
	rest := s
	if s != "" && s[0] == '"' {
		end := quotedEnd(s)
		if end < 0 {
			return a, fmt.Errorf("%w: quote not closed", ErrAddress)
		}
		a.Display, rest = maskControls(unquote(s[:end])), trim(s[end:])
		if rest == "" || rest[0] != '<' {
			return a, fmt.Errorf("%w: no URI after the name", ErrAddress)
		}
	}
	open := strings.IndexByte(rest, '<')
	if open < 0 {
		var params string
		a.Addr, params, _ = cutBefore(rest, ';')
		a.Addr, a.Params = trim(a.Addr), Params(params)
		return a, a.check()
	}
	if open > 0 {
		a.Display = maskControls(trim(rest[:open]))
	}
	end := strings.IndexByte(rest[open:], '>')
	if end < 0 {
		return a, fmt.Errorf("%w: angle bracket not closed", ErrAddress)
	}
	a.Addr, a.Bracketed = trim(rest[open+1:open+end]), true
	rest = trim(rest[open+end+1:])
	if rest != "" && rest[0] != ';' {
		return a, fmt.Errorf("%w: text after the angle brackets", ErrAddress)
	}
	a.Params = Params(rest)
	return a, a.check()
}

func (a NameAddr) check() error {
	if a.Addr == "" {
		return fmt.Errorf("%w: no URI", ErrAddress)
	}
	if strings.ContainsAny(a.Addr, "<>\"") {
		return fmt.Errorf("%w: brackets or quotes inside the URI", ErrAddress)
	}
	return nil
}

// maskControls puts a space for each control character, so that a name that
// goes on to a log, a console or a record can't break its line.
func maskControls(s string) string {
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, s)
}

func isControl(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }

// URI returns the URI of the address.
func (a NameAddr) URI() (URI, error) { return ParseURI(a.Addr) }

// Tag returns the tag parameter, "" when there is none; a tag without a value
// is none.
func (a NameAddr) Tag() string {
	for name, value := range a.Params.All() {
		if value != "" && equalFold(name, "tag") {
			return unquote(value)
		}
	}
	return ""
}

// IsStar tells whether this is the Contact "*" (RFC 3261 section 10.2.2).
func (a NameAddr) IsStar() bool { return a.Addr == "*" && !a.Bracketed }

// Append appends the address, always with angle brackets (but for "*").
func (a NameAddr) Append(b []byte) []byte {
	if a.IsStar() {
		return append(append(b, '*'), a.Params...)
	}
	if a.Display != "" {
		b = append(AppendQuoted(b, a.Display), ' ')
	}
	b = append(append(append(b, '<'), a.Addr...), '>')
	return append(b, a.Params...)
}

// String returns the address as text.
func (a NameAddr) String() string { return string(a.Append(nil)) }

// Addr returns the first address of a header; ok is false when there is no
// such header.
func (m *Message) Addr(id HeaderID) (a NameAddr, ok bool, err error) {
	if !m.Has(id) {
		return a, false, nil
	}
	v := m.Value(id)
	if id != HeaderFrom && id != HeaderTo { // those two are no lists
		v, _, _ = nextItem(v)
	}
	a, err = ParseNameAddr(v)
	return a, true, err
}

// Addrs yields every address of a header (Contact, Route, Record-Route ...),
// lists taken apart.
func (m *Message) Addrs(id HeaderID) iter.Seq2[NameAddr, error] {
	return func(yield func(NameAddr, error) bool) {
		for item := range m.List(id) {
			if !yield(ParseNameAddr(item)) {
				return
			}
		}
	}
}

// ErrMissing is wrapped when a header that was asked for is not there.
var ErrMissing = errors.New("sip: header missing")

func (m *Message) need(id HeaderID) (NameAddr, error) {
	a, ok, err := m.Addr(id)
	switch {
	case !ok:
		return a, fmt.Errorf("%w: %s", ErrMissing, id)
	case err != nil:
		return a, fmt.Errorf("%s: %w", id, err)
	default:
		return a, nil
	}
}

// From returns the From address.
func (m *Message) From() (NameAddr, error) { return m.need(HeaderFrom) }

// To returns the To address.
func (m *Message) To() (NameAddr, error) { return m.need(HeaderTo) }

// FromTag returns the From tag, "" when there is none.
func (m *Message) FromTag() string {
	a, _ := m.From()
	return a.Tag()
}

// ToTag returns the To tag, "" when there is none.
func (m *Message) ToTag() string {
	a, _ := m.To()
	return a.Tag()
}

// Contact returns the first Contact; it wraps ErrMissing when there is none.
func (m *Message) Contact() (NameAddr, error) { return m.need(HeaderContact) }

// Contacts yields every Contact.
func (m *Message) Contacts() iter.Seq2[NameAddr, error] { return m.Addrs(HeaderContact) }
