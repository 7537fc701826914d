package dial

import (
	"context"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
)

func retryDial(d *Deps) pbx.Application {
	return pbx.Application{Name: "RetryDial", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		args := expand.Args(data, 7)
		if expand.Arg(args, 3) == "" {
			x.Warn("RetryDial requires a 4th argument (dialdata)")
			return nil
		}
		r := retry{d: d, x: x, announce: expand.Arg(args, 0), pause: 10 * time.Second, dial: args[3:]}
		if s, err := strconv.Atoi(strings.TrimSpace(expand.Arg(args, 1))); err == nil && s > 0 {
			r.pause = time.Duration(s) * time.Second
		}
		r.tries, _ = strconv.Atoi(strings.TrimSpace(expand.Arg(args, 2)))
		if r.tries == 0 {
			r.tries = -1 // for ever
		}
		return r.run(ctx)
	}, Check: func(data string) []string {
		if args := expand.RawArgs(data, 7); len(args) > 3 {
			return checkDial(strings.Join(args[3:], ","))
		}
		return nil
	}}
}

// retry is one RetryDial under way.
type retry struct {
	d        *Deps
	x        *pbx.Exec
	announce string
	pause    time.Duration
	tries    int // below 0: for ever
	dial     []string
}

func (r *retry) run(ctx context.Context) error {
	opts, _ := pbx.ParseOptions(expand.Arg(r.dial, 2), dialOptions+dialHeard)
	leaves := opts.Has('d')
	for left := r.tries; left != 0; left-- {
		if err := runDial(ctx, r.x, r.d, r.dial); err != nil || r.x.Jumped() || r.x.Get("DIALSTATUS") == "ANSWER" {
			return err
		}
		key, err := r.wait(ctx, leaves)
		if err != nil {
			return err
		}
		if key != 0 && leaves && exitTo(r.x, key) {
			return nil
		}
	}
	return nil
}

// wait waits for the next try: an announcement, then music. A key ends it.
func (r *retry) wait(ctx context.Context, leaves bool) (byte, error) {
	ch := r.x.Channel()
	if r.announce != "" {
		stop := ""
		if leaves {
			stop = prompt.AnyKey
		}
		key, err := r.d.Voice.Play(ctx, ch, stop, r.announce)
		if ctx.Err() != nil {
			return 0, err
		}
		if key != 0 {
			return key, nil
		}
	}
	if m := r.d.music(ch); m != nil && ch.State() == call.StateUp {
		defer behind(ch, func(ctx context.Context) error { return m.Play(ctx, ch, "") })()
	}
	return prompt.Key(ctx, ch, r.pause)
}

// exitTo jumps to the extension of one digit that was dialled, in EXITCONTEXT or the present context.
func exitTo(x *pbx.Exec, key byte) bool {
	to := call.Place{Context: x.Get("EXITCONTEXT"), Exten: string(key), Priority: 1}
	if to.Context == "" {
		to.Context = x.Place().Context
	}
	if !x.PBX().Exists(to.Context, to.Exten, x.CallerNumber()) {
		return false
	}
	x.Verbose(3, "User hit "+to.Exten+" to disconnect call.")
	x.Jump(to)
	return true
}
