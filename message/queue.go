package message

import (
	"errors"
	"sync"
)

// The bounds of a [Queue].
const (
	// MaxWaiting is how many messages may wait in all.
	MaxWaiting = 10_000
	// MaxWaitingFrom is how many of one sender's may wait.
	MaxWaitingFrom = 500
	// workers is how many senders' messages run through the dialplan at once.
	workers = 32
)

// ErrFull says that no more messages can wait; the sender is told to try later.
var ErrFull = errors.New("too many messages wait already")

// Queue hands messages to the dialplan: those of one sender one after another,
// in the order they came; different senders side by side, up to a bound. It
// has no goroutine while nothing waits.
type Queue struct {
	run func(*Message)

	mu      sync.Mutex
	waiting int
	byFrom  map[string][]*Message // a sender is in here while it is served
	ready   []string              // senders with messages and no worker yet
	active  int
	idle    sync.Cond
}

// NewQueue makes a queue whose messages run takes one at a time per sender.
// run returns when the dialplan is done with the message.
func NewQueue(run func(*Message)) *Queue {
	q := &Queue{run: run, byFrom: make(map[string][]*Message)}
	q.idle.L = &q.mu
	return q
}

// Put adds a message, or fails with [ErrFull]. key says whose messages must
// keep their order: the sender's address.
func (q *Queue) Put(key string, m *Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	mine, served := q.byFrom[key]
	if q.waiting >= MaxWaiting || len(mine) >= MaxWaitingFrom {
		return ErrFull
	}
	q.waiting++
	q.byFrom[key] = append(mine, m)
	if !served {
		q.ready = append(q.ready, key)
	}
	if q.active < workers && len(q.ready) > 0 {
		q.active++
		go q.work()
	}
	return nil
}

// work serves one message of one sender after another until none is ready.
func (q *Queue) work() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.ready) > 0 {
		key := q.ready[0]
		q.ready = q.ready[1:]
		m := q.byFrom[key][0]
		q.mu.Unlock()
		if m.Answered != nil {
			<-m.Answered
		}
		q.run(m)
		q.mu.Lock()
		q.waiting--
		if rest := q.byFrom[key][1:]; len(rest) > 0 {
			q.byFrom[key] = rest
			q.ready = append(q.ready, key)
		} else {
			delete(q.byFrom, key)
		}
	}
	q.active--
	q.idle.Broadcast()
}

// Waiting returns how many messages have not been through the dialplan yet.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting
}

// Drain returns when nothing waits.
func (q *Queue) Drain() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.active > 0 {
		q.idle.Wait()
	}
}
