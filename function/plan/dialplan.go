package plan

import (
	"fmt"
	"strconv"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

func dialplanFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "VALID_EXTEN",
			Read: validExten,
		}, {
			Name: "DIALPLAN_EXISTS",
			Read: dialplanExists,
		}, {
			Name: "STACK_PEEK",
			Read: stackPeek,
		}, {
			Name: "EXCEPTION",
			Read: exception,
		}, {
			Name: "EVAL_EXTEN",
			Read: evalExten,
		}, {
			Name: "IFMODULE",
			Read: argument.Pure(ifModule),
		},
	}
}

func validExten(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	if len(a) < 2 || a[1] == "" {
		return "", argument.Missing("VALID_EXTEN([<context>],<extension>[,<priority>])")
	}
	at := call.Place{Context: a[0], Exten: a[1], Priority: 1}
	if at.Context == "" {
		at.Context = x.Place().Context
	}
	if n, _, ok := argument.Int(expand.Arg(a, 2)); ok && n > 0 {
		at.Priority = n
	}
	return argument.OneOrZero(x.Find(at) != nil), nil
}

func dialplanExists(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	if len(a) == 0 || a[0] == "" {
		return "", argument.Complain("DIALPLAN_EXISTS requires an argument")
	}
	if expand.Arg(a, 1) == "" {
		for _, c := range x.Plan().Contexts {
			if c.Name == a[0] {
				return "1", nil
			}
		}
		return "0", nil
	}
	at := call.Place{Context: a[0], Exten: a[1], Priority: 1}
	if p := expand.Arg(a, 2); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil {
			var ok bool
			if n, ok = x.Plan().FindLabel(at.Context, at.Exten, x.CallerNumber(), p, x.Now()); !ok {
				return "0", nil
			}
		}
		at.Priority = n
	}
	return argument.OneOrZero(x.Find(at) != nil), nil
}

func stackPeek(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	n, _, ok := argument.Int(expand.Arg(a, 0))
	if !ok || n < 1 || expand.Arg(a, 1) == "" {
		return "", argument.Complain("STACK_PEEK must be called with a positive peek value and one of l, c, e, p")
	}
	if x.Depth() == 0 {
		return "", nil
	}
	at, ok := x.Caller(n - 1)
	if !ok {
		if expand.Arg(a, 2) == "" {
			return "", argument.Complain("Stack peek of '%s' is more stack frames than I have", a[0])
		}
		return "", nil
	}
	caller := max(at.Priority-1, 0) // the stack holds where Return goes: the step after
	switch a[1][0] {
	case 'l', 'L':
		return fmt.Sprintf("%s,%s,%d", at.Context, at.Exten, caller), nil
	case 'c', 'C':
		return at.Context, nil
	case 'e', 'E':
		return at.Exten, nil
	case 'p', 'P':
		return strconv.Itoa(caller), nil
	}
	return "", argument.Complain("Unknown argument '%s' to STACK_PEEK", a[1])
}

func exception(x *pbx.Exec, args string) (string, error) {
	switch field := strings.ToUpper(args); field {
	case "REASON", "CONTEXT", "EXTEN", "PRIORITY":
		return x.Get("EXCEPTION_" + field), nil
	}
	return "", argument.Complain("Unknown exception field '%s'", args)
}
