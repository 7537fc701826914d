package database

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"obelus/astdb"
	"obelus/console"
	"obelus/store"
)

// readOnly is an engine that is away when it is to write.
type readOnly struct{}

func (readOnly) LoadKeys(_ context.Context, yield func(key, value string) error) error {
	return yield("/f/k", "v")
}
func (readOnly) WriteKeys(context.Context, []store.KVOp) error { return store.ErrUnavailable }

func open(t *testing.T, c astdb.Config) *astdb.DB {
	t.Helper()
	db, err := astdb.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(context.Background()) })
	return db
}

// say carries lines out, and returns what they show.
func say(t *testing.T, db *astdb.DB, q Query, lines ...string) string {
	t.Helper()
	table := &console.Table{}
	table.Add(Commands(db, q)...)
	var out bytes.Buffer
	for _, l := range lines {
		table.Run(t.Context(), &console.Session{Writer: &out}, l)
	}
	return out.String()
}

func TestCommands(t *testing.T) {
	db := open(t, astdb.Config{})
	query := func(_ context.Context, sql string, show func(columns, values []string) error) error {
		if sql == "bad" {
			return errors.New("near \"bad\": syntax error")
		}
		return show([]string{"key", "value"}, []string{"/a/b", strings.Repeat("v", len(sql))})
	}
	for _, c := range []struct{ line, want string }{
		{"database put cidname 100 \"Ann of sales\"", "Updated database successfully\n"},
		{"database put cidname 200 Bob", "Updated database successfully\n"},
		{"database put cf/100 always 300", "Updated database successfully\n"},
		{"database get cidname 100", "Value: Ann of sales\n"},
		{"database get cidname 300", "Database entry not found.\n"},
		{"database show", "/cf/100/always                                    : 300                      \n" +
			"/cidname/100                                      : Ann of sales             \n" +
			"/cidname/200                                      : Bob                      \n3 results found.\n"},
		{"database show cidname", "/cidname/100                                      : Ann of sales             \n" +
			"/cidname/200                                      : Bob                      \n2 results found.\n"},
		{"database show cf 100", "/cf/100/always                                    : 300                      \n1 results found.\n"},
		{"database showkey 200", "/cidname/200                                      : Bob                      \n1 results found.\n"},
		{"database show none", "0 results found.\n"},
		{"database del cidname 100", "Database entry removed.\n"},
		{"database del cidname 100", "Database entry does not exist.\n"},
		{"database deltree cidname", "1 database entries removed.\n"},
		{"database deltree cidname x", "Database entries do not exist.\n"},
		{"database query \"SELECT 1\"", "key  : /a/b                                              \nvalue: vvvvvvvv                                          \n\n"},
		{"database put x y \x1b[2J", "Updated database successfully\n"},
		{"database get x y", "Value: ?[2J\n"},
		{"database query bad", "Error executing SQL (bad): near \"bad\": syntax error\n"},
		{"database put a b", "Usage: database put <family> <key> <value>\n       Adds/updates database value\n"},
		{"database get a", "Usage: database get <family> <key>\n       Gets database value\n"},
		{"database deltree /", "Usage: database deltree <family> [keytree]\n       Removes database keytree/values\n"},
		{"database deltree", "Usage: database deltree <family> [keytree]\n       Removes database keytree/values\n"},
		{"database show a b c", "Usage: database show [family [keytree]]\n       Shows database contents\n"},
		{"database showkey", "Usage: database showkey <keytree>\n       Shows database contents\n"},
		{"database query", "Usage: database query \"<SQL Statement>\"\n       Run a user-specified query on the astdb\n"},
		{"database put f " + strings.Repeat("k", 300) + " v", "Failed to update entry\nfamily and key length must be less than 253 bytes\n"},
	} {
		if got := say(t, db, query, c.line); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.line, got, c.want)
		}
	}
}

func TestTheEngineIsAway(t *testing.T) {
	db := open(t, astdb.Config{Store: readOnly{}})
	got := say(t, db, nil, "database put f k w", "database del f k", "database deltree f", "database get f k", "database query x")
	want := `Failed to update entry
write to the database: the store can't be reached
Database entry could not be removed: write to the database: the store can't be reached
Database unavailable.
write to the database: the store can't be reached
Value: v
What is kept here can't be asked by SQL: [store] in obelus.conf chooses engine=sqlite
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestALongAnswerEnds(t *testing.T) {
	query := func(_ context.Context, _ string, show func(columns, values []string) error) error {
		for {
			if err := show([]string{"value"}, []string{strings.Repeat("v", 1000)}); err != nil {
				return err
			}
		}
	}
	got := say(t, open(t, astdb.Config{}), query, "database query x")
	if len(got) > maxAnswer+2000 || !strings.Contains(got, "ask for less") {
		t.Errorf("%d bytes", len(got))
	}
}

func TestComplete(t *testing.T) {
	db := open(t, astdb.Config{})
	if err := db.Put("cidname", "100", "Ann"); err != nil {
		t.Fatal(err)
	}
	table := &console.Table{}
	table.Add(Commands(db, nil)...)
	for line, want := range map[string]string{"database get c": "cidname", "database get cidname ": "100", "database get cidname 100 ": "", "database s": "show showkey"} {
		if got := strings.Join(table.Complete(line), " "); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}
