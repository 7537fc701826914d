package syntax

import (
	"strings"

	"obelus/conf"
)

// extensionKey names an extension within its context.
type extensionKey struct {
	name, cid string
	hasCID    bool
}

// finish makes the contexts ready to be searched, and looks at the plan as a
// whole.
func (r *reader) finish() {
	for _, c := range r.plan.Contexts {
		r.build(c)
	}
	for _, c := range r.plan.Contexts {
		fallback := c.patternWithFirst()
		for _, e := range c.Extensions {
			r.lintFirst(c, e, fallback)
			r.lintGaps(c, e)
			r.lintSteps(e)
		}
	}
}

func (r *reader) build(c *Context) {
	c.index = nil
	for _, e := range c.Extensions {
		c.set.Add(e.Name, e.CallerID, e.HasCID)
	}
	c.set.Build(r.plan.General.NewPatternMatch)
	for i, e := range c.Extensions {
		if c.set.Exten(i).Broken() {
			r.warn(e.Pos, "it matches nothing", "pattern '%s' has a [ without its ]", e.Name)
		}
	}
	for _, ip := range c.IgnorePats {
		c.ignore.Add(ip.Pattern, "", false)
	}
	c.ignore.Build(false)
	for i := range c.Includes {
		in := &c.Includes[i]
		if in.to = r.plan.byName[in.Name]; in.to == nil {
			hint := "the include is ignored"
			if near := conf.Nearest(in.Name, r.plan.names()); near != "" {
				hint += "; did you mean " + near + "?"
			}
			r.warn(in.Pos, hint, "Context '%s' tries to include nonexistent context '%s'", c.Name, in.Name)
		}
	}
}

func (p *Plan) names() []string {
	var all []string
	for _, c := range p.Contexts {
		all = append(all, c.Name)
	}
	return all
}

// patternWithFirst says whether a pattern of the context has priority 1.
func (c *Context) patternWithFirst() bool {
	for _, e := range c.Extensions {
		if e.Name[0] == '_' && e.Priority(1) != nil {
			return true
		}
	}
	return false
}

// lintFirst names an extension that nothing reaches, for want of a priority 1 of
// its own, of a pattern that matches it too, or of an included context.
func (r *reader) lintFirst(c *Context, e *Extension, fallback bool) {
	if len(e.Priorities) == 0 || e.Priorities[0].N == 1 {
		return
	}
	if e.Name[0] == '_' && fallback {
		return // whether the two overlap depends on what is dialled
	}
	first := e.Priorities[0]
	if in, _ := r.plan.search(c.Name, &query{exten: e.Name, callerID: e.CallerID, priority: 1, anytime: true}); in != nil {
		return
	}
	r.warn(first.Pos, "nothing reaches it but a Goto: n goes on counting from the line before, of whatever extension",
		"extension '%s' in '%s' has no priority 1; its first is %d", e.Name, c.Name, first.N)
}

// lintGaps names steps that the one before does not lead to. Those 100 further
// on are where old applications jumped to.
func (r *reader) lintGaps(c *Context, e *Extension) {
	for i := 1; i < len(e.Priorities); i++ {
		a, b := e.Priorities[i-1], e.Priorities[i]
		if b.N > a.N+1 && b.N < a.N+100 && b.Label == "" {
			r.say(b.Pos, conf.Note, "nothing reaches it but a Goto", "extension '%s' in '%s' goes from priority %d to %d", e.Name, c.Name, a.N, b.N)
		}
	}
}

// lintSteps names what the original takes as it is and nobody means.
func (r *reader) lintSteps(e *Extension) {
	for _, s := range e.Priorities {
		if i := strings.IndexAny(s.App, ",|"); i > 0 {
			r.warn(s.Pos, "the call ends here; write "+s.App[:i]+"("+strings.ReplaceAll(s.App[i+1:], "|", ",")+")",
				"no application is named '%s': its arguments need parentheses", s.App)
		}
		if i := oldSeparator(s); i >= 0 {
			r.say(s.Pos, conf.Note, "write a comma", "| does not separate arguments, as it did before 1.6: %s", clip(s.Data[i:]))
		}
		if i := strings.Index(s.Data, "$("); i >= 0 {
			r.say(s.Pos, conf.Note, "a variable is written ${NAME}", "$(...) is plain text here: %s", clip(s.Data[i:]))
		}
		if i := strings.IndexAny(s.Data, "“”"); i >= 0 && strings.Contains(s.Data, "$[") {
			r.say(s.Pos, conf.Note, `write "`, "curly quotes are plain text in an expression: %s", clip(s.Data[i:]))
		}
	}
}

// oldSeparator finds a | that is meant to separate arguments: of an application of
// which none has one in it, outside of whatever is filled in and of quotes. Negative
// for none.
func oldSeparator(s *Priority) int {
	switch strings.ToLower(s.App) {
	case "background", "dial", "execif", "gosub", "gosubif", "goto", "gotoif", "gotoiftime", "macro", "macroif", "playback", "queue", "read", "record", "voicemail", "voicemailmain":
	default:
		return -1
	}
	depth, quoted := 0, false
	for i := range len(s.Data) {
		switch c := s.Data[i]; {
		case c == '"':
			quoted = !quoted
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == '|' && depth <= 0 && !quoted:
			return i
		}
	}
	return -1
}

// clip shortens what a finding shows of a line.
func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "..."
	}
	return s
}
