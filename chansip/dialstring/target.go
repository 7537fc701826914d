// Package dialstring reads what stands behind SIP/ in a dial string.
package dialstring

import (
	"fmt"
	"strings"

	"obelus/sip/transport"
)

// Target is whom a dial string names.
type Target struct {
	Host   string // an account of sip.conf, or a host and perhaps its port
	Number string // what is dialled there; "": the account itself
	Via    string // the host that the call is sent to instead

	Secret    string
	MD5Secret string // instead of Secret
	AuthUser  string // whom the secret is of; "": Number
	Transport transport.Transport

	To                   string // user or user@domain of To; "": where the call goes
	FromUser, FromDomain string // instead of those of the account

	// Odd is what could not be read and was passed over, "" for nothing.
	Odd string
}

// Parse reads the forms of the original:
//
//	account
//	account/number[/host]
//	number[:secret[:md5secret[:authuser[:transport]]]]@account-or-host[:port][//host]
//
// and behind each !to, a user or user@domain, and !from, [user][@domain].
func Parse(s string) Target {
	var t Target
	whom, to, more := strings.Cut(s, "!")
	if more {
		var from string
		t.To, from, _ = strings.Cut(to, "!")
		t.FromUser, t.FromDomain, _ = strings.Cut(from, "@")
	}
	parts := strings.SplitN(whom, "/", 3)
	if len(parts) > 2 {
		t.Via = parts[2]
	}
	at := strings.LastIndexByte(parts[0], '@')
	if at < 0 {
		t.Host = parts[0]
		if len(parts) > 1 {
			t.Number = parts[1]
		}
		return t
	}
	t.Host = parts[0][at+1:]
	t.user(parts[0][:at])
	return t
}

// user reads number[:secret[:md5secret[:authuser[:transport]]]].
func (t *Target) user(s string) {
	parts := strings.SplitN(s, ":", 5)
	for i, to := range []*string{&t.Number, &t.Secret, &t.MD5Secret, &t.AuthUser} {
		if i < len(parts) {
			*to = parts[i]
		}
	}
	if len(parts) < 5 {
		return
	}
	known, ok := transport.ParseTransport(parts[4])
	if !ok {
		t.Odd = fmt.Sprintf("'%s' is not a valid transport option to Dial() for SIP calls, using udp by default.", parts[4])
		return
	}
	t.Transport = known
}

// Proves says whether the dial string has a secret of its own.
func (t *Target) Proves() bool { return t.Secret != "" || t.MD5Secret != "" }
