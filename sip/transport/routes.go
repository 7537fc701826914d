package transport

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// routes knows which of our addresses the system sends from to another: for sockets that listen everywhere. It asks by
// connecting a UDP socket, which sends nothing, and keeps the answer for a while.
type routes struct {
	mu    sync.Mutex
	known map[netip.Addr]route
}

type route struct {
	local netip.Addr
	until time.Time
}

const (
	routeLife = time.Minute // an interface may go or come
	maxRoutes = 4096
)

// local is our address as remote sees it; the remote's own kind of loopback or nothing where the system can't tell.
func (r *routes) local(remote netip.Addr) netip.Addr {
	now := time.Now()
	r.mu.Lock()
	known, ok := r.known[remote]
	r.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.local
	}
	local := probe(remote)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= maxRoutes {
		r.known = make(map[netip.Addr]route)
	}
	r.known[remote] = route{local, now.Add(routeLife)}
	return local
}

func probe(remote netip.Addr) netip.Addr {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(remote, 5060)))
	if err != nil {
		if remote.Is4() {
			return netip.IPv4Unspecified()
		}
		return netip.IPv6Unspecified()
	}
	defer c.Close()
	return addrPort(c.LocalAddr()).Addr()
}
