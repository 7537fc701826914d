package main

import (
	"fmt"
	"io"
	"time"

	"obelus/cmd/obelus/settings"
	"obelus/console"
	"obelus/store/postgres"
)

// storeCommands are the console commands about where state is kept.
func (s *server) storeCommands() []console.Command {
	return []console.Command{{
		Words: "store show status", Summary: "Show where state is kept and whether it can be reached", Run: console.Show(s.showStore),
	}}
}

func (s *server) showStore(w io.Writer) {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-24s %s\n", name+":", fmt.Sprintf(format, args...))
	}
	switch e := s.engine.(type) {
	case nil:
		row("Engine", settings.Memory+" (nothing outlives the process)")
	case *postgres.Engine:
		st := e.Status()
		row("Engine", settings.Postgres)
		row("Database", "%s", st.Where)
		row("Node", "%s", st.Node)
		if st.Why == nil {
			row("State", "connected")
		} else {
			row("State", "can't be reached since %s (%s)", st.Lost.Format(time.DateTime), time.Since(st.Lost).Round(time.Second))
			row("Reason", "%v", st.Why)
		}
		row("Lost since the start", "%d times", st.Times)
	default:
		row("Engine", settings.SQLite)
		row("Directory", "%s", s.dirs.Data)
	}
	l := s.where.Stats()
	row("Registrations", "%d contacts of %d peers", l.Contacts, l.Peers)
	row("Waiting to be written", "%d", l.Waiting)
	row("Answered from memory", "%d (the store was late)", l.Late+l.Unsaved)
	row("Commits that failed", "%d", l.Failures)
}
