package variable

import (
	"strings"

	"obelus/function/argument"
	"obelus/pbx"
)

func evalFunctions() []pbx.Function {
	return []pbx.Function{{
		Name: "EVAL",
		Read: func(x *pbx.Exec, args string) (string, error) {
			if args == "" {
				return "", argument.Complain("EVAL requires an argument: EVAL(<string>)")
			}
			return argument.Expanded(x, args)
		},
	}}
}

func variableFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "SET",
			Read: func(x *pbx.Exec, args string) (string, error) {
				name, value, has := strings.Cut(args, "=")
				if !has {
					return "", argument.Complain("Syntax: SET(<varname>=[<value>]) - missing argument!")
				}
				return strings.Trim(value, argument.Blanks), x.Assign(strings.Trim(name, argument.Blanks), strings.Trim(value, argument.Blanks))
			},
		}, {
			Name: "GLOBAL",
			Read: func(x *pbx.Exec, args string) (string, error) {
				v, _ := x.PBX().Globals.Get(args)
				return v, nil
			},
			Write: func(x *pbx.Exec, args, value string) error {
				x.PBX().Globals.Set(args, value)
				return nil
			},
		}, {
			Name: "IMPORT",
			Read: importVariable,
		}, {
			Name:  "EXPORT",
			Write: export,
		}, {
			Name: "MASTER_CHANNEL",
			Read: masterRead, Write: masterWrite,
		}, {
			Name: "SHARED",
			Read: sharedRead, Write: sharedWrite,
		}, {
			Name: "LOCAL",
			Read: func(x *pbx.Exec, args string) (string, error) {
				if x.Depth() == 0 {
					return "", nil
				}
				return x.Get(args), nil
			},
			Write: func(x *pbx.Exec, args, value string) error {
				if !x.SetLocal(args, value) {
					return argument.Complain("Tried to set LOCAL(%s), but we aren't within a Gosub routine", args)
				}
				return nil
			},
		}, {
			Name: "LOCAL_PEEK",
			Read: localPeek,
		},
	}
}

func importVariable(x *pbx.Exec, args string) (string, error) {
	name, variable, has := argument.Two(args)
	if !has || variable == "" {
		return "", argument.Complain("Syntax: IMPORT(<channel>,<variable>) - missing argument!")
	}
	ch := x.Channel().Registry().Find(name)
	if ch == nil {
		return "", argument.Complain("No such channel '%s'", name)
	}
	return argument.Value(x.Elsewhere(ch), variable)
}

// export is Set(EXPORT(channel,variable)=value).
func export(x *pbx.Exec, args, value string) error {
	name, variable, has := argument.Two(args)
	if !has || variable == "" {
		return argument.Complain("Syntax: EXPORT(<channel>,<variable>) - missing argument!")
	}
	ch := x.Channel().Registry().Find(name)
	if ch == nil {
		return argument.Complain("No such channel '%s'", name)
	}
	return x.Elsewhere(ch).Assign(variable, value)
}

func localPeek(x *pbx.Exec, args string) (string, error) {
	level, name, has := argument.Two(args)
	n, _, ok := argument.Int(level)
	if !has || !ok || n < 0 {
		return "", argument.Complain("LOCAL_PEEK must be called with a positive peek value and a variable")
	}
	v, _ := x.Local(n, name)
	return v, nil
}
