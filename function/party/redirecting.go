package party

import (
	"strconv"
	"strings"

	"obelus/call"
	"obelus/function/argument"
	"obelus/pbx"
)

// reasons are why a call was sent on, in the original's words.
func reasons() []string {
	return []string{"unknown", "cfb", "cfnr", "unavailable", "time_of_day", "dnd", "deflection", "follow_me", "out_of_order", "away", "cf_dte", "cfu", "send_to_vm"}
}

// redirectingOf is whom an item of REDIRECTING() is about; one that names nobody is about who sent the call on.
func redirectingOf(what string) who {
	w := who{function: "redirecting", item: what, of: func(id *call.Identity) *call.Party { return &id.Redirecting }, kept: "from"}
	rest := what
	switch {
	case after(&rest, "from-"):
		w.item = rest
	case after(&rest, "orig-"):
		w.item, w.kept, w.of = rest, "orig", nil
	case after(&rest, "to-"):
		w.item, w.kept, w.of = rest, "to", nil
	case after(&rest, "priv-"):
		w.of = nil
		for _, whose := range []string{"orig", "from", "to"} {
			if after(&rest, whose+"-") {
				w.item, w.kept = rest, "priv-"+whose
				return w
			}
		}
		w.item = ""
	}
	return w
}

func redirectingRead(x *pbx.Exec, args string) (string, error) {
	switch what := item(args); what {
	case "reason":
		id := x.Channel().Identity()
		return orUnknown(id.RedirectReason), nil
	case "orig-reason":
		return orUnknown(kept(x, "orig-reason")), nil
	case "count":
		id := x.Channel().Identity()
		return strconv.Itoa(id.RedirectCount), nil
	default:
		return redirectingOf(what).readFrom(x)
	}
}

func redirectingWrite(x *pbx.Exec, args, value string) error {
	value = strings.Trim(value, argument.Blanks)
	what := item(args)
	switch what {
	case "reason", "orig-reason":
		return writeReason(x, what, value)
	case "count":
		n, _, ok := argument.Int(value)
		if !ok || n < 0 {
			return argument.Complain("Unknown redirecting count '%s', value unchanged", value)
		}
		x.Channel().ChangeIdentity(func(id *call.Identity) { id.RedirectCount = n })
		return nil
	}
	return redirectingOf(what).writeTo(x, value)
}

// writeReason takes a word of the original's, its number, or in quotes any other.
func writeReason(x *pbx.Exec, what, value string) error {
	reason := ""
	for i, known := range reasons() {
		if strings.EqualFold(known, value) || value == strconv.Itoa(i) {
			reason = known
		}
	}
	if len(value) > 2 && value[0] == '"' && value[len(value)-1] == '"' {
		reason = value
	}
	switch {
	case reason == "":
		return argument.Complain("Unknown redirecting reason '%s', value unchanged", value)
	case what == "reason":
		x.Channel().ChangeIdentity(func(id *call.Identity) { id.RedirectReason = reason })
	default:
		keep(x, what, reason)
	}
	return nil
}
