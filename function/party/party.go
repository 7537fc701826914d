package party

import (
	"strconv"
	"strings"

	"obelus/call"
	"obelus/function/argument"
	"obelus/pbx"
)

// What no driver tells or sends (subaddresses, numbering plans, private numbers ...) is kept in variables of the channel that no dialplan
// can name otherwise.

func kept(x *pbx.Exec, what string) string {
	if x == nil {
		return ""
	}
	v, _ := x.Channel().Vars.Get("PARTY(" + what + ")")
	return v
}

func keep(x *pbx.Exec, what, value string) { x.Channel().Vars.Set("PARTY("+what+")", value) }

// load is the party as it is now.
func (w who) load(x *pbx.Exec) call.Party {
	id := x.Channel().Identity()
	if w.of != nil {
		return *w.of(&id)
	}
	p := call.Party{Name: kept(x, w.kept+"-name"), Number: kept(x, w.kept+"-num"), Tag: kept(x, w.kept+"-tag")}
	p.NamePres, _ = parsePresentation(kept(x, w.kept+"-name-pres"))
	p.NumPres, _ = parsePresentation(kept(x, w.kept+"-num-pres"))
	switch w.kept {
	case "ani":
		p.Number = id.ANI
	case "dnid":
		p.Number = id.DNID
	}
	return p
}

// store puts the party back.
func (w who) store(x *pbx.Exec, p call.Party) {
	if w.of != nil {
		x.Channel().ChangeIdentity(func(id *call.Identity) { *w.of(id) = p })
		return
	}
	switch w.kept {
	case "ani":
		x.Channel().ChangeIdentity(func(id *call.Identity) { id.ANI = p.Number })
	case "dnid":
		x.Channel().ChangeIdentity(func(id *call.Identity) { id.DNID = p.Number })
	default:
		keep(x, w.kept+"-num", p.Number)
	}
	keep(x, w.kept+"-name", p.Name)
	keep(x, w.kept+"-tag", p.Tag)
	keep(x, w.kept+"-name-pres", presentationName(p.NamePres))
	keep(x, w.kept+"-num-pres", presentationName(p.NumPres))
}

func (w who) unknown() error {
	return argument.Complain("Unknown %s data type '%s'.", w.function, w.item)
}

func (w who) readFrom(x *pbx.Exec) (string, error) {
	p := w.load(x)
	return w.read(x, &p)
}

// read is the item of the party; x is nil for one that is not a channel's.
func (w who) read(x *pbx.Exec, p *call.Party) (string, error) {
	switch w.item {
	case "all":
		return quoted(p.Name, p.Number), nil
	case "num", "number":
		return p.Number, nil
	case "name":
		return p.Name, nil
	case "tag":
		return p.Tag, nil
	case "num-valid", "valid":
		return argument.OneOrZero(p.Number != ""), nil
	case "name-valid":
		return argument.OneOrZero(p.Name != ""), nil
	case "num-pres":
		return presentationName(p.NumPres), nil
	case "name-pres":
		return presentationName(p.NamePres), nil
	case "pres":
		return presentationName(combined(p)), nil
	}
	if _, known := spare(w.item); !known {
		return "", w.unknown()
	}
	return w.readSpare(x), nil
}

// readSpare reads an item that is only kept.
func (w who) readSpare(x *pbx.Exec) string {
	name, otherwise := w.item, ""
	otherwise, _ = spare(name)
	if name == "ton" {
		name = "num-plan"
	}
	if name == "subaddr-valid" {
		return argument.OneOrZero(kept(x, w.kept+"-subaddr") != "")
	}
	if v := kept(x, w.kept+"-"+name); v != "" {
		return v
	}
	return otherwise
}

// spare are the items that are only kept, with what they are before.
func spare(item string) (otherwise string, known bool) {
	switch item {
	case "num-plan", "ton", "subaddr-type", "subaddr-odd":
		return "0", true
	case "name-charset":
		return "utf8", true
	case "subaddr", "subaddr-valid":
		return "", true
	}
	return "", false
}

// charsets are the names that a name may be coded in.
func charsets() []string {
	return []string{"unknown", "iso8859-1", "withdrawn", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-7", "bmp", "utf8"}
}

func (w who) writeTo(x *pbx.Exec, value string) error {
	if _, known := spare(w.item); known {
		return w.writeSpare(x, value)
	}
	p := w.load(x)
	if err := w.write(&p, value); err != nil {
		return err
	}
	w.store(x, p)
	return nil
}

func (w who) writeSpare(x *pbx.Exec, value string) error {
	name := w.item
	switch name {
	case "ton", "num-plan", "subaddr-type", "subaddr-odd":
		if name == "ton" {
			name = "num-plan"
		}
		n, _, ok := argument.Int(value)
		if !ok && name == "subaddr-type" {
			n, ok = map[string]int{"nsap": 0, "user": 2}[strings.ToLower(value)]
		}
		if !ok {
			return argument.Complain("'%s' is no number for %s", value, w.item)
		}
		value = strconv.Itoa(n)
	case "subaddr-valid":
		if !argument.True(value) {
			keep(x, w.kept+"-subaddr", "")
		}
		return nil
	case "name-charset":
		known := ""
		for _, c := range charsets() {
			if strings.EqualFold(c, value) {
				known = c
			}
		}
		if known == "" {
			return argument.Complain("Unknown %s name-charset '%s', value unchanged", w.function, value)
		}
		value = known
	}
	keep(x, w.kept+"-"+name, value)
	return nil
}

func (w who) write(p *call.Party, value string) error {
	switch w.item {
	case "all":
		p.Name, p.Number = SplitCallerID(value)
	case "num", "number":
		p.Number = strings.Trim(value, argument.Blanks)
	case "name":
		p.Name = strings.Trim(value, argument.Blanks)
	case "tag":
		p.Tag = value
	case "num-valid":
		if !argument.True(value) {
			p.Number = ""
		}
	case "name-valid":
		if !argument.True(value) {
			p.Name = ""
		}
	case "num-pres", "name-pres", "pres":
		pres, ok := parsePresentation(value)
		if !ok {
			return argument.Complain("'%s' is not a valid presentation", value)
		}
		if w.item != "name-pres" {
			p.NumPres = pres
		}
		if w.item != "num-pres" {
			p.NamePres = pres
		}
	default:
		return w.unknown()
	}
	return nil
}
