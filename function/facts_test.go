package function

import (
	"os"
	"strings"
	"testing"
	"time"

	"obelus/call"
	"obelus/function/functiontest"
	"obelus/internal/shell"
	"obelus/pbx"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC // as on the machine that the facts come from
	os.Exit(m.Run())
}

// newExec makes a channel like that of the facts, with all functions.
func newExec(t testing.TB, leg call.Leg) (*pbx.Exec, *functiontest.Warnings) {
	t.Helper()
	return functiontest.New(t, leg, Table(&Deps{DB: newShelf(), Records: &ledger{}, Shell: shell.Output}))
}

// unescape undoes the backslashes of the facts files.
var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t")

func readFacts(t testing.TB, file string, columns int) [][]string {
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != columns {
			t.Fatalf("%q has %d columns, not %d", line, len(f), columns)
		}
		for i := range f {
			f[i] = unescape.Replace(f[i])
		}
		all = append(all, f)
	}
	return all
}

// TestExprFacts runs the expressions that have something to fill in first, or
// call a function, which package expr alone can't.
func TestExprFacts(t *testing.T) {
	n := 0
	for _, f := range readFacts(t, "expr.tsv", 5) {
		id, text, want, logged := f[0], f[1], f[2], f[4]
		if strings.Contains(logged, "do not assert") || id == "E401" {
			continue // E401, a function that there is not, is package expr's own test
		}
		n++
		x, w := newExec(t, &functiontest.Leg{})
		x.Set("FIVE", "5")
		x.Set("STR", "hello world")
		if got := x.Expand("$[" + text + "]"); got != want {
			t.Errorf("%s: $[%s] is %q, want %q; warned %q", id, text, got, want, w.Take())
		}
	}
	if n < 350 {
		t.Errorf("only %d rows", n)
	}
}
