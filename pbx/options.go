package pbx

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Options are the letters of an application's option argument, each with what
// stands behind it in parentheses.
type Options map[byte]string

// Has says whether the letter was given.
func (o Options) Has(c byte) bool { _, ok := o[c]; return ok }

// Get returns what stands behind the letter in parentheses, and whether the letter
// was given.
func (o Options) Get(c byte) (string, bool) { v, ok := o[c]; return v, ok }

// ParseOptions reads option letters: t, L(60000:10000), r. known lists those of
// the application; the original passes over others with a warning, which is
// the error here only when a parenthesis is missing.
func ParseOptions(s, known string) (Options, error) {
	out := make(Options)
	for i := 0; i < len(s); i++ {
		c := s[i]
		value := ""
		if i+1 < len(s) && s[i+1] == '(' {
			end := ClosingParenthesis(s, i+1)
			if end < 0 {
				return out, fmt.Errorf("missing closing parenthesis for argument '%c' in string '%s'", c, s[i+1:])
			}
			value = s[i+2 : end]
			i = end
		}
		if strings.IndexByte(known, c) >= 0 {
			out[c] = value
		}
	}
	return out, nil
}

// ClosingParenthesis finds the parenthesis that closes the one at i, minding those
// within; negative where there is none.
func ClosingParenthesis(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// Seconds reads a time in seconds, which may have a fraction. Empty is 0, which
// most applications take for no limit.
func Seconds(s string) (time.Duration, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f > 1e9 {
		return 0, fmt.Errorf("%q is no number of seconds", s)
	}
	return time.Duration(f * float64(time.Second)), nil
}
