package dialog

import (
	"errors"
	"strings"

	"obelus/sip"
)

// Replaces is a Replaces header (RFC 3891): the dialog, as the one who gets it knows
// it, in whose place the INVITE wants to be.
type Replaces struct {
	ID
	EarlyOnly bool // not if it is answered already
}

// ErrReplaces says that a Replaces header does not name a dialog.
var ErrReplaces = errors.New("a Replaces needs a Call-ID, to-tag and from-tag")

// ParseReplaces reads the value of a Replaces header (RFC 3891 section 6.1).
func ParseReplaces(s string) (Replaces, error) {
	v := sip.ParseValued(s)
	to, _ := v.Params.Get("to-tag")
	from, _ := v.Params.Get("from-tag")
	if v.Value == "" || to == "" || from == "" {
		return Replaces{}, ErrReplaces
	}
	_, early := v.Params.Get("early-only")
	return Replaces{ID{strings.Clone(v.Value), strings.Clone(to), strings.Clone(from)}, early}, nil
}

// ReplacesIn finds a Replaces among the headers of a URI, Name=value&Name=value with
// escapes, as the Refer-To of an attended transfer has it (RFC 3891 section 7). ok says
// whether there is one.
func ReplacesIn(headers string) (r Replaces, ok bool, err error) {
	for h := range strings.SplitSeq(headers, "&") {
		name, value, _ := strings.Cut(h, "=")
		if strings.EqualFold(sip.Unescape(name), "Replaces") {
			r, err = ParseReplaces(sip.Unescape(value))
			return r, true, err
		}
	}
	return Replaces{}, false, nil
}
