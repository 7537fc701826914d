package transport

import (
	"strings"
	"syscall"
)

// Mark is a place in the network's queues: tos_sip and cos_sip of sip.conf.
type Mark struct {
	TOS      int // IP_TOS, or the traffic class of IPv6: a byte, DSCP in its upper six bits
	Priority int // SO_PRIORITY of Linux, 0 to 7: what VLANs call class of service
}

// Control sets the mark of a socket that is made, for net.ListenConfig and net.Dialer; connections that a listener accepts
// inherit it. A mark that the system refuses is told to failed and keeps nobody from talking.
func (m Mark) Control(failed func(error)) func(network, address string, c syscall.RawConn) error {
	if m == (Mark{}) {
		return nil
	}
	return func(network, _ string, c syscall.RawConn) error {
		var refused error
		if err := c.Control(func(fd uintptr) { refused = m.set(fd, strings.HasSuffix(network, "6")) }); err != nil {
			return err
		}
		if refused != nil && failed != nil {
			failed(refused)
		}
		return nil
	}
}

// control runs two of them, either of which may be nil.
func control(a, b func(network, address string, c syscall.RawConn) error) func(network, address string, c syscall.RawConn) error {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	return func(network, address string, c syscall.RawConn) error {
		if err := a(network, address, c); err != nil {
			return err
		}
		return b(network, address, c)
	}
}
