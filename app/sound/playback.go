package sound

import (
	"context"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
)

func playback(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "Playback",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 2)
			opts := strings.ToLower(expand.Arg(args, 1))
			if expand.Arg(args, 0) == "" {
				x.Warn("Playback requires an argument (filename)")
				return pbx.ErrHangup
			}
			if skip, err := admit(x, strings.Contains(opts, "skip"), strings.Contains(opts, "noanswer")); err != nil || skip {
				x.Set("PLAYBACKSTATUS", status(err != nil))
				return err
			}
			return d.playback(ctx, x, args[0], strings.Contains(opts, "say"), strings.Contains(opts, "mix"))
		},
	}
}

// admit does what options skip and noanswer ask for on a channel that was not
// answered, or answers it; skip says that nothing is to be played.
func admit(x *pbx.Exec, skip, noAnswer bool) (bool, error) {
	switch {
	case x.Channel().State() == call.StateUp:
		return false, nil
	case skip:
		return true, nil
	case noAnswer:
		return false, opened(x)
	}
	return false, answered(x)
}

func status(failed bool) string {
	if failed {
		return "FAILED"
	}
	return "SUCCESS"
}

// playback plays files, or says what say.conf has rules for.
func (d *Deps) playback(ctx context.Context, x *pbx.Exec, list string, say, mix bool) error {
	failed := false
	for _, name := range names(list) {
		sounds := []string{name}
		if say || mix && strings.Contains(name, ":") {
			spelt, ok := d.spell(x.Channel().Language(), name)
			if !ok {
				x.Warnf("Unable to say '%s': say.conf has no rule for it", name)
				failed = true
				continue
			}
			sounds = spelt
		}
		_, missing, err := d.play(ctx, x, "", sounds...)
		if err != nil {
			x.Set("PLAYBACKSTATUS", status(true))
			return err
		}
		if missing {
			x.Warnf("Playback failed on %s for %s", x.Channel().Name(), list)
			failed = true
		}
	}
	x.Set("PLAYBACKSTATUS", status(failed))
	return nil
}
