package say

import (
	"strings"

	"obelus/conf"
	"obelus/dialplan/expand"
	"obelus/dialplan/pattern"
)

// ReadRules reads say.conf. f is nil where there is no file.
func ReadRules(f *conf.File) (*Rules, []conf.Diagnostic) {
	r := &Rules{languages: make(map[string][]rule)}
	if f == nil {
		return r, nil
	}
	var found []conf.Diagnostic
	for _, s := range f.Sections {
		switch {
		case s.Template:
		case strings.EqualFold(s.Name, "general"):
			mode, _ := s.Get("mode")
			if r.New = strings.EqualFold(mode, "new"); r.New {
				found = append(found, conf.Diagnostic{
					Pos: s.Pos, Severity: conf.Warning, Message: "mode=new: SayNumber, SayOrdinal and Playback's option say go by the rules, dates do not",
				})
			}
		default:
			rules := make([]rule, 0, len(s.Entries))
			for _, e := range s.Entries {
				set := new(pattern.Set)
				set.Add(e.Key, "", false)
				set.Build(false)
				rules = append(rules, rule{set, expand.Compile(e.Value)})
			}
			r.languages[strings.ToLower(s.Name)] = rules
		}
	}
	return r, found
}
