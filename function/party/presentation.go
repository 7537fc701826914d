package party

import (
	"strconv"
	"strings"

	"obelus/call"
)

func quoted(name, number string) string { return `"` + name + `" <` + number + `>` }

// presentations are the original's words for Q.951's values.
var presentations = [...]struct {
	value call.Presentation
	name  string
}{
	{0x00, "allowed_not_screened"}, {0x01, "allowed_passed_screen"}, {0x02, "allowed_failed_screen"}, {0x03, "allowed"},
	{0x20, "prohib_not_screened"}, {0x21, "prohib_passed_screen"}, {0x22, "prohib_failed_screen"}, {0x23, "prohib"},
	{0x43, "unavailable"},
}

// restriction is the part of a presentation that says whether it may be shown.
const restriction = 0x60

func presentationName(p call.Presentation) string {
	for _, known := range presentations {
		if known.value == p {
			return known.name
		}
	}
	return "unknown"
}

// parsePresentation reads a word, or a number.
func parsePresentation(s string) (call.Presentation, bool) {
	for _, known := range presentations {
		if strings.EqualFold(known.name, s) {
			return known.value, true
		}
	}
	n, err := strconv.Atoi(s)
	return call.Presentation(n), err == nil && n >= 0 && n <= 0x7f
}

// combined is the presentation of name and number as one: that of whichever
// hides more, the number's if they hide the same.
func combined(p *call.Party) call.Presentation {
	rank := func(pres call.Presentation, there bool) int {
		switch {
		case !there:
			return 3
		case pres&restriction == 0x20:
			return 0
		case pres&restriction == 0:
			return 1
		}
		return 2
	}
	if p.Name == "" && p.Number == "" {
		return p.NumPres
	}
	if rank(p.NamePres, p.Name != "") < rank(p.NumPres, p.Number != "") {
		return p.NamePres
	}
	return p.NumPres
}
