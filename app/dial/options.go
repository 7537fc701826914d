package dial

import (
	"fmt"
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

// dialOptions are the options of Dial that are carried out.
const dialOptions = "ACDefFgGhHiILmorStTUMwWxX"

// dialNamed are the original's others: they load, do nothing, and are named by
// obelus check.
const dialNamed = "abBcdEjkKnNOpPQRsuvVz"

// dialHeard are those of Dial that have somebody listen for keys during the call,
// or record it. As in the original they keep the sound at the server, even while
// they do nothing else yet.
const dialHeard = "tThHwWkKxX"

// dialBefore are those of Dial that have the called party hear something of the
// server's before the two talk.
const dialBefore = "ADGMU"

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
			end := pbx.ClosingParenthesis(s, i+1)
			if end < 0 {
				return append(out, fmt.Sprintf("Dial option %c lacks its closing parenthesis: the original refuses the call", c))
			}
			i = end
		}
	}
	return out
}
