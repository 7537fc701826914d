package syntax

import "obelus/conf"

// extensionKey names an extension within its context.
type extensionKey struct {
	name, cid string
	hasCID    bool
}

// finish makes the contexts ready to be searched, and looks at the plan as a
// whole.
func (r *reader) finish() {
	for _, c := range r.plan.Contexts {
		c.index = nil
		for _, e := range c.Extensions {
			c.set.Add(e.Name, e.CallerID, e.HasCID)
			r.lint(c, e)
		}
		c.set.Build(r.plan.General.NewPatternMatch)
		for i := range c.Extensions {
			if c.set.Exten(i).Broken() {
				r.warn(c.Extensions[i].Pos, "it matches nothing", "pattern '%s' has a [ without its ]", c.Extensions[i].Name)
			}
		}
		for _, in := range c.Includes {
			if r.plan.byName[in.Name] == nil {
				r.warn(in.Pos, "the include is ignored", "Context '%s' tries to include nonexistent context '%s'", c.Name, in.Name)
			}
		}
	}
}

// lint names what the original takes and will not do what was meant.
func (r *reader) lint(c *Context, e *Extension) {
	if len(e.Priorities) == 0 {
		return
	}
	if first := e.Priorities[0]; first.N != 1 {
		for _, o := range c.Extensions {
			if o != e && o.Priority(1) != nil && o.Name[0] == '_' {
				return // a pattern may give it its first priority
			}
		}
		r.say(first.Pos, conf.Warning, "nothing reaches it: n goes on counting from the line before, of whatever extension",
			"extension '%s' in '%s' has no priority 1; its first is %d", e.Name, c.Name, first.N)
		return
	}
	for i := 1; i < len(e.Priorities); i++ {
		a, b := e.Priorities[i-1], e.Priorities[i]
		if b.N > a.N+1 && b.N < a.N+100 && b.Label == "" {
			r.say(b.Pos, conf.Note, "nothing reaches it but a Goto", "extension '%s' in '%s' goes from priority %d to %d", e.Name, c.Name, a.N, b.N)
		}
	}
}
