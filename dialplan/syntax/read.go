package syntax

import (
	"fmt"
	"runtime"
	"sort"
	"strings"

	"obelus/conf"
	"obelus/dialplan/expand"
)

// Read makes a plan of extensions.conf. A line that can't be used is left out
// and named in a diagnostic, as in the original; nothing is refused as a whole.
func Read(f *conf.File) (*Plan, []conf.Diagnostic) {
	r := &reader{
		plan: &Plan{
			General: General{AutoFallthrough: true, UsersContext: "default"},
			byName:  make(map[string]*Context),
		},
		globals: make(map[string]string),
	}
	for _, s := range f.Sections {
		if s.Template {
			continue
		}
		switch strings.ToLower(s.Name) {
		case "general":
			r.general(s)
		case "globals":
			r.readGlobals(s)
		}
	}
	for _, s := range f.Sections {
		if name := strings.ToLower(s.Name); !s.Template && name != "general" && name != "globals" {
			r.context(s)
			runtime.Gosched() // as in package conf
		}
	}
	r.finish()
	return r.plan, r.found
}

type reader struct {
	plan    *Plan
	globals map[string]string
	found   []conf.Diagnostic
}

func (r *reader) say(at conf.Pos, severity conf.Severity, hint, format string, args ...any) {
	r.found = append(r.found, conf.Diagnostic{Pos: at, Severity: severity, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (r *reader) warn(at conf.Pos, hint, format string, args ...any) {
	r.say(at, conf.Warning, hint, format, args...)
}

// where is how the original names a line.
func where(at conf.Pos) string { return fmt.Sprintf("at line %d of %s", at.Line, at.File) }

// generalOptions are the names that [general] may set.
var generalOptions = []string{
	"static", "writeprotect", "autofallthrough", "clearglobalvars", "extenpatternmatchnew", "userscontext", "priorityjumping",
	"overrideswitch",
}

func (r *reader) general(s *conf.Section) {
	g := &r.plan.General
	for _, e := range s.Entries {
		switch strings.ToLower(e.Key) {
		case "static":
			g.Static = conf.True(e.Value)
		case "writeprotect":
			g.WriteProtect = conf.True(e.Value)
		case "autofallthrough":
			g.AutoFallthrough = conf.True(e.Value)
		case "clearglobalvars":
			g.ClearGlobalVars = conf.True(e.Value)
		case "extenpatternmatchnew":
			g.NewPatternMatch = conf.True(e.Value)
		case "userscontext":
			g.UsersContext = e.Value
			r.say(e.Pos, conf.Note, "it has no effect", "users.conf, which userscontext is for, is not read")
		case "priorityjumping":
			r.warn(e.Pos, "it is gone from the original too: test DIALSTATUS and the like instead", "priorityjumping has no effect")
		case "overrideswitch":
			r.warn(e.Pos, "it is ignored", "overrideswitch is not supported")
		default:
			hint := "it is ignored"
			if near := conf.Nearest(e.Key, generalOptions); near != "" {
				hint = "it is ignored; did you mean " + near + "?"
			}
			r.warn(e.Pos, hint, "unknown option '%s' in [general]", e.Key)
		}
	}
}

// filler fills in text of the file with the global variables read so far. There
// is no channel then, so of the functions only GLOBAL can be read.
type filler struct {
	globals map[string]string
	warn    func(msg string)
}

func (f *filler) Var(name string) (string, bool) { v, ok := f.globals[name]; return v, ok }
func (f *filler) Warn(msg string)                { f.warn(msg) }

func (f *filler) Call(name, args string) (string, error) {
	if name == "GLOBAL" {
		return f.globals[args], nil
	}
	return "", fmt.Errorf("function %s can't be used while the file is read", name)
}

func (r *reader) fill(at conf.Pos, text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	return expand.Expand(text, &filler{r.globals, func(msg string) { r.warn(at, "nothing is filled in", "%s", msg) }})
}

func (r *reader) readGlobals(s *conf.Section) {
	for _, e := range s.Entries {
		value := r.fill(e.Pos, e.Value)
		r.globals[e.Key] = value
		r.plan.Globals = append(r.plan.Globals, Global{e.Key, value})
	}
}

// contextReader is one section being read.
type contextReader struct {
	*reader
	c        *Context
	lastExt  string // of the extension before, with its caller ID
	lastPri  int    // of the step before, of whatever extension; 0 before the first
	anything bool
}

func (r *reader) context(s *conf.Section) {
	c := r.plan.byName[s.Name]
	if c == nil {
		c = &Context{Name: s.Name, Pos: s.Pos}
		r.plan.byName[s.Name] = c
		r.plan.Contexts = append(r.plan.Contexts, c)
	}
	cr := &contextReader{reader: r, c: c}
	for _, e := range s.Entries {
		cr.entry(e)
	}
}

func (r *contextReader) entry(e conf.Entry) {
	switch strings.ToLower(e.Key) {
	case "exten":
		r.exten(e)
	case "same":
		r.same(e)
	case "include":
		r.include(e)
	case "ignorepat":
		r.c.IgnorePats = append(r.c.IgnorePats, IgnorePat{r.fill(e.Pos, e.Value), e.Pos})
	case "switch", "lswitch", "eswitch":
		kind, text := strings.ToLower(e.Key), e.Value
		if kind == "switch" {
			text = r.fill(e.Pos, text) // the others are filled in for each call
		}
		r.c.Switches = append(r.c.Switches, Switch{kind, text, e.Pos})
		r.warn(e.Pos, "extensions of it are not found", "switches are not supported: %s => %s", e.Key, e.Value)
	case "autohints":
		r.c.Autohints = conf.True(e.Value)
	default:
		hint := "the line is ignored"
		if near := conf.Nearest(e.Key, []string{"exten", "same", "include", "ignorepat", "switch", "lswitch", "eswitch"}); near != "" {
			hint += "; did you mean " + near + "?"
		}
		r.warn(e.Pos, hint, "==!!== Unknown directive: %s %s -- IGNORED!!!", e.Key, where(e.Pos))
	}
}

func (r *contextReader) exten(e conf.Entry) {
	name, rest, _ := strings.Cut(e.Value, ",")
	name = r.fill(e.Pos, conf.Trim(name))
	r.step(e.Pos, name, rest)
}

func (r *contextReader) same(e conf.Entry) {
	if !r.anything {
		r.warn(e.Pos, "the line is ignored", "No previous pattern in the first entry of context '%s' to match 'same' %s!", r.c.Name, where(e.Pos))
		return
	}
	r.step(e.Pos, r.lastExt, e.Value)
}

// step reads what follows the extension: priority, label, application.
func (r *contextReader) step(at conf.Pos, name, rest string) {
	prio, app, _ := strings.Cut(rest, ",")
	var key extensionKey
	key.name, key.cid, key.hasCID = strings.Cut(squeeze(name), "/")
	r.lastExt, r.anything = name, true
	if key.name == "" {
		r.warn(at, "the line is ignored", "You have to be kidding-- add exten '' to context %s? Figure out a name and call me back. Action ignored.", r.c.Name)
		r.warn(at, "", "Unable to register extension %s", where(at))
		return
	}
	n, label, ok := r.priority(at, key, conf.Trim(prio))
	if !ok {
		return
	}
	if (key.name == "_." || key.name == "_!") && r.c.extension(key) == nil { // said once an extension
		r.say(at, conf.Note, "it takes h, i, t and s too",
			"The use of '%s' for an extension is strongly discouraged and can have unexpected behavior.  Please use '_X%s' instead %s", key.name, key.name[1:], where(at))
	}
	step := &Priority{N: n, Label: label, Pos: at}
	if n == hintPriority {
		step.App = conf.Trim(app)
	} else {
		step.App, step.Data = r.app(at, conf.Trim(app))
	}
	r.add(at, key, step)
}

// hintPriority is the number of a hint.
const hintPriority = -1

// squeeze takes the blanks out of an extension, as the original does.
func squeeze(s string) string {
	if !strings.ContainsAny(s, " \t") {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c == ' ' || c == '\t' {
			return -1
		}
		return c
	}, s)
}

// app reads App(data): the data is all between the first parenthesis and the
// last, however they nest.
func (r *contextReader) app(at conf.Pos, s string) (app, data string) {
	app, data, ok := strings.Cut(s, "(")
	if !ok {
		return s, ""
	}
	end := strings.LastIndexByte(data, ')')
	if end < 0 {
		r.warn(at, "the rest of the line is taken", "No closing parenthesis found? '%s' %s", s, where(at))
		return app, data
	}
	if junk := conf.Trim(data[end+1:]); junk != "" {
		r.say(at, conf.Note, "it is ignored", "text behind the closing parenthesis: %s", junk)
	}
	return app, data[:end]
}

// extension returns the extension of exactly that name and caller ID while the
// file is read, nil for none.
func (c *Context) extension(key extensionKey) *Extension { return c.index[key] }

func (c *Context) remember(key extensionKey, at conf.Pos) *Extension {
	e := &Extension{Name: key.name, CallerID: key.cid, HasCID: key.hasCID, Pos: at}
	if c.index == nil {
		c.index = make(map[extensionKey]*Extension)
	}
	c.index[key] = e
	c.Extensions = append(c.Extensions, e)
	return e
}

func (r *contextReader) add(at conf.Pos, key extensionKey, step *Priority) {
	e := r.c.extension(key)
	if e == nil {
		e = r.c.remember(key, at)
	}
	step.Extension = e
	if step.N == hintPriority {
		if e.Hint != nil {
			r.say(at, conf.Note, fmt.Sprintf("it replaces the one at %s", e.Hint.Pos), "a second hint for extension '%s' in '%s'", key.name, r.c.Name)
		}
		e.Hint = step
		return
	}
	i := sort.Search(len(e.Priorities), func(i int) bool { return e.Priorities[i].N >= step.N })
	if i < len(e.Priorities) && e.Priorities[i].N == step.N {
		r.warn(at, fmt.Sprintf("the line is ignored: %s has it already", e.Priorities[i].Pos),
			"Unable to register extension '%s' priority %d in '%s', already in use", key.name, step.N, r.c.Name)
		r.warn(at, "", "Unable to register extension %s", where(at))
		return
	}
	e.Priorities = append(e.Priorities, nil)
	copy(e.Priorities[i+1:], e.Priorities[i:])
	e.Priorities[i] = step
}

func (r *contextReader) include(e conf.Entry) {
	text := r.fill(e.Pos, e.Value)
	inc := Include{Text: text, Name: text, Pos: e.Pos}
	sep := ","
	if !strings.Contains(text, ",") {
		sep = "|" // the form of old files
	}
	if name, when, ok := strings.Cut(text, sep); ok {
		inc.Name = conf.Trim(name)
		t, err := ParseTiming(strings.ReplaceAll(when, sep, ","))
		if err != nil {
			r.warn(e.Pos, "the context is never included", "include => %s: %v", text, err)
		}
		inc.Timing = &t
	}
	r.c.Includes = append(r.c.Includes, inc)
}
