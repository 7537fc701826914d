package reach

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
)

// Way is where a phone can be reached now.
type Way struct {
	URI     string // the request's first line
	Flow    transport.Flow
	Contact string // of a registered phone, "" for a fixed host

	Instance string   // of a phone that names itself (RFC 5626)
	Routes   []string // Route headers, for a phone behind an edge proxy (RFC 3327)
	Others   []Way    // more flows to the same phone, to be tried when this one fails
}

// Ways lists where an account can be called: its registered phones, the preferred
// and newest first, or its fixed host. Each phone is there once, however many flows
// it has registered (RFC 5626): two requests by two flows would ring it twice. It
// may wait for a connection, see [Directory.Waits]. answers says of a contact whether
// a flow to it is to be counted: a phone is there by those that are left.
func (d *Directory) Ways(p *sipconf.Peer, answers func(contact string) bool) []Way {
	return phones(slices.DeleteFunc(d.Flows(p), func(w Way) bool { return !answers(w.Contact) }))
}

// Flows is Ways with every flow of every phone.
func (d *Directory) Flows(p *sipconf.Peer) []Way {
	var out []Way
	if p.Dynamic {
		list := d.c.Location.Lookup(nil, p.Name, time.Now())
		d.comeBack(list)
		for i := range list {
			if w, ok := d.WayTo(p, &list[i]); ok {
				out = append(out, w)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	if w, ok := d.Fixed(p); ok {
		out = append(out, w)
	}
	return out
}

// phones puts the flows of each phone together.
func phones(flows []Way) []Way {
	out := flows[:0]
	for _, w := range flows {
		i := slices.IndexFunc(out, func(o Way) bool { return w.Instance != "" && o.Instance == w.Instance })
		if i < 0 {
			out = append(out, w)
			continue
		}
		out[i].Others = append(out[i].Others, w)
	}
	return out
}

// WayTo is the way to one registered phone; false where its connection is gone.
// Over UDP it begins at the address that the phone asked: its NAT may let nobody
// else in. With an outboundproxy it leads there.
func (d *Directory) WayTo(p *sipconf.Peer, b *location.Binding) (Way, bool) {
	w := Way{URI: b.Contact, Contact: b.Contact, Instance: b.Instance, Routes: routes(b.Path)}
	ok := false
	if proxy, has := ProxyOf(p); has {
		w.Flow, ok = d.FlowTo(d.Targets(proxy))
		return w, ok
	}
	t, ok := transport.ParseTransport(b.Transport)
	switch {
	case !ok:
	case t == transport.UDP:
		w.Flow, ok = d.tp.UDPFrom(b.Local, b.Received)
	default:
		if w.Flow, ok = d.tp.Find(b.Flow); !ok {
			w.Flow, ok = d.returned(b)
		}
	}
	return w, ok
}

// routes are the Path headers of a registration as Route headers.
func routes(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, PathSeparator)
}

// PathSeparator stands between the Path headers of a binding.
const PathSeparator = ", "

// Fixed is the way to an account that does not register.
func (d *Directory) Fixed(p *sipconf.Peer) (Way, bool) {
	host, ok := HostOf(p)
	if !ok {
		return Way{}, false
	}
	route, _ := RouteOf(p)
	f, ok := d.FlowTo(d.Targets(route))
	return Way{URI: uriAt(p, host), Flow: f}, ok
}

// uriAt is the Request-URI of an account at a host.
func uriAt(p *sipconf.Peer, h Host) string {
	b := append(make([]byte, 0, 64), "sip:"...)
	if p.Username != "" {
		b = append(sip.AppendEscapedUser(b, p.Username), '@')
	}
	port := h.Port
	if port == h.Transport.DefaultPort() {
		port = 0
	}
	b = sip.AppendHostPort(b, h.Name, port)
	if h.Transport != transport.UDP {
		b = append(b, ";transport="...)
		b = append(b, h.Transport.Param()...)
	}
	return string(b)
}

// FlowTo is the flow to the first of some targets that can be reached; RFC 3263
// section 4.3 has them tried in turn.
func (d *Directory) FlowTo(targets []transport.Target) (transport.Flow, bool) {
	for _, t := range targets {
		if t.Transport == transport.UDP {
			if f, ok := d.tp.UDP(t.Addr); ok {
				return f, true
			}
		} else if f, ok := d.connected(t); ok {
			return f, true
		}
	}
	return transport.Flow{}, false
}

// connectTime is how long a call waits for a connection to a fixed host.
const connectTime = 4 * time.Second

func (d *Directory) connected(t transport.Target) (transport.Flow, bool) {
	ctx, cancel := context.WithTimeout(d.c.Life, connectTime)
	defer cancel()
	f, err := d.tp.Connect(ctx, t)
	if err != nil {
		d.c.Log.Info("no connection to a peer", "to", t.Addr, "why", err)
	}
	return f, err == nil
}

// Registered are the phones of an account.
func (d *Directory) Registered(p *sipconf.Peer) []location.Binding {
	if !p.Dynamic {
		return nil
	}
	return d.c.Location.Lookup(nil, p.Name, time.Now())
}

// At is where an account is, by its first phone or its fixed host; invalid where
// nobody knows.
func (d *Directory) At(p *sipconf.Peer) netip.AddrPort {
	if found := d.Registered(p); len(found) > 0 {
		return found[0].Received
	}
	if host, ok := HostOf(p); ok {
		if t := d.Targets(host); len(t) > 0 {
			return t[0].Addr
		}
	}
	return netip.AddrPort{}
}
