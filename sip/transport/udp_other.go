//go:build !linux

package transport

import (
	"net"
	"net/netip"
	"syscall"
)

// batch is the batched path of Linux; here there is none and datagrams are read one at a time.
type batch struct{}

func newBatch(*udpSocket, *net.UDPConn) *batch { return nil }

func (*batch) run() {}

func (*batch) send([]byte, netip.AddrPort, netip.AddrPort, bool) error { return ErrFlowClosed }

// socketOptions sets nothing: SO_REUSEPORT shares datagrams out over sockets on Linux alone.
func socketOptions(Sockets) func(network, address string, c syscall.RawConn) error { return nil }
