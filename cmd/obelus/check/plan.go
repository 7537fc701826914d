package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"obelus/chansip"
	"obelus/cmd/obelus/settings"
	"obelus/cmd/obelus/switchboard"
	"obelus/conf"
	"obelus/dialplan/syntax"
	"obelus/pbx"
)

// planChecker looks at what a dialplan's steps will do.
type planChecker struct {
	plan      *syntax.Plan
	sip       *chansip.Settings
	apps      map[string]*pbx.Application // by the name in lower case
	functions []string
	now       time.Time
	guests    map[string]bool // contexts that anybody reaches
	uncounted map[string]bool // accounts whose lamps show no calls, said before
	found     []conf.Diagnostic
	lacks     []string // what the step that is looked at asks for and is not there
	steps     []Step
}

// Step is a step of the dialplan and what it asks for that is not there.
type Step struct {
	Context, Exten, App string
	Lacks               []string // application Queue, function CURL, channel type DAHDI, or the sentence of a part that is not supported
	Foreign             bool     // the original does not have it either
}

// checkPlan finds what reading the files does not: steps that name what there is
// not, or lead nowhere.
func checkPlan(c *settings.Files) ([]conf.Diagnostic, []Step) {
	p := &planChecker{plan: c.Plan, sip: c.SIP, apps: make(map[string]*pbx.Application), now: time.Now(), guests: make(map[string]bool)}
	for _, a := range switchboard.Applications(&switchboard.Deps{}) {
		p.apps[strings.ToLower(a.Name)] = &a
	}
	for _, f := range switchboard.Functions(&switchboard.Deps{}) {
		p.functions = append(p.functions, f.Name)
	}
	if g := &c.SIP.General; g.AllowGuest {
		p.reach(g.Default.Context)
	}
	for _, context := range p.plan.Contexts {
		for _, e := range context.Extensions {
			if e.Hint != nil {
				p.lacks = nil
				p.hint(context, e)
			}
			for _, s := range e.Priorities {
				p.lacks = nil
				p.step(&step{context: context, exten: e, at: s.Pos, app: s.App, data: s.Data})
				p.steps = append(p.steps, Step{context.Name, e.Name, s.App, p.lacks, slices.ContainsFunc(p.lacks, isForeign)})
			}
		}
	}
	p.contexts()
	p.keys(c.Features)
	return p.found, p.steps
}

// foreign begins what not even the original has.
const foreign = "foreign "

func isForeign(what string) bool { return strings.HasPrefix(what, foreign) }

func (p *planChecker) lack(what string) { p.lacks = append(p.lacks, what) }

// reach marks a context that guests begin in, and all that it includes.
func (p *planChecker) reach(name string) {
	c := p.plan.Context(name)
	if c == nil || p.guests[name] {
		return
	}
	p.guests[name] = true
	for _, in := range c.Includes {
		p.reach(in.Name)
	}
}

func (p *planChecker) say(at conf.Pos, sev conf.Severity, hint, format string, args ...any) {
	p.found = append(p.found, conf.Diagnostic{Pos: at, Severity: sev, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// contexts names those that sip.conf sends calls to and extensions.conf lacks.
func (p *planChecker) contexts() {
	said := make(map[string]bool)
	miss := func(context, what, who, line string) {
		if context == "" || p.plan.Context(context) != nil || said[what+context] {
			return
		}
		said[what+context] = true
		p.say(conf.Pos{File: line}, conf.Warning, what+" there are refused with 404", "%s begins in context '%s', which extensions.conf lacks", who, context)
	}
	for _, peer := range p.sip.Peers {
		miss(peer.Context, "calls", "account '"+peer.Name+"'", peer.Line)
		miss(peer.SubscribeContext, "lamps", "what account '"+peer.Name+"' watches", peer.Line)
		miss(peer.MessageContext, "texts", "a text of account '"+peer.Name+"'", peer.Line)
	}
	if name := p.sip.General.RegContext; name != "" && p.plan.Context(name) == nil {
		p.say(conf.Pos{File: p.sip.Line("regcontext")}, conf.Warning, "no extension appears when a phone registers: write ["+name+"] into extensions.conf",
			"regcontext is '%s', which extensions.conf lacks", name)
	}
	if g := &p.sip.General; g.AllowGuest && p.plan.Context(g.Default.Context) == nil {
		p.say(conf.Pos{File: "sip.conf"}, conf.Note, "guests are refused with 404", "guests would begin in context '%s', which extensions.conf lacks", g.Default.Context)
	}
}

// step is one step, or one that a step like ExecIf carries out.
type step struct {
	context   *syntax.Context
	exten     *syntax.Extension
	at        conf.Pos
	app, data string
}

func (p *planChecker) step(s *step) {
	name := strings.ToLower(s.app)
	a := p.apps[name]
	if a == nil {
		p.unknownApp(s)
		return
	}
	if a.Check != nil {
		for _, what := range a.Check(s.data) {
			p.say(s.at, conf.Warning, "", "%s", what)
			if strings.Contains(what, "not supported") {
				p.lack(what)
			}
		}
	}
	p.functionsIn(s)
	p.shells(s)
	switch name {
	case "goto", "gosub":
		p.target(s, s.data)
	case "gotoif", "gosubif", "gotoiftime":
		if _, rest, ok := cutOutside(s.data, '?'); ok {
			yes, no, _ := cutOutside(rest, ':')
			p.target(s, yes)
			p.target(s, no)
		}
	case "execif":
		p.execIf(s)
	case "macro", "macroexclusive":
		p.macro(s, s.data)
	case "macroif":
		if _, rest, ok := cutOutside(s.data, '?'); ok {
			yes, no, _ := cutOutside(rest, ':')
			p.macro(s, yes)
			p.macro(s, no)
		}
	case "dial":
		p.dial(s)
	case "system", "trysystem":
		p.shell(s)
	}
}

// execIf looks at the one or two applications that ExecIf carries out.
func (p *planChecker) execIf(s *step) {
	_, rest, ok := cutOutside(s.data, '?')
	if _, more, old := strings.Cut(s.data, ","); !ok && old {
		app, data, _ := strings.Cut(more, ",")
		inner := *s
		inner.app, inner.data = app, data
		p.say(s.at, conf.Note, "write ExecIf(expression?"+app+"(...))", "ExecIf(expression,app,args) is how it was written before 1.6")
		if app != "" && !strings.Contains(app, "$") {
			p.step(&inner)
		}
		return
	}
	if !ok {
		p.say(s.at, conf.Warning, "the call ends there", "ExecIf needs a question mark: ExecIf(condition?app(data):app(data))")
		return
	}
	yes, no, _ := cutOutside(rest, ':')
	for _, one := range []string{yes, no} {
		name, data, _ := strings.Cut(strings.TrimSpace(one), "(")
		if name == "" || strings.Contains(name, "$") {
			continue
		}
		inner := *s
		inner.app, inner.data = strings.TrimSpace(name), strings.TrimSuffix(data, ")")
		p.step(&inner)
	}
}

// hintNoApp is what comes of a step whose application there is not.
const hintNoApp = "the call ends there, as with a module that is not loaded"

func (p *planChecker) unknownApp(s *step) {
	switch strings.ToLower(s.app) {
	case "festival", "flite", "espeak", "swift", "picotts":
		p.say(s.at, conf.Warning, hintNoApp+"; make the sounds beforehand, as with text2wave or espeak-ng -w, and play them with Playback, or by AGI", "application %s is not supported: there is no speech engine", s.app)
		p.lack("application " + s.app)
		return
	}
	for _, known := range asteriskApplications() {
		if strings.EqualFold(known, s.app) {
			if why := never(known); why != "" {
				p.say(s.at, conf.Warning, hintNoApp, "application %s is not supported: %s", known, why)
			} else {
				p.say(s.at, conf.Warning, hintNoApp, "application %s is not supported yet", known)
			}
			p.lack("application " + known)
			return
		}
	}
	p.lack(foreign + "application " + s.app)
	name := s.app
	if i := strings.IndexAny(name, ",|"); i > 0 {
		name = name[:i]
	}
	if now := former(name); now != "" {
		p.say(s.at, conf.Warning, hintNoApp+"; write "+now, "application %s is of older releases, Asterisk 20 has none of that name", name)
		return
	}
	if name != s.app {
		return // who reads the file has said that parentheses are missing
	}
	names := asteriskApplications()
	for _, a := range p.apps {
		names = append(names, a.Name)
	}
	p.say(s.at, conf.Warning, orMeant(hintNoApp, s.app, names), "there is no application '%s'", s.app)
}

// orMeant adds the nearest known name to a hint.
func orMeant(hint, name string, known []string) string {
	slices.Sort(known) // the same of two that are equally near, every time
	if near := conf.Nearest(name, known); near != "" {
		return hint + "; did you mean " + near + "?"
	}
	return hint
}

// functionsIn names functions that are not there.
func (p *planChecker) functionsIn(s *step) {
	for _, name := range functionNames(s) {
		if slices.Contains(p.functions, name) {
			continue
		}
		if slices.Contains(asteriskFunctions(), name) || strings.HasPrefix(name, "ODBC_") { // those that func_odbc.conf makes
			if why := whyNoFunction(name); why != "" {
				p.say(s.at, conf.Warning, "it reads as nothing, and writing it does nothing", "function %s is not supported: %s", name, why)
			} else {
				p.say(s.at, conf.Warning, "it reads as nothing, and writing it does nothing", "function %s is not supported yet", name)
			}
			p.lack("function " + name)
			continue
		}
		p.lack(foreign + "function " + name)
		known := append(slices.Clone(p.functions), asteriskFunctions()...)
		if i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) }); i >= 0 {
			p.say(s.at, conf.Warning, "it reads as nothing; capitals count: "+known[i], "there is no function '%s'", name)
			continue
		}
		p.say(s.at, conf.Warning, orMeant("it reads as nothing", name, known), "there is no function '%s'", name)
	}
}

// functionNames lists the functions that a step reads or writes, as far as the
// text tells.
func functionNames(s *step) []string {
	var out []string
	add := func(text string) {
		open := strings.IndexByte(text, '(')
		if open <= 0 {
			return
		}
		if name := text[:open]; strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for rest := s.data; ; {
		i := strings.Index(rest, "${")
		if i < 0 {
			break
		}
		rest = rest[i+2:]
		end, open := strings.IndexByte(rest, '}'), strings.IndexByte(rest, '(')
		if open >= 0 && open < end {
			add(rest)
		}
	}
	if app := strings.ToLower(s.app); app == "set" || app == "mset" {
		if name, _, ok := cutOutside(s.data, '='); ok {
			add(strings.TrimSpace(name))
		}
	}
	return out
}

// cutOutside cuts at the first sep that is in no ${...}, $[...] and parentheses.
func cutOutside(s string, sep byte) (before, after string, ok bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			depth--
		default:
			if c == sep && depth <= 0 {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}
