package reach

import (
	"hash/maphash"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/sip/transport"
)

// addresses remembers which account registered from where, so that a request
// whose From names nobody (an anonymous caller) is known by its address, as in
// the original. It is a hint: the registrar has the last word.
type addresses struct {
	seed   maphash.Seed
	mu     sync.RWMutex
	byAddr map[netip.AddrPort]lodger
	byIP   map[netip.Addr][]netip.AddrPort // those of byAddr, for accounts whose port may be any
}

// lodger is who registered from an address: the account, and which phone of it.
type lodger struct {
	name  string
	phone uint64
}

func (a *addresses) init() {
	a.seed, a.byAddr, a.byIP = maphash.MakeSeed(), make(map[netip.AddrPort]lodger), make(map[netip.Addr][]netip.AddrPort)
}

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
	if _, known := a.byAddr[b.Received]; !known {
		ip := b.Received.Addr()
		a.byIP[ip] = append(a.byIP[ip], b.Received)
	}
	a.byAddr[b.Received] = at
	return true
}

// maxNeighbours is how many phones behind one IP address are looked at for one whose
// port may be any: who is nobody's phone must not cost more.
const maxNeighbours = 100

// at lists where somebody registered from at an IP address.
func (a *addresses) at(ip netip.Addr) []netip.AddrPort {
	a.mu.RLock()
	defer a.mu.RUnlock()
	list := a.byIP[ip]
	return slices.Clone(list[:min(len(list), maxNeighbours)])
}

// drop forgets an address; a.mu is held.
func (a *addresses) drop(from netip.AddrPort) {
	delete(a.byAddr, from)
	ip := from.Addr()
	left := slices.DeleteFunc(a.byIP[ip], func(o netip.AddrPort) bool { return o == from })
	if len(left) == 0 {
		delete(a.byIP, ip)
	} else {
		a.byIP[ip] = left
	}
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
				a.drop(from)
			}
			a.mu.Unlock()
		}
	}
}

// Note remembers a phone that has registered, and says whether it was not there
// before. A refresh changes nothing and costs no more than a look.
func (d *Directory) Note(b *location.Binding, account string) bool { return d.seen.put(b, account) }

// WasAt says whether it was the phone of a binding that registered last from an
// address.
func (d *Directory) WasAt(from netip.AddrPort, b *location.Binding, account string) bool {
	return d.seen.get(from) == lodger{account, d.seen.phone(b)}
}

// Recall notes all phones that are registered.
func (d *Directory) Recall() {
	for b := range d.c.Location.Each(time.Now()) {
		d.seen.put(b, b.AOR)
	}
}

// stillThere says whether an account has a phone registered from an address.
func (d *Directory) stillThere(from netip.AddrPort, name string) bool {
	for _, b := range d.c.Location.Lookup(nil, name, time.Now()) {
		if b.Received == from {
			return true
		}
	}
	return false
}

// ByAddr finds the account that a request for an extension comes from by its address: a
// fixed host, or a registered phone. The port counts unless insecure=port says not, or
// over connections.
func (d *Directory) ByAddr(set *sipconf.Settings, f transport.Flow, exten string) *sipconf.Peer {
	from := transport.Unmap(f.Remote)
	if p := set.ByAddr(from, f.Transport.Reliable(), exten); p != nil {
		return p
	}
	if p := d.peerByName(set, from, f.Transport.Reliable(), exten); p != nil {
		return p
	}
	if p := d.lodger(set, from); p != nil {
		return p
	}
	for _, at := range d.seen.at(from.Addr()) {
		if p := d.lodger(set, at); p != nil && p.Insecure.Port {
			return p
		}
	}
	return nil
}

// lodger is the account that has registered from an address, nil for none.
func (d *Directory) lodger(set *sipconf.Settings, from netip.AddrPort) *sipconf.Peer {
	name := d.seen.get(from).name
	if name == "" || !d.stillThere(from, name) {
		return nil
	}
	if p := set.Peer(name); p != nil && p.Type&sipconf.TypePeer != 0 {
		return p
	}
	return nil
}

// peerByName finds an account whose host is a name that leads to an address; of several
// the one whose callbackextension= is what is called.
func (d *Directory) peerByName(set *sipconf.Settings, from netip.AddrPort, connection bool, exten string) *sipconf.Peer {
	table := d.hosts.found.Load()
	if !table.addrs[from.Addr()] {
		return nil
	}
	var first *sipconf.Peer
	for _, p := range set.Peers {
		if p.Dynamic || p.Addr.IsValid() || p.Type&sipconf.TypePeer == 0 {
			continue
		}
		key, _ := HostOf(p)
		for _, t := range table.targets[key] {
			if t.Addr == from || t.Addr.Addr() == from.Addr() && (p.Insecure.Port || connection) {
				if p.Callback == exten && exten != "" {
					return p
				}
				if first == nil {
					first = p
				}
			}
		}
	}
	return first
}

// connections remembers which accounts registered by which connection.
type connections struct {
	mu    sync.Mutex
	names map[uint64][]string
}

// Joined notes that an account has registered by a connection. Over UDP it does
// nothing.
func (d *Directory) Joined(f transport.Flow, account string) { d.conns.put(f, account) }

// Left forgets a connection that has ended, and returns the accounts that had
// registered by it.
func (d *Directory) Left(f transport.Flow) []string { return d.conns.take(f) }

// put notes an account. A refresh changes nothing.
func (c *connections) put(f transport.Flow, name string) {
	if !f.Transport.Reliable() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.names == nil {
		c.names = make(map[uint64][]string)
	}
	if id := f.Connection(); !slices.Contains(c.names[id], name) {
		c.names[id] = append(c.names[id], name)
	}
}

// take forgets a connection, and returns its accounts.
func (c *connections) take(f transport.Flow) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := c.names[f.Connection()]
	delete(c.names, f.Connection())
	return names
}
