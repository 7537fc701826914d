package sip

import (
	"errors"
	"fmt"
	"iter"
	"strings"
)

// ErrVia is wrapped by every error of ParseVia.
var ErrVia = errors.New("sip: bad Via")

// BranchCookie begins every branch of RFC 3261 (section 8.1.1.7).
const BranchCookie = "z9hG4bK"

// Via is a view of one Via value.
type Via struct {
	Protocol  string // "SIP"
	Version   string // "2.0"
	Transport string // "UDP", "TCP", "TLS", "WS", "WSS" ... as written
	Host      string // sent-by; an IPv6 address without its brackets
	Port      uint16 // 0: not given
	Params    Params
}

// ParseVia reads one Via value (RFC 3261 section 20.42); white space may stand
// round the slashes and the colon.
func ParseVia(s string) (Via, error) {
	var v Via
	head, params, _ := cutBefore(trim(s), ';')
	protocol, rest, ok1 := strings.Cut(head, "/")
	version, rest, ok2 := strings.Cut(rest, "/")
	rest = trim(rest)
	i := strings.IndexAny(rest, " \t")
	if !ok1 || !ok2 || i < 0 {
		return v, fmt.Errorf("%w: no protocol and sent-by", ErrVia)
	}
	v = Via{Protocol: trim(protocol), Version: trim(version), Transport: rest[:i], Params: Params(params)}
	if !isToken(v.Protocol) || !isToken(v.Version) || !isToken(v.Transport) {
		return v, fmt.Errorf("%w: bad protocol", ErrVia)
	}
	var err error
	if v.Host, v.Port, err = parseHostPort(trim(rest[i:])); err != nil {
		return v, fmt.Errorf("%w: %w", ErrVia, err)
	}
	return v, nil
}

// Branch returns the branch parameter.
func (v Via) Branch() string {
	b, _ := v.Params.Get("branch")
	return b
}

// Received returns the received parameter, an IPv6 address without brackets
// (RFC 5118 section 4.5 knows both spellings).
func (v Via) Received() string {
	r, _ := v.Params.Get("received")
	return strings.TrimSuffix(strings.TrimPrefix(r, "["), "]")
}

// RPort returns the rport parameter (RFC 3581): whether it is there, and its
// value, 0 when it has none.
func (v Via) RPort() (port uint16, ok bool) {
	s, ok := v.Params.Get("rport")
	n, _ := parseUint(s, 65535)
	return uint16(n), ok
}

// MAddr returns the maddr parameter.
func (v Via) MAddr() string {
	a, _ := v.Params.Get("maddr")
	return a
}

// Append appends the Via value.
func (v Via) Append(b []byte) []byte {
	b = append(append(b, v.Protocol...), '/')
	b = append(append(b, v.Version...), '/')
	b = append(append(b, v.Transport...), ' ')
	return append(AppendHostPort(b, v.Host, v.Port), v.Params...)
}

// Via returns the top Via.
func (m *Message) Via() (Via, error) {
	if !m.Has(HeaderVia) {
		return Via{}, fmt.Errorf("%w: Via", ErrMissing)
	}
	top, _, _ := nextItem(m.Value(HeaderVia))
	return ParseVia(top)
}

// Vias yields every Via, the top one first.
func (m *Message) Vias() iter.Seq2[Via, error] {
	return func(yield func(Via, error) bool) {
		for item := range m.List(HeaderVia) {
			if !yield(ParseVia(item)) {
				return
			}
		}
	}
}
