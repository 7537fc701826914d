// Package agi runs other people's programs on a call: the Asterisk Gateway
// Interface. A script that the server starts (AGI, EAGI, DeadAGI) or a server
// elsewhere (FastAGI, agi://) is told what channel it has, and then says line by
// line what happens to it; each line is answered with one.
//
// The channel's goroutine reads and carries out the commands ([session]); a
// goroutine beside it reads the script's lines, one ahead at most, so that a
// script that floods waits for its channel and holds nobody else. What a channel
// has started lives no longer than [afterlife] behind it in this process.
package agi

import (
	"context"
	"embed"
	"net"
	"sync/atomic"

	"obelus/pbx"
	"obelus/prompt"
)

// pages are the manual, one page an application.
//
//go:embed *.md
var pages embed.FS

// Database is what the DATABASE commands work on.
type Database interface {
	Get(family, key string) (string, bool)
	Put(family, key, value string) error
	Delete(family, key string) (found bool, err error)
	DeleteTree(family, keytree string) (removed int, err error)
}

// Deps are what the room reaches the world by. They are set before the first
// channel runs and not changed then.
type Deps struct {
	Voice   *prompt.Voice
	DB      Database // nil: nothing is in it
	Dirs    []string // where scripts are looked for, one after another; the first is astagidir
	Sounds  string   // where RECORD FILE puts what has no whole path
	Env     []string // what scripts find in their environment beside the server's own: AST_AGI_DIR=...
	Version string   // agi_version
	Debug   *atomic.Bool

	// Dial connects to a FastAGI server; nil: as the system does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// LookupSRV finds the servers of hagi://; nil: as the system does.
	LookupSRV func(ctx context.Context, service, proto, name string) (cname string, addrs []*net.SRV, err error)
	// Pretend, if not nil, is told what would be started, and nothing is: for
	// simulations.
	Pretend func(what string)

	known []command
}

// Table lists the applications.
func Table(d *Deps) []pbx.Application {
	if d.Dial == nil {
		d.Dial = new(net.Dialer).DialContext
	}
	if d.LookupSRV == nil {
		d.LookupSRV = net.DefaultResolver.LookupSRV
	}
	if d.Debug == nil {
		d.Debug = new(atomic.Bool)
	}
	d.known = commands()
	return pbx.Describe(pages, []pbx.Application{
		{Name: "AGI", Run: d.agi, Check: checkAGI},
		{Name: "DeadAGI", Run: d.deadAGI, Check: checkAGI},
		{Name: "EAGI", Run: d.eagi, Check: checkAGI},
	})
}
