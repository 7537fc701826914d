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
	here  map[netip.Addr]bool // our addresses
	until time.Time           // when here is asked for again
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

// ours says whether an address is one of this machine's. One that the system can't tell of is.
func (r *routes) ours(a netip.Addr) bool {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.After(r.until) {
		r.here, r.until = addresses(), now.Add(routeLife)
	}
	return r.here == nil || r.here[a] || a.IsLoopback()
}

// addresses are those of this machine, nil where the system can't tell.
func addresses() map[netip.Addr]bool {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	here := make(map[netip.Addr]bool)
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			here[p.Addr().Unmap()] = true
		}
	}
	return here
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
