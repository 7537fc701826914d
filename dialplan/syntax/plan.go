// Package syntax reads extensions.conf into a [Plan]: contexts, extensions,
// priorities, includes. A plan never changes once it is read; the interpreter
// walks it, and [Show] prints it as `dialplan show` does.
package syntax

import (
	"sort"

	"obelus/conf"
	"obelus/dialplan/pattern"
)

// Plan is a dialplan.
type Plan struct {
	General  General
	Globals  []Global
	Contexts []*Context // in the order they were first named

	// Live finds an extension of a context that the file does not have, nil for none. It
	// is set, if at all, before the plan is used, and asked where the context itself has
	// none.
	Live func(context, exten string) *Extension

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

	set    pattern.Set
	ignore pattern.Set                 // of IgnorePats
	index  map[extensionKey]*Extension // while the file is read
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
	Extension *Extension // whose step it is
	// Compiled is for who runs the plan: set once, before the plan is used.
	Compiled any
}

// Include has the extensions of another context searched behind one's own.
type Include struct {
	Text   string // as written
	Name   string
	Timing *Timing // nil: always
	Pos    conf.Pos

	to *Context // nil: there is none
}

// Switch names a dialplan outside of the file. None is searched; [Read] says so.
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
