package say

import (
	"strings"
	"time"
)

// dates is how a language says the parts of a date.
type dates struct {
	format         string // where none is given
	day            func(s *speaker, day int64)
	year           func(s *speaker, year int64)
	number         func(s *speaker, n int64)
	first          bool      // the first of a month alone is an ordinal
	oh             bool      // hours and minutes below ten are preceded by it
	hour12, hour24 string    // behind hours, "" for nothing
	minute, second [2]string // behind minutes and seconds, one and several, where seconds are said
	oclock         string    // for minute 0 by M, "" for nothing
}

// DefaultFormat is the format of dates of a language, where none is given.
func DefaultFormat(language string) string { return lookup(language).date.format }

// Time is the prompts for a time in its own zone, as format says with the letters of
// the original (voicemail.conf, zonemessages):
//
//	'name'  a sound           A, a  the day of the week    B, b, h  the month
//	d, e    the day's ordinal  m    the month's ordinal    Y        the year
//	I, l    the hour of 12    H     of 24, with "oh"       k        of 24, without
//	M       the minute, 0 is "o'clock"   N  the minute, 0 is "hundred"   S  the second
//	P, p    a.m. or p.m.      R  HM       T  HMS
//	Q       "today", "yesterday" or ABdY
//	q       nothing for today, "yesterday", the day of the week or ABdY
//
// Other characters are passed over. "" is the language's own format.
func Time(language string, t time.Time, format string) []string {
	c := clock{lang: lookup(language).date, t: t}
	if format == "" {
		format = c.lang.format
	}
	c.read(format)
	return c.out
}

// clock says one time.
type clock struct {
	speaker
	lang dates
	t    time.Time
	next byte // the letter behind the present one, 0 for none
}

func (c *clock) read(format string) {
	for i := 0; i < len(format); i++ {
		if format[i] == '\'' {
			name, _, _ := strings.Cut(format[i+1:], "'")
			if i += len(name) + 1; name != "" {
				c.say(name)
			}
			continue
		}
		c.next = 0
		if rest := strings.TrimLeft(format[i+1:], " \t"); rest != "" {
			c.next = rest[0]
		}
		c.letter(format[i])
	}
}

func (c *clock) letter(l byte) {
	switch l {
	case 'A', 'a', 'B', 'b', 'h', 'm', 'd', 'e', 'Y', 'Q', 'q':
		c.date(l)
	case 'R':
		c.read("HM")
	case 'T':
		c.read("HMS")
	case 'I', 'l':
		c.count((c.t.Hour()+11)%12+1, "")
		c.unit(c.lang.hour12)
	case 'H':
		c.oh(c.t.Hour())
		c.hour24()
	case 'k':
		if c.t.Hour() == 0 && c.lang.oh {
			c.say("digits/oh")
		}
		c.hour24()
	case 'M', 'N':
		c.minute(l)
	case 'S':
		c.oh(c.t.Second())
		c.count(c.t.Second(), plural(int64(c.t.Second()), c.lang.second[0], c.lang.second[1]))
	case 'P', 'p':
		c.say([]string{"digits/a-m", "digits/p-m"}[c.t.Hour()/12])
	}
}

func (c *clock) date(l byte) {
	switch l {
	case 'A', 'a':
		c.say("digits/day-" + small(int(c.t.Weekday())))
	case 'B', 'b', 'h':
		c.say("digits/mon-" + small(int(c.t.Month())-1))
	case 'm':
		c.with("", c.lang.day, int64(c.t.Month()))
	case 'd', 'e':
		c.with("", c.lang.day, int64(c.t.Day()))
	case 'Y':
		c.with("", c.lang.year, int64(c.t.Year()))
	case 'Q', 'q':
		c.relative(l)
	}
}

// relative says how long ago the day was, where that is short.
func (c *clock) relative(l byte) {
	now := time.Now().In(c.t.Location())
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	day := time.Date(c.t.Year(), c.t.Month(), c.t.Day(), 0, 0, 0, 0, now.Location())
	ago := int(today.Sub(day).Round(24*time.Hour) / (24 * time.Hour))
	switch {
	case ago == 0:
		if l == 'Q' {
			c.say("digits/today")
		}
	case ago == 1:
		c.say("digits/yesterday")
	case ago > 1 && ago < 7 && l == 'q':
		c.read("A")
	default:
		c.read("ABdY")
	}
}

// hour24 says an hour of 24; English has said "oh" for none.
func (c *clock) hour24() {
	if h := c.t.Hour(); h != 0 || !c.lang.oh {
		c.count(h, c.lang.hour24)
	}
}

func (c *clock) minute(l byte) {
	m := c.t.Minute()
	unit := ""
	if c.next == 'S' {
		unit = plural(int64(m), c.lang.minute[0], c.lang.minute[1])
	}
	switch {
	case m == 0 && l == 'N' && c.lang.oh:
		c.say("digits/hundred")
	case m == 0 && c.lang.oclock != "":
		c.say(c.lang.oclock)
	case m == 0 && unit == "":
	default:
		c.oh(m)
		c.count(m, unit)
	}
}

// oh says the nought before a single digit, where the language has one.
func (c *clock) oh(n int) {
	if c.lang.oh && n < 10 {
		c.say("digits/oh")
	}
}

// count says a number and, where there is one, its unit.
func (c *clock) count(n int, unit string) {
	switch {
	case n > 0:
		c.with("", c.lang.number, int64(n))
	case !c.lang.oh:
		c.say(digit(0))
	}
	c.unit(unit)
}

func (c *clock) unit(name string) {
	if name != "" {
		c.say(name)
	}
}

func small(n int) string { return small64(int64(n)) }

func small64(n int64) string { return digit(n)[len("digits/"):] }
