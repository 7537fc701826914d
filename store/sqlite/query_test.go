package sqlite

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"obelus/store"
)

// TestQuery: a person reads, and can't write, whatever he says.
func TestQuery(t *testing.T) {
	e, err := Open(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	now := time.Now()
	ops := []store.BindingOp{{Binding: store.Binding{AOR: "1001", ContactID: "a", Contact: "sip:a", RegisteredAt: now, Expires: now.Add(time.Hour)}}}
	if err := e.Commit(t.Context(), ops); err != nil {
		t.Fatal(err)
	}
	ask := func(sql string) (string, error) {
		var out []string
		err := e.Query(t.Context(), sql, func(columns, values []string) error {
			out = append(out, strings.Join(columns, ",")+"="+strings.Join(values, ","))
			return nil
		})
		return strings.Join(out, ";"), err
	}
	for sql, want := range map[string]string{
		"SELECT aor, contact FROM binding":             "aor,contact=1001,sip:a",
		"SELECT 1 AS n, NULL AS x UNION SELECT 2, 'y'": "n,x=1,NULL;n,x=2,y",
		"SELECT aor FROM binding WHERE aor = '2'":      "",
	} {
		if got, err := ask(sql); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", sql, got, err, want)
		}
	}
	for _, sql := range []string{
		"DELETE FROM binding", "PRAGMA query_only=OFF; DELETE FROM binding", "CREATE TABLE x (y)", "SELECT nosuch FROM binding", "nonsense", "DROP TABLE binding",
	} {
		if got, err := ask(sql); err == nil {
			t.Errorf("%s: %q and no error", sql, got)
		}
	}
	if got, _ := ask("SELECT count(*) AS n FROM binding"); got != "n=1" {
		t.Errorf("after all that: %s", got)
	}
	enough := errors.New("enough")
	if err := e.Query(t.Context(), "SELECT 1", func(_, _ []string) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("what show says is %v", err)
	}
}
