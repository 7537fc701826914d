package text

import (
	"strconv"
	"strings"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

func fieldFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "FIELDQTY",
			Read: fieldCount,
		}, {
			Name: "FIELDNUM",
			Read: fieldNumber,
		}, {
			Name: "LISTFILTER",
			Read: listFilter,
		},
	}
}

// fields splits the value of a variable; none if it is empty. An empty
// delimiter separates nothing.
func fields(x *pbx.Exec, name, delim string) (list []string, sep string, err error) {
	s, err := argument.Value(x, name)
	if err != nil || s == "" {
		return nil, "", err
	}
	if delim == "" {
		return []string{s}, "", nil
	}
	c, _ := argument.Char(delim)
	sep = string([]byte{c})
	return strings.Split(s, sep), sep, nil
}

func fieldCount(x *pbx.Exec, args string) (string, error) {
	name, delim, has := argument.Two(args)
	if !has {
		return "1", nil
	}
	list, _, err := fields(x, name, delim)
	return strconv.Itoa(len(list)), err
}

func fieldNumber(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	if len(a) < 3 {
		return "", argument.Complain("Usage: FIELDNUM(<listname>,<delimiter>,<fieldvalue>)")
	}
	list, _, err := fields(x, a[0], a[1])
	for i, f := range list {
		if f == a[2] {
			return strconv.Itoa(i + 1), nil
		}
	}
	return "0", err
}

func listFilter(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	if len(a) < 3 {
		return "", argument.Complain("Usage: LISTFILTER(<listname>,<delimiter>,<fieldvalue>)")
	}
	list, sep, err := fields(x, a[0], a[1])
	kept := list[:0]
	for _, f := range list {
		if f != a[2] {
			kept = append(kept, f)
		}
	}
	return strings.Join(kept, sep), err
}
