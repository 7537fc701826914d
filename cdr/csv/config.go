package csv

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"obelus/conf"
)

// ReadOptions reads [csv] of cdr.conf. f is nil where there is no such file.
func ReadOptions(f *conf.File) (o Options, found []conf.Diagnostic) {
	o.Accounts = true
	options := map[string]*bool{
		"usegmtime": &o.GMT, "loguniqueid": &o.UniqueID, "loguserfield": &o.UserField, "accountlogs": &o.Accounts, "newcdrcolumns": &o.NewColumns,
	}
	if f == nil {
		return o, nil
	}
	for _, s := range f.Sections {
		if s.Template || !strings.EqualFold(s.Name, "csv") {
			continue
		}
		o.On = true
		for _, e := range s.Entries {
			to := options[strings.ToLower(e.Key)]
			if to == nil {
				found = append(found, warning(e.Pos, "there is accountlogs, loguniqueid, loguserfield, newcdrcolumns, usegmtime", "unknown option '%s' in [csv]", e.Key))
				continue
			}
			if *to = conf.True(e.Value); !*to && !conf.False(e.Value) {
				found = append(found, warning(e.Pos, "it is taken as no, as in the original", "%s=%s is neither yes nor no", e.Key, e.Value))
			}
		}
	}
	return o, found
}

// Mapping is one file of cdr_custom.conf.
type Mapping struct {
	File      string   // below cdr-custom in the log directory
	Templates []string // a line each
	At        []conf.Pos
}

// ReadMappings reads cdr_custom.conf. f is nil where there is no such file.
func ReadMappings(f *conf.File) (all []Mapping, found []conf.Diagnostic) {
	if f == nil {
		return nil, nil
	}
	for _, s := range f.Sections {
		if s.Template {
			continue
		}
		if !strings.EqualFold(s.Name, "mappings") {
			found = append(found, warning(s.Pos, "there is [mappings]", "unknown section [%s]", s.Name))
			continue
		}
		for _, e := range s.Entries {
			switch {
			case e.Key == "" || e.Value == "":
				found = append(found, warning(e.Pos, "it is ignored", "a mapping has both a file and a line to write there"))
			case !inside(e.Key):
				found = append(found, warning(e.Pos, "it is ignored", "%s leads out of cdr-custom", e.Key))
			default:
				all = addLine(all, path.Clean(strings.ReplaceAll(e.Key, `\`, "/")), e)
			}
		}
	}
	return all, found
}

// addLine adds a line to a file's mapping.
func addLine(all []Mapping, name string, e conf.Entry) []Mapping {
	i := slices.IndexFunc(all, func(m Mapping) bool { return m.File == name })
	if i < 0 {
		i = len(all)
		all = append(all, Mapping{File: name})
	}
	all[i].Templates, all[i].At = append(all[i].Templates, e.Value), append(all[i].At, e.Pos)
	return all
}

// inside says whether a name stays in its directory, on every system.
func inside(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	return !strings.HasPrefix(name, "/") && !strings.Contains(name, ":") && !slices.Contains(strings.Split(name, "/"), "..") && path.Clean(name) != "."
}

func warning(at conf.Pos, hint, format string, args ...any) conf.Diagnostic {
	return conf.Diagnostic{Pos: at, Severity: conf.Warning, Message: fmt.Sprintf(format, args...), Hint: hint}
}
