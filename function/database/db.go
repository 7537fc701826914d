package database

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"obelus/function/argument"
	"obelus/pbx"
)

// Database is the dialplan's database. A key is a path: a family, and what follows it. What is read comes from memory; a write returns when
// it is durable.
type Database interface {
	Get(family, key string) (string, bool)
	Put(family, key, value string) error
	Delete(family, key string) (found bool, err error)
	// Names lists the parts that follow a prefix, in order; the families where it is "".
	Names(prefix string) []string
}

// noDatabase is the database where there is none.
type noDatabase struct{}

var errNoDatabase = errors.New("there is no database")

func (noDatabase) Get(string, string) (string, bool)   { return "", false }
func (noDatabase) Put(string, string, string) error    { return errNoDatabase }
func (noDatabase) Delete(string, string) (bool, error) { return false, errNoDatabase }
func (noDatabase) Names(string) []string               { return nil }

func dbFunctions(d Database) []pbx.Function {
	if d == nil {
		d = noDatabase{}
	}
	f, g := database{d}, &dialGroups{db: d}
	return []pbx.Function{
		{Name: "BLACKLIST", Read: f.blacklist},
		{Name: "DIALGROUP", Read: g.read, Write: g.write},
		{
			Name: "DB",
			Read: f.read, Write: f.write,
		}, {
			Name: "DB_EXISTS",
			Read: f.exists,
		}, {
			Name: "DB_DELETE",
			Read: f.remove, GuardRead: true,
			Write: func(x *pbx.Exec, args, _ string) error {
				_, err := f.remove(x, args)
				return err
			},
		}, {
			Name: "DB_KEYS",
			Read: argument.Plain(func(prefix string) string { return strings.Join(d.Names(prefix), ",") }),
		}, {
			Name: "DB_KEYCOUNT",
			Read: argument.Plain(func(prefix string) string { return strconv.Itoa(len(d.Names(prefix))) }),
		},
	}
}

// database is the functions of one database.
type database struct{ db Database }

// familyAndKey splits the argument of a function named so, at its first slash.
func familyAndKey(name, args, rest string) (family, key string, err error) {
	family, key, ok := strings.Cut(args, "/")
	if !ok {
		return "", "", argument.Complain("%s requires an argument, %s(<family>/<key>)%s", name, name, rest)
	}
	return family, key, nil
}

// get reads a value, and sets DB_RESULT if there is one.
func (f database) get(x *pbx.Exec, family, key string) (string, bool) {
	v, ok := f.db.Get(family, key)
	if ok {
		x.Set("DB_RESULT", v)
	}
	return v, ok
}

func (f database) read(x *pbx.Exec, args string) (string, error) {
	family, key, err := familyAndKey("DB", args, "")
	if err != nil {
		return "", err
	}
	v, _ := f.get(x, family, key)
	return v, nil
}

func (f database) write(_ *pbx.Exec, args, value string) error {
	family, key, err := familyAndKey("DB", args, "=<value>")
	if err != nil {
		return err
	}
	if err := f.db.Put(family, key, value); err != nil {
		return fmt.Errorf("DB: Error writing value to database: %w", err)
	}
	return nil
}

func (f database) exists(x *pbx.Exec, args string) (string, error) {
	family, key, err := familyAndKey("DB_EXISTS", args, "")
	if err != nil {
		return "", err
	}
	_, ok := f.get(x, family, key)
	return argument.OneOrZero(ok), nil
}

func (f database) remove(x *pbx.Exec, args string) (string, error) {
	family, key, err := familyAndKey("DB_DELETE", args, "")
	if err != nil {
		return "", err
	}
	v, ok := f.get(x, family, key)
	if !ok {
		return "", nil // silently, as in the original
	}
	if _, err := f.db.Delete(family, key); err != nil {
		x.Warnf("DB_DELETE: %s/%s could not be deleted from the database: %v", family, key, err)
	}
	return v, nil
}
