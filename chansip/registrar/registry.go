package registrar

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"obelus/location"
	"obelus/sip"
)

// RegistryPrefix begins the keys under which the original keeps where phones have registered: the account follows.
const RegistryPrefix = "/SIP/Registry/"

// maxLife is the longest life that a registration of the original's is given here.
const maxLife = 7 * 24 * time.Hour

// FromRegistry is the registration that a value of the original's database tells of, "address:port:expiry:user:contact" (the contact may have colons;
// IPv6 is in brackets); false where it tells of none. The value does not say when the phone registered: like the original, the whole expiry is
// given again.
func FromRegistry(account, value string, now time.Time) (location.Binding, bool) {
	rest := value
	host := ""
	if strings.HasPrefix(rest, "[") {
		end := strings.IndexByte(rest, ']')
		if end < 0 || !strings.HasPrefix(rest[end+1:], ":") {
			return location.Binding{}, false
		}
		host, rest = rest[1:end], rest[end+2:]
	} else {
		host, rest, _ = strings.Cut(rest, ":")
	}
	part := strings.SplitN(rest, ":", 4) // port, expiry, user, contact
	addr, err := netip.ParseAddr(host)
	if err != nil || len(part) < 4 {
		return location.Binding{}, false
	}
	port, err := strconv.ParseUint(part[0], 10, 16)
	seconds, wrong := strconv.ParseUint(part[1], 10, 31)
	u, none := sip.ParseURI(part[3])
	if err != nil || wrong != nil || none != nil || u.Scheme != "sip" && u.Scheme != "sips" || port == 0 || seconds == 0 || addr.IsUnspecified() || addr.IsMulticast() {
		return location.Binding{}, false
	}
	life := min(time.Duration(seconds)*time.Second, maxLife)
	b := location.Binding{
		AOR: account, Contact: part[3], ContactID: part[3], Received: netip.AddrPortFrom(addr, uint16(port)),
		Transport: transportOf(u), RegisteredAt: now, Expires: now.Add(life),
	}
	if b.Transport != "udp" {
		b.Flow = location.GoneFlow // no connection outlives the original either
	}
	return b, true
}

// transportOf is what a contact says it is reached by.
func transportOf(u sip.URI) string {
	name, _ := u.Params.Get("transport")
	switch name = strings.ToLower(name); {
	case u.Scheme == "sips":
		return "tls"
	case name == "tcp", name == "tls", name == "ws", name == "wss":
		return name
	}
	return "udp"
}
