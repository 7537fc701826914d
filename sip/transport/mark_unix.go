//go:build unix

package transport

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// set marks a socket. A socket of IPv6 may carry IPv4 too, and is marked for both where the system lets it.
func (m Mark) set(fd uintptr, v6 bool) error {
	if m.TOS != 0 {
		err := unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TOS, m.TOS)
		if v6 {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_TCLASS, m.TOS)
		}
		if err != nil {
			return fmt.Errorf("type of service %d: %w", m.TOS, err)
		}
	}
	if m.Priority != 0 {
		return setPriority(fd, m.Priority)
	}
	return nil
}
