package syntax

import "time"

// want is what a search looks for.
type want uint8

const (
	aPriority  want = iota // an extension that has that priority
	aLabel                 // one that has that label
	aHint                  // one that has a hint
	anAutohint             // a context that makes hints by itself
	aPart                  // what was dialled exists, or will with more digits
	aLonger                // it will exist with more digits
)

// query is one search. As in the original each priority is searched for anew:
// an extension may be made of several, of several contexts.
type query struct {
	exten, callerID string
	want            want
	priority        int
	label           string
	now             time.Time
	live            func(context, exten string) *Extension
	anytime         bool // includes count whatever the time
}

// accepts says whether an extension that matches has what is wanted.
func (q *query) accepts(e *Extension) bool {
	switch q.want {
	case aLabel:
		return e.label(q.label) != nil
	case aHint:
		return e.Hint != nil
	}
	return e.Priority(q.priority) != nil
}

// own looks at one context without its includes. For the wants that are of no
// extension in particular there is none in the answer.
func (q *query) own(c *Context) (*Extension, bool) {
	switch q.want {
	case aPart:
		return nil, c.set.CanMatch(q.exten, q.callerID) || q.alive(c) != nil
	case aLonger:
		return nil, c.set.MatchMore(q.exten, q.callerID)
	case anAutohint:
		return nil, c.Autohints
	}
	i, ok := c.set.Match(q.exten, q.callerID, func(i int) bool { return q.accepts(c.Extensions[i]) })
	if !ok {
		if e := q.alive(c); e != nil && q.accepts(e) {
			return e, true
		}
		return nil, false
	}
	return c.Extensions[i], true
}

// alive is the extension that a context has beside those of the file, nil for none.
func (q *query) alive(c *Context) *Extension {
	if q.live == nil {
		return nil
	}
	return q.live(c.Name, q.exten)
}

// maxContexts is how many contexts one search looks through, as in the original.
const maxContexts = 128

// search looks through a context, then through those that it includes, in their
// order, and returns where it found something; nil where it did not.
func (p *Plan) search(context string, q *query) (*Extension, *Context) {
	c := p.byName[context]
	if c == nil {
		return nil, nil
	}
	q.live = p.Live
	if e, ok := q.own(c); ok {
		return e, c
	}
	return q.searchIncludes(c)
}

func (q *query) searchIncludes(c *Context) (*Extension, *Context) {
	if len(c.Includes) == 0 {
		return nil, nil
	}
	var w walk
	w.enter(c)
	return q.below(c, &w)
}

// walk remembers the contexts that a search has looked through: each is looked
// through once, however they include each other.
type walk struct {
	seen [maxContexts]*Context
	n    int
}

// enter says whether a context is looked through now, and remembers it.
func (w *walk) enter(c *Context) bool {
	if w.n == maxContexts {
		return false
	}
	for _, s := range w.seen[:w.n] {
		if s == c {
			return false
		}
	}
	w.seen[w.n] = c
	w.n++
	return true
}

func (q *query) below(c *Context, w *walk) (*Extension, *Context) {
	for i := range c.Includes {
		in := &c.Includes[i]
		if in.to == nil || !q.anytime && in.Timing != nil && !in.Timing.Match(q.now) || !w.enter(in.to) {
			continue
		}
		if e, ok := q.own(in.to); ok {
			return e, in.to
		}
		if e, at := q.below(in.to, w); at != nil {
			return e, at
		}
	}
	return nil, nil
}

// Find returns the step of that priority for what was dialled, nil for none. As
// in the original each priority is searched for anew: the context's own best
// match that has it, then the included contexts in their order.
func (p *Plan) Find(context, exten, callerID string, priority int, now time.Time) *Priority {
	q := query{exten: exten, callerID: callerID, priority: priority, now: now}
	e, _ := p.search(context, &q)
	if e == nil {
		return nil
	}
	return e.Priority(priority)
}

// FindExtension returns the best extension that has priority 1 for what was
// dialled, and its context; nil for none.
func (p *Plan) FindExtension(context, exten, callerID string, now time.Time) (*Extension, *Context) {
	return p.search(context, &query{exten: exten, callerID: callerID, priority: 1, now: now})
}

// FindLabel returns the priority that a label of the extension stands for.
func (p *Plan) FindLabel(context, exten, callerID, label string, now time.Time) (int, bool) {
	if label == "" {
		return 0, false
	}
	e, _ := p.search(context, &query{exten: exten, callerID: callerID, want: aLabel, label: label, now: now})
	if e == nil {
		return 0, false
	}
	return e.label(label).N, true
}

// Hint returns the hint of an extension, nil for none.
func (p *Plan) Hint(context, exten string, now time.Time) *Priority {
	e, _ := p.FindHint(context, exten, now)
	if e == nil {
		return nil
	}
	return e.Hint
}

// FindHint returns the best extension that has a hint for what was dialled, and its
// context; nil for none.
func (p *Plan) FindHint(context, exten string, now time.Time) (*Extension, *Context) {
	return p.search(context, &query{exten: exten, want: aHint, now: now})
}

// Autohints returns the context, or the first of those that it includes, that says
// autohints=yes; nil for none.
func (p *Plan) Autohints(context string, now time.Time) *Context {
	_, c := p.search(context, &query{want: anAutohint, now: now})
	return c
}

// CanMatch says whether what was dialled exists, as it is or with more digits.
func (p *Plan) CanMatch(context, exten, callerID string, now time.Time) bool {
	_, at := p.search(context, &query{exten: exten, callerID: callerID, want: aPart, now: now})
	return at != nil
}

// MatchMore says whether what was dialled could exist with more digits.
func (p *Plan) MatchMore(context, exten, callerID string, now time.Time) bool {
	_, at := p.search(context, &query{exten: exten, callerID: callerID, want: aLonger, now: now})
	return at != nil
}

// IgnorePattern says whether a dial tone goes on behind these digits.
func (p *Plan) IgnorePattern(context, digits string) bool {
	c := p.byName[context]
	if c == nil {
		return false
	}
	_, ok := c.ignore.Match(digits, "", func(int) bool { return true })
	return ok
}
