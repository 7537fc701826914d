package transport

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// socketOptions sets what must be set before the socket is bound.
func socketOptions(o Sockets) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var err error
		controlErr := c.Control(func(fd uintptr) {
			if o.Count > 1 {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
			}
		})
		if controlErr != nil {
			return controlErr
		}
		if err != nil {
			return fmt.Errorf("share the port between sockets: %w", err)
		}
		return nil
	}
}
