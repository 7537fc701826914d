package wire

import (
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// markSocket sets what the port asks for. A priority comes after the type of
// service, which sets one too.
func markSocket(fd int, at At) error {
	v4 := at.Addr.Addr().Is4()
	set := func(level, option, value int, what string) error {
		if err := unix.SetsockoptInt(fd, level, option, value); err != nil {
			return fmt.Errorf("%s %d: %w", what, value, err)
		}
		return nil
	}
	if at.Mark.TOS != 0 {
		// A socket of IPv6 that also carries IPv4 has both.
		if err := set(unix.IPPROTO_IP, unix.IP_TOS, at.Mark.TOS, "type of service"); err != nil && v4 {
			return err
		}
		if !v4 {
			if err := set(unix.IPPROTO_IPV6, unix.IPV6_TCLASS, at.Mark.TOS, "traffic class"); err != nil {
				return err
			}
		}
	}
	if at.Mark.Priority != 0 {
		if err := set(unix.SOL_SOCKET, unix.SO_PRIORITY, at.Mark.Priority, "priority"); err != nil {
			return err
		}
	}
	if at.NoChecksums && v4 { // IPv6 has none without (RFC 8200 §8.1)
		return set(unix.SOL_SOCKET, unix.SO_NO_CHECK, 1, "no checksums")
	}
	return nil
}

// markConn is markSocket for a port of the net package.
func markConn(c net.PacketConn, at At) error {
	s, ok := c.(syscall.Conn)
	if !ok {
		return nil // a network in memory
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = markSocket(int(fd), at) }); err != nil {
		return err
	}
	return failed
}
