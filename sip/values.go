package sip

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// ErrValue is wrapped when a header's value is not what the header asks for.
var ErrValue = errors.New("sip: bad header value")

// CSeq is a command sequence (RFC 3261 section 20.16).
type CSeq struct {
	Seq    uint32
	Method Method
}

// CSeq returns the CSeq header.
func (m *Message) CSeq() (CSeq, error) {
	v := m.Value(HeaderCSeq)
	if v == "" {
		return CSeq{}, fmt.Errorf("%w: CSeq", ErrMissing)
	}
	return parseCSeq(v)
}

func parseCSeq(s string) (CSeq, error) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return CSeq{}, fmt.Errorf("%w: CSeq", ErrValue)
	}
	n, ok := parseUint(s[:i], math.MaxUint32)
	method := trim(s[i:])
	if !ok || !isToken(method) {
		return CSeq{}, fmt.Errorf("%w: CSeq", ErrValue)
	}
	return CSeq{uint32(n), methodOf(method)}, nil
}

// RAck is the RAck header: which reliable response of which request a PRACK
// acknowledges (RFC 3262 section 7.2).
type RAck struct {
	RSeq uint32
	CSeq CSeq
}

// RAck returns the RAck header.
func (m *Message) RAck() (RAck, error) {
	v := m.Value(HeaderRAck)
	i := strings.IndexAny(v, " \t")
	if i < 0 {
		return RAck{}, fmt.Errorf("%w: RAck", ErrValue)
	}
	n, ok := parseUint(v[:i], math.MaxUint32)
	cseq, err := parseCSeq(trim(v[i:]))
	if !ok || err != nil {
		return RAck{}, fmt.Errorf("%w: RAck", ErrValue)
	}
	return RAck{uint32(n), cseq}, nil
}

// CallID returns the Call-ID.
func (m *Message) CallID() string { return m.Value(HeaderCallID) }

// Number returns a header that holds one number, alone or before ";" or a
// comment: Max-Forwards, Expires, Min-SE, RSeq, Retry-After ... A number too big
// counts as the biggest one.
func (m *Message) Number(id HeaderID) (n uint32, ok bool) {
	return parseSeconds(m.Value(id))
}

// parseSeconds reads leading digits and saturates; ok is false when there are none.
func parseSeconds(s string) (uint32, bool) {
	end := 0
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	if end == 0 || end < len(s) && strings.IndexByte(" \t;(", s[end]) < 0 {
		return 0, false
	}
	n, ok := parseUint(s[:end], math.MaxUint32)
	if !ok {
		n = math.MaxUint32
	}
	return uint32(n), true
}

// MaxForwards returns Max-Forwards; ok is false when there is none.
func (m *Message) MaxForwards() (n uint32, ok bool) { return m.Number(HeaderMaxForwards) }

// Expires returns the Expires header in seconds; ok is false when there is
// none or it is no number.
func (m *Message) Expires() (seconds uint32, ok bool) { return m.Number(HeaderExpires) }

// Seconds rounds a time up to whole seconds, as Expires says what is left of it.
func Seconds(d time.Duration) uint64 {
	if d <= 0 {
		return 0
	}
	return uint64((d + time.Second - 1) / time.Second)
}

// Date is a time as the Date header has it (RFC 3261 section 20.17).
func Date(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }

// Expires returns a contact's own expires parameter in seconds.
func (a NameAddr) Expires() (seconds uint32, ok bool) {
	v, _ := a.Params.Get("expires")
	return parseSeconds(v)
}

// SessionExpires is the Session-Expires header (RFC 4028 section 4).
type SessionExpires struct {
	Seconds   uint32
	Refresher string // "uac", "uas" or ""
}

// SessionExpires returns the Session-Expires header; ok is false when there is
// none or it is no number.
func (m *Message) SessionExpires() (se SessionExpires, ok bool) {
	v := m.Value(HeaderSessionExpires)
	se.Seconds, ok = parseSeconds(v)
	_, params, _ := cutBefore(v, ';')
	switch r, _ := Params(params).Get("refresher"); {
	case equalFold(r, "uac"):
		se.Refresher = "uac"
	case equalFold(r, "uas"):
		se.Refresher = "uas"
	}
	return se, ok
}

// Valued is a token with parameters, as Event, Subscription-State,
// Content-Disposition, Reason and Replaces are written.
type Valued struct {
	Value  string
	Params Params
}

// ParseValued cuts a value from its parameters.
func ParseValued(s string) Valued {
	v, params, _ := cutBefore(s, ';')
	return Valued{trim(v), Params(params)}
}

// Valued returns the first header of a kind cut from its parameters.
func (m *Message) Valued(id HeaderID) Valued { return ParseValued(m.Value(id)) }

// ContentType returns the media type without its parameters, as written;
// compare with strings.EqualFold.
func (m *Message) ContentType() string { return m.Valued(HeaderContentType).Value }
