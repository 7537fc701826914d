package argument

import (
	"math"
	"strconv"
	"strings"
)

// Blanks are the characters that C takes for white space.
const Blanks = " \t\n\v\f\r"

// Int reads the whole number that s begins with, as C's sscanf("%d") does:
// Blanks before it and anything after it do not matter.
func Int(s string) (n int, rest string, ok bool) {
	s = strings.TrimLeft(s, Blanks)
	end := 0
	if end < len(s) && (s[end] == '-' || s[end] == '+') {
		end++
	}
	start := end
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	if end == start {
		return 0, s, false
	}
	n64, err := strconv.ParseInt(s[:end], 10, 64)
	if err != nil { // too large: as large as an int of the original can be
		n64 = math.MaxInt32
		if s[0] == '-' {
			n64 = math.MinInt32
		}
	}
	return int(n64), s[end:], true
}

// Float reads the number that s begins with, as C's sscanf("%lf") does.
func Float(s string) (f float64, rest string, ok bool) {
	s = strings.TrimLeft(s, Blanks)
	end := floatLength(s)
	if end == 0 {
		return 0, s, false
	}
	f, _ = strconv.ParseFloat(s[:end], 64) // out of range it is an infinity or 0, as in C
	return f, s[end:], true
}

// floatLength is the length of the number that s begins with, 0 for none.
func floatLength(s string) int {
	end := 0
	sign := func() {
		if end < len(s) && (s[end] == '-' || s[end] == '+') {
			end++
		}
	}
	run := func() (n int) {
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
			n++
		}
		return n
	}
	sign()
	n := run()
	if end < len(s) && s[end] == '.' {
		end++
		n += run()
	}
	if n == 0 {
		return 0
	}
	if end < len(s) && (s[end] == 'e' || s[end] == 'E') {
		before := end
		end++
		sign()
		if run() == 0 {
			end = before
		}
	}
	return end
}

// Condition tells whether IF and the like take s for true: a number that is
// not 0, or any other text.
func Condition(s string) bool {
	if n, _, ok := Int(s); ok {
		return n != 0
	}
	return s != ""
}
