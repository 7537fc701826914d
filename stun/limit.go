package stun

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// Sources are counted by network: an IPv4 one of 256 addresses, an IPv6 one as a household has.
const (
	prefix4 = 24
	prefix6 = 56
)

// burst is for how many seconds' worth of answers one may save up: an office of phones starts all at once.
const burst = 4

// buckets is how many networks are told apart. Two that fall into one bucket share what it has.
const buckets = 8192

// bucket holds the answers that may be given.
type bucket struct {
	at   time.Duration // since the limiter began; zero: never used, full
	left float64
}

// take takes one answer out, where there is one; rate flow in a second.
func (b *bucket) take(now time.Duration, rate float64) bool {
	if b.at == 0 {
		b.left = rate * burst
	} else if gone := now - b.at; gone > 0 {
		b.left = min(b.left+gone.Seconds()*rate, rate*burst)
	}
	b.at = max(now, b.at)
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// limiter bounds answers by source and altogether. Its memory is what it is from the start.
type limiter struct {
	each, all float64 // answers a second
	seed      maphash.Seed
	began     time.Time

	mu      sync.Mutex
	total   bucket
	sources [buckets]bucket
}

func newLimiter(each, all float64) *limiter {
	return &limiter{each: each, all: all, seed: maphash.MakeSeed(), began: time.Now().Add(-time.Nanosecond)}
}

// allow says whether a source may have an answer now. A source that asks too much takes nothing from the others.
func (l *limiter) allow(from netip.Addr, now time.Time) bool {
	bits := prefix4
	if !from.Is4() {
		bits = prefix6
	}
	network, err := from.WithZone("").Prefix(bits)
	if err != nil {
		return false
	}
	raw := network.Addr().As16()
	at := now.Sub(l.began)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sources[maphash.Bytes(l.seed, raw[:])%buckets].take(at, l.each) && l.total.take(at, l.all)
}
