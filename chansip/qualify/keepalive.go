package qualify

import (
	"sync"
	"time"

	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// keepalives are the accounts with keepalive=: their phones are sent something
// now and then, so that a NAT in between keeps the way open.
type keepalives struct {
	mu  sync.Mutex
	run map[string]*keepalive
}

type keepalive struct {
	q     *Phones
	peer  string
	timer transaction.Timer // keepalives.mu guards it
}

// beat is what is sent: two line ends, which a phone that understands them
// answers and every other ignores (RFC 5626 section 4.4.1).
var beat = []byte("\r\n\r\n")

// keepAlive begins with the accounts that want it, one after the other; those that
// no longer do end by themselves.
func (q *Phones) keepAlive(set *sipconf.Settings) {
	k := &q.beats
	k.mu.Lock()
	defer k.mu.Unlock()
	var begin []*sipconf.Peer
	for _, p := range set.Peers {
		if p.Keepalive > 0 && p.Type&sipconf.TypePeer != 0 && k.run[p.Name] == nil {
			begin = append(begin, p)
		}
	}
	for i, p := range begin {
		a := &keepalive{q: q, peer: p.Name}
		k.run[p.Name] = a
		q.c.Transactions.Wheel().Set(&a.timer, a, turn(i, len(begin), p.Keepalive, p.Keepalive))
	}
}

// Ring is called by the wheel.
func (a *keepalive) Ring(t *transaction.Timer, turn uint32) {
	k := &a.q.beats
	p := a.q.c.Settings().Peer(a.peer)
	k.mu.Lock()
	if !t.Due(turn) {
		k.mu.Unlock()
		return
	}
	if p == nil || p.Keepalive <= 0 {
		delete(k.run, a.peer)
		k.mu.Unlock()
		return
	}
	a.q.c.Transactions.Wheel().Set(&a.timer, a, max(p.Keepalive, time.Second))
	k.mu.Unlock()
	for _, f := range a.q.openWays(p) {
		if err := f.Send(beat); err != nil {
			a.q.c.Log.Debug("a phone could not be kept reachable", "peer", p.Name, "to", f, "why", err)
		}
	}
}

// openWays are the flows to an account that need no connection to be opened.
func (q *Phones) openWays(p *sipconf.Peer) []transport.Flow {
	var out []transport.Flow
	if proxy, ok := reach.ProxyOf(p); ok && proxy.Transport != transport.UDP {
		return nil
	}
	if p.Dynamic {
		for _, b := range q.c.Reach.Registered(p) {
			if w, ok := q.c.Reach.WayTo(p, &b); ok {
				out = append(out, w.Flow)
			}
		}
		return out
	}
	route, ok := reach.RouteOf(p)
	if !ok || route.Transport != transport.UDP {
		return nil
	}
	if f, ok := q.c.Reach.FlowTo(q.c.Reach.Targets(route)); ok {
		out = append(out, f)
	}
	return out
}
