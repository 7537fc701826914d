//go:build !linux

package wire

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// markConn sets what the port asks for, as far as the system can. Priorities of
// VLANs and packets without checksums are Linux's.
func markConn(c net.PacketConn, at At) error {
	if _, ok := c.(*net.UDPConn); !ok {
		return nil // a network in memory
	}
	if at.NoChecksums {
		return errors.New("only Linux sends without checksums")
	}
	if at.Mark.TOS == 0 {
		return nil
	}
	var err error
	if at.Addr.Addr().Is4() {
		err = ipv4.NewPacketConn(c).SetTOS(at.Mark.TOS)
	} else {
		err = ipv6.NewPacketConn(c).SetTrafficClass(at.Mark.TOS)
	}
	if err != nil {
		return fmt.Errorf("type of service %d: %w", at.Mark.TOS, err)
	}
	return nil
}
