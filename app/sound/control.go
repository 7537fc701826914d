package sound

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
)

func controlPlayback(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "ControlPlayback",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 8)
			if expand.Arg(args, 0) == "" {
				x.Warn("ControlPlayback requires an argument (filename)")
				return nil
			}
			p := newControlled(d, x, args)
			x.Set("CPLAYBACKSTOPKEY", "")
			if err := answered(x); err != nil {
				return err
			}
			status, err := p.run(ctx)
			x.Set("CPLAYBACKSTATUS", status)
			x.Set("CPLAYBACKOFFSET", strconv.FormatInt(max(p.at, 0).Milliseconds(), 10))
			if p.stopKey != 0 {
				x.Set("CPLAYBACKSTOPKEY", string(p.stopKey))
			}
			return err
		},
		Check: unknown("ControlPlayback", 7, "o"),
	}
}

// controlled is a sound that the caller winds, pauses and stops.
type controlled struct {
	d    *Deps
	ch   *call.Channel
	name string
	skip time.Duration

	forward, rewind, stop, pause, restart string // keys

	at      time.Duration // where in the sound
	stopKey byte
}

func newControlled(d *Deps, x *pbx.Exec, args []string) *controlled {
	keys := func(i int, other string) string {
		if s := expand.Arg(args, i); s != "" {
			return s
		}
		return other
	}
	p := &controlled{d: d, ch: x.Channel(), name: args[0], forward: keys(2, "#"), rewind: keys(3, "*"), stop: keys(4, ""), pause: keys(5, ""), restart: keys(6, "")}
	skip, err := milliseconds(expand.Arg(args, 1), 3*time.Second)
	if err != nil || skip == 0 {
		skip = 3 * time.Second
	}
	p.skip = skip
	opts, err := pbx.ParseOptions(expand.Arg(args, 7), "o")
	if err != nil {
		x.Warnf("ControlPlayback: %v", err)
	}
	if from, ok := opts.Get('o'); ok {
		if p.at, err = milliseconds(from, 0); err != nil {
			x.Warnf("ControlPlayback: %v", err)
		}
	}
	return p
}

// run plays to the end, and returns the status.
func (p *controlled) run(ctx context.Context) (string, error) {
	keys := p.forward + p.rewind + p.stop + p.pause + p.restart
	for {
		key, err := p.play(ctx, keys)
		switch {
		case ctx.Err() != nil:
			return "ERROR", context.Cause(ctx)
		case err != nil:
			p.ch.Log().Warn("Unable to play "+p.name, "why", err)
			return "ERROR", nil
		case key == 0:
			return "SUCCESS", nil
		}
		if key, err = p.paused(ctx, key); err != nil {
			return "ERROR", err
		}
		switch {
		case strings.IndexByte(p.stop, key) >= 0:
			p.stopKey = key
			return "USERSTOPPED", nil
		case strings.IndexByte(p.forward, key) >= 0:
			p.at += p.skip
		case strings.IndexByte(p.rewind, key) >= 0:
			p.at = max(p.at-p.skip, 0)
		case strings.IndexByte(p.restart, key) >= 0:
			p.at = 0
		}
	}
}

// paused waits, where the key is one that pauses, for the key that ends the pause.
func (p *controlled) paused(ctx context.Context, key byte) (byte, error) {
	if strings.IndexByte(p.pause, key) < 0 {
		return key, nil
	}
	for {
		next, err := prompt.Key(ctx, p.ch, time.Hour)
		if err != nil {
			return 0, err
		}
		if next != 0 && strings.IndexByte(p.pause+p.stop+p.restart, next) >= 0 {
			return next, nil
		}
	}
}

// play plays from p.at on until the end or a key, and leaves p.at where it stopped.
func (p *controlled) play(ctx context.Context, keys string) (byte, error) {
	src, err := p.d.Voice.Sounds.Open(p.name, p.ch.Language(), p.ch.Leg().Formats())
	if err != nil {
		return 0, err
	}
	defer src.Close()
	if err := prompt.Wind(src, p.at); errors.Is(err, io.EOF) {
		return 0, nil // beyond the end
	} else if err != nil {
		return 0, err
	}
	c := &prompt.Counted{Source: src}
	key, err := prompt.PlaySource(ctx, p.ch, keys, c)
	p.at += c.Length()
	return key, err
}
