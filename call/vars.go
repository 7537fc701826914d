package call

import (
	"strings"
	"sync"
)

// Vars are channel variables, in the order they were first set. They are safe
// for use from several goroutines, though in a call only one uses them.
//
// A name set with one leading underscore is passed on to a channel that this
// one dials; with two, to those that it dials in turn, too, as the original
// does. The underscores are not part of the name that is read.
type Vars struct {
	mu    sync.RWMutex
	names []string
	vals  map[string]variable
}

type variable struct {
	value   string
	inherit uint8 // 0 none, 1 to the next channel, 2 for ever
}

// Get returns a variable's value and whether it is set.
func (v *Vars) Get(name string) (string, bool) {
	v.mu.RLock()
	x, ok := v.vals[name]
	v.mu.RUnlock()
	return x.value, ok
}

// Set gives a variable its value. An empty value leaves it set but empty.
func (v *Vars) Set(name, value string) {
	bare, inherit := splitInherit(name)
	v.mu.Lock()
	v.put(bare, variable{value, inherit})
	v.mu.Unlock()
}

func (v *Vars) put(name string, x variable) {
	if v.vals == nil {
		v.vals = make(map[string]variable, 8)
	}
	if _, ok := v.vals[name]; !ok {
		v.names = append(v.names, name)
	}
	v.vals[name] = x
}

// Unset removes a variable.
func (v *Vars) Unset(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, ok := v.vals[name]; !ok {
		return
	}
	delete(v.vals, name)
	for i, n := range v.names {
		if n == name {
			v.names = append(v.names[:i:i], v.names[i+1:]...)
			return
		}
	}
}

// Each calls yield with every variable, in order, until it returns false. yield
// sees a copy: it may set variables.
func (v *Vars) Each(yield func(name, value string) bool) {
	v.mu.RLock()
	type pair struct{ name, value string }
	all := make([]pair, len(v.names))
	for i, n := range v.names {
		all[i] = pair{n, v.vals[n].value}
	}
	v.mu.RUnlock()
	for _, p := range all {
		if !yield(p.name, p.value) {
			return
		}
	}
}

// Named is Each without what functions keep under names that no dialplan can give a
// variable, GROUP(trunk): those have a parenthesis.
func (v *Vars) Named(yield func(name, value string) bool) {
	v.Each(func(name, value string) bool { return strings.Contains(name, "(") || yield(name, value) })
}

// InheritFrom copies what parent passes on to a channel that it dials.
func (v *Vars) InheritFrom(parent *Vars) {
	parent.mu.RLock()
	defer parent.mu.RUnlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, n := range parent.names {
		x := parent.vals[n]
		switch x.inherit {
		case 1:
			v.put(n, variable{x.value, 0})
		case 2:
			v.put(n, x)
		}
	}
}

// TakeFrom copies what the dialplan has set on another channel ([Vars.Named]), with what it passes on:
// that channel's place in the dialplan is taken.
func (v *Vars) TakeFrom(o *Vars) {
	o.Named(func(name, _ string) bool {
		o.mu.RLock()
		x, ok := o.vals[name]
		o.mu.RUnlock()
		if ok {
			v.mu.Lock()
			v.put(name, x)
			v.mu.Unlock()
		}
		return true
	})
}

func splitInherit(name string) (string, uint8) {
	switch {
	case strings.HasPrefix(name, "__"):
		return name[2:], 2
	case strings.HasPrefix(name, "_"):
		return name[1:], 1
	}
	return name, 0
}
