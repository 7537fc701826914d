// Package simnet is a network in memory: hosts, links that lose and delay,
// NAT boxes, datagrams and streams. It stands in for the real network in
// tests that run in a testing/synctest bubble: every wait in it is a wait on
// a sync.Cond and every delay is a timer of the bubble, so a call of half an
// hour over a bad link takes no time and comes out the same every run.
//
// A Host offers ListenPacket, Listen and DialContext with the signatures of
// package net, so that a room that takes sockets from outside can't tell the
// difference:
//
//	lan := simnet.New(1)
//	phone := lan.Host("phone", netip.MustParseAddr("192.0.2.1"))
//	pc, err := phone.ListenPacket("udp", ":5060")
//
// All networks that hang together (a network and the insides of its NAT
// boxes) share one lock. Nothing of the caller's is called under it.
package simnet

import (
	"fmt"
	"net/netip"
	"time"
)

// Network is a set of hosts and NAT boxes that can reach each other by
// address. All its methods may be called from any goroutine.
type Network struct {
	w       *world
	nodes   map[netip.Addr]node
	rules   map[pair]Link
	links   map[pair]*link
	gateway *NAT // where packets for elsewhere go; nil on the outermost network
}

// node is what an address stands for: a host or the outside of a NAT box.
type node interface {
	nodeName() string
	// receive takes a datagram that arrived; the world's lock is held.
	receive(n *Network, d *datagram)
	// accept says which listener answers a dial to dst; the lock is held.
	accept(p *path, dst netip.AddrPort) *Listener
}

type pair struct{ from, to netip.Addr }

// New makes an empty network. The seed decides every roll of the dice on
// its links: equal seeds and equal traffic give equal losses.
func New(seed uint64) *Network {
	return newNetwork(&world{seed: seed, start: time.Now()})
}

func newNetwork(w *world) *Network {
	return &Network{
		w:     w,
		nodes: make(map[netip.Addr]node),
		rules: make(map[pair]Link),
		links: make(map[pair]*link),
	}
}

// Host adds a host with the given addresses. It panics when an address is
// taken or none is given: the test is written wrongly.
func (n *Network) Host(name string, addrs ...netip.Addr) *Host {
	if len(addrs) == 0 {
		panic("simnet: host " + name + " has no address")
	}
	h := &Host{
		net:       n,
		name:      name,
		addrs:     addrs,
		packets:   make(map[netip.AddrPort]*PacketConn),
		listeners: make(map[netip.AddrPort]*Listener),
		streams:   make(map[*Conn]struct{}),
		nextPort:  firstEphemeral,
	}
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	for _, a := range addrs {
		n.attach(a, h)
	}
	return h
}

func (n *Network) attach(a netip.Addr, to node) {
	if !a.IsValid() {
		panic("simnet: " + to.nodeName() + " has an invalid address")
	}
	if old, taken := n.nodes[a]; taken {
		panic(fmt.Sprintf("simnet: %s: address %s belongs to %s", to.nodeName(), a, old.nodeName()))
	}
	n.nodes[a] = to
}

// SetLink says how packets from one address to another travel, one way.
// The zero Addr stands for any address; the closest rule wins, the sender's
// before the receiver's. SetLink(netip.Addr{}, netip.Addr{}, l) is the rule
// for all. What is on its way already arrives as it was sent.
func (n *Network) SetLink(from, to netip.Addr, l Link) {
	l.check()
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	n.rules[pair{from, to}] = l
}

// SetLinks is SetLink in both directions between a and b.
func (n *Network) SetLinks(a, b netip.Addr, l Link) {
	n.SetLink(a, b, l)
	n.SetLink(b, a, l)
}

// rule finds the closest rule for a packet. The lock is held.
func (n *Network) rule(from, to netip.Addr) Link {
	for _, p := range [...]pair{{from, to}, {from, netip.Addr{}}, {netip.Addr{}, to}} {
		if l, ok := n.rules[p]; ok {
			return l
		}
	}
	return n.rules[pair{}]
}

// next says who takes a packet for dst on this network: its owner, or the
// way out, or nobody. The lock is held.
func (n *Network) next(dst netip.Addr) node {
	if to, ok := n.nodes[dst]; ok {
		return to
	}
	if n.gateway != nil {
		return insideOf{n.gateway}
	}
	return nil
}

// nameOf is the column of a ladder that a packet for dst goes to.
func nameOf(to node, dst netip.AddrPort) string {
	if to == nil {
		return dst.Addr().String()
	}
	return to.nodeName()
}

// send puts one datagram on the network. The lock is held.
func (n *Network) send(fromName string, d *datagram) {
	to := n.next(d.to.Addr())
	rec := n.w.record("udp", fromName, nameOf(to, d.to), d.from, d.to, d.data)
	if to == nil {
		rec.fate("no route")
		return
	}
	times, fate := n.linkFor(d.from.Addr(), d.to.Addr()).fates(n.rule(d.from.Addr(), d.to.Addr()), time.Now())
	rec.fate(fate)
	for _, at := range times {
		c := *d
		c.rec = rec
		n.w.at(at, func() { to.receive(n, &c) })
	}
}

// datagram is a UDP packet on its way. data is never written to once sent.
type datagram struct {
	from, to netip.AddrPort
	data     []byte
	rec      *Packet
}
