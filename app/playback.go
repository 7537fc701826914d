package app

import (
	"context"
	"errors"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
)

func playback(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "Playback",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 2)
			opts := strings.ToLower(expand.Arg(args, 1))
			ch := x.Channel()
			if expand.Arg(args, 0) == "" {
				x.Warn("Playback requires an argument (filename)")
				return pbx.ErrHangup
			}
			if ch.State() != call.StateUp {
				switch {
				case strings.Contains(opts, "skip"):
					x.Set("PLAYBACKSTATUS", "SUCCESS")
					return nil
				case strings.Contains(opts, "noanswer"):
					if err := ch.Leg().Progress(nil); err != nil {
						return err
					}
				default:
					if err := answered(x); err != nil {
						return err
					}
				}
			}
			return playAll(ctx, x, d, strings.Split(args[0], "&"))
		},
		Check: func(data string) []string {
			args := splitArgs(data)
			for _, o := range []string{"say", "mix"} {
				if len(args) > 1 && strings.Contains(strings.ToLower(args[1]), o) {
					return []string{"Playback option " + o + " is not supported yet: names are taken for files"}
				}
			}
			return nil
		},
	}
}

func playAll(ctx context.Context, x *pbx.Exec, d *Deps, names []string) error {
	status := "SUCCESS"
	if _, err := d.Voice.Play(ctx, x.Channel(), "", names...); errors.Is(err, prompt.ErrMissing) {
		status = "FAILED"
	} else if err != nil {
		return err
	}
	x.Set("PLAYBACKSTATUS", status)
	return nil
}
