package call

import "testing"

// TestNamed: what functions keep is not among the variables that are shown.
func TestNamed(t *testing.T) {
	var v Vars
	v.Set("A", "1")
	v.Set("GROUP(trunk)", "x")
	v.Set("B", "2")
	var names string
	v.Named(func(name, _ string) bool { names += name; return true })
	if names != "AB" {
		t.Errorf("shown are %s", names)
	}
	names = ""
	v.Named(func(name, _ string) bool { names += name; return false })
	if names != "A" {
		t.Errorf("it went on: %s", names)
	}
}
