package sound

import (
	"context"
	"strconv"
	"strings"
	"time"

	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/prompt/say"
)

// sayTime is SayUnixTime, and DateTime, which is the same by another name.
func sayTime(d *Deps, name string) pbx.Application {
	return pbx.Application{
		Name: name,
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 4)
			opts, err := pbx.ParseOptions(expand.Arg(args, 3), "j")
			if err != nil {
				x.Warnf("%s: %v", name, err)
			}
			t := clock(x, expand.Arg(args, 0), expand.Arg(args, 1))
			format := expand.Arg(args, 2)
			if strings.Contains(format, "${") {
				format = x.Expand(format)
			}
			if err := answered(x); err != nil {
				return err
			}
			sounds := say.Time(x.Channel().Language(), t, format)
			if !opts.Has('j') {
				return d.say(ctx, x, sounds)
			}
			key, _, err := d.play(ctx, x, prompt.AnyKey, sounds...)
			if err != nil || key == 0 {
				return err
			}
			b := menu{d: d, x: x, context: x.Place().Context}
			return b.dialled(key)
		},
		Check: unknown(name, 3, "j"),
	}
}

// clock reads a time in seconds since 1970, now where there is none, and its zone.
func clock(x *pbx.Exec, seconds, zone string) time.Time {
	t := x.Now()
	if s := strings.TrimSpace(seconds); s != "" {
		whole, _, _ := strings.Cut(s, ".")
		if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
			t = time.Unix(n, 0)
		}
	}
	if zone = strings.TrimSpace(zone); zone != "" {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			x.Warnf("there is no time zone '%s': the time is said as the server's", zone)
			return t
		}
		return t.In(loc)
	}
	return t.Local()
}
