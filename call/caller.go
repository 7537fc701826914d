package call

import (
	"strconv"
	"strings"
)

// Presentation says whether a party's number or name may be shown: the value of
// CALLERID(pres), as the original numbers it.
type Presentation int

// The presentations of Q.951.
const (
	PresAllowed     Presentation = 0x00
	PresPassed      Presentation = 0x01
	PresFailed      Presentation = 0x02
	PresNetwork     Presentation = 0x03
	PresProhibited  Presentation = 0x20
	PresUnavailable Presentation = 0x43
)

// Party is one party's identity: a name, a number and whether they may be shown.
type Party struct {
	Name     string
	Number   string
	NamePres Presentation
	NumPres  Presentation
	Tag      string
}

// String writes the party as the console and ${CALLERID(all)} do:
// "Name" <number>, or what of it is there.
func (p Party) String() string {
	switch {
	case p.Name != "" && p.Number != "":
		return `"` + p.Name + `" <` + p.Number + `>`
	case p.Name != "":
		return p.Name
	default:
		return p.Number
	}
}

// Identity is what a channel knows of the parties of its call.
type Identity struct {
	Caller      Party  // CALLERID(num|name|...)
	ANI         string // CALLERID(ani)
	DNID        string // CALLERID(dnid): what was dialled, as the phone sent it
	Redirecting Party  // CALLERID(rdnis): who forwarded the call here
	Connected   Party  // CONNECTEDLINE(): who is at the other end

	RedirectReason string // REDIRECTING(reason): why the call was forwarded here, cfb or cfu; "" is unknown
	RedirectCount  int    // REDIRECTING(count): how often it was
}

// ParsePresentation reads a presentation as SetCallerPres and Dial's u() take it: a name of the original, or its number.
func ParsePresentation(s string) (Presentation, bool) {
	names := [...]string{"allowed", "allowed_not_screened", "allowed_passed_screen", "allowed_failed_screen", "prohib", "prohib_not_screened",
		"prohib_passed_screen", "prohib_failed_screen", "unavailable"}
	values := [...]Presentation{0x03, 0x00, 0x01, 0x02, 0x23, 0x20, 0x21, 0x22, 0x43}
	for i, n := range names {
		if strings.EqualFold(n, s) {
			return values[i], true
		}
	}
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return Presentation(n), err == nil && n >= 0 && n < 0x80
}
