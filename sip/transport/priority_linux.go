package transport

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// setPriority comes after the type of service, which sets one too.
func setPriority(fd uintptr, priority int) error {
	if err := unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PRIORITY, priority); err != nil {
		return fmt.Errorf("priority %d: %w", priority, err)
	}
	return nil
}
