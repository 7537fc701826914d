package functiontest

import (
	"testing"

	"obelus/conf"
	"obelus/dialplan/syntax"
)

// plan reads a dialplan.
func plan(t testing.TB, text string) *syntax.Plan {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("extensions.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	plan, _ := syntax.Read(f)
	return plan
}
