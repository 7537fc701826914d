package acl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"obelus/conf"
)

// Named are the lists of acl.conf by name.
type Named map[string]List

// Read reads acl.conf: a section for each list, with permit= and deny= in it. f is
// nil where there is no such file.
func Read(f *conf.File) (Named, []conf.Diagnostic) {
	lists := make(Named)
	if f == nil {
		return lists, nil
	}
	var found []conf.Diagnostic
	for _, s := range f.Sections {
		if s.Template {
			continue
		}
		list := lists[s.Name] // a second section of the same name adds to the first
		for _, e := range s.Entries {
			var d conf.Diagnostic
			if list, d = list.entry(e); d.Message != "" {
				found = append(found, d)
			}
		}
		lists[s.Name] = list
	}
	return lists, found
}

// entry adds a line of a section, or says what is wrong with it.
func (l List) entry(e conf.Entry) (List, conf.Diagnostic) {
	permit := strings.EqualFold(e.Key, "permit")
	if !permit && !strings.EqualFold(e.Key, "deny") {
		return l, conf.Diagnostic{
			Pos: e.Pos, Severity: conf.Warning, Message: fmt.Sprintf("unknown option '%s'", e.Key), Hint: "a list has permit= and deny=",
		}
	}
	list, err := l.Add(permit, e.Value)
	if err != nil {
		return list, conf.Diagnostic{
			Pos: e.Pos, Severity: conf.Warning, Message: fmt.Sprintf("%s=%s: %v", e.Key, e.Value, err),
			Hint: "the line counts up to there, as in the original: see who is let in now",
		}
	}
	return list, conf.Diagnostic{}
}

// Nobody lets no address pass.
func Nobody() List {
	l, _ := List(nil).Add(false, "0.0.0.0/0,::/0")
	return l
}

// Of is the list of what a setting names: lists of acl.conf with commas between
// them, all of which must let an address pass. Where one of them is not there
// nobody passes, as in the original, and unknown says which.
func (n Named) Of(names string) (l List, unknown []string) {
	for name := range strings.SplitSeq(names, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		list, ok := n[name]
		if !ok {
			list, unknown = Nobody(), append(unknown, name)
		}
		l = l.And(list)
	}
	return l, unknown
}

// Names lists the names there are, sorted.
func (n Named) Names() []string { return slices.Sorted(maps.Keys(n)) }
