package apptest

import (
	"testing"

	"obelus/conf"
	"obelus/dialplan/syntax"
)

// plan reads a dialplan.
func plan(t *testing.T, text string) *syntax.Plan {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("extensions.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := syntax.Read(f)
	return p
}
