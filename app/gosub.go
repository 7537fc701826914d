package app

import (
	"context"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
)

func gosub() pbx.Application {
	return pbx.Application{
		Name: "Gosub",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			if data == "" {
				x.Warn("Gosub requires an argument: Gosub([[context,]exten,]priority[(arg1[,...][,argN])])")
				return pbx.ErrHangup
			}
			return enter(x, data)
		},
	}
}

// enter begins a subroutine. One that does not exist ends the call.
func enter(x *pbx.Exec, data string) error {
	target, list := data, ""
	if open := strings.IndexByte(data, '('); open >= 0 {
		target, list = data[:open], data[open+1:]
		if end := strings.LastIndexByte(list, ')'); end >= 0 {
			list = list[:end]
		} else {
			x.Warnf("Ouch.  No closing paren: '%s'?", data)
		}
	}
	from := x.Place()
	to, err := x.Target(target)
	if err != nil {
		x.Warnf("Gosub address is invalid: '%s'", data)
		return pbx.ErrHangup
	}
	if x.Find(to) == nil {
		x.Warnf("Gosub attempted to reach non-existent destination '%s,%s,%d' from '%s,%s,%d'",
			to.Context, to.Exten, to.Priority, from.Context, from.Exten, from.Priority)
		return pbx.ErrHangup
	}
	back := from
	back.Priority++
	var args []string
	if list != "" {
		args = expand.Args(list, maxSubArgs)
	}
	if !x.Push(back, args) {
		x.Warn("Gosub: the stack is too deep: does the dialplan call itself for ever?")
		return pbx.ErrHangup
	}
	x.Jump(to)
	return nil
}

// maxSubArgs is how many arguments a subroutine gets at most.
const maxSubArgs = 256

func gosubIf() pbx.Application {
	return pbx.Application{
		Name: "GosubIf",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			cond, rest, ok := strings.Cut(data, "?")
			if !ok {
				x.Warn("GosubIf requires an argument: GosubIf(cond?label1(args):label2(args)")
				return nil
			}
			yes, no := splitOutside(rest, ':')
			target := no
			if truth(cond) {
				target = yes
			}
			if target = strings.TrimSpace(target); target == "" {
				return nil
			}
			return enter(x, target)
		},
	}
}

func return_() pbx.Application {
	return pbx.Application{
		Name: "Return",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			back, ok := x.Pop()
			if !ok {
				what := "empty"
				if !x.Stacked() {
					what = "unallocated"
				}
				x.Channel().Log().Error("Return without Gosub: stack is " + what)
				return pbx.ErrHangup
			}
			x.Set("GOSUB_RETVAL", data)
			if back == (call.Place{}) {
				return pbx.ErrHangup // a subroutine that Dial has run ends here
			}
			x.Jump(back)
			return nil
		},
	}
}

func stackPop() pbx.Application {
	return pbx.Application{
		Name: "StackPop",
		Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			if _, ok := x.Pop(); !ok && !x.Stacked() {
				x.Warn("StackPop called with no gosub stack allocated.")
			}
			return nil
		},
	}
}
