package pgsql

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"obelus/conf"
)

// Config is cdr_pgsql.conf.
type Config struct {
	Host, Port, Database, User, Password, AppName, Table string

	Location *time.Location // of columns that know no time zone; nil: ours
	Latin9   bool           // what is not UTF-8 is Latin 9, not Latin 1

	Columns []Column
	Filters []Filter
}

// Column says what goes into a column that does not have the name of a field of the record.
type Column struct {
	Name   string
	Field  string // alias: the field, or the variable that the dialplan set
	Static string // or a fixed text
}

// Filter says which records go: those whose Field is Value, or with Not those where it is not.
type Filter struct {
	Field, Value string
	Not          bool
}

// Read reads cdr_pgsql.conf. f is nil where there is none; nil is returned where nothing is to be written to PostgreSQL.
func Read(f *conf.File) (*Config, []conf.Diagnostic) {
	if f == nil {
		return nil, nil
	}
	r := reading{c: &Config{Host: "localhost", Port: "5432", Database: "asterisk", User: "asterisk", Password: "asterisk", Table: "cdr"}}
	global := false
	for _, s := range f.Sections {
		if s.Template {
			continue
		}
		switch strings.ToLower(s.Name) {
		case "global":
			global = true
			r.global(s)
		case "columns":
			r.columns(s)
		default:
			r.warn(s.Pos, "there is [columns], [global]", "unknown section [%s]", s.Name)
		}
	}
	if !global {
		r.warn(conf.Pos{File: f.Path}, "nothing is written to PostgreSQL", "there is no [global]")
		return nil, r.found
	}
	return r.c, r.found
}

type reading struct {
	c     *Config
	found []conf.Diagnostic
}

func (r *reading) warn(at conf.Pos, hint, format string, args ...any) {
	r.found = append(r.found, conf.Diagnostic{Pos: at, Severity: conf.Warning, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (r *reading) global(s *conf.Section) {
	texts := map[string]*string{
		"hostname": &r.c.Host, "port": &r.c.Port, "dbname": &r.c.Database, "user": &r.c.User, "password": &r.c.Password, "appname": &r.c.AppName,
		"table": &r.c.Table, "encoding": nil, "timezone": nil,
	}
	for _, e := range s.Entries {
		key := strings.ToLower(e.Key)
		to, ok := texts[key]
		switch {
		case !ok:
			r.warn(e.Pos, "there is "+strings.Join(slices.Sorted(maps.Keys(texts)), ", "), "unknown option '%s' in [global]", e.Key)
		case key == "encoding":
			r.encoding(e)
		case key == "timezone":
			r.timezone(e)
		case key == "port" && !isPort(e.Value):
			r.warn(e.Pos, r.c.Port+" is used", "port=%s is no port", e.Value)
		case key == "table" && e.Value == "":
			r.warn(e.Pos, r.c.Table+" is used", "table= names none")
		default:
			*to = e.Value
		}
	}
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n > 0 && n < 65536
}

// encoding: the server is always spoken to in UTF-8, and turns it into what the database has.
func (r *reading) encoding(e conf.Entry) {
	switch strings.ToUpper(strings.ReplaceAll(e.Value, "-", "")) {
	case "UTF8", "UNICODE", "LATIN1", "SQL_ASCII":
		r.c.Latin9 = false
	case "LATIN9", "ISO885915":
		r.c.Latin9 = true
	default:
		r.warn(e.Pos, "phones speak UTF-8; what is not UTF-8 is taken for LATIN1", "encoding=%s is not one of UTF8, LATIN1, LATIN9", e.Value)
	}
}

func (r *reading) timezone(e conf.Entry) {
	if e.Value == "" {
		return
	}
	name := e.Value
	if strings.EqualFold(name, "GMT") {
		name = "UTC"
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		r.warn(e.Pos, "local time is written", "timezone=%s is none that this machine knows", e.Value)
		return
	}
	r.c.Location = l
}

// columns takes alias, static and filter lines.
func (r *reading) columns(s *conf.Section) {
	for _, e := range s.Entries {
		what, rest, _ := strings.Cut(strings.TrimSpace(e.Key), " ")
		rest = strings.TrimSpace(rest)
		switch what = strings.ToLower(what); {
		case what == "alias" && rest != "" && e.Value != "":
			r.c.Columns = append(r.c.Columns, Column{Name: e.Value, Field: strings.ToLower(rest)})
		case what == "static" && rest != "" && e.Value != "":
			r.c.Columns = append(r.c.Columns, Column{Name: e.Value, Static: strings.Trim(rest, `"`)})
		case what == "filter" && strings.Trim(rest, "! ") != "":
			field, not := strings.CutPrefix(rest, "!")
			r.c.Filters = append(r.c.Filters, Filter{Field: strings.ToLower(strings.TrimSpace(field)), Value: e.Value, Not: not})
		default:
			r.warn(e.Pos, "it is ignored", "'%s => %s' is none of: alias FIELD => COLUMN, static \"TEXT\" => COLUMN, filter [!]FIELD => TEXT", e.Key, e.Value)
		}
	}
}
