package message

import (
	"context"
	"errors"
	"sync"
)

// The bounds of a [Queue].
const (
	// MaxWaiting is how many messages may wait in all.
	MaxWaiting = 10_000
	// MaxWaitingFrom is how many of one sender's may wait.
	MaxWaitingFrom = 500
	// workers is how many senders' messages run through the dialplan at once. A
	// phone that is silent holds one up for 32 seconds.
	workers = 500
	// guestShare is the part of both that a queue of guests has.
	guestShare = 5
)

// ErrFull says that no more messages can wait; the sender is told to try later.
var ErrFull = errors.New("too many messages wait already")

// Queue hands messages to the dialplan: those of one sender one after another,
// in the order they came; different senders side by side, up to a bound. It
// has no goroutine while nothing waits.
type Queue struct {
	run           func(*Message)
	most, workers int

	mu       sync.Mutex
	waiting  int
	byFrom   map[string]*line
	ready    []string // senders with messages and no worker yet
	active   int
	held     bool // no message is begun
	inactive sync.Cond
}

// line is one sender's messages. It is there while any waits, or has its place.
type line struct {
	messages []*Message
	places   int  // of messages that are still to come
	served   bool // a worker has it, or it is ready for one
}

// NewQueue makes a queue whose messages run takes one at a time per sender.
// run returns when the dialplan is done with the message.
func NewQueue(run func(*Message)) *Queue {
	q := &Queue{run: run, most: MaxWaiting, workers: workers, byFrom: make(map[string]*line)}
	q.inactive.L = &q.mu
	return q
}

// NewGuestQueue makes a smaller one, for those who have proved nothing: they can say
// that they are as many senders as they like.
func NewGuestQueue(run func(*Message)) *Queue {
	q := NewQueue(run)
	q.most, q.workers = MaxWaiting/guestShare, workers/guestShare
	return q
}

// Put adds a message, or fails with [ErrFull]. key says whose messages must
// keep their order: the sender's address.
func (q *Queue) Put(key string, m *Message) error {
	if err := q.Reserve(key); err != nil {
		return err
	}
	q.Add(key, m)
	return nil
}

// Reserve takes a place for a message, or fails with [ErrFull]. Add or Release
// follows.
func (q *Queue) Reserve(key string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.byFrom[key]
	if q.waiting >= q.most || l != nil && len(l.messages)+l.places >= MaxWaitingFrom {
		return ErrFull
	}
	q.waiting++
	q.line(key).places++
	return nil
}

// Release gives back a place that was reserved.
func (q *Queue) Release(key string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting--
	q.line(key).places--
	q.forget(key)
}

// Add adds a message in a place that was reserved.
func (q *Queue) Add(key string, m *Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.line(key).places--
	q.add(key, m)
}

// Again adds a message that had been taken before the process began: it has its
// place whatever waits.
func (q *Queue) Again(key string, m *Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting++
	q.add(key, m)
}

// add adds a message; q.mu is held.
func (q *Queue) add(key string, m *Message) {
	l := q.line(key)
	l.messages = append(l.messages, m)
	if !l.served {
		l.served = true
		q.ready = append(q.ready, key)
	}
	q.engage()
}

// line is a sender's line; q.mu is held.
func (q *Queue) line(key string) *line {
	l := q.byFrom[key]
	if l == nil {
		l = new(line)
		q.byFrom[key] = l
	}
	return l
}

// forget drops a line that nothing is in; q.mu is held.
func (q *Queue) forget(key string) {
	if l := q.byFrom[key]; len(l.messages)+l.places == 0 {
		delete(q.byFrom, key)
	}
}

// engage sees to it that there are workers; q.mu is held.
func (q *Queue) engage() {
	for n := len(q.ready); n > 0 && q.active < q.workers && !q.held; n-- {
		q.active++
		go q.work()
	}
}

// work serves one message of one sender after another until none is ready.
func (q *Queue) work() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.ready) > 0 && !q.held {
		key := q.ready[0]
		q.ready = q.ready[1:]
		l := q.byFrom[key]
		m := l.messages[0]
		q.mu.Unlock()
		q.run(m)
		q.mu.Lock()
		q.waiting--
		l.messages[0] = nil
		l.messages = l.messages[1:]
		if l.served = len(l.messages) > 0; l.served {
			q.ready = append(q.ready, key)
		} else {
			l.messages = nil
			q.forget(key)
		}
	}
	q.active--
	q.inactive.Broadcast()
}

// Hold has no message begun until Resume is called.
func (q *Queue) Hold() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = true
}

// Resume ends Hold.
func (q *Queue) Resume() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = false
	q.engage()
}

// Waiting returns how many messages have not been through the dialplan yet.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting
}

// Drain returns when no message is being run and, unless they are held, none
// waits; or when ctx ends.
func (q *Queue) Drain(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.inactive.Broadcast()
	})
	defer stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.active > 0 && ctx.Err() == nil {
		q.inactive.Wait()
	}
}
