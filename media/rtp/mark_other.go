//go:build !linux

package rtp

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// markConn sets what the port asks for, as far as the system can. Priorities of
// VLANs and packets without checksums are Linux's.
func markConn(c net.PacketConn, at portAt) error {
	if _, ok := c.(*net.UDPConn); !ok {
		return nil // a network in memory
	}
	if at.noChecksums {
		return errors.New("only Linux sends without checksums")
	}
	if at.mark.TOS == 0 {
		return nil
	}
	var err error
	if at.addr.Addr().Is4() {
		err = ipv4.NewPacketConn(c).SetTOS(at.mark.TOS)
	} else {
		err = ipv6.NewPacketConn(c).SetTrafficClass(at.mark.TOS)
	}
	if err != nil {
		return fmt.Errorf("type of service %d: %w", at.mark.TOS, err)
	}
	return nil
}
