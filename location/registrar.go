// Package location is the registrar's memory: where each peer can be reached (RFC 3261 §10).
//
// The map in memory is the truth; calls and texts are routed by it and never wait for the store. The store only brings it back
// after a restart. The room knows no SIP syntax: what a contact is called, and which one is the same again, is told by the driver.
package location

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"obelus/event"
	"obelus/store"
	"obelus/store/batch"
)

// Binding is one contact of a peer.
type Binding = store.Binding

// Why a registration is not taken, and what done may be told.
var (
	// ErrStale says that the request is older than one already carried out: it came out of order (RFC 3261 §10.3 step 7).
	ErrStale = errors.New("registration out of order")
	// ErrNoContact says that a binding names no contact.
	ErrNoContact = errors.New("binding without a contact")
	// ErrLate is told to done when the store took too long: the phone is answered from memory, and the store follows when it can.
	ErrLate = batch.ErrLate
)

// Config is what a registrar is made of. The zero Config keeps everything in memory and tells nobody.
type Config struct {
	Store store.Location // nil: memory only
	Bus   *event.Bus
	Log   *slog.Logger
	Node  string        // the name written into bindings taken here. Those of other nodes on the same store are not brought back: they are called there
	Delay time.Duration // how long a phone may wait for the store; 0 is 400 ms: below T1, so that no phone repeats itself

	// Strict has done told an error, ErrFull, also when the store takes no more; else the phone is answered from memory at once.
	Strict bool

	// Flush has refreshes that change nothing but the expiry answered at once and written together, so long after: for a disk that
	// wears out. A crash may take as much of a phone's remaining life, no more: its last registration is there. 0: each is waited for.
	Flush time.Duration

	// Back is called when a peer that could not be reached can be again, after done: texts may be waiting. Gone is called
	// when the last contact of a peer has gone. Both run in whatever goroutine noticed, outside any lock, and must not block.
	Back func(aor string)
	Gone func(aor string)
	// Appeared is called, like Back, for each phone that can be reached now and could not be before, or not there: one that is new
	// to its account, was switched on again, or comes by another connection or from another address. instance is its +sip.instance, "" for a phone that
	// names none. What Open brings back from the store has not appeared.
	Appeared func(aor, instance string)
}

// shards is how many locks the peers are spread over.
const shards = 64

// Registrar holds the contacts of all peers. Any goroutine may call its methods.
type Registrar struct {
	cfg    Config
	seed   maphash.Seed
	shards [shards]shard
	words  words
	writer *batch.Writer[store.BindingKey, store.BindingOp] // nil: memory only

	start   time.Time     // what next counts from
	next    atomic.Int64  // when the expirer wakes; see expire.go
	wake    chan struct{} // it must wake earlier
	stop    chan struct{}
	stopped chan struct{}
	flushed chan struct{} // the flusher has ended
	closing sync.Once
	unsaved atomic.Uint64 // changes the store could not take
}

// shard is a part of the peers and its lock. Nothing is called under the lock that blocks or calls back.
type shard struct {
	mu    sync.Mutex
	peers map[string]*peer
	due   dueHeap
	soft  map[store.BindingKey]store.BindingOp // refreshes that wait for the next flush
}

// peer is one address of record; it exists as long as it has a contact.
type peer struct {
	aor      string
	contacts []*contact // latest registration first
}

type contact struct {
	Binding
	due time.Time // when the expirer looks; never after Expires
	pos int       // in the heap
}

// Open makes a registrar and brings back what the store remembers, with the life each binding has left.
func Open(ctx context.Context, cfg Config) (*Registrar, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	r := &Registrar{cfg: cfg, seed: maphash.MakeSeed(), start: time.Now(),
		wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}), flushed: make(chan struct{})}
	for i := range r.shards {
		r.shards[i].peers = make(map[string]*peer)
	}
	if cfg.Store != nil {
		r.writer = batch.New(batch.Config[store.BindingKey, store.BindingOp]{
			Commit: cfg.Store.Commit, Key: store.BindingOp.Key, Merge: store.BindingOp.Merge, Delay: cfg.Delay, Log: cfg.Log})
		if err := r.restore(ctx, time.Now()); err != nil {
			return nil, errors.Join(fmt.Errorf("bring back registrations: %w", err), r.writer.Close(ctx))
		}
	}
	go r.expirer()
	go r.flusher()
	return r, nil
}

// Close ends expiry and waits until the store has everything, or until ctx ends. Contacts are kept: phones expect to be
// known after a restart.
func (r *Registrar) Close(ctx context.Context) error {
	r.closing.Do(func() { close(r.stop) })
	<-r.stopped
	<-r.flushed
	if r.writer == nil {
		return nil
	}
	if err := r.writer.Close(ctx); err != nil {
		return fmt.Errorf("save registrations: %w", err)
	}
	return nil
}

func (r *Registrar) shard(aor string) *shard {
	return &r.shards[maphash.String(r.seed, aor)%shards]
}

// Lookup appends the contacts by which a peer can be reached to dst: the preferred first (q), then the latest registered.
func (r *Registrar) Lookup(dst []Binding, aor string, now time.Time) []Binding {
	s := r.shard(aor)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peers[aor].append(dst, now)
}

// Reachable says whether a peer has a contact.
func (r *Registrar) Reachable(aor string, now time.Time) bool {
	s := r.shard(aor)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.peers[aor]
	return p != nil && p.live(now) > 0
}

// append appends the peer's unexpired contacts in the order of Lookup. A nil peer has none.
func (p *peer) append(dst []Binding, now time.Time) []Binding {
	if p == nil {
		return dst
	}
	first := len(dst)
	for _, c := range p.contacts {
		if !c.Expires.After(now) {
			continue
		}
		dst = append(dst, c.Binding)
		for i := len(dst) - 1; i > first && dst[i].Q > dst[i-1].Q; i-- {
			dst[i], dst[i-1] = dst[i-1], dst[i]
		}
	}
	return dst
}

// live counts the contacts not expired.
func (p *peer) live(now time.Time) (n int) {
	for _, c := range p.contacts {
		if c.Expires.After(now) {
			n++
		}
	}
	return n
}
