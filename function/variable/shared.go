package variable

import (
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

// master is the channel that the call began with; nil where it has gone.
func master(x *pbx.Exec) *pbx.Exec {
	ch := x.Channel()
	if ch.LinkedID() != ch.ID() {
		ch = ch.Registry().Find(ch.LinkedID())
	}
	if ch == nil {
		return nil
	}
	return x.Elsewhere(ch)
}

func masterRead(x *pbx.Exec, name string) (string, error) {
	if m := master(x); m != nil {
		return argument.Value(m, name)
	}
	return "", nil
}

func masterWrite(x *pbx.Exec, name, value string) error {
	if m := master(x); m != nil {
		return m.Assign(name, value)
	}
	return nil
}

// sharedVariable is where a channel keeps a shared variable: under a name that no dialplan can give a variable, so that it is not mixed
// up with the channel's own.
func sharedVariable(name string) string { return "SHARED(" + name + ")" }

// sharing is the channel that SHARED(variable[,channel]) is about: this one, or one of that name, or that account.
func sharing(x *pbx.Exec, args string) (ch *call.Channel, name, whose string, err error) {
	a := expand.Args(args, 2)
	name, whose = expand.Arg(a, 0), expand.Arg(a, 1)
	if name == "" {
		return nil, "", "", argument.Complain("SHARED() requires an argument: SHARED(<var>[,<chan>])")
	}
	if whose == "" {
		return x.Channel(), name, whose, nil
	}
	r := x.Channel().Registry()
	if ch = r.Find(whose); ch != nil {
		return ch, name, whose, nil
	}
	for _, other := range r.All() {
		if n := len(whose) + 1; len(other.Name()) > n && strings.EqualFold(other.Name()[:n], whose+"-") {
			return other, name, whose, nil
		}
	}
	return nil, name, whose, nil
}

func sharedRead(x *pbx.Exec, args string) (string, error) {
	ch, name, whose, err := sharing(x, args)
	switch {
	case err != nil:
		return "", err
	case ch == nil:
		return "", argument.Complain("Channel '%s' not found!  Variable '%s' will be blank.", whose, name)
	}
	v, _ := ch.Vars.Get(sharedVariable(name))
	return v, nil
}

func sharedWrite(x *pbx.Exec, args, value string) error {
	ch, name, whose, err := sharing(x, args)
	switch {
	case err != nil:
		return err
	case ch == nil:
		return argument.Complain("Channel '%s' not found!  Variable '%s' not set to '%s'.", whose, name, value)
	}
	ch.Vars.Set(sharedVariable(name), value)
	return nil
}
