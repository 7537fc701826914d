// Package reach is the directory of the house: where the accounts of sip.conf can
// be reached now, by their registrations or at their fixed hosts, and whose an
// address is.
//
// Hosts that are names are looked up in the background and kept: a call reads
// what is known and never waits for DNS, and at most for a connection.
package reach

import (
	"context"
	"log/slog"
	"net/netip"

	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/sip/transport"
)

// Config is what a [Directory] is made of.
type Config struct {
	Log      *slog.Logger
	Location *location.Registrar
	Resolver *transport.Resolver
	// Settings is what sip.conf says now.
	Settings func() *sipconf.Settings
	// Ours says whether an address is the one that we are known by outside.
	Ours func(g *sipconf.General, a netip.Addr) bool
	// Life bounds every wait for a connection.
	Life context.Context
}

// Directory knows where accounts are. Its methods may be called from any
// goroutine.
type Directory struct {
	c     Config
	tp    *transport.Layer
	hosts hosts
	seen  addresses
	conns connections
	back  comebacks
}

// New makes a directory, which knows addresses and no names until Run is called.
func New(c Config) *Directory {
	d := &Directory{c: c}
	d.hosts.init()
	d.seen.init()
	return d
}

// Attach gives the directory the transport, before the first socket is there.
func (d *Directory) Attach(tp *transport.Layer) { d.tp = tp }
