package chansip

import (
	"context"
	"hash/maphash"
	"maps"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
)

// hostKey is a host as sip.conf names it.
type hostKey struct {
	host      string
	port      uint16
	transport transport.Transport
}

// hosts are the addresses of hosts that are names, as the last look-up found
// them. A call reads them and never waits for DNS.
type hosts struct {
	found atomic.Pointer[hostTable]
	again chan struct{} // asks for a look-up: the settings are new
}

// hostTable does not change once it is made.
type hostTable struct {
	targets map[hostKey][]transport.Target
	addrs   map[netip.Addr]bool // all of them: a quick no for strangers
}

func (h *hosts) init() {
	h.found.Store(&hostTable{})
	h.again = make(chan struct{}, 1)
}

// lookUpAgain asks for a look-up: the settings are new. It does not wait for it.
func (h *hosts) lookUpAgain() {
	select {
	case h.again <- struct{}{}:
	default:
	}
}

// lookUpEvery is how often hosts that are names are looked up again.
const lookUpEvery = 5 * time.Minute

// lookUpHosts keeps the table of names current for as long as ctx lives.
func (d *Driver) lookUpHosts(ctx context.Context) {
	t := time.NewTicker(lookUpEvery)
	defer t.Stop()
	for {
		d.lookUpAll(ctx, d.settings.Load())
		d.seen.forget(d.stillThere)
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-d.hosts.again:
		}
	}
}

// lookUpAll looks up every name of the settings, and puts each into use as it is
// found. A name that can't be found now keeps the address it had.
func (d *Driver) lookUpAll(ctx context.Context, set *Settings) {
	wanted := make(map[hostKey]*Peer)
	for _, p := range set.Peers {
		if key, ok := proxyOf(p); ok && !key.numeric() {
			wanted[key] = p
		}
		if key, ok := hostOf(p); ok && !key.numeric() {
			wanted[key] = p
		}
	}
	if len(wanted) == 0 && len(d.hosts.found.Load().targets) == 0 {
		return
	}
	targets := maps.Clone(d.hosts.found.Load().targets)
	if targets == nil {
		targets = make(map[hostKey][]transport.Target)
	}
	maps.DeleteFunc(targets, func(k hostKey, _ []transport.Target) bool { return wanted[k] == nil })
	for key, p := range wanted {
		if ctx.Err() != nil {
			return
		}
		found, err := d.lookUp(ctx, set, key)
		if err != nil {
			d.log.Warn("a peer's host can't be found", "peer", p.Name, "host", key.host, "why", err)
			continue
		}
		targets[key] = found
		d.hosts.found.Store(newHostTable(targets))
	}
	d.hosts.found.Store(newHostTable(targets))
}

func newHostTable(targets map[hostKey][]transport.Target) *hostTable {
	t := &hostTable{targets: maps.Clone(targets), addrs: make(map[netip.Addr]bool)}
	for _, list := range targets {
		for _, to := range list {
			t.addrs[to.Addr.Addr()] = true
		}
	}
	return t
}

func (d *Driver) lookUp(ctx context.Context, set *Settings, key hostKey) ([]transport.Target, error) {
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	uri := sip.URI{Scheme: "sip", Host: key.host, Port: key.port, Params: sip.Params(";transport=" + key.transport.Param())}
	return d.cfg.Resolver.Resolve(ctx, uri, set.General.SRVLookup)
}

// numeric says whether the host is an address, and nothing to look up.
func (k hostKey) numeric() bool {
	_, err := netip.ParseAddr(k.host)
	return err == nil
}

// targetsOf are the addresses of a host.
func (d *Driver) targetsOf(k hostKey) []transport.Target {
	a, err := netip.ParseAddr(k.host)
	if err != nil {
		return d.hosts.found.Load().targets[k]
	}
	port := k.port
	if port == 0 {
		port = k.transport.DefaultPort()
	}
	return []transport.Target{{Transport: k.transport, Addr: netip.AddrPortFrom(a.Unmap(), port)}}
}

// host is where an account with a fixed host is, or a dynamic one that has not
// registered and has a defaultip; false for neither.
func hostOf(p *Peer) (hostKey, bool) {
	k := hostKey{strings.Trim(p.Host, "[]"), p.Port, p.Transport()}
	if p.Dynamic {
		k.host = p.DefaultAddr.String()
		return k, p.DefaultAddr.IsValid()
	}
	return k, k.host != ""
}

// route is the host that requests to an account are sent to: its outboundproxy,
// or itself.
func routeOf(p *Peer) (hostKey, bool) {
	if k, ok := proxyOf(p); ok {
		return k, true
	}
	return hostOf(p)
}

// proxy reads outboundproxy=[sip:|udp://|tcp://]host[:port][,force]. As in the
// original requests go to its address and name it nowhere.
func proxyOf(p *Peer) (hostKey, bool) {
	s, _, _ := strings.Cut(p.OutboundProxy, ",")
	s = strings.TrimPrefix(strings.TrimSpace(s), "sip:")
	t := p.Transport()
	if name, rest, ok := strings.Cut(s, "://"); ok {
		if known, is := transport.ParseTransport(name); is {
			t, s = known, rest
		}
	}
	host, port := sipconf.SplitHostPort(s)
	return hostKey{strings.Trim(host, "[]"), port, t}, host != ""
}

// addresses remembers which account registered from where, so that a request
// whose From names nobody (an anonymous caller) is known by its address, as in
// the original. It is a hint: the registrar has the last word.
type addresses struct {
	seed   maphash.Seed
	mu     sync.RWMutex
	byAddr map[netip.AddrPort]lodger
}

// lodger is who registered from an address: the account, and which phone of it.
type lodger struct {
	name  string
	phone uint64
}

func (a *addresses) init() { a.seed, a.byAddr = maphash.MakeSeed(), make(map[netip.AddrPort]lodger) }

// phone tells one phone of an account from another: by its instance, or by the
// Call-ID, which a phone keeps from one REGISTER to the next (RFC 3261 section
// 10.2).
func (a *addresses) phone(b *location.Binding) uint64 {
	if b.Instance != "" {
		return maphash.String(a.seed, b.Instance)
	}
	return maphash.String(a.seed, b.CallID)
}

// put notes a phone, and says whether it was not there before. A refresh changes
// nothing and costs no more than a look.
func (a *addresses) put(b *location.Binding, name string) bool {
	at := lodger{name, a.phone(b)}
	if a.get(b.Received) == at {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byAddr[b.Received] = at
	return true
}

func (a *addresses) get(from netip.AddrPort) lodger {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.byAddr[from]
}

// forget drops what no longer holds.
func (a *addresses) forget(holds func(from netip.AddrPort, name string) bool) {
	a.mu.RLock()
	all := maps.Clone(a.byAddr)
	a.mu.RUnlock()
	for from, at := range all {
		if !holds(from, at.name) {
			a.mu.Lock()
			if a.byAddr[from] == at {
				delete(a.byAddr, from)
			}
			a.mu.Unlock()
		}
	}
}

// stillThere says whether an account has a phone registered from an address.
func (d *Driver) stillThere(from netip.AddrPort, name string) bool {
	for _, b := range d.cfg.Location.Lookup(nil, name, now()) {
		if b.Received == from {
			return true
		}
	}
	return false
}

// peerByAddr finds the account that a request comes from by its address: a fixed
// host, or a registered phone. The port counts unless insecure=port says not, or
// over connections.
func (d *Driver) peerByAddr(set *Settings, f transport.Flow) *Peer {
	from := transport.Unmap(f.Remote)
	if p := set.ByAddr(from, f.Transport.Reliable()); p != nil {
		return p
	}
	if p := d.peerByName(set, from, f.Transport.Reliable()); p != nil {
		return p
	}
	name := d.seen.get(from).name
	if name == "" || !d.stillThere(from, name) {
		return nil
	}
	if p := set.Peer(name); p != nil && p.Type&sipconf.TypePeer != 0 {
		return p
	}
	return nil
}

// peerByName finds an account whose host is a name that leads to an address.
func (d *Driver) peerByName(set *Settings, from netip.AddrPort, connection bool) *Peer {
	table := d.hosts.found.Load()
	if !table.addrs[from.Addr()] {
		return nil
	}
	for _, p := range set.Peers {
		if p.Dynamic || p.Addr.IsValid() || p.Type&sipconf.TypePeer == 0 {
			continue
		}
		key, _ := hostOf(p)
		for _, t := range table.targets[key] {
			if t.Addr == from || t.Addr.Addr() == from.Addr() && (p.Insecure.Port || connection) {
				return p
			}
		}
	}
	return nil
}
