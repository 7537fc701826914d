// Package qualify asks phones again and again whether they are there (qualify=),
// as the original does, and keeps the way to them open through NAT (keepalive=).
package qualify

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/event"
	"obelus/sip/transaction"
)

// Config is what [Phones] are made of.
type Config struct {
	Log *slog.Logger
	Bus *event.Bus
	// Settings is what sip.conf says now.
	Settings     func() *sipconf.Settings
	Reach        *reach.Directory
	Outside      *outside.Finder
	Transactions *transaction.Layer
	// Job runs f in a goroutine of its own: one that may wait for a connection.
	Job func(f func(context.Context))
	// Back is told of an account of which a phone can be called again. It must not block; may be nil.
	Back func(account string)
	// Changed is told of an account of which a phone answers otherwise than before. It must not block; may be nil.
	Changed func(account string)
}

// Phones knows how the phones of accounts with qualify= answer. Its methods may be
// called from any goroutine.
type Phones struct {
	c      Config
	mu     sync.Mutex
	phones map[phoneKey]*phone
	beats  keepalives
}

// New makes phones; none is asked until Apply says so.
func New(c Config) *Phones {
	return &Phones{c: c, phones: make(map[phoneKey]*phone), beats: keepalives{run: make(map[string]*keepalive)}}
}

// Apply begins with the accounts of new settings; those that no longer want it end
// by themselves.
func (q *Phones) Apply(set *sipconf.Settings) {
	q.askAll(set)
	q.keepAlive(set)
}

// Reachable says whether a phone may be called: not one that is asked and did not
// answer, or too slowly. contact is that of a registered phone, "" for a fixed
// host.
func (q *Phones) Reachable(p *sipconf.Peer, contact string) bool {
	if p.Qualify == 0 {
		return true
	}
	s, _ := q.known(p.Name, contact)
	return s == unknown || s == answers
}

// Status is how a phone answers, in the original's words, and whether it does.
func (q *Phones) Status(p *sipconf.Peer, contact string) (text string, ok bool) {
	if p.Qualify == 0 {
		return "Unmonitored", true
	}
	s, took := q.known(p.Name, contact)
	switch s {
	case answers:
		return fmt.Sprintf("OK (%d ms)", took.Milliseconds()), true
	case lagged:
		return fmt.Sprintf("LAGGED (%d ms)", took.Milliseconds()), true
	case away:
		return "UNREACHABLE", false
	}
	return "UNKNOWN", false
}

// known is a phone's state and its last round trip.
func (q *Phones) known(peer, contact string) (state, time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if r := q.phones[phoneKey{peer, contact}]; r != nil {
		return r.state, r.last
	}
	return unknown, 0
}
