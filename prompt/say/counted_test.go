package say

import "testing"

func TestCounted(t *testing.T) {
	for _, c := range []struct {
		language string
		n        int64
		noun     string
		adj      string
	}{
		{"en", 1, "call", "new"}, {"en", 0, "calls", "new"}, {"en", 2, "calls", "new"}, {"", 21, "calls", "new"},
		{"ru", 1, "call", "newm"}, {"ru", 21, "call", "newm"}, {"ru", 11, "callx2", "newx"}, {"ru", 3, "callx1", "newx"}, {"ru", 13, "callx2", "newx"},
		{"ru_RU", 105, "callx2", "newx"}, {"uk", -2, "callx1", "newx"},
	} {
		if got := CountedNoun(c.language, c.n, "call"); got != c.noun {
			t.Errorf("%s %d: %s, want %s", c.language, c.n, got, c.noun)
		}
		if got := CountedAdjective(c.language, c.n, "new", "m"); got != c.adj {
			t.Errorf("%s %d: %s, want %s", c.language, c.n, got, c.adj)
		}
	}
	if got := CountedAdjective("ru", 1, "new", ""); got != "new" {
		t.Errorf("without a gender: %s", got)
	}
}

func TestMoney(t *testing.T) {
	for amount, want := range map[string]string{
		"0": "0 cents", "1": "1 letters/dollar", "$12.34": "12 dollars and 30 4 cents", ".5": "50 cents", "2.01": "2 dollars and 1 cent",
		"x": "", "-1": "", "1.x": "", "": "0 cents", "1.42": "1 letters/dollar and 40 2 cents", "3.999": "3 dollars and 90 9 cents",
	} {
		got, err := Money("en", amount)
		if short(got) != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v; want %q", amount, short(got), err, want)
		}
	}
}
