package transport

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// address reads the sender of a datagram.
func (b *batch) address(sa *unix.RawSockaddrInet6) netip.AddrPort {
	if sa.Family == unix.AF_INET {
		sa4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		return netip.AddrPortFrom(netip.AddrFrom4(sa4.Addr), hostOrder(sa4.Port))
	}
	ip := netip.AddrFrom16(sa.Addr).Unmap()
	if sa.Scope_id != 0 && ip.IsLinkLocalUnicast() {
		ip = ip.WithZone(strconv.FormatUint(uint64(sa.Scope_id), 10))
	}
	return netip.AddrPortFrom(ip, hostOrder(sa.Port))
}

// setAddress writes where a datagram goes; false when the socket has no such addresses.
func (b *batch) setAddress(h *mmsghdr, e *envelope, to netip.AddrPort) bool {
	ip := to.Addr()
	if b.v6 {
		e.name = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: netOrder(to.Port()), Addr: ip.As16(), Scope_id: scope(ip.Zone())}
		h.hdr.Namelen = unix.SizeofSockaddrInet6
		return true
	}
	if !ip.Unmap().Is4() {
		return false
	}
	sa4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&e.name))
	*sa4 = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: netOrder(to.Port()), Addr: ip.Unmap().As4()}
	h.hdr.Namelen = unix.SizeofSockaddrInet4
	return true
}

// setSource writes which of our addresses a datagram leaves from; a socket with one address needs none.
func (b *batch) setSource(h *mmsghdr, e *envelope, local netip.AddrPort) {
	h.hdr.Control = nil
	h.hdr.SetControllen(0)
	ip := local.Addr()
	if !b.sock.wildcard() || !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() || ip.Zone() != "" {
		return
	}
	head := (*unix.Cmsghdr)(unsafe.Pointer(&e.control[0]))
	data := unsafe.Pointer(&e.control[unix.CmsgLen(0)])
	var size int
	if b.v6 {
		size = unix.SizeofInet6Pktinfo
		head.Level, head.Type = unix.IPPROTO_IPV6, unix.IPV6_PKTINFO
		*(*unix.Inet6Pktinfo)(data) = unix.Inet6Pktinfo{Addr: ip.As16()}
	} else {
		size = unix.SizeofInet4Pktinfo
		head.Level, head.Type = unix.IPPROTO_IP, unix.IP_PKTINFO
		*(*unix.Inet4Pktinfo)(data) = unix.Inet4Pktinfo{Spec_dst: ip.Unmap().As4()}
	}
	head.SetLen(unix.CmsgLen(size))
	h.hdr.Control = &e.control[0]
	h.hdr.SetControllen(unix.CmsgSpace(size))
}

// packetInfo finds the address that a datagram was sent to among its control messages.
func packetInfo(control []byte) (netip.Addr, bool) {
	for len(control) >= unix.SizeofCmsghdr {
		head := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
		size := int(head.Len)
		if size < unix.SizeofCmsghdr || size > len(control) {
			break
		}
		data := control[unix.CmsgLen(0):size]
		switch {
		case head.Level == unix.IPPROTO_IP && head.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
			return netip.AddrFrom4((*unix.Inet4Pktinfo)(unsafe.Pointer(&data[0])).Spec_dst), true
		case head.Level == unix.IPPROTO_IPV6 && head.Type == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
			return netip.AddrFrom16((*unix.Inet6Pktinfo)(unsafe.Pointer(&data[0])).Addr).Unmap(), true
		}
		control = control[min(unix.CmsgSpace(size-unix.CmsgLen(0)), len(control)):]
	}
	return netip.Addr{}, false
}

// hostOrder and netOrder turn a port between the network's byte order, in which the kernel keeps it, and ours.
func hostOrder(port uint16) uint16 {
	var b [2]byte
	binary.NativeEndian.PutUint16(b[:], port)
	return binary.BigEndian.Uint16(b[:])
}

func netOrder(port uint16) uint16 { return hostOrder(port) }

// scope turns a zone, a number or the name of an interface, into the number that the kernel wants.
func scope(zone string) uint32 {
	if zone == "" {
		return 0
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	ifi, err := net.InterfaceByName(zone)
	if err != nil {
		return 0
	}
	return uint32(ifi.Index)
}
