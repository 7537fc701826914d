package settings

import (
	"fmt"
	"strings"

	"obelus/cdr/csv"
	"obelus/cdr/pgsql"
	"obelus/conf"
)

// Records is where call records go to from the store.
type Records struct {
	CSV        csv.Options   // [csv] of cdr.conf
	Custom     []csv.Mapping // cdr_custom.conf
	PostgreSQL *pgsql.Config // cdr_pgsql.conf; nil: nowhere
}

// otherRecords says what sections of cdr.conf are not read.
func otherRecords(f *conf.File) (found []conf.Diagnostic) {
	if f == nil {
		return nil
	}
	for _, s := range f.Sections {
		d := conf.Diagnostic{Pos: s.Pos, Severity: conf.Warning, Message: fmt.Sprintf("unknown section [%s]", s.Name), Hint: "there is [csv], [general]"}
		switch strings.ToLower(s.Name) {
		case "general", "csv":
			continue
		case "radius":
			d.Message, d.Hint = "call records are not sent to a RADIUS server", "they are in cdr.db, and go to files and PostgreSQL"
		}
		if !s.Template {
			found = append(found, d)
		}
	}
	return found
}
