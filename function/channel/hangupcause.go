package channel

import (
	"strings"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

func causeFunctions() []pbx.Function {
	return []pbx.Function{
		{Name: "HANGUPCAUSE", Read: hangupCause},
		{Name: "HANGUPCAUSE_KEYS", Read: func(x *pbx.Exec, _ string) (string, error) {
			var names []string
			for _, e := range x.Endings() {
				names = append(names, e.Channel)
			}
			return strings.Join(names, ","), nil
		}},
	}
}

// hangupCause is HANGUPCAUSE(channel,type): how one of the channels that this one called ended.
func hangupCause(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 2)
	name, kind := expand.Arg(a, 0), expand.Arg(a, 1)
	if name == "" {
		return "", argument.Missing("HANGUPCAUSE(<channel>,<type>)")
	}
	for _, e := range x.Endings() {
		if e.Channel != name {
			continue
		}
		switch {
		case strings.HasPrefix(kind, "tech"):
			return e.Said, nil
		case strings.HasPrefix(kind, "ast"), kind == "":
			return e.Cause.String(), nil
		}
		return "", argument.Complain("Information type not recognized (%s)", kind)
	}
	return "", argument.Complain("Unable to find information for channel %s", name)
}
