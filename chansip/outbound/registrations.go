// Package outbound registers with other servers, where a register => line of
// sip.conf says so.
package outbound

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/sip/transaction"
)

// Config is what [Registrations] are made of.
type Config struct {
	Log *slog.Logger
	// Settings is what sip.conf says now.
	Settings     func() *sipconf.Settings
	Reach        *reach.Directory
	Outside      *outside.Finder
	Transactions *transaction.Layer
	// Life is how long anything is registered, and Job runs f in a goroutine of its
	// own.
	Life context.Context
	Job  func(f func(context.Context))
}

// Registrations are the register => lines at work. Its methods may be called from
// any goroutine.
type Registrations struct {
	c    Config
	mu   sync.Mutex
	list []*registration
}

// New makes registrations, none until Apply says so.
func New(c Config) *Registrations { return &Registrations{c: c} }

// Apply begins the registrations of new settings, and ends those that are
// gone.
func (o *Registrations) Apply(set *sipconf.Settings) {
	o.mu.Lock()
	defer o.mu.Unlock()
	keep := make(map[sipconf.Register]*registration)
	for _, g := range o.list {
		keep[g.r] = g
	}
	o.list = nil
	for _, r := range set.Registers {
		if g := keep[r]; g != nil {
			delete(keep, r)
			o.list = append(o.list, g)
			continue
		}
		ctx, stop := context.WithCancelCause(o.c.Life)
		g := &registration{c: &o.c, r: r, stop: stop, soon: make(chan struct{}, 1), state: unregistered}
		o.list = append(o.list, g)
		o.c.Job(func(context.Context) { g.run(ctx) })
	}
	for _, g := range keep {
		if slices.ContainsFunc(set.Registers, func(r sipconf.Register) bool { return r.User == g.r.User && strings.EqualFold(r.Host, g.r.Host) }) {
			g.stop(errReplaced)
		} else {
			g.stop(nil)
		}
	}
}

// Moved has every registration made again: our address outside is another, and
// the servers still have the old one.
func (o *Registrations) Moved() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, g := range o.list {
		select {
		case g.soon <- struct{}{}:
		default:
		}
	}
}

// Show prints sip show registry.
func (o *Registrations) Show(w io.Writer) {
	const row = "%-39.39s %-6.6s %-12.12s  %8.8s %-20.20s %-25.25s\n"
	fmt.Fprintf(w, row, "Host", "dnsmgr", "Username", "Refresh", "State", "Reg.Time")
	o.mu.Lock()
	list := slices.Clone(o.list)
	o.mu.Unlock()
	for _, g := range list {
		g.mu.Lock()
		at := ""
		if !g.at.IsZero() {
			at = g.at.Format("Mon, 02 Jan 2006 15:04:05")
		}
		port := g.r.Port
		if port == 0 {
			port = 5060
		}
		user := g.r.User
		if g.r.Domain != "" {
			user += "@" + g.r.Domain
		}
		fmt.Fprintf(w, row, fmt.Sprintf("%s:%d", g.r.Host, port), "N", user, fmt.Sprint(int(g.next.Seconds())), g.state, at)
		g.mu.Unlock()
	}
	fmt.Fprintf(w, "%d SIP registrations.\n", len(list))
}
