package show

import (
	"strconv"
	"time"

	"obelus/location"
	"obelus/sip"
)

// Registry is where phones have registered, as the original keeps it in its database under /SIP/Registry: scripts read it there.
type Registry struct{ Location *location.Registrar }

// Get is "addr:port:expiry:user:contact" of the phone of an account that a call would ring first.
func (r Registry) Get(account string) (string, bool) {
	phones := r.Location.Lookup(nil, account, time.Now())
	if len(phones) == 0 {
		return "", false
	}
	b := &phones[0]
	seconds := int(b.Expires.Sub(b.RegisteredAt) / time.Second)
	return b.Received.String() + ":" + strconv.Itoa(seconds) + ":" + Plain(userOf(b.Contact)) + ":" + Plain(b.Contact), true
}

// userOf is the user that a contact names, "" where it is none of ours.
func userOf(contact string) string {
	uri, err := sip.ParseURI(contact)
	if err != nil {
		return ""
	}
	return uri.User
}

// Keys lists the accounts whose phones have registered.
func (r Registry) Keys() []string {
	var all []string
	for _, b := range r.Location.Snapshot(time.Now()) {
		if n := len(all); n == 0 || all[n-1] != b.AOR {
			all = append(all, b.AOR)
		}
	}
	return all
}
