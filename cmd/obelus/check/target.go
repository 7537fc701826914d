package check

import (
	"strconv"
	"strings"

	"obelus/conf"
	"obelus/dialplan/syntax"
)

// target checks where a Goto or a Gosub leads, as far as it is written out.
func (p *planChecker) target(s *step, target string) {
	if open := strings.IndexByte(target, '('); open >= 0 {
		target = target[:open] // the arguments of Gosub
	}
	if target = strings.TrimSpace(target); target == "" || strings.Contains(target, "$") {
		return
	}
	parts := strings.SplitN(target, ",", 3)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	context, priority := s.context, parts[len(parts)-1]
	if len(parts) == 1 {
		p.within(s, priority)
		return
	}
	if len(parts) == 3 {
		if context = p.plan.Context(parts[0]); context == nil {
			p.say(s.at, conf.Warning, p.noContext(parts[0]), "%s leads to context '%s', which does not exist", s.app, parts[0])
			return
		}
	}
	if exten := parts[len(parts)-2]; exten != "" {
		p.extension(s, context, exten, priority)
	}
}

// macro checks that the macro of Macro(name,...) is there.
func (p *planChecker) macro(s *step, call string) {
	name, _, _ := strings.Cut(call, ",")
	if name == "" || strings.Contains(name, "$") {
		return
	}
	c := p.plan.Context("macro-" + name)
	if c == nil {
		p.say(s.at, conf.Warning, "it is left out", "%s runs macro '%s', but there is no context 'macro-%s'", s.app, name, name)
	} else if e, _ := p.plan.FindExtension(c.Name, "s", "", p.now); e == nil {
		p.say(s.at, conf.Warning, "it is left out", "%s runs macro '%s', but context '%s' has no extension 's'", s.app, name, c.Name)
	}
}

func (p *planChecker) noContext(name string) string {
	var names []string
	for _, c := range p.plan.Contexts {
		names = append(names, c.Name)
	}
	return orMeant("the call ends there", name, names)
}

// within checks a target that is a priority or a label of the same extension.
func (p *planChecker) within(s *step, priority string) {
	has := func(e *syntax.Extension) bool { return hasPriority(e, priority) }
	switch {
	case priority[0] == '+' || priority[0] == '-': // counted from the step
	case has(s.exten):
	case !isPattern(s.exten) && p.leads(s.context, s.exten.Name, priority):
	case isPattern(s.exten) && p.anyIn(s.context, has): // whatever else takes the number
	default:
		p.say(s.at, conf.Warning, "the call ends there", "%s leads to %s, which extension '%s' lacks", s.app, priorityWord(priority), s.exten.Name)
	}
}

// extension checks a target that names an extension.
func (p *planChecker) extension(s *step, context *syntax.Context, exten, priority string) {
	e, _ := p.plan.FindExtension(context.Name, exten, "", p.now)
	switch {
	case e == nil && p.sometimes(context):
	case e == nil && p.leads(context, "i", "1") && isNumber(priority): // a label has to be there
		p.say(s.at, conf.Note, "extension i takes the call", "%s leads to extension '%s' of context '%s', which does not exist", s.app, exten, context.Name)
	case e == nil:
		p.say(s.at, conf.Warning, "the call ends there", "%s leads to extension '%s' of context '%s', which does not exist", s.app, exten, context.Name)
	case priority == "" || p.leads(context, exten, priority) || p.sometimes(context):
	default:
		p.say(s.at, conf.Warning, "the call ends there", "%s leads to %s, which extension '%s' of context '%s' lacks", s.app, priorityWord(priority), exten, context.Name)
	}
}

// leads says whether a call finds that step now.
func (p *planChecker) leads(context *syntax.Context, exten, priority string) bool {
	if n, err := strconv.Atoi(priority); err == nil {
		return priority[0] == '+' || priority[0] == '-' || p.plan.Find(context.Name, exten, "", n, p.now) != nil
	}
	_, ok := p.plan.FindLabel(context.Name, exten, "", priority, p.now)
	return ok
}

// sometimes says that what a context has depends on the time or the caller.
func (p *planChecker) sometimes(c *syntax.Context) bool {
	found := false
	p.walk(c, make(map[*syntax.Context]bool), func(c *syntax.Context) {
		for _, in := range c.Includes {
			found = found || in.Timing != nil
		}
		for _, e := range c.Extensions {
			found = found || e.HasCID
		}
		found = found || len(c.Switches) > 0
	})
	return found
}

// anyIn says whether an extension of a context, or of one that it includes, is
// such.
func (p *planChecker) anyIn(c *syntax.Context, such func(*syntax.Extension) bool) bool {
	found := false
	p.walk(c, make(map[*syntax.Context]bool), func(c *syntax.Context) {
		for _, e := range c.Extensions {
			found = found || such(e)
		}
	})
	return found
}

// walk visits a context and all that it includes, each once.
func (p *planChecker) walk(c *syntax.Context, been map[*syntax.Context]bool, visit func(*syntax.Context)) {
	if c == nil || been[c] {
		return
	}
	been[c] = true
	visit(c)
	for _, in := range c.Includes {
		p.walk(p.plan.Context(in.Name), been, visit)
	}
}

func isPattern(e *syntax.Extension) bool { return strings.HasPrefix(e.Name, "_") }

func hasPriority(e *syntax.Extension, priority string) bool {
	n, err := strconv.Atoi(priority)
	if err == nil {
		return e.Priority(n) != nil
	}
	for _, s := range e.Priorities {
		if s.Label == priority {
			return true
		}
	}
	return false
}

func isNumber(s string) bool { _, err := strconv.Atoi(s); return err == nil }

func priorityWord(priority string) string {
	if isNumber(priority) {
		return "priority " + priority
	}
	return "label '" + priority + "'"
}
