package chansip

import (
	"obelus/chansip/show"
	"obelus/sip/transport"
)

// Filter says whose messages are traced; the zero Filter everybody's.
type Filter struct {
	IP   string // an address, with or without a port
	Peer string // an account: the addresses of its phones
}

// Trace has say called with every message on the wire, as sip set debug prints
// it; nil ends it. Proofs of passwords are masked.
func (d *Driver) Trace(say func(text string), filter Filter) {
	if say == nil {
		d.tp.SetTrace(nil)
		return
	}
	d.tp.SetTrace(func(dir transport.Direction, f transport.Flow, b []byte) {
		if !d.traced(f, filter) {
			return
		}
		say(show.Wire(dir, f, b))
	})
}

func (d *Driver) traced(f transport.Flow, filter Filter) bool {
	remote := transport.Unmap(f.Remote)
	if filter.IP != "" {
		return filter.IP == remote.Addr().String() || filter.IP == remote.String()
	}
	if filter.Peer == "" {
		return true
	}
	p := d.settings.Load().Peer(filter.Peer)
	if p == nil {
		return false
	}
	if p.Addr.IsValid() {
		return p.Addr.Addr() == remote.Addr()
	}
	for _, b := range d.cfg.Location.Lookup(nil, p.Name, now()) {
		if b.Received.Addr() == remote.Addr() {
			return true
		}
	}
	return false
}
