package reach

import (
	"context"
	"maps"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"obelus/chansip/sipconf"
	"obelus/sip"
	"obelus/sip/transport"
)

// Host is a host as sip.conf names it.
type Host struct {
	Name      string
	Port      uint16 // 0 for the usual one
	Transport transport.Transport
}

// hosts are the addresses of hosts that are names, as the last look-up found
// them. A call reads them and never waits for DNS.
type hosts struct {
	found atomic.Pointer[hostTable]
	again chan struct{} // asks for a look-up: the settings are new
}

// hostTable does not change once it is made.
type hostTable struct {
	targets map[Host][]transport.Target
	addrs   map[netip.Addr]bool // all of them: a quick no for strangers
}

func (h *hosts) init() {
	h.found.Store(&hostTable{})
	h.again = make(chan struct{}, 1)
}

// Again says that the settings are new. It does not wait for what comes of it.
func (d *Directory) Again() {
	select {
	case d.hosts.again <- struct{}{}:
	default:
	}
}

// lookUpEvery is how often hosts that are names are looked up again.
const lookUpEvery = 5 * time.Minute

// Run looks hosts up that are names, and forgets who is gone, for as long as ctx
// lives.
func (d *Directory) Run(ctx context.Context) {
	t := time.NewTicker(lookUpEvery)
	defer t.Stop()
	for {
		d.lookUpAll(ctx, d.c.Settings())
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			d.seen.forget(d.stillThere)
		case <-d.hosts.again:
		}
	}
}

// lookUpAll looks up every name of the settings, and puts each into use as it is
// found. A name that can't be found now keeps the address it had.
func (d *Directory) lookUpAll(ctx context.Context, set *sipconf.Settings) {
	wanted := make(map[Host]*sipconf.Peer)
	for _, p := range set.Peers {
		if key, ok := ProxyOf(p); ok && !key.numeric() {
			wanted[key] = p
		}
		if key, ok := HostOf(p); ok && !key.numeric() {
			wanted[key] = p
		}
	}
	if len(wanted) == 0 && len(d.hosts.found.Load().targets) == 0 {
		return
	}
	targets := maps.Clone(d.hosts.found.Load().targets)
	if targets == nil {
		targets = make(map[Host][]transport.Target)
	}
	maps.DeleteFunc(targets, func(k Host, _ []transport.Target) bool { return wanted[k] == nil })
	for key, p := range wanted {
		if ctx.Err() != nil {
			return
		}
		found, err := d.lookUp(ctx, set, key)
		if err != nil {
			d.c.Log.Warn("a peer's host can't be found", "peer", p.Name, "host", key.Name, "why", err)
			continue
		}
		targets[key] = found
		d.hosts.found.Store(newHostTable(targets))
	}
	d.hosts.found.Store(newHostTable(targets))
}

func newHostTable(targets map[Host][]transport.Target) *hostTable {
	t := &hostTable{targets: maps.Clone(targets), addrs: make(map[netip.Addr]bool)}
	for _, list := range targets {
		for _, to := range list {
			t.addrs[to.Addr.Addr()] = true
		}
	}
	return t
}

func (d *Directory) lookUp(ctx context.Context, set *sipconf.Settings, key Host) ([]transport.Target, error) {
	uri := sip.URI{Scheme: "sip", Host: key.Name, Port: key.Port, Params: sip.Params(";transport=" + key.Transport.Param())}
	return d.LookUp(ctx, set, uri)
}

// numeric says whether the host is an address, and nothing to look up.
func (k Host) numeric() bool {
	_, err := netip.ParseAddr(k.Name)
	return err == nil
}

// Targets are the addresses of a host, none where DNS has not found it.
func (d *Directory) Targets(k Host) []transport.Target {
	a, err := netip.ParseAddr(k.Name)
	if err != nil {
		return d.hosts.found.Load().targets[k]
	}
	port := k.Port
	if port == 0 {
		port = k.Transport.DefaultPort()
	}
	return []transport.Target{{Transport: k.Transport, Addr: netip.AddrPortFrom(a.Unmap(), port)}}
}

// HostOf is where an account with a fixed host is, or a dynamic one that has not
// registered and has a defaultip; false for neither.
func HostOf(p *sipconf.Peer) (Host, bool) {
	k := Host{strings.Trim(p.Host, "[]"), p.Port, p.Transport()}
	if p.Dynamic {
		k.Name = p.DefaultAddr.String()
		return k, p.DefaultAddr.IsValid()
	}
	return k, k.Name != ""
}

// RouteOf is the host that requests to an account are sent to: its outboundproxy,
// or itself.
func RouteOf(p *sipconf.Peer) (Host, bool) {
	if k, ok := ProxyOf(p); ok {
		return k, true
	}
	return HostOf(p)
}

// ProxyOf reads outboundproxy=[sip:|udp://|tcp://]host[:port][,force]. As in the
// original requests go to its address and name it nowhere.
func ProxyOf(p *sipconf.Peer) (Host, bool) {
	s, _, _ := strings.Cut(p.OutboundProxy, ",")
	s = strings.TrimPrefix(strings.TrimSpace(s), "sip:")
	t := p.Transport()
	if name, rest, ok := strings.Cut(s, "://"); ok {
		if known, is := transport.ParseTransport(name); is {
			t, s = known, rest
		}
	}
	host, port := sipconf.SplitHostPort(s)
	return Host{strings.Trim(host, "[]"), port, t}, host != ""
}
