package dialog

import "testing"

// TestReplaces reads the header and its form within a URI.
func TestReplaces(t *testing.T) {
	for s, want := range map[string]Replaces{
		"98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff": {ID{"98732@sip.example.com", "ff87ff", "r33th4x0r"}, false},
		" a ; to-tag=1 ;from-tag=2;early-only":                   {ID{"a", "1", "2"}, true},
		"a;to-tag=1":                                             {},
		"a;from-tag=1;to-tag=":                                   {},
		";from-tag=1;to-tag=2":                                   {},
		"":                                                       {},
	} {
		if got, err := ParseReplaces(s); got != want || (err == nil) != (want != Replaces{}) {
			t.Errorf("%q is %+v, %v", s, got, err)
		}
	}
	for s, want := range map[string]string{
		"Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2":              "a@b 1 2",
		"Require=replaces&replaces=a%3Bfrom-tag%3D2%3Bto-tag%3D1": "a 1 2",
		"Subject=Replaces": "none",
		"":                 "none",
		"Replaces=a":       "bad",
	} {
		r, ok, err := ReplacesIn(s)
		got := r.CallID + " " + r.Local + " " + r.Remote
		switch {
		case !ok:
			got = "none"
		case err != nil:
			got = "bad"
		}
		if got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}

// FuzzReplaces reads whatever comes: all three parts of a name, or an error.
func FuzzReplaces(f *testing.F) {
	f.Add("Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2")
	f.Add("a;to-tag=1;from-tag=2;early-only")
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ParseReplaces(s); err == nil && (r.CallID == "" || r.Local == "" || r.Remote == "") {
			t.Errorf("%q is %+v", s, r)
		}
		if r, ok, err := ReplacesIn(s); ok && err == nil && (r.CallID == "" || r.Local == "" || r.Remote == "") {
			t.Errorf("%q has %+v", s, r)
		}
	})
}
