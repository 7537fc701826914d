package clock

import (
	"strings"
	"time"

	"obelus/function/argument"
)

// broken is a time as it is read, piece by piece.
type broken struct {
	year, month, day     int
	hour, minute, second int
	yearDay              int
	afternoon, twelve    bool
	offset               int // seconds east of UTC
	hasOffset            bool
	at                   time.Time // %s
	found                bool      // something was read
}

// strptime reads a time as C's strptime does. Whatever was read before the
// text and the format part is taken; what was not read is 0, or 1 January 1900.
func strptime(s, format string, where *time.Location) (time.Time, bool) {
	b := broken{year: 1900, month: 1, day: 1}
	for format != "" {
		if strings.IndexByte(argument.Blanks, format[0]) >= 0 {
			s, format = strings.TrimLeft(s, argument.Blanks), format[1:]
			continue
		}
		if format[0] != '%' || len(format) == 1 {
			if s == "" || s[0] != format[0] {
				break
			}
			s, format = s[1:], format[1:]
			continue
		}
		verb := format[1]
		skip := 2
		if (verb == 'E' || verb == 'O') && len(format) > 2 {
			verb, skip = format[2], 3
		}
		var ok bool
		if s, ok = b.read(verb, s); !ok {
			break
		}
		format = format[skip:]
	}
	return b.time(where), b.found
}

func (b *broken) time(where *time.Location) time.Time {
	if !b.at.IsZero() {
		return b.at
	}
	hour := b.hour
	if b.twelve {
		hour %= 12
		if b.afternoon {
			hour += 12
		}
	}
	if b.hasOffset {
		where = time.FixedZone("", b.offset)
	}
	if b.yearDay > 0 {
		return time.Date(b.year, 1, b.yearDay, hour, b.minute, b.second, 0, where)
	}
	return time.Date(b.year, time.Month(b.month), b.day, hour, b.minute, b.second, 0, where)
}

// read takes one conversion off s.
func (b *broken) read(verb byte, s string) (rest string, ok bool) {
	if into, width, low, high := b.field(verb); into != nil {
		n, rest, ok := digitsUpTo(s, width)
		if !ok || n < low || n > high {
			return s, false
		}
		*into = n
		b.found = true
		return rest, true
	}
	switch verb {
	case 'n', 't':
		return strings.TrimLeft(s, argument.Blanks), true
	case '%':
		return strings.CutPrefix(s, "%")
	case 'z':
		return b.readOffset(s)
	case 's':
		n, rest, ok := digitsUpTo(s, 18)
		b.at, b.found = time.Unix(int64(n), 0), b.found || ok
		return rest, ok
	case 'y':
		return b.readShortYear(s)
	}
	if whole, is := parsed(verb); is {
		return b.readAll(whole, s)
	}
	return b.readName(verb, s)
}

// field is where a conversion of digits goes, how long it may be, and its bounds.
func (b *broken) field(verb byte) (into *int, width, low, high int) {
	switch verb {
	case 'Y':
		return &b.year, 4, 0, 9999
	case 'm':
		return &b.month, 2, 1, 12
	case 'd', 'e':
		return &b.day, 2, 1, 31
	case 'H', 'k':
		b.twelve = false
		return &b.hour, 2, 0, 23
	case 'I', 'l':
		b.twelve = true
		return &b.hour, 2, 1, 12
	case 'M':
		return &b.minute, 2, 0, 59
	case 'S':
		return &b.second, 2, 0, 61
	case 'j':
		return &b.yearDay, 3, 1, 366
	}
	return nil, 0, 0, 0
}

// digitsUpTo reads a number of at most width digits, argument.Blanks before it left out.
func digitsUpTo(s string, width int) (n int, rest string, ok bool) {
	s = strings.TrimLeft(s, argument.Blanks)
	i := 0
	for ; i < len(s) && i < width && s[i] >= '0' && s[i] <= '9'; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n, s[i:], i > 0
}

// parsed is what a conversion stands for that is made of others.
func parsed(verb byte) (string, bool) {
	if verb == 'c' {
		return "%a %b %e %H:%M:%S %Y", true
	}
	if verb == '+' {
		return "", false
	}
	return composed(verb)
}

func (b *broken) readAll(format, s string) (rest string, ok bool) {
	for format != "" {
		switch {
		case format[0] == ' ':
			s, format = strings.TrimLeft(s, argument.Blanks), format[1:]
		case format[0] == '%':
			if s, ok = b.read(format[1], s); !ok {
				return s, false
			}
			format = format[2:]
		default:
			if s == "" || s[0] != format[0] {
				return s, false
			}
			s, format = s[1:], format[1:]
		}
	}
	return s, true
}

// readShortYear takes 69 to 99 for the last century, as POSIX has it.
func (b *broken) readShortYear(s string) (rest string, ok bool) {
	n, rest, ok := digitsUpTo(s, 2)
	if !ok {
		return s, false
	}
	b.year, b.found = 2000+n, true
	if n >= 69 {
		b.year = 1900 + n
	}
	return rest, true
}

// readOffset takes +hh, +hhmm, +hh:mm or Z.
func (b *broken) readOffset(s string) (rest string, ok bool) {
	s = strings.TrimLeft(s, argument.Blanks)
	if rest, ok = strings.CutPrefix(s, "Z"); ok {
		b.offset, b.hasOffset = 0, true
		return rest, true
	}
	if s == "" || s[0] != '+' && s[0] != '-' {
		return s, false
	}
	hours, rest, ok := digitsUpTo(s[1:], 2)
	if !ok {
		return s, false
	}
	minutes, after, has := digitsUpTo(strings.TrimPrefix(rest, ":"), 2)
	if has {
		rest = after
	}
	b.offset, b.hasOffset = hours*3600+minutes*60, true
	if s[0] == '-' {
		b.offset = -b.offset
	}
	return rest, true
}

// readName takes the name of a month or a day, AM or PM, or a zone's name.
func (b *broken) readName(verb byte, s string) (rest string, ok bool) {
	s = strings.TrimLeft(s, argument.Blanks)
	size := 0
	switch verb {
	case 'a', 'A':
		size, ok = dayNamed(s)
	case 'b', 'B', 'h':
		var month int
		if month, size, ok = monthNamed(s); ok {
			b.month = month
		}
	case 'p', 'P':
		ok = len(s) >= 2 && (strings.EqualFold(s[:2], "am") || strings.EqualFold(s[:2], "pm"))
		if ok {
			size, b.afternoon = 2, s[0]|0x20 == 'p'
		}
	case 'Z': // told apart by the argument timezone
		for size < len(s) && s[size]|0x20 >= 'a' && s[size]|0x20 <= 'z' {
			size++
		}
		return s[size:], true
	}
	b.found = b.found || ok
	return s[size:], ok
}
