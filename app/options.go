package app

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// options are the letters of an application's option argument, each with what
// stands behind it in parentheses.
type options map[byte]string

func (o options) has(c byte) bool { _, ok := o[c]; return ok }

func (o options) get(c byte) (string, bool) { v, ok := o[c]; return v, ok }

// parseOptions reads option letters: t, L(60000:10000), r. known lists those of
// the application; the original passes over others with a warning, which is
// the error here only when a parenthesis is missing.
func parseOptions(s, known string) (options, error) {
	out := make(options)
	for i := 0; i < len(s); i++ {
		c := s[i]
		value := ""
		if i+1 < len(s) && s[i+1] == '(' {
			end := closing(s, i+1)
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

// closing finds the parenthesis that closes the one at i, minding those
// within.
func closing(s string, i int) int {
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

// parseSeconds reads a time in seconds, which may have a fraction. Empty is 0,
// for no limit.
func parseSeconds(s string) (time.Duration, error) {
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

// dialOptions are the options of Dial that are carried out.
const dialOptions = "ACDefFgGiILmorSUM"

// dialNamed are the original's others: they load, do nothing, and are named by
// obelus check.
const dialNamed = "abBcdEhHjkKnNOpPQRtTuvVwWxXz"

// dialHeard are those of Dial that have somebody listen for keys during the call,
// or record it. As in the original they keep the sound at the server, even while
// they do nothing else yet.
const dialHeard = "tThHwWkKxX"

// dialBefore are those of Dial that have the called party hear something of the
// server's before the two talk.
const dialBefore = "ADGMU"

// anchored says why a Dial with these options keeps the sound at the server, ""
// where it need not.
func (o options) anchored() string {
	for i := range len(dialHeard) {
		if o.has(dialHeard[i]) {
			return "Dial has option " + dialHeard[i:i+1]
		}
	}
	if v, _ := o.get('L'); strings.Contains(v, ":") {
		return "Dial has option L with warnings"
	}
	return ""
}

// anchoredEarly says the same of the time before the two talk.
func (o options) anchoredEarly() string {
	for i := range len(dialBefore) {
		if o.has(dialBefore[i]) {
			return "Dial has option " + dialBefore[i:i+1]
		}
	}
	return o.anchored()
}

func checkDial(data string) []string {
	parts := splitArgs(data)
	if len(parts) < 3 || strings.Contains(parts[2], "${") {
		return nil
	}
	var out []string
	s := parts[2]
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case strings.IndexByte(dialNamed, c) >= 0:
			out = append(out, fmt.Sprintf("Dial option %c is not supported yet and does nothing", c))
		case strings.IndexByte(dialOptions, c) < 0:
			out = append(out, fmt.Sprintf("Dial has no option %c", c))
		}
		if i+1 < len(s) && s[i+1] == '(' {
			end := closing(s, i+1)
			if end < 0 {
				return append(out, fmt.Sprintf("Dial option %c lacks its closing parenthesis: the original refuses the call", c))
			}
			i = end
		}
	}
	return out
}
