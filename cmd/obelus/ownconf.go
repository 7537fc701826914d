package main

import (
	"fmt"
	"strings"

	"obelus/conf"
)

// The engines of [store] in obelus.conf.
const (
	storeSQLite = "sqlite" // registrations survive a restart: the default
	storeMemory = "memory" // they do not
)

// readOwn reads obelus.conf: what no file of the original has a place for.
func readOwn(f *conf.File) (store string, found []conf.Diagnostic) {
	store = storeSQLite
	if f == nil {
		return store, nil
	}
	warn := func(at conf.Pos, hint, format string, args ...any) {
		found = append(found, conf.Diagnostic{Pos: at, Severity: conf.Warning, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	for _, s := range f.Sections {
		if s.Template {
			continue
		}
		if !strings.EqualFold(s.Name, "store") {
			warn(s.Pos, "there is [store]", "unknown section [%s]", s.Name)
			continue
		}
		for _, e := range s.Entries {
			switch v := strings.ToLower(e.Value); {
			case !strings.EqualFold(e.Key, "engine"):
				warn(e.Pos, "there is engine=", "unknown option '%s' in [store]", e.Key)
			case v == storeSQLite || v == storeMemory:
				store = v
			default:
				warn(e.Pos, "sqlite is used", "engine=%s is not one of sqlite, memory", e.Value)
			}
		}
	}
	return store, found
}
