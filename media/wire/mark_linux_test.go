package wire

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMarkSocket(t *testing.T) {
	for _, c := range []struct {
		bind           string
		family         int
		level, service int
	}{
		{"127.0.0.1:0", unix.AF_INET, unix.IPPROTO_IP, unix.IP_TOS},
		{"[::1]:0", unix.AF_INET6, unix.IPPROTO_IPV6, unix.IPV6_TCLASS},
	} {
		fd, err := unix.Socket(c.family, unix.SOCK_DGRAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		at := At{Addr: netip.MustParseAddrPort(c.bind), Mark: Mark{TOS: 0xb8, Priority: 5}, NoChecksums: true}
		if err := markSocket(fd, at); err != nil {
			t.Fatal(err)
		}
		for _, want := range []struct{ level, option, value int }{
			{c.level, c.service, 0xb8}, {unix.SOL_SOCKET, unix.SO_PRIORITY, 5},
		} {
			if got, err := unix.GetsockoptInt(fd, want.level, want.option); err != nil || got != want.value {
				t.Errorf("%s: option %d is %d, %v, want %d", c.bind, want.option, got, err, want.value)
			}
		}
		if got, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NO_CHECK); err != nil || got == 1 != (c.family == unix.AF_INET) {
			t.Errorf("%s: no checksums %d, %v", c.bind, got, err)
		}
	}
}
