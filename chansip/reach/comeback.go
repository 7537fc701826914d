package reach

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
)

// Connections end with the process: after a restart the phones that registered by
// one are known, and can't be reached by it (RFC 5626 section 5.3). As in the
// original we connect to one that can be connected to: its Contact names the address
// that it came from, so that there is no NAT in between, and a port other than its end
// of the connection, so that it listens there. Every other is as good as away
// until it registers again; nobody waits for it.

// phoneTime is how long a call waits for connections to phones.
const phoneTime = 2 * time.Second

// deaf is how long a phone is left alone that could not be connected to.
const deaf = 30 * time.Second

// comebacks are the connections to phones whose own are gone.
type comebacks struct {
	mu   sync.Mutex
	deaf map[netip.AddrPort]time.Time // until when
}

// listening is where a phone can be connected to, whose own connection is gone; false
// where it can't. One that has registered flows of its own making (RFC 5626) opens
// them, nobody else.
func (d *Directory) listening(b *location.Binding) (transport.Target, bool) {
	t, ok := transport.ParseTransport(b.Transport)
	if !ok || t != transport.TCP && t != transport.TLS || b.RegID != 0 || b.Path != "" {
		return transport.Target{}, false
	}
	u, err := sip.ParseURI(b.Contact)
	if err != nil || !u.IsSIP() {
		return transport.Target{}, false
	}
	host, err := netip.ParseAddr(u.Host)
	if err != nil || host.Unmap() != b.Received.Addr().Unmap() {
		return transport.Target{}, false
	}
	port := u.Port
	if port == 0 {
		port = t.DefaultPort()
	}
	to := netip.AddrPortFrom(host.Unmap(), port)
	if to == transport.Unmap(b.Received) {
		return transport.Target{}, false
	}
	return transport.Target{Transport: t, Addr: to, Name: u.Host}, !d.isDeaf(to)
}

// returned is the connection to a phone that comeBack has opened.
func (d *Directory) returned(b *location.Binding) (transport.Flow, bool) {
	to, ok := d.listening(b)
	if !ok {
		return transport.Flow{}, false
	}
	return d.tp.Connected(to)
}

// comeBack connects to the phones of an account that can be connected to and whose own
// connections are gone, to all at once.
func (d *Directory) comeBack(list []location.Binding) {
	var all sync.WaitGroup
	for i := range list {
		to, ok := d.waitsFor(&list[i])
		if !ok {
			continue
		}
		all.Go(func() {
			ctx, cancel := context.WithTimeout(d.c.Life, phoneTime)
			defer cancel()
			if _, err := d.tp.Connect(ctx, to); err != nil {
				d.c.Log.Info("a phone can't be reached until it registers again: its connection is gone", "peer", list[i].AOR, "to", to.Addr, "why", err)
				d.makeDeaf(to.Addr)
			}
		})
	}
	all.Wait()
}

// waitsFor is where a connection has to be opened to reach a phone.
func (d *Directory) waitsFor(b *location.Binding) (transport.Target, bool) {
	if b.Flow == "" {
		return transport.Target{}, false
	}
	if _, ok := d.tp.Find(b.Flow); ok {
		return transport.Target{}, false
	}
	to, ok := d.listening(b)
	if !ok {
		return to, false
	}
	_, open := d.tp.Connected(to)
	return to, !open
}

// Waits says whether Ways may wait for a connection.
func (d *Directory) Waits(p *sipconf.Peer) bool {
	if route, ok := RouteOf(p); ok && route.Transport != transport.UDP {
		return true
	}
	list := d.Registered(p)
	for i := range list {
		if _, ok := d.waitsFor(&list[i]); ok {
			return true
		}
	}
	return false
}

// Gone says whether a registered phone can't be reached until it returns: its
// connection is gone, and it can't be connected to.
func (d *Directory) Gone(b *location.Binding) bool {
	if b.Flow == "" {
		return false
	}
	if _, ok := d.tp.Find(b.Flow); ok {
		return false
	}
	_, ok := d.listening(b)
	return !ok
}

func (d *Directory) isDeaf(a netip.AddrPort) bool {
	d.back.mu.Lock()
	defer d.back.mu.Unlock()
	until, ok := d.back.deaf[a]
	return ok && time.Now().Before(until)
}

// makeDeaf notes that a phone could not be connected to, and forgets those that may
// be tried again.
func (d *Directory) makeDeaf(a netip.AddrPort) {
	now := time.Now()
	d.back.mu.Lock()
	defer d.back.mu.Unlock()
	if d.back.deaf == nil {
		d.back.deaf = make(map[netip.AddrPort]time.Time)
	}
	for old, until := range d.back.deaf {
		if now.After(until) {
			delete(d.back.deaf, old)
		}
	}
	d.back.deaf[a] = now.Add(deaf)
}
