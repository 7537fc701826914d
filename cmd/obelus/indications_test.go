package main

import (
	"strings"
	"testing"

	"obelus/tones"
)

// TestIndications writes the tones of a country as the original's console does.
func TestIndications(t *testing.T) {
	z := tones.Builtin()
	got := country(z, "de")
	for _, want := range []string{
		"Country Indication   PlayList\n=====================================\nde      <ring cadence>  1000,4000\n", "\nde      busy            425/480,0/480\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
	if got := country(z, "ca"); !strings.Contains(got, "\nus      dial            350+440\n") {
		t.Errorf("an alias: %s", got)
	}
	if got := country(z, "zz"); got != "No indications data for 'zz'\n" {
		t.Errorf("no country: %s", got)
	}
	if got := described(z, "ca") + "|" + described(z, "fr"); got != "alias of us|France" {
		t.Error(got)
	}
	s := &server{}
	s.tones.Store(z)
	if s.toneOf("de", "ring") == nil || s.toneOf("de", "nothing") != nil {
		t.Error("a tone that there is, or is not")
	}
	if spec, ok := (countries{&s.tones}).Tone("fr", "dial"); spec != "440" || !ok {
		t.Errorf("France's dial tone is %q", spec)
	}
}
