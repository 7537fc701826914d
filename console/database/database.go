// Package database is the console's commands for the database of the dialplan, in the words and the columns of the original.
package database

import (
	"context"
	"fmt"
	"strings"

	"obelus/astdb"
	"obelus/console"
)

// Query answers SQL about the table astdb(key, value), reading only: show is called for every row with the names of the columns and the
// values.
type Query func(ctx context.Context, sql string, show func(columns, values []string) error) error

// Commands lists the commands. query is nil where what is kept can't be asked.
func Commands(db *astdb.DB, query Query) []console.Command {
	c := commands{db, query}
	return []console.Command{
		{Words: "database show", Args: "[family [keytree]]", Summary: "Shows database contents", Run: c.show, Complete: c.families,
			Help: "The families of SIP registrations are computed: database show SIP/Registry."},
		{Words: "database showkey", Args: "<keytree>", Summary: "Shows database contents", Run: c.showKey},
		{Words: "database get", Args: "<family> <key>", Summary: "Gets database value", Run: c.get, Complete: c.families},
		{Words: "database put", Args: "<family> <key> <value>", Summary: "Adds/updates database value", Run: c.put, Complete: c.families},
		{Words: "database del", Args: "<family> <key>", Summary: "Removes database key/value", Run: c.del, Complete: c.families},
		{Words: "database deltree", Args: "<family> [keytree]", Summary: "Removes database keytree/values", Run: c.delTree, Complete: c.families},
		{Words: "database query", Args: "\"<SQL Statement>\"", Summary: "Run a user-specified query on the astdb", Run: c.sql,
			Help: "The table is astdb, its columns key and value. It is read only: database put and database del change it."},
	}
}

type commands struct {
	db    *astdb.DB
	query Query
}

// families completes the first argument, and keys the one after.
func (c commands) families(args []string) []string {
	switch len(args) {
	case 0:
		return c.db.Names("")
	case 1:
		return c.db.Names(args[0])
	}
	return nil
}

func (c commands) show(_ context.Context, s *console.Session, args []string) error {
	switch len(args) {
	case 0:
		list(s, c.db.Tree("", ""))
	case 1:
		list(s, c.db.Tree(args[0], ""))
	case 2:
		list(s, c.db.Tree(args[0], args[1]))
	default:
		return console.ErrUsage
	}
	return nil
}

func (c commands) showKey(_ context.Context, s *console.Session, args []string) error {
	if len(args) != 1 {
		return console.ErrUsage
	}
	list(s, c.db.Ending(args[0]))
	return nil
}

// list writes keys in one piece, however many they are.
func list(s *console.Session, all []astdb.Entry) {
	var b strings.Builder
	for _, e := range all {
		fmt.Fprintf(&b, "%-50s: %-25s\n", console.Plain(e.Key), console.Plain(e.Value))
	}
	s.Printf("%s%d results found.\n", &b, len(all))
}

func (c commands) get(_ context.Context, s *console.Session, args []string) error {
	if len(args) != 2 {
		return console.ErrUsage
	}
	if v, ok := c.db.Get(args[0], args[1]); ok {
		s.Printf("Value: %s\n", console.Plain(v))
	} else {
		s.Printf("Database entry not found.\n")
	}
	return nil
}

func (c commands) put(_ context.Context, s *console.Session, args []string) error {
	if len(args) != 3 {
		return console.ErrUsage
	}
	if err := c.db.Put(args[0], args[1], args[2]); err != nil {
		s.Printf("Failed to update entry\n%v\n", err)
	} else {
		s.Printf("Updated database successfully\n")
	}
	return nil
}

func (c commands) del(_ context.Context, s *console.Session, args []string) error {
	if len(args) != 2 {
		return console.ErrUsage
	}
	switch found, err := c.db.Delete(args[0], args[1]); {
	case err != nil:
		s.Printf("Database entry could not be removed: %v\n", err)
	case found:
		s.Printf("Database entry removed.\n")
	default:
		s.Printf("Database entry does not exist.\n")
	}
	return nil
}

func (c commands) delTree(_ context.Context, s *console.Session, args []string) error {
	keytree := ""
	switch {
	case len(args) == 2:
		keytree = args[1]
	case len(args) != 1:
		return console.ErrUsage
	}
	if strings.Trim(args[0], "/") == "" {
		return console.ErrUsage // it would remove everything
	}
	switch n, err := c.db.DeleteTree(args[0], keytree); {
	case err != nil:
		s.Printf("Database unavailable.\n%v\n", err)
	case n == 0:
		s.Printf("Database entries do not exist.\n")
	default:
		s.Printf("%d database entries removed.\n", n)
	}
	return nil
}

func (c commands) sql(ctx context.Context, s *console.Session, args []string) error {
	if len(args) != 1 {
		return console.ErrUsage
	}
	if c.query == nil {
		s.Printf("What is kept here can't be asked by SQL: [store] in obelus.conf chooses engine=sqlite\n")
		return nil
	}
	var b strings.Builder
	err := c.query(ctx, args[0], func(columns, values []string) error {
		if b.Len() > maxAnswer {
			return fmt.Errorf("the answer is longer than %d bytes: ask for less, by WHERE and LIMIT", maxAnswer)
		}
		for i := range columns {
			fmt.Fprintf(&b, "%-5s: %-50s\n", console.Plain(columns[i]), console.Plain(values[i]))
		}
		b.WriteByte('\n')
		return nil
	})
	s.Printf("%s", &b)
	if err != nil {
		s.Printf("Error executing SQL (%s): %v\n", args[0], err)
	}
	return nil
}

// maxAnswer bounds what one query may show, in bytes.
const maxAnswer = 1 << 20
