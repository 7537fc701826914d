// Package wire opens UDP ports for media and moves packets between them and
// whoever handles them: as the net package has it everywhere, and on Linux by
// shards of ports that wake up less often. It reads nothing in the packets.
package wire

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// The names of the ways to move packets.
const (
	Auto  = "auto"  // the fastest that this system and these options allow
	Go    = "go"    // net.PacketConn, a goroutine a port: everywhere
	Epoll = "epoll" // Linux: a shard for each core
)

// Engine opens ports and reads them.
type Engine interface {
	// Name is one of the names above.
	Name() string
	// Open listens on an address and hands each packet to h, one after the
	// other. near may be a port to be served by the same core, or nil.
	Open(at At, h Handler, near Port) (Port, error)
	// Close waits until no handler runs. All ports are closed by then.
	Close()
}

// At is a port to be opened.
type At struct {
	Addr        netip.AddrPort
	Mark        Mark
	NoChecksums bool        // UDP over IPv4 goes without
	Unmarked    func(error) // hears why the mark can't be set; the port serves all the same
}

// marked says whether there is anything to set.
func (at *At) marked() bool { return at.Mark != Mark{} || at.NoChecksums }

// Mark is a place in the network's queues.
type Mark struct {
	TOS      int // IP_TOS, or the traffic class of IPv6: a byte, DSCP in its upper six bits
	Priority int // SO_PRIORITY of Linux, 0 to 7: what VLANs call class of service
}

// Port is an open port.
type Port interface {
	// Send sends a packet; it does not keep b.
	Send(b []byte, to netip.AddrPort) error
	// Close gives the port back; of packets sent afterwards none leaves.
	Close() error
}

// Handler takes a packet. It may change b, and may not keep it.
type Handler func(b []byte, from netip.AddrPort, now time.Time)

// Options is what an engine is made with.
type Options struct {
	// Engine is one of the names above; "" is auto.
	Engine string
	// Coalesce is how long packets may gather at most under load; below or at 0 not
	// at all. Only the epoll engine does so.
	Coalesce time.Duration
	// Listen opens a port ("udp4", "192.0.2.1:10000"); nil for the system's. Given
	// one, auto takes the go engine.
	Listen func(network, address string) (net.PacketConn, error)
	// Log hears of ports that can't be read any more.
	Log *slog.Logger
}

// New makes the engine of a name.
func New(o *Options) (Engine, error) {
	switch o.Engine {
	case Go:
		return newGoEngine(o), nil
	case Epoll:
		if o.Listen != nil {
			return nil, fmt.Errorf("it opens its own ports and can't be given a Listen")
		}
		return newEpollEngine(o)
	case "", Auto:
		if o.Listen != nil {
			return newGoEngine(o), nil
		}
		if e, err := newEpollEngine(o); err == nil {
			return e, nil
		}
		return newGoEngine(o), nil
	}
	return nil, fmt.Errorf("there is none of this name; use %s, %s or %s", Auto, Go, Epoll)
}

// network is the name that the net package gives to UDP at the address.
func network(a netip.Addr) string {
	if a.Is4() {
		return "udp4"
	}
	return "udp"
}

// listenPacket is the Listen of the system.
func listenPacket(network, address string) (net.PacketConn, error) {
	return net.ListenPacket(network, address)
}

// Plain is an address of IPv4 as such, where a socket of IPv6 gave it.
func Plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
