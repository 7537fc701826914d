package function

import (
	"strings"

	"obelus/pbx"
)

func evalFunctions() []pbx.Function {
	return []pbx.Function{{
		Name: "EVAL", Syntax: "EVAL(variable)", Synopsis: "Fill in ${...} and $[...] a second time, in what was filled in.",
		Description: "Never give it what a caller can choose: his name or number could then run any function.",
		Read: func(x *pbx.Exec, args string) (string, error) {
			if args == "" {
				return "", complaint("EVAL requires an argument: EVAL(<string>)")
			}
			return expanded(x, args)
		},
	}}
}

func variableFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "SET", Syntax: "SET(varname=[value])", Synopsis: "Set a variable and return its value.",
			Read: func(x *pbx.Exec, args string) (string, error) {
				name, value, has := strings.Cut(args, "=")
				if !has {
					return "", complaint("Syntax: SET(<varname>=[<value>]) - missing argument!")
				}
				return strings.Trim(value, blanks), x.Assign(strings.Trim(name, blanks), strings.Trim(value, blanks))
			},
		}, {
			Name: "GLOBAL", Syntax: "GLOBAL(varname)", Synopsis: "Read or write a global variable.",
			Read: func(x *pbx.Exec, args string) (string, error) {
				v, _ := x.PBX().Globals.Get(args)
				return v, nil
			},
			Write: func(x *pbx.Exec, args, value string) error {
				x.PBX().Globals.Set(args, value)
				return nil
			},
		}, {
			Name: "IMPORT", Syntax: "IMPORT(channel,variable)", Synopsis: "Read a variable of another channel.",
			Read: importVariable,
		}, {
			Name: "LOCAL", Syntax: "LOCAL(varname)", Synopsis: "Read or write a variable that lasts until the Gosub routine returns.",
			Read: func(x *pbx.Exec, args string) (string, error) {
				if x.Depth() == 0 {
					return "", nil
				}
				return x.Get(args), nil
			},
			Write: func(x *pbx.Exec, args, value string) error {
				if !x.SetLocal(args, value) {
					return complain("Tried to set LOCAL(%s), but we aren't within a Gosub routine", args)
				}
				return nil
			},
		}, {
			Name: "LOCAL_PEEK", Syntax: "LOCAL_PEEK(n,varname)", Synopsis: "Read a variable as it was n Gosub routines up.",
			Read: localPeek,
		},
	}
}

func importVariable(x *pbx.Exec, args string) (string, error) {
	name, variable, has := twoArgs(args)
	if !has || variable == "" {
		return "", complaint("Syntax: IMPORT(<channel>,<variable>) - missing argument!")
	}
	ch := x.Channel().Registry().Find(name)
	if ch == nil {
		return "", complain("No such channel '%s'", name)
	}
	v, _ := ch.Vars.Get(variable)
	return v, nil
}

func localPeek(x *pbx.Exec, args string) (string, error) {
	level, name, has := twoArgs(args)
	n, _, ok := scanInt(level)
	if !has || !ok || n < 0 {
		return "", complaint("LOCAL_PEEK must be called with a positive peek value and a variable")
	}
	v, _ := x.Local(n, name)
	return v, nil
}
