package variable

import (
	"strings"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

func listFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "SHIFT",
			Read: func(x *pbx.Exec, args string) (string, error) { return take(x, args, true) },
		}, {
			Name: "POP",
			Read: func(x *pbx.Exec, args string) (string, error) { return take(x, args, false) },
		}, {
			Name:  "UNSHIFT",
			Write: func(x *pbx.Exec, args, value string) error { return give(x, args, value, true) },
		}, {
			Name:  "PUSH",
			Write: func(x *pbx.Exec, args, value string) error { return give(x, args, value, false) },
		}, {
			Name:  "ARRAY",
			Write: array,
		},
	}
}

// listArgs reads varname[,delimiter] and the variable.
func listArgs(x *pbx.Exec, args string) (name, delim, value string, err error) {
	name, delim, _ = argument.Two(args)
	if name == "" {
		return "", "", "", argument.Complain("a variable name is required")
	}
	sep := byte(',')
	if delim != "" {
		sep, _ = argument.Char(delim)
	}
	value, err = argument.Value(x, name)
	return name, string([]byte{sep}), value, err
}

// take removes one item from the variable, and returns it.
func take(x *pbx.Exec, args string, front bool) (string, error) {
	name, delim, value, err := listArgs(x, args)
	if err != nil || value == "" {
		return "", err
	}
	var item, rest string
	if front {
		item, rest, _ = strings.Cut(value, delim)
	} else if at := strings.LastIndex(value, delim); at >= 0 {
		item, rest = value[at+1:], value[:at]
	} else {
		item = value
	}
	return item, x.Assign(name, rest)
}

// give adds items to the variable.
func give(x *pbx.Exec, args, items string, front bool) error {
	name, delim, value, err := listArgs(x, args)
	switch {
	case err != nil:
		return err
	case value == "":
		return x.Assign(name, items)
	case len(value)+len(items) >= argument.MaxText:
		return argument.Complain("%s would grow beyond %d bytes", name, argument.MaxText)
	case front:
		return x.Assign(name, items+delim+value)
	}
	return x.Assign(name, value+delim+items)
}

// array gives variables the values at the same places; those left over become empty.
func array(x *pbx.Exec, args, value string) error {
	names, values := expand.Args(args, argument.MaxSlots), expand.Args(value, argument.MaxSlots)
	for i, name := range names {
		if err := x.Assign(name, expand.Arg(values, i)); err != nil {
			return err
		}
	}
	return nil
}
