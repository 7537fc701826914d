package party

import (
	"strconv"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

func callerIDFunctions() []pbx.Function {
	const items = "all, num, name, tag, num-valid, name-valid, pres, num-pres, name-pres, num-plan, ani, ani2, dnid, rdnis"
	return []pbx.Function{
		{
			Name: "CALLERID",
			Read: callerIDRead, Write: callerIDWrite,
		}, {
			Name: "CONNECTEDLINE",
			Read: func(x *pbx.Exec, args string) (string, error) {
				id := x.Channel().Identity()
				return partyRead(&id.Connected, item(args), "connectedline")
			},
			Write: func(x *pbx.Exec, args, value string) (err error) {
				x.Channel().ChangeIdentity(func(id *call.Identity) {
					err = partyWrite(&id.Connected, item(args), value, "connectedline")
				})
				return err
			},
		}, {
			Name: "REDIRECTING",
			Read: func(x *pbx.Exec, args string) (string, error) {
				id := x.Channel().Identity()
				return partyRead(&id.Redirecting, strings.TrimPrefix(item(args), "from-"), "redirecting")
			},
			Write: func(x *pbx.Exec, args, value string) (err error) {
				x.Channel().ChangeIdentity(func(id *call.Identity) {
					err = partyWrite(&id.Redirecting, strings.TrimPrefix(item(args), "from-"), value, "redirecting")
				})
				return err
			},
		},
	}
}

// item is the first argument; what follows ("i" for inhibit) changes nothing
// here, where an update is sent when the channel next says something.
func item(args string) string {
	first, _, _ := strings.Cut(args, ",")
	return strings.ToLower(strings.Trim(first, argument.Blanks))
}

func callerIDRead(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 2)
	id := x.Channel().Identity()
	if len(a) > 1 && a[1] != "" { // asked of the text given, not of the channel
		id = call.Identity{}
		id.Caller.Name, id.Caller.Number = SplitCallerID(a[1])
	}
	what := item(args)
	party, sub := callerParty(&id, what)
	if party != nil {
		return partyRead(party, sub, "callerid")
	}
	switch what {
	case "ani", "ani-num", "ani-number":
		return id.ANI, nil
	case "ani-all":
		return quoted("", id.ANI), nil
	case "ani-num-valid", "ani-valid":
		return argument.OneOrZero(id.ANI != ""), nil
	case "ani2":
		return "0", nil
	case "dnid", "dnid-num":
		return id.DNID, nil
	}
	return "", argument.Complain("Unknown callerid data type '%s'.", args)
}

func callerIDWrite(x *pbx.Exec, args, value string) (err error) {
	what := item(args)
	value = strings.Trim(value, argument.Blanks)
	x.Channel().ChangeIdentity(func(id *call.Identity) {
		if party, sub := callerParty(id, what); party != nil {
			err = partyWrite(party, sub, value, "callerid")
			return
		}
		switch what {
		case "ani", "ani-num", "ani-number":
			id.ANI = value
		case "ani-all":
			_, id.ANI = SplitCallerID(value)
		case "dnid", "dnid-num":
			id.DNID = value
		default:
			err = argument.Complain("Unknown callerid data type '%s'.", args)
		}
	})
	return err
}

// callerParty is the party an item of CALLERID is about, and the item of it;
// nil for the few that are about none.
func callerParty(id *call.Identity, what string) (*call.Party, string) {
	switch {
	case what == "rdnis":
		return &id.Redirecting, "num"
	case strings.HasPrefix(what, "ani"), strings.HasPrefix(what, "dnid"):
		return nil, ""
	}
	return &id.Caller, what
}

func partyRead(p *call.Party, what, function string) (string, error) {
	switch what {
	case "all":
		return quoted(p.Name, p.Number), nil
	case "num", "number":
		return p.Number, nil
	case "name":
		return p.Name, nil
	case "tag":
		return p.Tag, nil
	case "num-valid":
		return argument.OneOrZero(p.Number != ""), nil
	case "name-valid":
		return argument.OneOrZero(p.Name != ""), nil
	case "num-plan", "ton":
		return "0", nil
	case "name-charset":
		return "utf8", nil
	case "num-pres":
		return presentationName(p.NumPres), nil
	case "name-pres":
		return presentationName(p.NamePres), nil
	case "pres":
		return presentationName(combined(p)), nil
	}
	return "", argument.Complain("Unknown %s data type '%s'.", function, what)
}

func partyWrite(p *call.Party, what, value, function string) error {
	switch what {
	case "all":
		p.Name, p.Number = SplitCallerID(value)
	case "num", "number":
		p.Number = strings.Trim(value, argument.Blanks)
	case "name":
		p.Name = strings.Trim(value, argument.Blanks)
	case "tag":
		p.Tag = value
	case "num-pres", "name-pres", "pres":
		pres, ok := parsePresentation(value)
		if !ok {
			return argument.Complain("'%s' is not a valid presentation", value)
		}
		if what != "name-pres" {
			p.NumPres = pres
		}
		if what != "num-pres" {
			p.NamePres = pres
		}
	default:
		return argument.Complain("Unknown %s data type '%s'.", function, what)
	}
	return nil
}

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

// SplitCallerID takes "Name" <number>, in the many forms it is written, apart.
// Without angle brackets a text that can be a number is one.
func SplitCallerID(s string) (name, number string) {
	at := strings.LastIndexByte(s, '<')
	if at < 0 {
		if n := shrinkNumber(s); n != "" && strings.Trim(n, "0123456789*#+") == "" {
			return "", n
		}
		if _, inner, ok := strings.Cut(s, `"`); ok {
			if inner, _, ok := strings.Cut(inner, `"`); ok {
				return inner, ""
			}
		}
		return strings.Trim(s, argument.Blanks), ""
	}
	if t := strings.Trim(s, argument.Blanks); len(t) > 1 && t[0] == '"' && t[len(t)-1] == '"' {
		s = t[1 : len(t)-1] // quotes around it all
		at = strings.LastIndexByte(s, '<')
	}
	number, _, _ = strings.Cut(s[at+1:], ">")
	name = strings.Trim(s[:at], argument.Blanks)
	if len(name) > 1 && name[0] == '"' && name[len(name)-1] == '"' {
		name = unescaped(name[1 : len(name)-1])
	}
	return name, shrinkNumber(number)
}

// unescaped takes the backslashes out of a quoted string (RFC 3261 section 25.1, quoted-pair).
func unescaped(s string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}

// shrinkNumber takes out of a number what people write to make it readable:
// spaces, parentheses, dots, and hyphens outside square brackets.
func shrinkNumber(s string) string {
	var out []byte
	bracket := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '[':
			bracket++
			out = append(out, c)
		case c == ']':
			bracket--
			out = append(out, c)
		case c == '-' && bracket > 0:
			out = append(out, c)
		case strings.IndexByte(" ().-", c) < 0:
			out = append(out, c)
		}
	}
	return string(out)
}
