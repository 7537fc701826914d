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
		{"en", 1000, "", "1 thousand"}, {"en", 747, "", "7 hundred 40 7"}, {"en", 2001000001, "", "2 billion 1 million 1"},
		{"en", 2026, "", "2 thousand 20 6"},
		{"en", 999999, "", "9 hundred 90 9 thousand 9 hundred 90 9"},
		{"en", 2147483647, "", "2 billion 1 hundred 40 7 million 4 hundred 80 3 thousand 6 hundred 40 7"},
		{"en", 1 << 62, "", "4 6 1 1 6 8 6 0 1 8 4 2 7 3 8 7 9 0 4"},
		{"en", -1 << 63, "", "minus 9 2 2 3 3 7 2 0 3 6 8 5 4 7 7 5 8 0 8"},
		{"en_US", 21, "", "20 1"},
		{"EN", 21, "", "20 1"},
		{"", 21, "", "20 1"},
		{"tlh", 21, "", "20 1"},
		{"de", 1, "f", "1F"}, {"de", 1, "", "1"}, {"de", 21, "", "1-and 20"}, {"de", 100, "", "hundred"}, {"de", 123, "", "1N hundred 3-and 20"},
		{"de", 1000, "", "thousand"}, {"de", 1001, "", "1N thousand and 1"}, {"de", 2345, "", "2 thousand 3 hundred 5-and 40"},
		{"de", 1000000, "", "1F million"}, {"de", 2000007, "", "2 millions and 7"}, {"de", -5, "", "minus 5"}, {"de", 3000000000, "", "3 milliards"},
		{"da", 121, "", "1N hundred and 1-and 20"}, {"da", 2001, "", "2 thousand and 1"}, {"da", 1000000, "", "1 million"}, {"da", 1000, "", "1N thousand"},
		{"nl", 21, "", "1 nl-en 20"}, {"nl", 20, "", "20"}, {"nl", 100, "", "hundred"}, {"nl", 250, "", "2 hundred 50"}, {"nl", 1100, "", "11 hundred"},
		{"nl", 1001, "", "thousand 1"}, {"nl", 2010, "", "2 thousand 10"}, {"nl", 12345, "", "12 thousand 3 hundred 5 nl-en 40"}, {"nl", 2000000, "", "2 million"},
		{"no", 121, "", "1N hundred and 20 1"}, {"no", 1, "n", "1N"}, {"no", 1000, "", "1N thousand"},
		{"sv", 121, "", "1N hundred 20 1"}, {"se", 2000000, "", "2 millions"}, {"se", 1000000, "", "1 million"},
		{"es", 1, "f", "1F"}, {"es", 1, "m", "1M"}, {"es", 29, "", "29"}, {"es", 31, "", "30 and 1"}, {"es", 100, "", "hundred"}, {"es", 101, "", "100-and 1"},
		{"es", 555, "", "500 50 and 5"}, {"es", 1000, "", "thousand"}, {"es", 2001, "", "2 thousand 1"}, {"es", 1000000, "", "1M million"}, {"es", 5000000, "", "5 millions"},
		{"fr", 21, "", "20 et 1"}, {"fr", 71, "", "60 et 11"}, {"fr", 80, "", "80"}, {"fr", 81, "", "80 1"}, {"fr", 99, "", "80 19"}, {"fr", 60, "", "60"}, {"fr", 1, "f", "1F"},
		{"fr", 100, "", "hundred"}, {"fr", 201, "", "2 hundred 1"}, {"fr", 1000, "", "thousand"}, {"fr", 2021, "", "2 thousand 20 et 1"}, {"fr_CA", 3000000, "", "3 million"},
		{"it", 21, "", "21"}, {"it", 28, "", "28"}, {"it", 22, "", "20 2"}, {"it", 100, "", "hundred"}, {"it", 200, "", "2 hundred"}, {"it", 1000, "", "thousand"},
		{"it", 2000, "", "2 thousands"}, {"it", 1000000, "", "un million"}, {"it", 2000000, "", "2 millions"},
		{"pt", 2, "f", "2F"}, {"pt", 21, "", "20 and 1"}, {"pt", 100, "", "100"}, {"pt", 101, "", "100E and 1"}, {"pt", 205, "f", "200F and 5"}, {"pt", 1000, "", "1000"},
		{"pt", 1100, "", "1000 and 100"}, {"pt", 2345, "", "2 1000 300 and 40 and 5"}, {"pt", 1000000, "", "1 1000000"}, {"pt", 2000001, "", "2 1000000S and 1"},
		{"ru", 1, "f", "1f"}, {"ru", 1, "n", "1n"}, {"ru", 345, "", "300 40 5"}, {"ru", 1000, "", "1f thousand"}, {"ru", 2000, "", "2f thousands-i"},
		{"ru", 5000, "", "5 thousands"}, {"ru", 11000, "", "11 thousands"}, {"ru", 21000000, "", "20 1 million"}, {"ru", 3000000, "", "3 million-a"},
		{"pl", 1, "f", "1z"}, {"pl", 2, "f", "2z"}, {"pl", 1, "n", "1n"}, {"pl", 1000, "", "1000"}, {"pl", 2500, "", "2 1000.2-4 500"}, {"pl", 15000, "", "15 1000.5+"},
		{"zh", 25, "", "20 5"}, {"zh", 105, "", "1 hundred 0 5"}, {"zh", 1005, "", "1 thousand 0 5"}, {"zh", 10000, "", "1 wan"}, {"tw", 100500000, "", "1 yi 0 50 wan"},
		{"zh_CN", 10500, "", "1 wan 0 5 hundred"},
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
		{"en", 0, "h-0"}, {"en", 35, "30 h-5"}, {"en", 1042, "1 thousand 40 h-2"}, {"en", 40000, "40 h-thousand"}, {"en", 43638, "40 3 thousand 6 hundred 30 h-8"}, {"en", 1, "h-1"}, {"en", 12, "h-12"}, {"en", 20, "h-20"}, {"en", 31, "30 h-1"}, {"en", 100, "1 h-hundred"},
		{"en", 101, "1 hundred h-1"}, {"en", 2000, "2 h-thousand"}, {"en", -3, "minus h-3"},
		{"de", 21, "1-and h-20"}, {"fr", 1, "h-1"}, {"es", 21, "20 h-1"}, {"it", 28, "20 h-8"}, {"es", 15, "h-15"}, {"fr", 90, "80 h-10"}, {"en", 21, "20 h-1"}, {"en", 1000021, "1 million 20 h-1"}, {"de", 0, "h-0"},
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
		{"de", evening, "", "day-2 4-and h-20 mon-10 2 thousand and 6-and 20 18 oclock 5 minutes 0 seconds"},
		{"de", midnight, "YHM", "19 hundred 9-and 90 0 oclock"},
		{"es", evening, "", "es-el day-2 24 es-de mon-10 es-de 2 thousand 26 at 6 5 p-m"},
		{"fr", evening, "", "day-2 20 4 mon-10 2 thousand 20 6 at 6 oclock 5 p-m"},
		{"fr", midnight, "dM", "h-1"},
		{"it", evening, "Y", "ore-2000 20 6"},
		{"it", midnight, "Y", "ore-1900 90 9"},
		{"nl", evening, "HM", "18 nl-uur 5"},
		{"pt", evening, "IM", "6 5"},
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
