package app

import (
	"context"
	"strings"

	"obelus/dialplan/expand"
	"obelus/dialplan/syntax"
	"obelus/pbx"
)

func goTo() pbx.Application {
	return pbx.Application{
		Name: "Goto",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			if data == "" {
				x.Warn("Goto requires an argument ([[context,]extension,]priority)")
				return pbx.ErrHangup
			}
			return jump(x, data)
		},
	}
}

// jump goes to a target; a bad one is said and ends the call.
func jump(x *pbx.Exec, target string) error {
	if err := x.Goto(target); err != nil {
		x.Warn(err.Error())
		return pbx.ErrHangup
	}
	return nil
}

// truth is what the original takes for true: anything but nothing and what reads
// as the number 0.
func truth(s string) bool {
	s = strings.TrimLeft(s, " \t")
	if s == "" {
		return false
	}
	i := 0
	if s[0] == '-' || s[0] == '+' {
		i++
	}
	start := i
	for i < len(s) && s[i] == '0' {
		i++
	}
	allZero := i > start
	return !(allZero && (i == len(s) || s[i] < '0' || s[i] > '9'))
}

// branch splits cond?yes:no at the question mark and the colon, and returns the
// one that the condition chooses.
func branch(data string) (target string, ok bool) {
	cond, rest, ok := strings.Cut(data, "?")
	if !ok {
		return "", false
	}
	yes, no, _ := strings.Cut(rest, ":")
	if truth(cond) {
		return strings.TrimSpace(yes), true
	}
	return strings.TrimSpace(no), true
}

func gotoIf() pbx.Application {
	return pbx.Application{
		Name: "GotoIf",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			if data == "" {
				x.Warn("Ignoring, since there is no variable to check")
				return nil
			}
			target, _ := branch(data)
			if target == "" {
				return nil
			}
			return jump(x, target)
		},
	}
}

func gotoIfTime() pbx.Application {
	return pbx.Application{
		Name: "GotoIfTime",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			when, rest, ok := strings.Cut(data, "?")
			if !ok || when == "" {
				x.Warn("GotoIfTime requires an argument: <time range>,<days of week>,<days of month>,<months>[,<timezone>]?'labeliftrue':'labeliffalse'")
				return nil
			}
			yes, no, _ := strings.Cut(rest, ":")
			timing, err := syntax.ParseTiming(when)
			if err != nil {
				x.Warnf("GotoIfTime: %v", err)
				return nil
			}
			target := no
			if timing.Match(x.Moment()) {
				target = yes
			}
			if target = strings.TrimSpace(target); target == "" {
				return nil
			}
			return jump(x, target)
		},
	}
}

func execIf() pbx.Application {
	return pbx.Application{
		Name: "ExecIf",
		Run:  runExecIf,
	}
}

func runExecIf(ctx context.Context, x *pbx.Exec, data string) error {
	cond, rest := splitOutside(data, '?')
	if rest == "" {
		cond, rest, _ = strings.Cut(data, "?") // a quote in a caller's name may hide it
	}
	if comma := strings.IndexByte(data, ','); comma >= 0 && (rest == "" || comma < strings.IndexByte(data, '?')) {
		args := expand.RawArgs(data, 3) // as it was before 1.6: condition,app,data
		cond, rest = args[0], expand.Arg(args, 1)+"("+expand.Arg(args, 2)+")"
		x.Warnf("Deprecated syntax found.  Please upgrade to using ExecIf(<expr>?%s)", rest)
		return execChosen(ctx, x, truth(cond), rest, "")
	}
	if rest == "" {
		x.Channel().Log().Error("Usage: ExecIf(<cond>?<appiftrue>(<args>):<appiffalse>(<args>))")
		return pbx.ErrHangup
	}
	yes, no := splitOutside(rest, ':')
	return execChosen(ctx, x, truth(cond), yes, no)
}

// execChosen carries out one of two applications. One that is not there ends the call.
func execChosen(ctx context.Context, x *pbx.Exec, which bool, yes, no string) error {
	chosen := no
	if which {
		chosen = yes
	}
	if chosen = strings.TrimSpace(chosen); chosen == "" {
		return nil
	}
	name, args := appAndArgs(x, chosen)
	if _, ok := x.PBX().Application(name); !ok {
		x.Warnf("Could not find application! (%s)", name)
		return pbx.ErrHangup
	}
	return x.Application(ctx, name, args)
}

// splitOutside cuts s at the first sep that is in no parentheses and no quotes.
func splitOutside(s string, sep byte) (before, after string) {
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[':
			depth++
		case (c == ')' || c == ']') && depth > 0:
			depth--
		case c == sep && depth == 0:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
