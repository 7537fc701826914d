package clock

import (
	"testing"
	"time"

	"obelus/function/argument"
	"obelus/function/functiontest"
)

func TestStrftime(t *testing.T) {
	at := time.Date(2024, 1, 5, 3, 7, 9, 123456000, time.UTC)
	for _, c := range []struct{ format, want string }{
		{"%-d %-m %e|%_m|%02e|%5d|%-5d", "5 1  5| 1|05|00005|5"},
		{"%^a %^B %#p %#Z %10A|%010b", "FRI JANUARY am utc     Friday|0000000Jan"},
		{"%q %1q %6q %9q", "123 1 123456 123456"},
		{"%Ey %Od %P %I %l %k", "24 05 am 03  3  3"},
		{"%U %W %V %G %g %j %u %w", "00 01 01 2024 24 005 5 5"},
		{"%i|%|%5|%E", "%i|%|%5|%E"},
		{"%+", "Fri Jan  5 03:07:09 UTC 2024"},
		{"%c", "Fri Jan  5 03:07:09 2024"},
		{"", ""},
	} {
		if got := Strftime(at, c.format); got != c.want {
			t.Errorf("%q is %q, want %q", c.format, got, c.want)
		}
	}
	for _, c := range []struct {
		day  time.Time
		want string
	}{ // weeks around New Year (ISO 8601)
		{time.Date(2021, 1, 3, 0, 0, 0, 0, time.UTC), "01 00 53 2020"},
		{time.Date(2018, 12, 31, 0, 0, 0, 0, time.UTC), "52 53 01 2019"},
		{time.Date(2016, 12, 31, 12, 0, 0, 0, time.UTC), "52 52 52 2016"},
	} {
		if got := Strftime(c.day, "%U %W %V %G"); got != c.want {
			t.Errorf("%v is %q, want %q", c.day, got, c.want)
		}
	}
}

func TestStrptime(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
	functiontest.Cases{
		{"${STRPTIME(2023-11-14 22:13:20,UTC,%Y-%m-%d %H:%M:%S)}", "1700000000", ""},
		{"${STRPTIME(2023-11-14 17:13:20,America/New_York,%F %T)}", "1700000000", ""},
		{"${STRPTIME(Tue Nov 14 22:13:20 2023,UTC,%c)}", "1700000000", ""},
		{"${STRPTIME(14 november 23 10:13:20 pm,UTC,%d %b %y %r)}", "1700000000", ""},
		{"${STRPTIME(11/14/23 10:13 PM,UTC,%D %I:%M %p)}", "1699999980", ""},
		{"${STRPTIME(318/2023,UTC,%j/%Y)}", "1699920000", ""},
		{"${STRPTIME(2023-11-14T22:13:20+0100,UTC,%Y-%m-%dT%H:%M:%S%z)}", "1699996400", ""},
		{"${STRPTIME(2023-11-14T22:13:20Z,Europe/Berlin,%Y-%m-%dT%H:%M:%S%z)}", "1700000000", ""},
		{"${STRPTIME(2023-11-14T22:13:20-01:30,UTC,%FT%T%z)}", "1700005400", ""},
		{"${STRPTIME(1700000000,UTC,%s)}", "1700000000", ""},
		{"${STRPTIME(2023-11-14 nonsense,UTC,%Y-%m-%d %H)}", "1699920000", ""},
		{"${STRPTIME(12:00 AM CET 1970-01-01,UTC,%I:%M %p %Z %Y-%m-%d)}", "0", ""},
		{"${STRPTIME(10%% 1970,UTC,%d%%%% %Y)}", "777600", ""},
		{"${STRPTIME(1/1/70,UTC,%d/%m/%y)}", "0", ""},
		{"${STRPTIME(2023-13,UTC,%Y-%m)}", "1672531200", ""},
		{"${STRPTIME(,UTC,%Y)}", "", "Asterisk STRPTIME() requires a time string: STRPTIME(<datetime>,<timezone>,<format>)"},
		{"${STRPTIME(2023)}", "", "Asterisk STRPTIME() requires a format: STRPTIME(<datetime>,<timezone>,<format>)"},
		{"${STRFTIME(1e300,UTC,%Y)}|${STRFTIME(-1e300,UTC,%Y)}", "9999|-6060", ""},
		{"${STRFTIME(1700000000.25,UTC,%q)}", "250", ""},
		{"${STRFTIME(1700000000,UTC)}", "Tue Nov 14 22:13:20 2023", ""},
	}.Run(t, x, w)
	if got, want := x.Expand("${STRFTIME(,,%s)}"), time.Now().Unix(); len(got) != 10 || got[:8] != Strftime(time.Unix(want, 0), "%s")[:8] {
		t.Errorf("now is %s", got)
	}
}

func FuzzStrftime(f *testing.F) {
	for _, s := range []string{"%c", "%-5d%_H%^a", "%q%6q", "%E", "%99999999999d", "%"} {
		f.Add(int64(1700000000), s)
	}
	f.Fuzz(func(t *testing.T, at int64, format string) {
		if got := Strftime(epoch(float64(at)).UTC(), format); len(got) > argument.MaxText {
			t.Errorf("%d bytes", len(got))
		}
	})
}

func FuzzStrptime(f *testing.F) {
	for _, s := range []string{"%c", "%Y-%m-%d %H:%M:%S%z", "%j %p %I", "%s", "%E", "%%%n"} {
		f.Add("2023-11-14 22:13:20+0100", s)
	}
	f.Fuzz(func(t *testing.T, text, format string) {
		if _, ok := strptime(text, format, time.UTC); ok && text == "" {
			t.Errorf("%q found a time in nothing", format)
		}
	})
}
