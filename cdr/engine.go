package cdr

import (
	"sync"
	"sync/atomic"

	"obelus/call"
	"obelus/store"
)

// Engine makes call records of channels, and hands them to a [Log]. It is a [call.Recorder].
type Engine struct {
	log      Log
	settings atomic.Pointer[Config]
	sequence atomic.Int64
	groups   atomic.Int64
}

// New makes an engine. log may be nil: records are made and kept nowhere, which is what a simulation wants.
func New(c Config, log Log) *Engine {
	e := &Engine{log: log}
	e.settings.Store(&c)
	return e
}

// CountFrom has the sequence of records go on with n. It is called before the first.
func (e *Engine) CountFrom(n int64) { e.sequence.Store(n) }

// Set changes the settings for what happens from now on. As in the original ignorestatechanges and ignoredialchanges stay what they were.
func (e *Engine) Set(c Config) {
	old := e.settings.Load()
	c.IgnoreBridges, c.IgnoreDials = old.IgnoreBridges, old.IgnoreDials
	e.settings.Store(&c)
}

// Config is the settings in use.
func (e *Engine) Config() Config { return *e.settings.Load() }

// Created begins the records of a channel.
func (e *Engine) Created(ch *call.Channel, s *call.Spec) call.Tally {
	c := e.settings.Load()
	if !c.Enable {
		return nil
	}
	l := &line{engine: e, ch: ch, disabled: !c.ChannelDefaultEnabled}
	l.dialed = s.State == call.StateDialing && s.Requestor != nil
	if parent := lineOf(s.Requestor); parent != nil {
		g := parent.lock()
		g.add(l)
		defer g.mu.Unlock()
	} else {
		l.own.id = e.groups.Add(1)
		l.own.mu.Lock()
		l.own.add(l)
		defer l.own.mu.Unlock()
	}
	r := &l.first
	*r = record{seq: e.sequence.Add(1) - 1, a: l, start: ch.Created(), context: s.Place.Context, exten: s.Place.Exten, disabled: l.disabled}
	if s.State == call.StateUp {
		l.answered = ch.Created()
		r.answer = ch.Created()
	}
	l.chain = append(l.room[:0], r)
	return l
}

// lineOf is the records of a channel, nil where there are none.
func lineOf(ch *call.Channel) *line {
	if ch == nil {
		return nil
	}
	l, _ := ch.Tally().(*line)
	return l
}

// group is the channels of one call: those dialled for each other, and those that have met in a bridge. What happens to any of them is told
// under its lock, so that two calls never wait for each other.
type group struct {
	mu    sync.Mutex
	id    int64 // two groups are locked in this order
	lines []*line
}

// add takes a channel in; g.mu is held.
func (g *group) add(l *line) {
	g.lines = append(g.lines, l)
	l.group.Store(g)
}

// remove lets a channel go whose life is over; g.mu is held.
func (g *group) remove(l *line) {
	for i, m := range g.lines {
		if m == l {
			last := len(g.lines) - 1
			g.lines[i], g.lines[last] = g.lines[last], nil
			g.lines = g.lines[:last]
			return
		}
	}
}

// lock locks the group of a channel and returns it.
func (l *line) lock() *group {
	for {
		g := l.group.Load()
		g.mu.Lock()
		if l.group.Load() == g {
			return g
		}
		g.mu.Unlock()
	}
}

// lockBoth locks the one group of two channels; where they were in two these become one.
func lockBoth(l, o *line) *group {
	for {
		g := l.lock()
		h := o.group.Load()
		if g == h {
			return g
		}
		if h.id < g.id {
			g.mu.Unlock()
			l, o = o, l
			continue
		}
		h.mu.Lock()
		if o.group.Load() == h {
			for _, m := range h.lines {
				g.add(m)
			}
			h.lines = nil
			h.mu.Unlock()
			return g
		}
		h.mu.Unlock()
		g.mu.Unlock()
	}
}

// keep hands complete records to the log, and has it forget those that are not to be kept.
func (e *Engine) keep(records []*record) {
	c := e.settings.Load()
	var out []store.CallRecord
	for _, r := range records {
		if r.told {
			continue
		}
		r.told = true
		if !r.wanted(c) {
			if r.begun {
				e.log.Drop(r.key())
			}
			continue
		}
		out = append(out, r.now(r.end, c))
	}
	if e.log != nil && len(out) > 0 {
		e.log.End(out...)
	}
}
