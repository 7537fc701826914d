package sipconf

import (
	"errors"
	"net/netip"
	"strings"
)

// Domain is one domain= line, or a name of ours that autodomain=yes has found.
type Domain struct {
	Name    string
	Context string // where calls of guests to it begin; "": context= of [general]
	Auto    bool   // autodomain has found it
}

// HasDomains says whether sip.conf names domains at all. Where it names none every domain
// is ours.
func (g *General) HasDomains() bool { return len(g.Domains) > 0 || g.AutoDomain }

// Domain is the domain of ours that a host is; false where it is none.
func (g *General) Domain(host string) (Domain, bool) {
	host = strings.Trim(host, "[]")
	for _, d := range g.Domains {
		if strings.EqualFold(d.Name, host) {
			return d, true
		}
	}
	return Domain{}, false
}

// addDomain reads domain=name[,context].
func addDomain(g *General, v string) error {
	name, context, _ := strings.Cut(v, ",")
	if name = strings.Trim(strings.TrimSpace(name), "[]"); name == "" {
		return errors.New("it names no domain")
	}
	g.Domains = append(g.Domains, Domain{Name: name, Context: strings.TrimSpace(context)})
	return nil
}

// autoDomains adds the addresses and names of ours that sip.conf has, where
// autodomain=yes says so. What it does not say, an address of this machine, is ours by
// where a request has come in.
func (g *General) autoDomains() {
	if !g.AutoDomain {
		return
	}
	add := func(name string) {
		if _, known := g.Domain(name); !known {
			g.Domains = append(g.Domains, Domain{Name: name, Auto: true})
		}
	}
	addr := func(a netip.Addr) {
		if a.IsValid() && !a.IsUnspecified() {
			add(a.String())
		}
	}
	for _, list := range [][]netip.AddrPort{g.UDPBind, g.TCPBind, g.TLSBind} {
		for _, a := range list {
			addr(a.Addr())
		}
	}
	addr(g.ExternAddr.Addr())
	if host, _ := SplitHostPort(g.ExternHost); host != "" {
		add(host)
	}
}
