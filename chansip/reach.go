package chansip

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/netip"
	"sync"
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

// peerStates is what changes about accounts while the server runs: how they
// answer, and where hosts that are names lead.
type peerStates struct {
	mu    sync.Mutex
	reach map[string]*reach
	hosts map[string][]transport.Target
}

// changed is called when an account's number of calls has changed.
func (s *peerStates) changed(string) {}

// ways lists where an account can be called: its registered phones, newest
// first, or its fixed host. A phone that does not answer qualify is left out, as
// one that is not there.
func (d *Driver) ways(p *Peer) []way {
	if !d.states.reachable(p) {
		return nil
	}
	if !p.Dynamic {
		return d.fixed(p)
	}
	var out []way
	for _, b := range d.cfg.Location.Lookup(nil, p.Name, now()) {
		if w, ok := d.wayTo(&b); ok {
			out = append(out, w)
		}
	}
	if len(out) == 0 && p.DefaultAddr.IsValid() {
		return d.fixed(p)
	}
	return out
}

// wayTo is the way to one registered phone; false where its connection is gone.
func (d *Driver) wayTo(b *location.Binding) (way, bool) {
	t, ok := transport.ParseTransport(b.Transport)
	if !ok {
		return way{}, false
	}
	var f transport.Flow
	if t == transport.UDP {
		f, ok = d.tp.UDP(b.Received)
	} else {
		f, ok = d.tp.Find(b.Flow)
	}
	return way{uri: b.Contact, flow: f, contact: b.Contact}, ok
}

// fixed is the way to an account that does not register.
func (d *Driver) fixed(p *Peer) []way {
	host, targets := p.Host, d.targets(p)
	var out []way
	for _, t := range targets {
		var f transport.Flow
		ok := false
		if t.Transport == transport.UDP {
			f, ok = d.tp.UDP(t.Addr)
		} else {
			f, ok = d.connected(t)
		}
		if !ok {
			continue
		}
		port := p.Port
		if port == t.Transport.DefaultPort() {
			port = 0
		}
		uri := "sip:" + string(sip.AppendHostPort(nil, host, port))
		if p.Username != "" {
			uri = "sip:" + string(sip.AppendEscapedUser(nil, p.Username)) + "@" + string(sip.AppendHostPort(nil, host, port))
		}
		if t.Transport != transport.UDP {
			uri += ";transport=" + t.Transport.Param()
		}
		out = append(out, way{uri: uri, flow: f})
		break // the others are for when this one fails to be looked up
	}
	return out
}

// connectTime is how long a call waits for a connection to a fixed host.
const connectTime = 4 * time.Second

func (d *Driver) connected(t transport.Target) (transport.Flow, bool) {
	ctx, cancel := context.WithTimeout(d.life, connectTime)
	defer cancel()
	f, err := d.tp.Connect(ctx, t.Transport, t.Addr)
	if err != nil {
		d.log.Info("no connection to a peer", "to", t.Addr, "why", err)
	}
	return f, err == nil
}

// transportOf is how an account is called.
func (p *Peer) transportOf() transport.Transport {
	if len(p.Transports) > 0 {
		return p.Transports[0]
	}
	return transport.UDP
}

// targets are the addresses of an account's fixed host: as written, or as the
// last look-up found them.
func (d *Driver) targets(p *Peer) []transport.Target {
	t := p.transportOf()
	port := p.Port
	if port == 0 {
		port = t.DefaultPort()
	}
	if p.Addr.IsValid() {
		return []transport.Target{{Transport: t, Addr: p.Addr}}
	}
	if p.Dynamic {
		return []transport.Target{{Transport: t, Addr: netip.AddrPortFrom(p.DefaultAddr, port)}}
	}
	d.states.mu.Lock()
	defer d.states.mu.Unlock()
	return d.states.hosts[p.Host]
}

// lookUpEvery is how often hosts that are names are looked up again.
const lookUpEvery = 5 * time.Minute

// lookUpHosts keeps the addresses of hosts that are names, so that no call waits
// for DNS.
func (d *Driver) lookUpHosts(ctx context.Context) {
	t := time.NewTicker(lookUpEvery)
	defer t.Stop()
	for {
		set := d.settings.Load()
		for _, p := range set.Peers {
			if !p.Dynamic && !p.Addr.IsValid() && p.Host != "" {
				d.lookUp(ctx, set, p)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (d *Driver) lookUp(ctx context.Context, set *Settings, p *Peer) {
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	uri := sip.URI{Scheme: "sip", Host: p.Host, Port: p.Port, Params: sip.Params("transport=" + p.transportOf().Param())}
	targets, err := d.cfg.Resolver.Resolve(ctx, uri, set.General.SRVLookup)
	if err != nil {
		d.log.Warn("a peer's host can't be found", "peer", p.Name, "host", p.Host, "why", err)
		return
	}
	d.states.mu.Lock()
	defer d.states.mu.Unlock()
	if d.states.hosts == nil {
		d.states.hosts = make(map[string][]transport.Target)
	}
	d.states.hosts[p.Host] = targets
}

// peerByAddr finds the account of a fixed host that a request comes from: by
// address and port, and where insecure=port by the address alone.
func (d *Driver) peerByAddr(set *Settings, f transport.Flow) *Peer {
	from := unmapped(f.Remote)
	if p := set.ByAddr(from, f.Transport.Reliable()); p != nil {
		return p
	}
	d.states.mu.Lock()
	defer d.states.mu.Unlock()
	for _, p := range set.Peers {
		if p.Dynamic || p.Addr.IsValid() || p.Type&TypePeer == 0 {
			continue
		}
		for _, t := range d.states.hosts[p.Host] {
			if t.Addr == from || t.Addr.Addr() == from.Addr() && (p.Insecure.Port || f.Transport.Reliable()) {
				return p
			}
		}
	}
	return nil
}

// outside says whether an address is on the other side of our NAT: not in
// localnet, where there is one.
func (s *Settings) outside(addr netip.Addr) bool {
	if len(s.General.LocalNets) == 0 {
		return false
	}
	addr = addr.Unmap()
	for _, n := range s.General.LocalNets {
		if n.Contains(addr) {
			return false
		}
	}
	return true
}

// ourAddr is our address as the other end of a flow can reach it.
func (d *Driver) ourAddr(set *Settings, f transport.Flow) netip.AddrPort {
	local := unmapped(f.Local)
	if f.Transport.Reliable() {
		local = netip.AddrPortFrom(local.Addr(), d.listenPort(set, local.Port()))
	}
	g := &set.General
	if !g.ExternAddr.Addr().IsValid() || !set.outside(f.Remote.Addr()) {
		return local
	}
	port := g.ExternAddr.Port()
	if f.Transport.Reliable() && g.ExternTCPPort != 0 {
		port = g.ExternTCPPort
	}
	if port == 0 {
		port = local.Port()
	}
	return netip.AddrPortFrom(g.ExternAddr.Addr(), port)
}

// listenPort is where we listen for connections: the port of one that we opened
// is nobody's to call.
func (d *Driver) listenPort(set *Settings, port uint16) uint16 {
	if len(set.General.TCPBind) > 0 {
		return set.General.TCPBind[0].Port()
	}
	return port
}

// addVia adds our Via. It always asks for rport (RFC 3581), as the original
// does.
func (d *Driver) addVia(b *sip.Builder, f transport.Flow, branch string) {
	a := d.ourAddr(d.settings.Load(), f)
	b.Via(f.Transport.String(), a.Addr().String(), a.Port(), branch, true)
}

// contactFor is our Contact for requests and answers on a flow.
func (d *Driver) contactFor(set *Settings, f transport.Flow, user string) string {
	a := d.ourAddr(set, f)
	b := append(make([]byte, 0, 64), "<sip:"...)
	if user != "" {
		b = append(sip.AppendEscapedUser(b, user), '@')
	}
	b = sip.AppendHostPort(b, a.Addr().String(), a.Port())
	if f.Transport != transport.UDP {
		b = append(b, ";transport="...)
		b = append(b, f.Transport.Param()...)
	}
	return string(append(b, '>'))
}

// newTag is a tag of ours, in the original's shape.
func (d *Driver) newTag() string {
	var r [4]byte
	rand.Read(r[:])
	return "as" + hex.EncodeToString(r[:])
}

// newCallID is a Call-ID of ours, in the original's shape.
func (d *Driver) newCallID(a netip.AddrPort) string {
	var r [16]byte
	rand.Read(r[:])
	return hex.EncodeToString(r[:]) + "@" + a.String()
}
