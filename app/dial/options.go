package dial

import (
	"fmt"
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

// dialOptions are the options of Dial that are carried out.
const dialOptions = "aAbBcCdDefFgGhHiILmMNopPQrRsStTuUwWxXz"

// dialNamed are the original's others: they load, do nothing, and are named by
// obelus check.
const dialNamed = "EjkKnO"

// named says why an option of dialNamed does nothing.
func named(c byte) string {
	switch c {
	case 'k', 'K':
		return "is not supported yet and does nothing: there is no parking"
	case 'n':
		return "does nothing: the recordings of callers' names are kept"
	case 'E', 'O':
		return "does nothing: it is about DAHDI channels"
	}
	return "does nothing: a call offers what its caller offers, always"
}

// dialHeard are those of Dial that have somebody listen for keys during the call,
// or record it. As in the original they keep the sound at the server, even where
// they do nothing else yet.
const dialHeard = "tThHwWkKxX"

// dialBefore are those of Dial that have the called party hear something of the
// server's before the two talk.
const dialBefore = "ADGMUpP"

// anchored says why a Dial with these options keeps the sound at the server, ""
// where it need not.
func anchored(o pbx.Options) string {
	for i := range len(dialHeard) {
		if o.Has(dialHeard[i]) {
			return "Dial has option " + dialHeard[i:i+1]
		}
	}
	if v, _ := o.Get('L'); strings.Contains(v, ":") {
		return "Dial has option L with warnings"
	}
	return ""
}

// anchoredEarly says the same of the time before the two talk.
func anchoredEarly(o pbx.Options) string {
	for i := range len(dialBefore) {
		if o.Has(dialBefore[i]) {
			return "Dial has option " + dialBefore[i:i+1]
		}
	}
	return anchored(o)
}

func checkDial(data string) []string {
	parts := expand.RawArgs(data, 64)
	var out []string
	if len(parts) > 3 && parts[3] != "" {
		out = append(out, "the URL of Dial is not sent: phones of SIP open none")
	}
	if len(parts) < 3 {
		return out
	}
	return append(out, checkOptions(parts[2])...)
}

func checkOptions(s string) (out []string) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '$' && i+1 < len(s) && (s[i+1] == '{' || s[i+1] == '[') {
			i = filledIn(s, i+1)
			continue
		}
		switch {
		case strings.IndexByte(dialNamed, c) >= 0:
			out = append(out, fmt.Sprintf("Dial option %c %s", c, named(c)))
		case strings.IndexByte(dialOptions, c) < 0:
			out = append(out, fmt.Sprintf("Dial has no option %c", c))
		}
		if i+1 < len(s) && s[i+1] == '(' {
			end := pbx.ClosingParenthesis(s, i+1)
			if end < 0 {
				return append(out, fmt.Sprintf("Dial option %c lacks its closing parenthesis: the original refuses the call", c))
			}
			i = end
		}
	}
	return out
}

// filledIn finds the end of what is filled in when the step runs, of which the bracket
// at i is the first.
func filledIn(s string, i int) int {
	for depth := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}
