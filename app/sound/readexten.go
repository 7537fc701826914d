package sound

import (
	"context"

	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
)

func readExten(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "ReadExten",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 5)
			if expand.Arg(args, 0) == "" {
				x.Warn("ReadExten requires at least one argument")
				x.Set("READEXTENSTATUS", "ERROR")
				return nil
			}
			r := newReader(d, x, []string{args[0], expand.Arg(args, 1), "", expand.Arg(args, 3), "", expand.Arg(args, 4)})
			pound, _ := pbx.ParseOptions(expand.Arg(args, 3), "p")
			context_ := expand.Arg(args, 2)
			if context_ == "" {
				context_ = x.Place().Context
			}
			return r.exten(ctx, context_, pound.Has('p'))
		},
		Check: unknown("ReadExten", 3, "sinp"),
	}
}

// exten reads digits while they could be a longer extension of a context.
func (r *reader) exten(ctx context.Context, context_ string, pound bool) error {
	if skip, err := admit(r.x, r.opts.Has('s'), r.opts.Has('n')); err != nil || skip {
		r.x.Set(r.variable, "")
		if err == nil {
			r.x.Set("READEXTENSTATUS", "SKIP")
		} else {
			r.x.Set("READEXTENSTATUS", "ERROR")
		}
		return err
	}
	r.question.Max, r.question.End = 1, ""
	a, err := r.ask(ctx)
	for err == nil && !a.TimedOut {
		last := a.Digits[len(a.Digits)-1]
		if pound && last == '#' {
			a.Digits = a.Digits[:len(a.Digits)-1]
			break
		}
		if len(a.Digits) >= maxRead || !matchMore(r.x, context_, a.Digits) {
			break
		}
		r.question.Max = len(a.Digits) + 1
		a, err = more(ctx, r.x.Channel(), a, r.question)
	}
	return r.found(context_, a, err)
}

// found says what became of an extension that was asked for.
func (r *reader) found(context_ string, a prompt.Reply, err error) error {
	switch {
	case err != nil:
		r.x.Set(r.variable, "")
		r.x.Set("READEXTENSTATUS", "ERROR")
		return err
	case a.Digits == "":
		r.x.Set(r.variable, "t")
		r.x.Set("READEXTENSTATUS", "TIMEOUT")
	case exists(r.x, context_, a.Digits):
		r.x.Set(r.variable, a.Digits)
		r.x.Set("READEXTENSTATUS", "OK")
	default:
		r.x.Set("INVALID_EXTEN", a.Digits)
		r.x.Set(r.variable, "i")
		r.x.Set("READEXTENSTATUS", "INVALID")
	}
	return nil
}
