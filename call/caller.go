package call

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
