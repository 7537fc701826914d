package sound

import (
	"context"
	"strconv"
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/prompt/say"
)

// say plays prompts to the caller. Keys are lost, unless SAY_DTMF_INTERRUPT is set: then
// one ends it and begins an extension, as with BackGround.
func (d *Deps) say(ctx context.Context, x *pbx.Exec, sounds []string) error {
	if err := opened(x); err != nil {
		return err
	}
	if !truth(x.Get("SAY_DTMF_INTERRUPT")) {
		_, _, err := d.play(ctx, x, "", sounds...)
		return err
	}
	key, _, err := d.play(ctx, x, prompt.AnyKey, sounds...)
	if err != nil || key == 0 {
		return err
	}
	b := menu{d: d, x: x, context: x.Place().Context}
	return b.dialled(key)
}

// truth is what the original takes for yes.
func truth(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "true", "y", "t", "1", "on":
		return true
	}
	return false
}

// saying is an application that says its data.
func saying(name string, f func(ctx context.Context, x *pbx.Exec, data string) error) pbx.Application {
	return pbx.Application{Name: name, Run: f}
}

func sayDigits(d *Deps) pbx.Application {
	return saying("SayDigits", func(ctx context.Context, x *pbx.Exec, data string) error {
		return d.say(ctx, x, say.Digits(x.Channel().Language(), data))
	})
}

func sayAlpha(d *Deps) pbx.Application {
	return saying("SayAlpha", func(ctx context.Context, x *pbx.Exec, data string) error {
		return d.say(ctx, x, say.Alpha(x.Channel().Language(), data))
	})
}

func sayPhonetic(d *Deps) pbx.Application {
	return saying("SayPhonetic", func(ctx context.Context, x *pbx.Exec, data string) error {
		return d.say(ctx, x, say.Phonetic(x.Channel().Language(), data))
	})
}

func sayAlphaCase(d *Deps) pbx.Application {
	return saying("SayAlphaCase", func(ctx context.Context, x *pbx.Exec, data string) error {
		args := expand.Args(data, 2)
		which := expand.Arg(args, 0)
		if which == "" {
			x.Warn("SayAlphaCase requires two arguments (types, string)")
			return nil
		}
		c := say.Case(strings.ToLower(which)[0])
		switch c {
		case say.AllCase, say.LowerCase, say.UpperCase, say.NoCase:
		default:
			x.Warnf("Invalid option: '%s'", which)
			return nil
		}
		return d.say(ctx, x, say.AlphaCase(x.Channel().Language(), expand.Arg(args, 1), c))
	})
}

// whole reads the number an application is given.
func whole(x *pbx.Exec, app, s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil {
		x.Warnf("argument '%s' to %s is non-numeric or out of range.", s, app)
		return 0, false
	}
	return n, true
}

func sayNumber(d *Deps) pbx.Application {
	return saying("SayNumber", func(ctx context.Context, x *pbx.Exec, data string) error {
		args := expand.Args(data, 2)
		if expand.Arg(args, 0) == "" {
			x.Warn("SayNumber requires an argument (number)")
			return pbx.ErrHangup
		}
		gender := strings.ToLower(expand.Arg(args, 1))
		if gender != "" && !strings.Contains("fmcnpz", gender[:1]) {
			x.Warn("SayNumber gender option is either 'f', 'm', 'c' or 'n'")
			return pbx.ErrHangup
		}
		n, ok := whole(x, "SayNumber", args[0])
		if !ok {
			return nil
		}
		return d.say(ctx, x, d.rules().Number(x.Channel().Language(), n, gender))
	})
}

func sayOrdinal(d *Deps) pbx.Application {
	return saying("SayOrdinal", func(ctx context.Context, x *pbx.Exec, data string) error {
		args := expand.Args(data, 2)
		if expand.Arg(args, 0) == "" {
			x.Warn("SayOrdinal requires an argument (number)")
			return pbx.ErrHangup
		}
		n, ok := whole(x, "SayOrdinal", args[0])
		if !ok {
			return nil
		}
		return d.say(ctx, x, d.rules().Ordinal(x.Channel().Language(), n, expand.Arg(args, 1)))
	})
}

func sayMoney(d *Deps) pbx.Application {
	return saying("SayMoney", func(ctx context.Context, x *pbx.Exec, data string) error {
		sounds, err := say.Money(x.Channel().Language(), data)
		if err != nil {
			x.Warnf("SayMoney: %v", err)
			return nil
		}
		return d.say(ctx, x, sounds)
	})
}

func sayCountedNoun(d *Deps) pbx.Application {
	return saying("SayCountedNoun", func(ctx context.Context, x *pbx.Exec, data string) error {
		args := expand.Args(data, 2)
		if len(args) < 2 || args[1] == "" {
			x.Warn("SayCountedNoun requires two arguments (number,noun)")
			return pbx.ErrHangup
		}
		n, ok := whole(x, "SayCountedNoun", args[0])
		if !ok {
			return pbx.ErrHangup
		}
		return d.say(ctx, x, []string{say.CountedNoun(x.Channel().Language(), n, args[1])})
	})
}

func sayCountedAdj(d *Deps) pbx.Application {
	return saying("SayCountedAdj", func(ctx context.Context, x *pbx.Exec, data string) error {
		args := expand.Args(data, 3)
		if len(args) < 2 || args[1] == "" {
			x.Warn("SayCountedAdj requires two or three arguments (number,adjective[,gender])")
			return pbx.ErrHangup
		}
		n, ok := whole(x, "SayCountedAdj", args[0])
		if !ok {
			return pbx.ErrHangup
		}
		gender := strings.ToLower(expand.Arg(args, 2))
		if gender != "" && !strings.Contains("fmn", gender[:1]) {
			x.Warn("SayCountedAdj gender option is 'f', 'm' or 'n'")
			return pbx.ErrHangup
		}
		return d.say(ctx, x, []string{say.CountedAdjective(x.Channel().Language(), n, args[1], gender)})
	})
}
