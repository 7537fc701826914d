package say

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// short writes prompts as one line, without the folder digits.
func short(names []string) string {
	out := slices.Clone(names)
	for i, n := range out {
		out[i] = strings.TrimPrefix(n, "digits/")
	}
	return strings.Join(out, " ")
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		language string
		n        int64
		gender   string
		want     string
	}{
		{"en", 0, "", "0"},
		{"en", 7, "", "7"},
		{"en", 19, "", "19"},
		{"en", 20, "", "20"},
		{"en", 42, "", "40 2"},
		{"en", 100, "", "1 hundred"},
		{"en", 105, "", "1 hundred 5"},
		{"en", -31, "", "minus 30 1"},
		{"en", 1000, "", "1 thousand"},
		{"en", 2026, "", "2 thousand 20 6"},
		{"en", 999999, "", "9 hundred 90 9 thousand 9 hundred 90 9"},
		{"en", 2147483647, "", "2 billion 1 hundred 40 7 million 4 hundred 80 3 thousand 6 hundred 40 7"},
		{"en", 1 << 62, "", "4 6 1 1 6 8 6 0 1 8 4 2 7 3 8 7 9 0 4"},
		{"en", -1 << 63, "", "minus 9 2 2 3 3 7 2 0 3 6 8 5 4 7 7 5 8 0 8"},
		{"en_US", 21, "", "20 1"},
		{"EN", 21, "", "20 1"},
		{"", 21, "", "20 1"},
		{"tlh", 21, "", "20 1"},
		{"en_GB", 121, "", "1 hundred vm-and 20 1"},
		{"en_GB", 1001, "", "1 thousand vm-and 1"},
		{"en_GB", 1100, "", "1 thousand 1 hundred"},
	} {
		if got := short(Number(c.language, c.n, c.gender)); got != c.want {
			t.Errorf("%s %d %s: %q, want %q", c.language, c.n, c.gender, got, c.want)
		}
	}
}

func TestOrdinal(t *testing.T) {
	for _, c := range []struct {
		language string
		n        int64
		want     string
	}{
		{"en", 0, "h-0"}, {"en", 1, "h-1"}, {"en", 12, "h-12"}, {"en", 20, "h-20"}, {"en", 31, "30 h-1"}, {"en", 100, "1 h-hundred"},
		{"en", 101, "1 hundred h-1"}, {"en", 2000, "2 h-thousand"}, {"en", -3, "minus h-3"},
	} {
		if got := short(Ordinal(c.language, c.n, "")); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.language, c.n, got, c.want)
		}
	}
}

func TestCharacters(t *testing.T) {
	for name, c := range map[string]struct {
		got  []string
		want string
	}{
		"digits":     {Digits("en", "12#*-x"), "1 2 pound star minus"},
		"alpha":      {Alpha("en", "aB9 *"), "letters/a letters/b 9 letters/space star"},
		"signs":      {Alpha("en", "!@$/+=-._%"), "letters/exclaimation-point letters/at letters/dollar letters/slash letters/plus letters/equals letters/dash letters/dot letters/underscore letters/ascii37"},
		"all cases":  {AlphaCase("en", "aB1", AllCase), "lowercase letters/a uppercase letters/b 1"},
		"upper case": {AlphaCase("en", "aB", UpperCase), "letters/a uppercase letters/b"},
		"lower case": {AlphaCase("en", "aB", LowerCase), "lowercase letters/a letters/b"},
		"phonetic":   {Phonetic("en", "aB89#"), "phonetic/a_p phonetic/b_p 8 phonetic/9_p pound"},
	} {
		if got := short(c.got); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTime(t *testing.T) {
	evening := time.Date(2026, 11, 24, 18, 5, 0, 0, time.UTC)
	midnight := time.Date(1999, 1, 1, 0, 0, 9, 0, time.UTC)
	for _, c := range []struct {
		language string
		at       time.Time
		format   string
		want     string
	}{
		{"en", evening, "", "day-2 mon-10 20 h-4 2 thousand 20 6 at 6 oh 5 p-m"},
		{"en", midnight, "ABdY IMp", "day-5 mon-0 h-1 19 90 9 12 oclock a-m"},
		{"en", midnight, "R", "oh oclock"},
		{"en", midnight, "kN", "oh hundred"},
		{"en", midnight, "S", "oh 9"},
		{"en", evening, "T", "18 oh 5 oh"},
		{"en", evening, "m", "h-11"},
		{"en", evening.AddDate(-19, 0, 0), "'vm-received'q", "vm-received day-6 mon-10 20 h-4 2 thousand 7"},
		{"en", time.Date(1907, 1, 1, 23, 59, 0, 0, time.UTC), "YHM", "19 oh 7 20 3 50 9"},
		{"en", time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC), "Y", ""},
		{"en", evening, "'unclosed", "unclosed"},
		{"en", evening, "''", ""},
	} {
		if got := short(Time(c.language, c.at, c.format)); got != c.want {
			t.Errorf("%s %v %q: %q, want %q", c.language, c.at, c.format, got, c.want)
		}
	}
}

// TestRelative: today and yesterday are told apart by the calendar, not by hours.
func TestRelative(t *testing.T) {
	now := time.Now()
	noon := time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, time.Local)
	for ago, want := range map[int]string{0: "today", 1: "yesterday"} {
		if got := short(Time("en", noon.AddDate(0, 0, -ago), "Q")); got != want {
			t.Errorf("%d days ago: %q, want %q", ago, got, want)
		}
	}
	if got := Time("en", noon, "q"); len(got) != 0 {
		t.Errorf("q says %v today", got)
	}
	day := noon.AddDate(0, 0, -3)
	if got, want := short(Time("en", day, "q")), short(Time("en", day, "A")); got != want {
		t.Errorf("three days ago: %q, want %q", got, want)
	}
}

func FuzzTime(f *testing.F) {
	f.Add("en", "ABdY 'digits/at' IMp", int64(1700000000))
	f.Add("de", "Qq'x", int64(-1))
	f.Fuzz(func(t *testing.T, language, format string, at int64) {
		Time(language, time.Unix(at, 0), format)
		Number(language, at, format)
		Ordinal(language, at, format)
		Alpha(language, format)
	})
}
