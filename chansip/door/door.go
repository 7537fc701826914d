// Package door is where requests come in: it finds out whose each is, has it
// proved, and sends its answer back where the request came from.
package door

import (
	"log/slog"
	"sync"

	"obelus/chansip/sipconf"
	"obelus/event"
	"obelus/sip"
	"obelus/sip/digest"
	"obelus/sip/transport"
)

// Config is what a [Door] is made of.
type Config struct {
	Log *slog.Logger
	Bus *event.Bus
	// Settings is what sip.conf says now.
	Settings func() *sipconf.Settings
	// ByAddr is the account that a request for an extension comes from by its address,
	// nil for none.
	ByAddr func(set *sipconf.Settings, f transport.Flow, exten string) *sipconf.Peer
	// Proved is told that whoever sends by a flow has proved who they are.
	Proved func(f transport.Flow)
	// Hostname is the name of this machine, a domain of ours with autodomain=yes.
	Hostname string
	// Tag is our To tag for an answer outside of a dialog, the same each time.
	Tag func(m *sip.Message) string
}

// Door makes [Request]s. Its methods may be called from any goroutine; those of a
// request by one at a time.
type Door struct {
	c       Config
	auth    *digest.Server
	buffers sync.Pool // of *[]byte, where answers are written that nobody keeps
}

// New makes a door.
func New(c Config) *Door {
	d := &Door{c: c, auth: digest.NewServer(digest.Options{})}
	d.buffers.New = func() any { b := make([]byte, 0, 2048); return &b }
	return d
}
