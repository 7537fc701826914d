package call

import "testing"

func TestGroups(t *testing.T) {
	for s, want := range map[string]string{"": "", "1": "1", "1,3-5": "1, 3, 4, 5", " 0 , 63": "0, 63", "2-2": "2"} {
		g, err := ParseGroups(s)
		if got := GroupNumbers(g); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", s, got, err, want)
		}
	}
	for s, want := range map[string]string{"64": "", "x,2": "2", "5-3": "", "1,-2": "1", "1-99": "", "9999999999999999999": ""} {
		g, err := ParseGroups(s)
		if got := GroupNumbers(g); err == nil || got != want {
			t.Errorf("%q: %q, %v; want %q and an error", s, got, err, want)
		}
	}
	for _, c := range []struct {
		mine, theirs Groups
		may          bool
	}{
		{Groups{Pickup: 2}, Groups{Call: 6}, true},
		{Groups{Pickup: 1}, Groups{Call: 6}, false},
		{Groups{Call: 6}, Groups{Call: 6}, false},
		{Groups{NamedPickup: GroupNames("a, b")}, Groups{NamedCall: []string{"b"}}, true},
		{Groups{NamedPickup: []string{"a"}}, Groups{NamedCall: []string{"b"}}, false},
		{Groups{}, Groups{}, false},
	} {
		if got := c.mine.MayPickUp(&c.theirs); got != c.may {
			t.Errorf("%+v may pick up %+v: %v", c.mine, c.theirs, got)
		}
	}
}

func FuzzParseGroups(f *testing.F) {
	for _, s := range []string{"1,3-5", "63", "-", "1-", ",,", "0-63"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g, _ := ParseGroups(s)
		if again, err := ParseGroups(GroupNumbers(g)); again != g || err != nil {
			t.Errorf("%q: %x becomes %x, %v", s, g, again, err)
		}
	})
}
