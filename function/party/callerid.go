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
	return []pbx.Function{
		{Name: "CALLERID", Read: callerIDRead, Write: callerIDWrite},
		{Name: "CONNECTEDLINE", Read: connectedRead, Write: connectedWrite},
		{Name: "REDIRECTING", Read: redirectingRead, Write: redirectingWrite},
		{Name: "CALLERPRES", Read: presRead, Write: presWrite},
	}
}

// item is the first argument; what follows ("i" for inhibit) changes nothing
// here, where an update is sent when the channel next says something.
func item(args string) string {
	first, _, _ := strings.Cut(args, ",")
	return strings.ToLower(strings.Trim(first, argument.Blanks))
}

// who is a party, and which item of it is meant.
type who struct {
	function, item string
	of             func(*call.Identity) *call.Party // of the channel; nil for a party that nothing but the dialplan knows of
	kept           string                           // the name that it is kept under
}

// callerOf is whom an item of CALLERID() is about.
func callerOf(what string) who {
	w := who{function: "callerid", item: what, of: func(id *call.Identity) *call.Party { return &id.Caller }, kept: "caller"}
	rest := what
	switch {
	case what == "rdnis":
		w.item, w.kept = "num", "from"
		w.of = func(id *call.Identity) *call.Party { return &id.Redirecting }
	case after(&rest, "priv-"):
		w.item, w.kept, w.of = rest, "caller-priv", nil
	case what == "ani":
		w.item, w.kept, w.of = "num", "ani", nil
	case after(&rest, "ani-"):
		w.item, w.kept, w.of = rest, "ani", nil
	case what == "dnid":
		w.item, w.kept, w.of = "num", "dnid", nil
	case after(&rest, "dnid-"):
		w.item, w.kept, w.of = rest, "dnid", nil
	}
	return w
}

// after takes a prefix away.
func after(s *string, prefix string) bool {
	rest, ok := strings.CutPrefix(*s, prefix)
	if ok {
		*s = rest
	}
	return ok
}

func callerIDRead(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 2)
	what := item(args)
	if what == "ani2" {
		if v := kept(x, "ani2"); v != "" {
			return v, nil
		}
		return "0", nil
	}
	w := callerOf(what)
	w.function = "callerid"
	if len(a) > 1 && a[1] != "" { // asked of the text given, not of the channel
		var p call.Party
		p.Name, p.Number = SplitCallerID(a[1])
		return w.read(nil, &p)
	}
	return w.readFrom(x)
}

func callerIDWrite(x *pbx.Exec, args, value string) error {
	what := item(args)
	value = strings.Trim(value, argument.Blanks)
	if what == "ani2" {
		n, _, ok := argument.Int(value)
		if !ok {
			return argument.Complain("Unknown callerid data type '%s'.", args)
		}
		keep(x, "ani2", strconv.Itoa(n))
		return nil
	}
	return callerOf(what).writeTo(x, value)
}

// connectedOf is whom an item of CONNECTEDLINE() is about.
func connectedOf(what string) who {
	w := who{function: "connectedline", item: what, of: func(id *call.Identity) *call.Party { return &id.Connected }, kept: "connected"}
	if rest := what; after(&rest, "priv-") {
		w.item, w.kept, w.of = rest, "connected-priv", nil
	}
	return w
}

// sources are why the one at the other end is who he is.
func sources() []string {
	return []string{"unknown", "answer", "diversion", "transfer", "transfer_alerting"}
}

func connectedRead(x *pbx.Exec, args string) (string, error) {
	what := item(args)
	if what == "source" {
		return orUnknown(kept(x, "connected-source")), nil
	}
	return connectedOf(what).readFrom(x)
}

func connectedWrite(x *pbx.Exec, args, value string) error {
	what := item(args)
	value = strings.Trim(value, argument.Blanks)
	if what != "source" {
		return connectedOf(what).writeTo(x, value)
	}
	for _, known := range sources() {
		if strings.EqualFold(known, value) {
			keep(x, "connected-source", known)
			return nil
		}
	}
	return argument.Complain("Unknown connectedline source '%s', value unchanged", value)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// CALLERPRES is the presentation of the caller's number as the older releases ask for it; set, it is that of his name, too.
func presRead(x *pbx.Exec, _ string) (string, error) {
	id := x.Channel().Identity()
	return presentationName(id.Caller.NumPres), nil
}

func presWrite(x *pbx.Exec, _, value string) error {
	pres, ok := parsePresentation(strings.Trim(value, argument.Blanks))
	if !ok {
		return argument.Complain("'%s' is not a valid presentation (see 'show function CALLERPRES')", value)
	}
	x.Channel().ChangeIdentity(func(id *call.Identity) { id.Caller.NumPres, id.Caller.NamePres = pres, pres })
	return nil
}
