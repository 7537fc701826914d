package plan

import (
	"fmt"
	"strings"

	"obelus/dialplan/expand"
	"obelus/dialplan/syntax"
	"obelus/function/argument"
	"obelus/pbx"
)

func logicFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "IF",
			Read: argument.Pure(choose),
		}, {
			Name: "IFTIME",
			Read: chooseByTime,
		}, {
			Name: "ISNULL",
			Read: argument.Plain(func(s string) string { return argument.OneOrZero(s == "") }),
		}, {
			Name: "EXISTS",
			Read: argument.Plain(func(s string) string { return argument.OneOrZero(s != "") }),
		},
	}
}

func choose(args string) (string, error) {
	a := expand.ArgsBy(args, '?', 2)
	branches := expand.ArgsBy(expand.Arg(a, 1), ':', 2)
	if expand.Arg(a, 0) == "" || len(branches) == 0 {
		return "", argument.Complain("Syntax IF(<expr>?[<true>][:<false>])  (expr must be non-null, and either <true> or <false> must be non-null)")
	}
	which := 1
	if argument.Condition(strings.Trim(a[0], argument.Blanks)) {
		which = 0
	}
	return strings.Trim(expand.Arg(branches, which), argument.Blanks), nil
}

func chooseByTime(x *pbx.Exec, args string) (string, error) {
	when, branches, _ := strings.Cut(args, "?")
	if when == "" || branches == "" {
		return "", argument.Complain("Syntax IFTIME(<timespec>?[<true>][:<false>])")
	}
	timing, err := syntax.ParseTiming(when)
	if err != nil {
		return "", fmt.Errorf("invalid time spec: %w", err)
	}
	yes, no, _ := strings.Cut(branches, ":")
	if timing.Match(x.Moment()) {
		return strings.Trim(yes, argument.Blanks), nil
	}
	return strings.Trim(no, argument.Blanks), nil
}
