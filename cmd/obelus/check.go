package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"obelus/app"
	"obelus/chansip"
	"obelus/conf"
	"obelus/dialplan/syntax"
	"obelus/function"
	"obelus/pbx"
)

// The exit codes of check.
const (
	checkClean   = 0 // it would start, and nothing is ignored
	checkIgnored = 1 // it would start, and something is ignored
	checkRefused = 2 // it would not start
)

func runCheck(args []string) int {
	set := flags("check")
	asJSON := set.Bool("json", false, "for machines")
	words, code, ok := parse(set, args, 0, 1)
	if !ok {
		return code
	}
	dir := ""
	if len(words) == 1 {
		dir = words[0]
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			fmt.Fprintf(os.Stderr, "obelus: %s is no directory\n", dir)
			return checkRefused
		}
	}
	c := checkDirectory(dir)
	if *asJSON {
		return c.json(os.Stdout)
	}
	return c.print(os.Stdout)
}

// checkDirectory checks a directory, "" for the one that serve would find.
func checkDirectory(dir string) *checker {
	dirs, found, err := findDirs(dir, "", "")
	c := &checker{dirs: dirs, found: found}
	if err != nil {
		c.refuse(err)
	} else {
		c.check()
	}
	return c
}

// checker reads a configuration as the server would, and looks closer.
type checker struct {
	dirs    Dirs
	found   []conf.Diagnostic
	refused []string
}

func (c *checker) refuse(err error) {
	c.refused = append(c.refused, strings.Split(err.Error(), "\n")...)
}

func (c *checker) check() {
	config, found, err := readConfig(c.dirs)
	c.found = append(c.found, found...)
	if err != nil {
		c.refuse(err)
		return
	}
	c.found = append(c.found, config.sip.Lint()...)
	p := planChecker{
		plan: config.plan, sip: config.sip, apps: make(map[string]*pbx.Application), functions: make(map[string]bool),
	}
	for _, a := range app.Table(&app.Deps{}) {
		p.apps[strings.ToLower(a.Name)] = &a
	}
	for _, f := range function.Table() {
		p.functions[f.Name] = true
	}
	p.check()
	c.found = append(c.found, p.found...)
	c.others()
}

// others names files of the directory that are not read.
func (c *checker) others() {
	if c.dirs.Config == "" {
		return
	}
	entries, err := os.ReadDir(c.dirs.Config)
	if err != nil {
		return
	}
	read := []string{"sip.conf", "extensions.conf", "rtp.conf", "asterisk.conf", "obelus.conf"}
	var more []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".conf") && !slices.Contains(read, name) && !c.included(name) {
			more = append(more, name)
		}
	}
	if len(more) > 0 {
		c.found = append(c.found, conf.Diagnostic{
			Pos: conf.Pos{File: c.dirs.Config}, Severity: conf.Note, Message: "files that are not read: " + strings.Join(more, ", "),
			Hint: "docs/asterisk.md says what is supported",
		})
	}
}

// included says whether a file is read because another includes it.
func (c *checker) included(name string) bool {
	for _, f := range []string{"sip.conf", "extensions.conf", "rtp.conf"} {
		b, err := os.ReadFile(filepath.Join(c.dirs.Config, f))
		if err == nil && strings.Contains(string(b), name) {
			return true
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return false
}

// sorted are the findings by file and line.
func (c *checker) sorted() []conf.Diagnostic {
	out := slices.Clone(c.found)
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].File != out[j].File {
			return out[i].File < out[j].File
		}
		return out[i].Line < out[j].Line
	})
	return slices.Compact(out)
}

func (c *checker) code() int {
	switch {
	case len(c.refused) > 0:
		return checkRefused
	case slices.ContainsFunc(c.found, func(d conf.Diagnostic) bool { return d.Severity >= conf.Warning }):
		return checkIgnored
	}
	return checkClean
}

func (c *checker) print(w io.Writer) int {
	warnings, notes := 0, 0
	for _, d := range c.sorted() {
		fmt.Fprintln(w, d)
		if d.Severity == conf.Note {
			notes++
		} else {
			warnings++
		}
	}
	for _, r := range c.refused {
		fmt.Fprintln(w, "error:", r)
	}
	where := c.dirs.Config
	if where == "" {
		where = "the built-in configuration"
	}
	switch code := c.code(); code {
	case checkRefused:
		fmt.Fprintf(w, "%s: refused: obelus would not start with it\n", where)
		return code
	case checkIgnored:
		fmt.Fprintf(w, "%s: it would start; %d warning%s, %d note%s\n", where, warnings, s(warnings), notes, s(notes))
		return code
	default:
		fmt.Fprintf(w, "%s: good; %d note%s\n", where, notes, s(notes))
		return code
	}
}

func s(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// finding is a diagnostic for machines.
type finding struct {
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
}

func (c *checker) json(w io.Writer) int {
	out := struct {
		Starts   bool      `json:"starts"`
		Findings []finding `json:"findings"`
	}{Starts: len(c.refused) == 0, Findings: []finding{}}
	for _, d := range c.sorted() {
		out.Findings = append(out.Findings, finding{d.File, d.Line, d.Severity.String(), d.Message, d.Hint})
	}
	for _, r := range c.refused {
		out.Findings = append(out.Findings, finding{Severity: "error", Message: r})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return checkRefused
	}
	return c.code()
}

// planChecker looks at what a dialplan's steps will do.
type planChecker struct {
	plan      *syntax.Plan
	sip       *chansip.Settings
	apps      map[string]*pbx.Application
	functions map[string]bool
	found     []conf.Diagnostic
}

func (p *planChecker) say(at conf.Pos, sev conf.Severity, hint, format string, args ...any) {
	p.found = append(p.found, conf.Diagnostic{Pos: at, Severity: sev, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (p *planChecker) check() {
	for _, c := range p.plan.Contexts {
		for _, e := range c.Extensions {
			for _, step := range e.Priorities {
				p.step(c, e, step)
			}
		}
	}
	p.contexts()
}

// contexts names those that sip.conf sends calls to and extensions.conf lacks.
func (p *planChecker) contexts() {
	said := make(map[string]bool)
	miss := func(context, who, line string) {
		if context == "" || p.plan.Context(context) != nil || said[context] {
			return
		}
		said[context] = true
		p.say(conf.Pos{File: line}, conf.Warning, "its calls and texts are refused with 404", "%s sends calls to context '%s', which extensions.conf lacks", who, context)
	}
	for _, peer := range p.sip.Peers {
		miss(peer.Context, "account '"+peer.Name+"'", peer.Line)
		miss(peer.MessageContext, "account '"+peer.Name+"'", peer.Line)
	}
	if p.sip.General.AllowGuest {
		if c := p.sip.General.Default.Context; p.plan.Context(c) == nil && !said[c] {
			p.say(conf.Pos{File: "sip.conf"}, conf.Note, "guests are refused with 404", "guests would begin in context '%s', which extensions.conf lacks", c)
		}
	}
}

func (p *planChecker) step(c *syntax.Context, e *syntax.Extension, step *syntax.Priority) {
	name := strings.ToLower(step.App)
	a := p.apps[name]
	if a == nil {
		p.unknownApp(step)
		return
	}
	if a.Check != nil {
		for _, what := range a.Check(step.Data) {
			p.say(step.Pos, conf.Warning, "", "%s", what)
		}
	}
	p.functionsIn(step)
	switch name {
	case "goto", "gosub":
		p.target(c, e, step, step.Data)
	case "gotoif", "gosubif", "gotoiftime":
		if _, rest, ok := cutTopLevel(step.Data, '?'); ok {
			yes, no, _ := cutTopLevel(rest, ':')
			p.target(c, e, step, yes)
			p.target(c, e, step, no)
		}
	case "dial":
		p.dial(c, step)
	}
}

func (p *planChecker) unknownApp(step *syntax.Priority) {
	what := "the call ends there, as with a module that is not loaded"
	for _, known := range asteriskApplications() {
		if strings.EqualFold(known, step.App) {
			p.say(step.Pos, conf.Warning, what, "application %s is not supported yet", known)
			return
		}
	}
	var names []string
	for _, a := range p.apps {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	if near := conf.Nearest(step.App, append(names, asteriskApplications()...)); near != "" {
		what += "; did you mean " + near + "?"
	}
	p.say(step.Pos, conf.Warning, what, "there is no application '%s'", step.App)
}

// functionsIn names functions that are not there.
func (p *planChecker) functionsIn(step *syntax.Priority) {
	for _, name := range functionNames(step) {
		if p.functions[name] {
			continue
		}
		if slices.Contains(asteriskFunctions(), name) {
			p.say(step.Pos, conf.Warning, "it reads as nothing", "function %s is not supported yet", name)
			continue
		}
		hint := "it reads as nothing"
		var known []string
		for f := range p.functions {
			known = append(known, f)
		}
		slices.Sort(known)
		if near := conf.Nearest(name, known); near != "" {
			hint += "; did you mean " + near + "?"
		}
		p.say(step.Pos, conf.Warning, hint, "there is no function '%s'", name)
	}
}

// functionNames lists the functions that a step reads or writes, as far as the
// text tells.
func functionNames(step *syntax.Priority) []string {
	var out []string
	add := func(s string) {
		open := strings.IndexByte(s, '(')
		if open <= 0 {
			return
		}
		if name := s[:open]; strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for rest := step.Data; ; {
		i := strings.Index(rest, "${")
		if i < 0 {
			break
		}
		rest = rest[i+2:]
		if end := strings.IndexByte(rest, '}'); end >= 0 {
			if open := strings.IndexByte(rest, '('); open >= 0 && open < end {
				add(rest)
			}
		}
	}
	if app := strings.ToLower(step.App); app == "set" || app == "mset" {
		if name, _, ok := strings.Cut(step.Data, "="); ok {
			add(strings.TrimSpace(name))
		}
	}
	return out
}

// cutTopLevel cuts at the first sep outside of ${...}, $[...] and parentheses.
func cutTopLevel(s string, sep byte) (before, after string, ok bool) {
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

// target checks where a literal Goto leads.
func (p *planChecker) target(c *syntax.Context, e *syntax.Extension, step *syntax.Priority, target string) {
	if open := strings.IndexByte(target, '('); open >= 0 {
		target = target[:open] // the arguments of Gosub
	}
	if target = strings.TrimSpace(target); target == "" || strings.Contains(target, "$") {
		return
	}
	parts := strings.SplitN(target, ",", 3)
	context, priority := c.Name, strings.TrimSpace(parts[len(parts)-1])
	if len(parts) == 3 {
		context = strings.TrimSpace(parts[0])
		if p.plan.Context(context) == nil {
			p.say(step.Pos, conf.Warning, "the call ends there", "%s leads to context '%s', which does not exist", step.App, context)
			return
		}
	}
	if len(parts) > 1 || strings.Trim(priority, "+-0123456789") == "" {
		return // whether an extension exists depends on what is included when
	}
	for _, s := range e.Priorities {
		if s.Label == priority {
			return
		}
	}
	for _, o := range c.Extensions {
		if o != e && o.Name[0] == '_' {
			return // a pattern may have it
		}
	}
	p.say(step.Pos, conf.Warning, "the call ends there", "%s leads to label '%s', which extension '%s' lacks", step.App, priority, e.Name)
}

// dial checks whom a Dial calls.
func (p *planChecker) dial(c *syntax.Context, step *syntax.Priority) {
	whom, _, _ := cutTopLevel(step.Data, ',')
	for _, one := range strings.Split(whom, "&") {
		tech, rest, ok := strings.Cut(strings.TrimSpace(one), "/")
		if !ok || strings.Contains(tech, "$") {
			continue
		}
		switch strings.ToUpper(tech) {
		case "SIP":
			p.dialSIP(c, step, rest)
		case "LOCAL":
		default:
			p.say(step.Pos, conf.Warning, "DIALSTATUS becomes CHANUNAVAIL", "%s channels are not supported yet", tech)
		}
	}
}

func (p *planChecker) dialSIP(c *syntax.Context, step *syntax.Priority, rest string) {
	if strings.Contains(rest, "$") {
		g := &p.sip.General
		if g.AllowGuest && c.Name == g.Default.Context && strings.Contains(rest, "${EXTEN}") {
			p.say(step.Pos, conf.Warning, "write ${FILTER(0-9,${EXTEN})}, or allowguest=no", "anybody reaches this Dial, and chooses what ${EXTEN} is")
		}
		return
	}
	name, _, _ := strings.Cut(rest, "/")
	if _, host, ok := strings.Cut(name, "@"); ok {
		name = host
	}
	if p.sip.Peer(name) == nil && strings.Trim(name, "0123456789") == "" {
		p.say(step.Pos, conf.Warning, "DIALSTATUS becomes CHANUNAVAIL", "sip.conf has no account '%s'", name)
	}
}
