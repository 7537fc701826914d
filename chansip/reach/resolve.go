package reach

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"obelus/chansip/sipconf"
	"obelus/sip"
	"obelus/sip/transport"
)

// lookTime bounds a look-up that a call waits for.
const lookTime = 5 * time.Second

// LookUp finds the addresses of a URI (RFC 3263). It waits for DNS, five seconds at
// most.
func (d *Directory) LookUp(ctx context.Context, set *sipconf.Settings, uri sip.URI) ([]transport.Target, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return d.c.Resolver.Resolve(ctx, uri, set.General.SRVLookup)
}

// Resolve finds the ways to a URI of somebody without an account.
func (d *Directory) Resolve(ctx context.Context, set *sipconf.Settings, text string) ([]Way, error) {
	uri, err := sip.ParseURI(text)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	targets, err := d.c.Resolver.Resolve(ctx, uri, set.General.SRVLookup)
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		var f transport.Flow
		ok := false
		if t.Transport == transport.UDP {
			f, ok = d.tp.UDP(t.Addr)
		} else if f, err = d.tp.Connect(ctx, t); err == nil {
			ok = true
		}
		if ok {
			return []Way{{URI: text, Flow: f}}, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("no way to %s", text)
	}
	return nil, err
}

// Local says whether a host is this server: an address that it listens on, or
// would be reached by. Its maddr, which says where to go instead, counts in its
// place (RFC 3261 section 19.1.1).
func (d *Directory) Local(set *sipconf.Settings, host string) bool {
	host, params, _ := strings.Cut(host, ";")
	if to, ok := sip.Params(";" + params).Get("maddr"); ok && to != "" {
		host = to
	}
	if a, err := netip.ParseAddrPort(host); err == nil {
		host = a.Addr().String()
	} else if h, _, ok := strings.Cut(host, ":"); ok && strings.Count(host, ":") == 1 {
		host = h
	}
	if _, ours := set.General.Domain(host); ours {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return strings.EqualFold(host, set.General.FromDomain) && host != "" || strings.EqualFold(host, set.General.Realm)
	}
	if d.c.Ours(&set.General, addr) {
		return true
	}
	f, ok := d.tp.UDP(netip.AddrPortFrom(addr, 5060))
	return ok && f.Local.Addr().Unmap() == addr.Unmap()
}
