package say

import (
	"testing"

	"obelus/conf"
)

const english_ = `[general]
mode=new
[digits](!)
_digit:[0-9] => digits/${SAY}
_digit:[0-9]. => digit:${SAY:0:1}, digit:${SAY:1}
[en](digits)
_[n]um:0. => num:${SAY:1}
_[n]um:X => digits/${SAY}
_[n]um:1X => digits/${SAY}
_[n]um:[2-9]0 => digits/${SAY}
_[n]um:[2-9][1-9] => digits/${SAY:0:1}0, num:${SAY:1}
_[n]um:XXX => num:${SAY:0:1}, digits/hundred, num:${SAY:1}
_loop:. => loop:${SAY}
`

func rules(t *testing.T, text string) *Rules {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("say.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, _ := ReadRules(f)
	return r
}

func TestRules(t *testing.T) {
	r := rules(t, english_)
	for _, c := range []struct{ language, text, want string }{
		{"en", "num:7", "7"}, {"en", "num:15", "15"}, {"en", "num:42", "40 2"}, {"en_US", "num:142", "1 hundred 40 2"}, {"en", "num:105", "1 hundred 5"},
		{"en", "digit:123", "1 2 3"}, {"de", "num:7", ""}, {"en", "loop:1", ""}, {"en", "other:1", ""}, {"en", "num:1234", ""},
	} {
		got, ok := r.Spell(c.language, c.text)
		if !ok {
			got = nil
		}
		if short(got) != c.want {
			t.Errorf("%s %s: %q, want %q", c.language, c.text, short(got), c.want)
		}
	}
	if got := short(r.Number("en", 142, "")); got != "1 hundred 40 2" {
		t.Errorf("by the rules: %s", got)
	}
	if got := short(r.Number("en", 1234, "")); got != "1 thousand 2 hundred 30 4" {
		t.Errorf("where there is no rule: %s", got)
	}
	if got := short(r.Ordinal("en", 3, "f")); got != "h-3" {
		t.Errorf("ordinal: %s", got)
	}
	var none *Rules
	if got := short(none.Number("en", 3, "")); got != "3" {
		t.Errorf("without a file: %s", got)
	}
	if _, ok := none.Spell("en", "num:1"); ok {
		t.Error("without a file there are rules")
	}
	if r, found := ReadRules(nil); r.New || found != nil {
		t.Error("a file that is not there says something")
	}
}

func FuzzRules(f *testing.F) {
	f.Add(english_, "num:142")
	f.Add("[en]\n_. => a:${SAY},a:${SAY}", "a:b")
	f.Fuzz(func(t *testing.T, text, what string) {
		file, _, err := new(conf.Loader).Parse("say.conf", []byte(text))
		if err != nil {
			return
		}
		r, _ := ReadRules(file)
		r.Spell("en", what)
	})
}
