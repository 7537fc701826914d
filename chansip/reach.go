package chansip

import (
	"context"
	"time"

	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
)

// way is where a phone can be reached now.
type way struct {
	uri     string // the request's first line
	flow    transport.Flow
	contact string // of a registered phone, "" for a fixed host
}

// ways lists where an account can be called: its registered phones, the preferred
// and newest first, or its fixed host. A phone that does not answer qualify, or
// too slowly, is left out, as one that is not there. It may wait for a connection
// to a fixed host, for nothing else.
func (d *Driver) ways(p *Peer) []way {
	var out []way
	for _, w := range d.allWays(p) {
		if d.states.reachable(p, w.contact) {
			out = append(out, w)
		}
	}
	return out
}

// allWays is ways without regard to how the phones answer.
func (d *Driver) allWays(p *Peer) []way {
	var out []way
	if p.Dynamic {
		for _, b := range d.cfg.Location.Lookup(nil, p.Name, now()) {
			if w, ok := d.wayTo(p, &b); ok {
				out = append(out, w)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	if w, ok := d.fixed(p); ok {
		out = append(out, w)
	}
	return out
}

// wayTo is the way to one registered phone; false where its connection is gone.
// With an outboundproxy it leads there.
func (d *Driver) wayTo(p *Peer, b *location.Binding) (way, bool) {
	w := way{uri: b.Contact, contact: b.Contact}
	ok := false
	if proxy, has := proxyOf(p); has {
		w.flow, ok = d.flowTo(d.targetsOf(proxy))
		return w, ok
	}
	t, ok := transport.ParseTransport(b.Transport)
	switch {
	case !ok:
	case t == transport.UDP:
		w.flow, ok = d.tp.UDP(b.Received)
	default:
		w.flow, ok = d.tp.Find(b.Flow)
	}
	return w, ok
}

// fixed is the way to an account that does not register.
func (d *Driver) fixed(p *Peer) (way, bool) {
	host, ok := hostOf(p)
	if !ok {
		return way{}, false
	}
	route, _ := routeOf(p)
	f, ok := d.flowTo(d.targetsOf(route))
	return way{uri: uriAt(p, host), flow: f}, ok
}

// uriAt is the Request-URI of an account at a host.
func uriAt(p *Peer, h hostKey) string {
	b := append(make([]byte, 0, 64), "sip:"...)
	if p.Username != "" {
		b = append(sip.AppendEscapedUser(b, p.Username), '@')
	}
	port := h.port
	if port == h.transport.DefaultPort() {
		port = 0
	}
	b = sip.AppendHostPort(b, h.host, port)
	if h.transport != transport.UDP {
		b = append(b, ";transport="...)
		b = append(b, h.transport.Param()...)
	}
	return string(b)
}

// flowTo is the flow to the first of some targets that can be reached; RFC 3263
// section 4.3 has them tried in turn.
func (d *Driver) flowTo(targets []transport.Target) (transport.Flow, bool) {
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

func (d *Driver) connected(t transport.Target) (transport.Flow, bool) {
	ctx, cancel := context.WithTimeout(d.life, connectTime)
	defer cancel()
	f, err := d.tp.Connect(ctx, t)
	if err != nil {
		d.log.Info("no connection to a peer", "to", t.Addr, "why", err)
	}
	return f, err == nil
}
