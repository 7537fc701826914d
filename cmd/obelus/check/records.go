package check

import (
	"strings"

	"obelus/cdr/csv"
	"obelus/cmd/obelus/switchboard"
	"obelus/conf"
	"obelus/dialplan/expand"
)

// elsewhere are the files of the original that name other places for call records.
func elsewhere() []string {
	return []string{"cdr_adaptive_odbc.conf", "cdr_beanstalkd.conf", "cdr_manager.conf", "cdr_mysql.conf", "cdr_odbc.conf", "cdr_sqlite3_custom.conf",
		"cdr_syslog.conf", "cdr_tds.conf"}
}

// otherRecords names the files with something in them that would have call records written where they are not.
func (c *Report) otherRecords() {
	if c.dirs.Config == "" {
		return
	}
	l := conf.Loader{Dir: c.dirs.Config}
	for _, name := range elsewhere() {
		f, _, err := l.Load(name)
		if err != nil {
			continue // it is not there, or nobody reads it
		}
		for _, s := range f.Sections {
			if off, ok := s.Get("enabled"); s.Template || len(s.Entries) == 0 || ok && !conf.True(off) {
				continue
			}
			c.found = append(c.found, conf.Diagnostic{Pos: s.Entries[0].Pos, Severity: conf.Warning, Message: "no call records are written by " + name + ": not supported",
				Hint: "every record is in cdr.db; from there cdr.conf [csv], cdr_custom.conf and cdr_pgsql.conf take them further"})
			break
		}
	}
}

// checkLines fills in the lines of cdr_custom.conf for a call, and says what is wrong with them.
func checkLines(mappings []csv.Mapping) (found []conf.Diagnostic) {
	functions := make(map[string]bool)
	for _, f := range switchboard.Functions(&switchboard.Deps{}) {
		functions[f.Name] = true
	}
	for _, m := range mappings {
		for i, t := range m.Templates {
			e := &lineEnv{functions: functions}
			expand.Expand(t, e)
			for _, what := range e.found {
				found = append(found, conf.Diagnostic{Pos: m.At[i], Severity: conf.Warning, Message: what, Hint: "nothing is written there"})
			}
		}
	}
	return found
}

// lineEnv is what a line is filled in with by check.
type lineEnv struct {
	functions map[string]bool
	found     []string
}

// Var implements expand.Env. Which variables are global is known in the running server only.
func (e *lineEnv) Var(string) (string, bool) { return "", true }

// Warn implements expand.Env.
func (e *lineEnv) Warn(msg string) { e.found = append(e.found, strings.Join(strings.Fields(msg), " ")) }

// Call implements expand.Env.
func (e *lineEnv) Call(name, args string) (string, error) {
	switch {
	case !e.functions[name]:
		e.Warn("there is no function " + name)
	case name == "CDR" && strings.TrimSpace(args) == "":
		e.Warn("CDR() names no field")
	}
	return "1", nil // so that expressions have something to work with
}
