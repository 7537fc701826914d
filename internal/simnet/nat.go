package simnet

import (
	"fmt"
	"net/netip"
	"time"
)

// NATKind is how a NAT box maps and filters; the names are those of RFC 3489
// section 5, which people still use.
type NATKind int

// The four kinds, from the friendliest to the worst. In the words of
// RFC 4787 the first three map independently of the endpoint and differ in
// what they filter; the last maps and filters by address and port.
const (
	FullCone       NATKind = iota // anybody may answer to a mapping
	Restricted                    // only addresses that were sent to
	PortRestricted                // only addresses and ports that were sent to
	Symmetric                     // a mapping of its own for every destination
)

// String returns the name of the kind.
func (k NATKind) String() string {
	names := [...]string{"full cone", "restricted", "port-restricted", "symmetric"}
	if k < 0 || int(k) >= len(names) {
		return fmt.Sprintf("NATKind(%d)", int(k))
	}
	return names[k]
}

// firstMapped is the first port a NAT box hands out. It never keeps the
// port of the inside, so that code that trusts it fails here and not at a
// customer's.
const firstMapped = 20000

// NAT is a box with one address on an outside network and a network of its
// own inside.
type NAT struct {
	name    string
	kind    NATKind
	timeout time.Duration
	addr    netip.Addr
	outside *Network
	inside  *Network

	// All below is under the world's lock.
	byFlow   map[flow]*mapping
	byPort   map[uint16]*mapping
	forwards map[uint16]netip.AddrPort
	nextPort uint16
	inbound  bool // what comes in keeps a mapping
}

// flow is what a mapping is for; to is set by a symmetric NAT only.
type flow struct{ from, to netip.AddrPort }

type mapping struct {
	flow flow
	port uint16
	used time.Time                    // last packet out
	sent map[netip.AddrPort]time.Time // last packet out, by destination
}

// NAT adds a box to the network. A mapping that sends nothing for the
// time-out is forgotten (only packets that go out keep it, RFC 4787
// REQ-6); a time-out of 0 means never. Hosts are put behind it with
// Inside().Host. A host inside may send to the address of the box itself
// (hairpinning).
func (n *Network) NAT(name string, addr netip.Addr, kind NATKind, timeout time.Duration) *NAT {
	b := &NAT{
		name: name, kind: kind, timeout: timeout, addr: addr,
		outside:  n,
		inside:   newNetwork(n.w),
		byFlow:   make(map[flow]*mapping),
		byPort:   make(map[uint16]*mapping),
		forwards: make(map[uint16]netip.AddrPort),
		nextPort: firstMapped,
	}
	b.inside.gateway = b
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	n.attach(addr, b)
	return b
}

// Inside returns the network behind the box.
func (b *NAT) Inside() *Network { return b.inside }

// Addr returns the outside address of the box.
func (b *NAT) Addr() netip.Addr { return b.addr }

// Forward opens a port of the outside to an address inside, for datagrams
// and streams, as the owner of a server behind a NAT does.
func (b *NAT) Forward(port uint16, to netip.AddrPort) {
	b.outside.w.mu.Lock()
	defer b.outside.w.mu.Unlock()
	b.forwards[port] = to
}

// KeptByInbound has packets that come in keep a mapping as well (RFC 4787 REQ-6
// lets a box choose), as Linux and most home routers do.
func (b *NAT) KeptByInbound() {
	b.outside.w.mu.Lock()
	defer b.outside.w.mu.Unlock()
	b.inbound = true
}

// Reboot forgets every mapping, as a home router does at night. Forwards stay.
func (b *NAT) Reboot() {
	b.outside.w.mu.Lock()
	defer b.outside.w.mu.Unlock()
	clear(b.byFlow)
	clear(b.byPort)
}

func (b *NAT) nodeName() string { return b.name }

// receive takes a datagram from outside.
func (b *NAT) receive(_ *Network, d *datagram) {
	to, ok := b.forwards[d.to.Port()]
	if !ok {
		m := b.byPort[d.to.Port()]
		if m == nil || !b.alive(m.used) {
			d.rec.fate("no mapping")
			return
		}
		if !b.admits(m, d.from) {
			d.rec.fate("refused by " + b.kind.String() + " NAT")
			return
		}
		to = m.flow.from
		if b.inbound {
			m.used = time.Now()
			m.sent[d.from] = m.used
		}
	}
	b.inside.send(b.name, &datagram{from: d.from, to: to, data: d.data})
}

func (b *NAT) alive(last time.Time) bool {
	return b.timeout == 0 || time.Since(last) < b.timeout
}

// admits says whether somebody outside may use a mapping.
func (b *NAT) admits(m *mapping, from netip.AddrPort) bool {
	switch b.kind {
	case FullCone:
		return true
	case Restricted:
		for to, last := range m.sent {
			if to.Addr() == from.Addr() && b.alive(last) {
				return true
			}
		}
		return false
	default:
		last, ok := m.sent[from]
		return ok && b.alive(last)
	}
}

// sendOut takes a datagram from inside that is for elsewhere.
func (b *NAT) sendOut(d *datagram) {
	port, ok := b.forwardedFrom(d.from)
	if !ok {
		m := b.mapOut(d.from, d.to)
		if m == nil {
			d.rec.fate("no port left")
			return
		}
		port = m.port
	}
	b.outside.send(b.name, &datagram{from: netip.AddrPortFrom(b.addr, port), to: d.to, data: d.data})
}

// forwardedFrom finds the outside port of an inside address that has a
// forward: a server's answers come from the port it was called on.
func (b *NAT) forwardedFrom(from netip.AddrPort) (uint16, bool) {
	for port, to := range b.forwards {
		if to == from {
			return port, true
		}
	}
	return 0, false
}

// mapOut finds or makes the mapping for a packet out and notes its use.
func (b *NAT) mapOut(from, to netip.AddrPort) *mapping {
	key := flow{from: from}
	if b.kind == Symmetric {
		key.to = to
	}
	m := b.byFlow[key]
	if m != nil && !b.alive(m.used) {
		delete(b.byPort, m.port)
		m = nil
	}
	if m == nil {
		port, ok := b.freePort()
		if !ok {
			return nil
		}
		m = &mapping{flow: key, port: port, sent: make(map[netip.AddrPort]time.Time)}
		b.byFlow[key] = m
		b.byPort[m.port] = m
	}
	m.used = time.Now()
	m.sent[to] = m.used
	return m
}

func (b *NAT) freePort() (uint16, bool) {
	for range 1<<16 - firstMapped {
		port := b.nextPort
		if b.nextPort++; b.nextPort == 0 {
			b.nextPort = firstMapped
		}
		m, mapped := b.byPort[port]
		_, forwarded := b.forwards[port]
		if forwarded || mapped && b.alive(m.used) {
			continue
		}
		if mapped {
			delete(b.byFlow, m.flow)
			delete(b.byPort, port)
		}
		return port, true
	}
	return 0, false
}

// accept takes a dial from outside: forwarded ports only.
func (b *NAT) accept(p *path, dst netip.AddrPort) *Listener {
	to, ok := b.forwards[dst.Port()]
	if !ok {
		return nil
	}
	return b.inside.find(p, to)
}

// insideOf is the side of a NAT box that the inside sees: the way out.
type insideOf struct{ b *NAT }

func (i insideOf) nodeName() string { return i.b.name }

func (i insideOf) receive(_ *Network, d *datagram) { i.b.sendOut(d) }

func (i insideOf) accept(p *path, dst netip.AddrPort) *Listener {
	port, ok := i.b.freePort()
	if !ok {
		return nil
	}
	p.from = netip.AddrPortFrom(i.b.addr, port)
	return i.b.outside.find(p, dst)
}
