// Package registrar serves the REGISTERs of phones: who may register, with which
// contacts, for how long. Where they are then is remembered by the room location.
package registrar

import (
	"log/slog"
	"net/netip"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/sip/transport"
)

// Config is what a [Clerk] is made of.
type Config struct {
	Log      *slog.Logger
	Location *location.Registrar
	Durable  bool // Location has a store that lasts: a 200 waits for it
	Strict   bool // a registration that the store does not have in time is answered 503
	Reach    *reach.Directory
	Outside  *outside.Finder
	// UDP is the flow over UDP to an address.
	UDP func(to netip.AddrPort) (transport.Flow, bool)
	// Here is told of each phone that is registered then.
	Here func(p *sipconf.Peer, contact string)
	// Moved is told when a phone registers from where it did not before.
	Moved func(p *sipconf.Peer, b *location.Binding)
}

// Clerk serves REGISTERs. Its methods may be called from any goroutine.
type Clerk struct{ c Config }

// New makes a clerk.
func New(c Config) *Clerk { return &Clerk{c} }
