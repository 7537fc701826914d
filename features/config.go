package features

import (
	"fmt"
	"slices"
	"strings"

	"obelus/conf"
)

// Read reads features.conf; f is nil where there is none.
func Read(f *conf.File) (*Config, []conf.Diagnostic) {
	r := &reader{c: Defaults()}
	if f == nil {
		return r.c, nil
	}
	r.c.Dynamic, r.c.Groups = make(map[string]Dynamic), make(map[string][]Member)
	for _, s := range f.Sections {
		switch {
		case s.Template:
		case s.Name == "general":
			r.general(s)
		case s.Name == "featuremap":
			r.featureMap(s)
		case s.Name == "applicationmap":
			r.applications(s)
		case strings.HasPrefix(s.Name, "parkinglot_"):
			r.say(s.Pos, "it is passed over", "parking is not supported yet: [%s]", s.Name)
		}
	}
	for _, s := range f.Sections { // when all features are known
		if !s.Template && s.Name != "general" && s.Name != "featuremap" && s.Name != "applicationmap" && !strings.HasPrefix(s.Name, "parkinglot_") {
			r.group(s)
		}
	}
	return r.c, r.found
}

type reader struct {
	c     *Config
	found []conf.Diagnostic
}

func (r *reader) say(at conf.Pos, hint, format string, args ...any) {
	r.found = append(r.found, conf.Diagnostic{Pos: at, Severity: conf.Warning, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (r *reader) general(s *conf.Section) {
	for _, e := range s.Entries {
		name := strings.ToLower(e.Key)
		if it, ok := r.c.item(name); ok {
			if err := it.set(e.Value); err != nil {
				r.say(e.Pos, "the default is kept", "%s: %v", e.Key, err)
			}
			continue
		}
		if slices.Contains(parking(), name) {
			r.say(e.Pos, "it is passed over", "parking is not supported yet: %s", e.Key)
			continue
		}
		r.say(e.Pos, "it is passed over", "features.conf has no option %s in [general]", e.Key)
	}
}

// parking are options of [general] that were moved to res_parking.conf in Asterisk 12.
func parking() []string {
	return []string{
		"parkext", "parkext_exclusive", "parkpos", "context", "parkinghints", "parkingtime", "comebacktoorigin", "comebackdialtime", "comebackcontext",
		"parkedcalltransfers", "parkedcallreparking", "parkedcallhangup", "parkedcallrecording", "parkeddynamic", "adsipark", "findslot", "parkedmusicclass",
		"parkedplay", "courtesytoneparked", "parkedcallhook",
	}
}

func (r *reader) featureMap(s *conf.Section) {
	for _, e := range s.Entries {
		name := strings.ToLower(e.Key)
		if _, ok := r.c.Map[name]; !ok {
			r.say(e.Pos, "it is passed over", "there is no feature %s", e.Key)
			continue
		}
		if err := sequence(e.Value); err != nil {
			r.say(e.Pos, "the default is kept", "%s: %v", e.Key, err)
			continue
		}
		if name == "parkcall" && e.Value != "" {
			r.say(e.Pos, "its keys are passed on to the other party", "parking is not supported yet: %s", e.Key)
			continue
		}
		r.c.Map[name] = e.Value
	}
}

func (r *reader) applications(s *conf.Section) {
	for _, e := range s.Entries {
		d, err := dynamic(e.Key, e.Value)
		if err != nil {
			r.say(e.Pos, "the feature is passed over", "%s: %v", e.Key, err)
			continue
		}
		r.c.Dynamic[strings.ToLower(e.Key)] = d
	}
}

// dynamic reads keys,activateon[/activatedby],application[,arguments[,music]]; the application may have its arguments in parentheses.
func dynamic(name, value string) (Dynamic, error) {
	d := Dynamic{Name: name, ByCaller: true, ByCallee: true}
	parts := splitOutside(value)
	if len(parts) < 3 || parts[2] == "" {
		return d, fmt.Errorf("it is not of the form keys,self|peer[/caller|callee|both],application[,arguments[,music class]]")
	}
	if d.Keys = parts[0]; d.Keys == "" {
		return d, fmt.Errorf("it has no keys")
	}
	if err := sequence(d.Keys); err != nil {
		return d, err
	}
	on, by, _ := strings.Cut(strings.ToLower(parts[1]), "/")
	switch on {
	case "self", "chan", "channel":
	case "peer":
		d.OnPeer = true
	case "caller", "callee", "both": // as older releases had it
		by, d.OnPeer = on, false
	default:
		return d, fmt.Errorf("%q is neither self nor peer", on)
	}
	switch by {
	case "", "both":
	case "caller":
		d.ByCallee = false
	case "callee":
		d.ByCaller = false
	default:
		return d, fmt.Errorf("%q is none of caller, callee and both", by)
	}
	d.App = parts[2]
	rest := parts[3:]
	if open := strings.IndexByte(d.App, '('); open >= 0 && strings.HasSuffix(d.App, ")") {
		d.App, d.Args = d.App[:open], d.App[open+1:len(d.App)-1]
	} else if len(rest) > 0 {
		d.Args, rest = unquote(rest[0]), rest[1:]
	}
	if len(rest) > 0 {
		d.Music = rest[0]
	}
	return d, nil
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// splitOutside splits at commas outside of quotes and parentheses.
func splitOutside(s string) []string {
	var out []string
	depth, quoted, from := 0, false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}

// group reads a section whose features are named together.
func (r *reader) group(s *conf.Section) {
	for _, e := range s.Entries {
		if _, ok := r.c.Dynamic[strings.ToLower(e.Key)]; !ok {
			r.say(e.Pos, "it is passed over", "[applicationmap] has no feature %s", e.Key)
			continue
		}
		if err := sequence(e.Value); err != nil {
			r.say(e.Pos, "the keys of [applicationmap] are used", "%s: %v", e.Key, err)
			e.Value = ""
		}
		name := strings.ToLower(s.Name)
		r.c.Groups[name] = append(r.c.Groups[name], Member{strings.ToLower(e.Key), e.Value})
	}
}

// Applications are the names that [applicationmap] runs, with where they stand, for obelus check.
func (c *Config) Applications() []string {
	var out []string
	for _, d := range c.Dynamic {
		out = append(out, d.App)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
