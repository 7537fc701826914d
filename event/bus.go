// Package event tells observers what happens: the console, the manager, the page, call detail. It is one-way and lossy. Nothing that
// decides a call reads it, and a slow observer slows nobody: what does not fit in its buffer is dropped and counted.
//
// With nobody listening, telling costs one atomic load and no allocation, so rooms may tell on their hottest paths.
package event

import (
	"sync"
	"sync/atomic"
	"time"
)

// Event is one fact with the time it was told.
type Event struct {
	At   time.Time
	Lost int // events dropped for this subscriber just before this one
	Fact Fact
}

// Fact is what an event tells: one of the structs of this package. Observers switch over its type.
type Fact interface{ fact() }

// Bus hands facts to its subscribers. The zero Bus is ready; a nil Bus tells nobody.
type Bus struct {
	list atomic.Pointer[[]*subscriber] // nil when there are none; replaced, never changed
	mu   sync.Mutex                    // held to replace list
}

// Publish tells a fact to every subscriber. It never blocks, and any goroutine may call it.
//
// It is a function with a type parameter, not a method, so that a fact becomes an interface value only when somebody listens.
func Publish[F Fact](b *Bus, f F) {
	if b == nil {
		return
	}
	if list := b.list.Load(); list != nil {
		tell(*list, f)
	}
}

// Watched says whether anybody listens: worth asking before a fact that is costly to put together.
func (b *Bus) Watched() bool { return b != nil && b.list.Load() != nil }

// Subscribe returns a channel of the facts told from now on, with room for buffer of them, and the function that ends the
// subscription and closes the channel. Cancel may be called more than once, from any goroutine.
func (b *Bus) Subscribe(buffer int) (events <-chan Event, cancel func()) {
	s := &subscriber{ch: make(chan Event, max(buffer, 1))}
	b.replace(func(list []*subscriber) []*subscriber { return append(list, s) })
	return s.ch, func() {
		b.replace(func(list []*subscriber) []*subscriber {
			kept := list[:0]
			for _, o := range list {
				if o != s {
					kept = append(kept, o)
				}
			}
			return kept
		})
		s.close()
	}
}

// replace swaps the list for what edit makes of a copy of it.
func (b *Bus) replace(edit func([]*subscriber) []*subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []*subscriber
	if old := b.list.Load(); old != nil {
		list = append(list, *old...)
	}
	if list = edit(list); len(list) == 0 {
		b.list.Store(nil)
		return
	}
	b.list.Store(&list)
}

func tell(list []*subscriber, f Fact) {
	e := Event{At: time.Now(), Fact: f}
	for _, s := range list {
		s.offer(e)
	}
}

// subscriber is one observer's channel. Its mutex is never held across anything that blocks.
type subscriber struct {
	mu   sync.Mutex
	ch   chan Event
	lost int // since the last event that fitted
	done bool
}

func (s *subscriber) offer(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return
	}
	e.Lost = s.lost
	select {
	case s.ch <- e:
		s.lost = 0
	default:
		s.lost++
	}
}

func (s *subscriber) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.done {
		s.done = true
		close(s.ch)
	}
}
