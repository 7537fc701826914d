package door

import (
	"strings"

	"obelus/chansip/sipconf"
	"obelus/sip"
	"obelus/sip/transport"
)

// Domain is the domain of ours that a request is for, by its first line, and whether it
// is for one at all. Where sip.conf names none, every one is.
func (r *Request) Domain() (sipconf.Domain, bool) {
	u, err := r.M.RequestURI()
	if err != nil || !u.IsSIP() {
		return sipconf.Domain{}, true
	}
	return r.ours(u.Host)
}

// ToDomain is whether To names a domain of ours.
func (r *Request) ToDomain() bool {
	to, err := r.M.To()
	if err != nil {
		return true
	}
	u, err := to.URI()
	if err != nil || !u.IsSIP() {
		return true
	}
	_, ours := r.ours(u.Host)
	return ours
}

// ours says whether a host is a domain of ours.
func (r *Request) ours(host string) (sipconf.Domain, bool) {
	g := &r.Set.General
	if !g.HasDomains() {
		return sipconf.Domain{}, true
	}
	if d, ok := g.Domain(host); ok {
		return d, true
	}
	here := transport.Unmap(r.Flow.Local).Addr().String()
	return sipconf.Domain{}, g.AutoDomain && (host == here || r.d.c.Hostname != "" && strings.EqualFold(host, r.d.c.Hostname))
}

// realm is that of the proof which is asked for: realm=, or with domainsasrealm=yes the
// domain of From, else that of To, where it is one of ours.
func (r *Request) realm() string {
	g := &r.Set.General
	if !g.DomainsAsRealm {
		return g.Realm
	}
	for _, read := range []func() (sip.NameAddr, error){r.M.From, r.M.To} {
		a, err := read()
		if err != nil {
			continue
		}
		u, err := a.URI()
		if err != nil || !u.IsSIP() {
			continue
		}
		if d, ok := g.Domain(u.Host); ok {
			return d.Name
		}
	}
	return g.Realm
}
