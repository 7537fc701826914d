package clock

import (
	"strconv"
	"strings"
	"time"

	"obelus/function/argument"
)

// Strftime formats a time like C's strftime in the C locale, with GNU's flags
// (%-d, %_d, %0e, %^a) and widths, and the original's %q for fractions of a
// second: milliseconds, or as many digits as stand before it (%6q).
//
// %Z is the name that the system's own time zone has at that time, whichever
// zone the time is written in: so the original has it.
func Strftime(t time.Time, format string) string {
	var out strings.Builder
	for format != "" {
		at := strings.IndexByte(format, '%')
		if at < 0 {
			out.WriteString(format)
			break
		}
		out.WriteString(format[:at])
		var c conversion
		c, format = parseConversion(format[at:])
		out.WriteString(c.text(t))
		if out.Len() > argument.MaxText {
			return out.String()[:argument.MaxText]
		}
	}
	return out.String()
}

// conversion is one %... of a format.
type conversion struct {
	source     string // as written
	verb       byte   // 0 if the format ends before it
	pad        byte   // '-', '_', '0' or 0
	upper      bool   // ^
	swap       bool   // #
	width      int    // -1: none written
	alternated bool   // after E or O, which change nothing in the C locale
}

// maxWidth bounds a width in a format.
const maxWidth = 4096

func parseConversion(s string) (c conversion, rest string) {
	c.width = -1
	i := 1
	for ; i < len(s) && strings.IndexByte("-_0^#", s[i]) >= 0; i++ {
		switch s[i] {
		case '^':
			c.upper = true
		case '#':
			c.swap = true
		default:
			c.pad = s[i]
		}
	}
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		c.width = min(max(c.width, 0)*10+int(s[i]-'0'), maxWidth)
	}
	if i < len(s) && (s[i] == 'E' || s[i] == 'O') {
		c.alternated = true
		i++
	}
	if i < len(s) {
		c.verb = s[i]
		i++
	}
	c.source = s[:i]
	return c, s[i:]
}

// text writes the conversion for t; what is none stays as it is.
func (c conversion) text(t time.Time) string {
	if n, width, pad, ok := numberOf(c.verb, t); ok {
		return c.padded(n, width, pad)
	}
	if whole, ok := composed(c.verb); ok {
		return c.letters(Strftime(t, whole))
	}
	switch c.verb {
	case 'a':
		return c.letters(t.Weekday().String()[:3])
	case 'A':
		return c.letters(t.Weekday().String())
	case 'b', 'h':
		return c.letters(t.Month().String()[:3])
	case 'B':
		return c.letters(t.Month().String())
	case 'p':
		if c.swap {
			return c.fill(strings.ToLower(t.Format("PM")))
		}
		return c.letters(t.Format("PM"))
	case 'P':
		return c.letters(t.Format("pm"))
	case 'Z':
		name, _ := t.Local().Zone()
		if c.swap {
			return c.fill(strings.ToLower(name))
		}
		return c.letters(name)
	case 'z':
		return c.fill(t.Format("-0700"))
	case 'q':
		return c.fraction(t)
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case '%':
		return "%"
	}
	return c.source
}

// numberOf is what a conversion counts, with its usual width and padding.
func numberOf(verb byte, t time.Time) (n, width int, pad byte, ok bool) {
	isoYear, isoWeek := t.ISOWeek()
	switch verb {
	case 'Y':
		return t.Year(), 1, '0', true
	case 'C':
		return t.Year() / 100, 2, '0', true
	case 'y':
		return t.Year() % 100, 2, '0', true
	case 'm':
		return int(t.Month()), 2, '0', true
	case 'd':
		return t.Day(), 2, '0', true
	case 'e':
		return t.Day(), 2, '_', true
	case 'H':
		return t.Hour(), 2, '0', true
	case 'k':
		return t.Hour(), 2, '_', true
	case 'I':
		return (t.Hour()+11)%12 + 1, 2, '0', true
	case 'l':
		return (t.Hour()+11)%12 + 1, 2, '_', true
	case 'M':
		return t.Minute(), 2, '0', true
	case 'S':
		return t.Second(), 2, '0', true
	case 'j':
		return t.YearDay(), 3, '0', true
	case 'u':
		return (int(t.Weekday())+6)%7 + 1, 1, '0', true
	case 'w':
		return int(t.Weekday()), 1, '0', true
	case 'U':
		return (t.YearDay() + 6 - int(t.Weekday())) / 7, 2, '0', true
	case 'W':
		return (t.YearDay() + 6 - (int(t.Weekday())+6)%7) / 7, 2, '0', true
	case 'V':
		return isoWeek, 2, '0', true
	case 'G':
		return isoYear, 1, '0', true
	case 'g':
		return isoYear % 100, 2, '0', true
	case 's':
		return int(t.Unix()), 1, '0', true
	}
	return 0, 0, 0, false
}

// composed is what a conversion stands for that is made of others.
func composed(verb byte) (string, bool) {
	switch verb {
	case 'c':
		return "%a %b %e %H:%M:%S %Y", true
	case 'D', 'x':
		return "%m/%d/%y", true
	case 'F':
		return "%Y-%m-%d", true
	case 'R':
		return "%H:%M", true
	case 'r':
		return "%I:%M:%S %p", true
	case 'T', 'X':
		return "%H:%M:%S", true
	case '+':
		return "%a %b %e %H:%M:%S %Z %Y", true
	}
	return "", false
}

// padded writes a number to its width.
func (c conversion) padded(n, width int, pad byte) string {
	if c.pad != 0 {
		pad = c.pad
	}
	if c.width >= 0 {
		width = c.width
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := strconv.Itoa(n)
	missing := max(0, width-len(sign)-len(s))
	switch pad {
	case '-':
		return sign + s
	case '_':
		return strings.Repeat(" ", missing) + sign + s
	}
	return sign + strings.Repeat("0", missing) + s
}

// letters writes a text in capitals if that was asked for.
func (c conversion) letters(s string) string {
	if c.upper || c.swap {
		s = strings.ToUpper(s)
	}
	return c.fill(s)
}

// fill brings a text to the width asked for.
func (c conversion) fill(s string) string {
	with := " "
	if c.pad == '0' {
		with = "0"
	}
	return strings.Repeat(with, max(0, c.width-len(s))) + s
}

// fraction is %q: as many digits of the second's fraction as the width says, 3 by default and 6 at most.
func (c conversion) fraction(t time.Time) string {
	digits := 3
	if c.width > 0 {
		digits = min(c.width, 6)
	}
	return (conversion{width: 6}).padded(t.Nanosecond()/1000, 6, '0')[:digits]
}
