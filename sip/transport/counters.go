package transport

import "sync/atomic"

type counters struct {
	received, sent, malformed, keepAlives, stun, overflow, panics, readErrors, sendErrors, refusedConns, handshakes atomic.Uint64
}

// Counters is what the layer has counted since it was made.
type Counters struct {
	Received     uint64 // messages
	Sent         uint64
	Malformed    uint64 // could not be read, or were refused for their form
	KeepAlives   uint64 // datagrams that only keep a way open
	STUN         uint64 // datagrams of STUN
	Overflow     uint64 // found their worker's queue full
	Panics       uint64 // could not be served
	ReadErrors   uint64
	SendErrors   uint64
	RefusedConns uint64 // connections beyond the limit of those that proved nothing
	Handshakes   uint64 // of TLS that failed
	Connections  int    // that live
}

// Counters returns what was counted.
func (l *Layer) Counters() Counters {
	l.mu.Lock()
	n := len(l.conns)
	l.mu.Unlock()
	c := &l.count
	return Counters{
		Received: c.received.Load(), Sent: c.sent.Load(), Malformed: c.malformed.Load(), KeepAlives: c.keepAlives.Load(), STUN: c.stun.Load(),
		Overflow: c.overflow.Load(), Panics: c.panics.Load(), ReadErrors: c.readErrors.Load(), SendErrors: c.sendErrors.Load(),
		RefusedConns: c.refusedConns.Load(), Handshakes: c.handshakes.Load(), Connections: n,
	}
}
