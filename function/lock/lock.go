// Package lock is the functions of named locks: LOCK, TRYLOCK and UNLOCK. A lock
// belongs to one channel at a time, and is free again when that ends.
package lock

import (
	"context"
	"embed"
	"sync"
	"time"

	"obelus/call"
	"obelus/function/argument"
	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Table returns the functions, with locks of their own.
func Table() []pbx.Function {
	l := &locks{named: make(map[string]*lock), held: make(map[*call.Channel]int)}
	return pbx.DescribeFunctions(pages, []pbx.Function{
		{Name: "LOCK", GuardRead: true, Read: func(x *pbx.Exec, name string) (string, error) { return l.take(x, name, true) }},
		{Name: "TRYLOCK", GuardRead: true, Read: func(x *pbx.Exec, name string) (string, error) { return l.take(x, name, false) }},
		{Name: "UNLOCK", GuardRead: true, Read: func(x *pbx.Exec, name string) (string, error) {
			return argument.OneOrZero(l.release(x.Channel(), name)), nil
		}},
	})
}

// patience is how long a channel waits for a lock while it holds another: two that hold what the other one wants would wait for ever.
const patience = 3 * time.Second

// locks are all of them. A lock that nobody holds is not kept.
type locks struct {
	mu    sync.Mutex
	named map[string]*lock
	held  map[*call.Channel]int // locks of each channel
}

type lock struct {
	owner *call.Channel
	times int           // it was taken
	freed chan struct{} // closed when it is free
}

// take takes a lock: 1 if it has it, else 0. It waits only if it should.
func (l *locks) take(x *pbx.Exec, name string, wait bool) (string, error) {
	ctx := x.Context()
	if wait && l.holding(x.Channel()) > 0 {
		bounded, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		ctx = bounded
	}
	for {
		got, freed := l.try(x.Channel(), name)
		if got || !wait {
			return argument.OneOrZero(got), nil
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return "0", nil
		}
	}
}

func (l *locks) holding(ch *call.Channel) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held[ch]
}

// try takes a lock that is free or this channel's own already; of another's it says when that is free.
func (l *locks) try(ch *call.Channel, name string) (got bool, freed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.named[name]
	switch {
	case k != nil && k.owner != ch:
		return false, k.freed
	case k != nil:
		k.times++
		return true, nil
	}
	l.named[name] = &lock{owner: ch, times: 1, freed: make(chan struct{})}
	if l.held[ch]++; l.held[ch] == 1 {
		ch.AtEnd(func() { l.releaseAll(ch) })
	}
	return true, nil
}

// release gives a lock back that was taken; it is free when it was given back as often as it was taken.
func (l *locks) release(ch *call.Channel, name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.named[name]
	if k == nil || k.owner != ch {
		return false
	}
	if k.times--; k.times == 0 {
		l.free(name, k)
	}
	return true
}

// free makes a lock free; mu is held.
func (l *locks) free(name string, k *lock) {
	delete(l.named, name)
	close(k.freed)
	if l.held[k.owner]--; l.held[k.owner] == 0 {
		delete(l.held, k.owner)
	}
}

// releaseAll frees the locks of a channel that has ended.
func (l *locks) releaseAll(ch *call.Channel) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, k := range l.named {
		if k.owner == ch {
			l.free(name, k)
		}
	}
}
