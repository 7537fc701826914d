// Package syntax reads extensions.conf into a [Plan]: contexts, extensions,
// priorities, includes. A plan never changes once it is read; the interpreter
// walks it, and [Show] prints it as `dialplan show` does.
package syntax

import (
	"sort"
	"time"

	"obelus/conf"
	"obelus/dialplan/pattern"
)

// Plan is a dialplan.
type Plan struct {
	General  General
	Globals  []Global
	Contexts []*Context // in the order they were first named

	byName map[string]*Context
}

// General is the section [general].
type General struct {
	Static, WriteProtect bool
	AutoFallthrough      bool // when no step is left the call ends; default yes
	ClearGlobalVars      bool // a reload forgets the global variables
	NewPatternMatch      bool // extenpatternmatchnew
	UsersContext         string
}

// Global is one variable of [globals], its value filled in.
type Global struct{ Name, Value string }

// Context is a set of extensions.
type Context struct {
	Name       string
	Pos        conf.Pos
	Extensions []*Extension // in file order
	Includes   []Include
	Switches   []Switch
	IgnorePats []IgnorePat
	Autohints  bool

	set   pattern.Set
	index map[extensionKey]*Extension // while the file is read
}

// Extension is one extension with its priorities.
type Extension struct {
	Name       string // as written: _NXX
	CallerID   string // behind a slash
	HasCID     bool
	Hint       *Priority
	Priorities []*Priority // sorted by number
	Pos        conf.Pos
}

// Priority is one step.
type Priority struct {
	N         int // -1 for a hint
	Label     string
	App, Data string
	Pos       conf.Pos
	// Compiled is for who runs the plan: set once, before the plan is used.
	Compiled any
}

// Include has the extensions of another context searched behind one's own.
type Include struct {
	Text   string // as written
	Name   string
	Timing *Timing // nil: always
	Pos    conf.Pos
}

// Switch names a dialplan outside of the file. None is supported: see Check.
type Switch struct {
	Kind, Text string // switch, lswitch or eswitch
	Pos        conf.Pos
}

// IgnorePat is a pattern behind which a dial tone goes on.
type IgnorePat struct {
	Pattern string
	Pos     conf.Pos
}

// Context returns the context of that name, nil for none.
func (p *Plan) Context(name string) *Context { return p.byName[name] }

// Priority returns the step of that number, nil for none.
func (e *Extension) Priority(n int) *Priority {
	if n >= 1 && n <= len(e.Priorities) && e.Priorities[n-1].N == n {
		return e.Priorities[n-1]
	}
	i := sort.Search(len(e.Priorities), func(i int) bool { return e.Priorities[i].N >= n })
	if i < len(e.Priorities) && e.Priorities[i].N == n {
		return e.Priorities[i]
	}
	return nil
}

// label returns the step of that label, nil for none.
func (e *Extension) label(name string) *Priority {
	for _, s := range e.Priorities {
		if s.Label == name {
			return s
		}
	}
	return nil
}

// maxIncludes bounds how deep contexts include each other.
const maxIncludes = 128

// trail is the contexts that a search has come through.
type trail struct {
	context *Context
	before  *trail
	depth   int
}

func (t *trail) has(c *Context) bool {
	for ; t != nil; t = t.before {
		if t.context == c {
			return true
		}
	}
	return false
}

// Find returns the step of that priority for what was dialled, nil for none. As
// in the original each priority is searched for anew: the context's own best
// match that has it, then the included contexts in their order.
func (p *Plan) Find(context, exten, callerID string, priority int, now time.Time) *Priority {
	c := p.byName[context]
	if c == nil {
		return nil
	}
	return p.find(c, nil, exten, callerID, priority, now)
}

func (p *Plan) find(c *Context, from *trail, exten, callerID string, priority int, now time.Time) *Priority {
	i, ok := c.set.Match(exten, callerID, func(i int) bool { return c.Extensions[i].Priority(priority) != nil })
	if ok {
		return c.Extensions[i].Priority(priority)
	}
	if len(c.Includes) == 0 {
		return nil
	}
	var found *Priority
	p.included(c, from, now, func(inc *Context, t *trail) bool {
		found = p.find(inc, t, exten, callerID, priority, now)
		return found != nil
	})
	return found
}

// included calls visit for each context that c includes now, until it returns
// true.
func (p *Plan) included(c *Context, from *trail, now time.Time, visit func(*Context, *trail) bool) bool {
	here := &trail{context: c, before: from}
	if from != nil {
		here.depth = from.depth + 1
	}
	for i := range c.Includes {
		in := &c.Includes[i]
		inc := p.byName[in.Name]
		if inc == nil || here.depth >= maxIncludes || here.has(inc) || in.Timing != nil && !in.Timing.Match(now) {
			continue
		}
		if visit(inc, here) {
			return true
		}
	}
	return false
}

// FindExtension returns the best extension that has priority 1 for what was
// dialled, and its context; nil for none.
func (p *Plan) FindExtension(context, exten, callerID string, now time.Time) (*Extension, *Context) {
	return p.findExtension(p.byName[context], nil, exten, callerID, now, func(e *Extension) bool { return e.Priority(1) != nil })
}

func (p *Plan) findExtension(c *Context, from *trail, exten, callerID string, now time.Time, good func(*Extension) bool) (*Extension, *Context) {
	if c == nil {
		return nil, nil
	}
	if i, ok := c.set.Match(exten, callerID, func(i int) bool { return good(c.Extensions[i]) }); ok {
		return c.Extensions[i], c
	}
	var e *Extension
	var in *Context
	p.included(c, from, now, func(inc *Context, t *trail) bool {
		e, in = p.findExtension(inc, t, exten, callerID, now, good)
		return e != nil
	})
	return e, in
}

// FindLabel returns the priority that a label of the extension stands for.
func (p *Plan) FindLabel(context, exten, callerID, label string, now time.Time) (int, bool) {
	e, _ := p.findExtension(p.byName[context], nil, exten, callerID, now, func(e *Extension) bool { return e.label(label) != nil })
	if e == nil {
		return 0, false
	}
	return e.label(label).N, true
}

// Hint returns the hint of an extension, nil for none.
func (p *Plan) Hint(context, exten string, now time.Time) *Priority {
	e, _ := p.findExtension(p.byName[context], nil, exten, "", now, func(e *Extension) bool { return e.Hint != nil })
	if e == nil {
		return nil
	}
	return e.Hint
}

// CanMatch says whether what was dialled exists, as it is or with more digits.
func (p *Plan) CanMatch(context, exten, callerID string, now time.Time) bool {
	return p.any(p.byName[context], nil, now, func(c *Context) bool { return c.set.CanMatch(exten, callerID) })
}

// MatchMore says whether what was dialled could exist with more digits.
func (p *Plan) MatchMore(context, exten, callerID string, now time.Time) bool {
	return p.any(p.byName[context], nil, now, func(c *Context) bool { return c.set.MatchMore(exten, callerID) })
}

// IgnorePattern says whether a dial tone goes on behind these digits.
func (p *Plan) IgnorePattern(context, digits string) bool {
	c := p.byName[context]
	if c == nil {
		return false
	}
	for _, ip := range c.IgnorePats {
		var s pattern.Set
		s.Add(ip.Pattern, "", false)
		s.Build(false)
		if _, ok := s.Match(digits, "", func(int) bool { return true }); ok {
			return true
		}
	}
	return false
}

func (p *Plan) any(c *Context, from *trail, now time.Time, good func(*Context) bool) bool {
	if c == nil {
		return false
	}
	if good(c) {
		return true
	}
	return p.included(c, from, now, func(inc *Context, t *trail) bool { return p.any(inc, t, now, good) })
}
