package clock

import (
	"math"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // time zones where the system has none (windows, small containers)

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

func timeFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "STRFTIME",
			Read: formatTime,
		}, {
			Name: "STRPTIME",
			Read: readTime,
		}, {
			Name:  "TESTTIME",
			Write: testTime,
		},
	}
}

func formatTime(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	at := x.Now()
	if f, _, ok := argument.Float(expand.Arg(a, 0)); ok {
		at = epoch(f)
	}
	format := expand.Arg(a, 2)
	if format == "" {
		format = "%c"
	}
	return Strftime(at.In(zone(expand.Arg(a, 1))), format), nil
}

// epoch is the time so many seconds after 1970, kept to the years that can be written.
func epoch(seconds float64) time.Time {
	const lastYear = 9999
	most := float64(time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC).Unix() - 1)
	seconds = min(max(seconds, -most), most)
	whole := math.Floor(seconds)
	return time.Unix(int64(whole), int64((seconds-whole)*1e6)*1000)
}

// zone is the time zone of that name: the system's for none, UTC for an unknown one.
func zone(name string) *time.Location {
	if name == "" {
		return time.Local
	}
	if l, err := time.LoadLocation(name); err == nil {
		return l
	}
	return time.UTC
}

func readTime(_ *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	switch {
	case expand.Arg(a, 0) == "":
		return "", argument.Complain("Asterisk STRPTIME() requires a time string: STRPTIME(<datetime>,<timezone>,<format>)")
	case len(a) < 3 || a[2] == "":
		return "", argument.Complain("Asterisk STRPTIME() requires a format: STRPTIME(<datetime>,<timezone>,<format>)")
	}
	t, ok := strptime(a[0], a[2], zone(a[1]))
	if !ok {
		return "", argument.Complain("STRPTIME() found no time specified within the string")
	}
	return strconv.FormatInt(t.Unix(), 10), nil
}

// months and days are found by their first three letters.
func monthNamed(s string) (n, size int, ok bool) {
	for m := time.January; m <= time.December; m++ {
		if size, ok := named(s, m.String()); ok {
			return int(m), size, true
		}
	}
	return 0, 0, false
}

func dayNamed(s string) (size int, ok bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if size, ok := named(s, d.String()); ok {
			return size, true
		}
	}
	return 0, false
}

// named tells how much of s is the name, or its first three letters.
func named(s, name string) (size int, ok bool) {
	for _, n := range []string{name, name[:3]} {
		if len(s) >= len(n) && strings.EqualFold(s[:len(n)], n) {
			return len(n), true
		}
	}
	return 0, false
}
