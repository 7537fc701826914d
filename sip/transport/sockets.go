package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
)

// socketBuffer is asked of the kernel for each UDP socket: some 2,000 messages of a registration storm wait in it.
const socketBuffer = 1 << 20

// Sockets says how to open the UDP sockets of one address.
type Sockets struct {
	// Address is host:port; an empty host or 0.0.0.0 and :: listen on every address.
	Address string
	// Count is how many sockets share the port (SO_REUSEPORT), each with a reader of its own, so that several cores serve it.
	// The kernel sends all of one peer's datagrams to one socket. Only Linux can do this: elsewhere it is one.
	Count int
	// Mark is how their packets are marked; Unmarked hears why they can't be, or is nil.
	Mark     Mark
	Unmarked func(error)
}

// Network is the name by which package net listens at an address and at no other: an IPv4 wildcard would be taken for both
// families.
func Network(name string, a netip.Addr) string {
	if a.Unmap().Is4() {
		return name + "4"
	}
	return name
}

// Open opens the sockets.
func (o Sockets) Open(ctx context.Context) ([]net.PacketConn, error) {
	if o.Count < 1 || runtime.GOOS != "linux" {
		o.Count = 1
	}
	config := net.ListenConfig{Control: control(socketOptions(o), o.Mark.Control(o.Unmarked))}
	address, network := o.Address, "udp"
	if a, err := netip.ParseAddrPort(address); err == nil {
		network = Network(network, a.Addr())
	}
	var open []net.PacketConn
	for len(open) < o.Count {
		c, err := config.ListenPacket(ctx, network, address)
		if err != nil {
			for _, c := range open {
				_ = c.Close() // never served: nothing can be lost
			}
			return nil, fmt.Errorf("listen on udp %s: %w", o.Address, err)
		}
		if u, ok := c.(*net.UDPConn); ok {
			// A smaller buffer than asked for still serves.
			_ = u.SetReadBuffer(socketBuffer)
			_ = u.SetWriteBuffer(socketBuffer)
		}
		address = c.LocalAddr().String() // port 0: the others must share the one that was given
		open = append(open, c)
	}
	return open, nil
}
