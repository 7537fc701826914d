package agi

import (
	"context"
	"errors"
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

// maxArgs is how many words the data of the application, and a command, may have.
const maxArgs = 127

// deepest is how many scripts a channel may have at once, each run by EXEC AGI of
// the one before.
const deepest = 10

// depthKey is where the number of scripts is kept.
type depthKey struct{}

// Why a script could not be started: what AGISTATUS becomes of it.
var (
	errNotFound = errors.New("there is no such script")
	errStart    = errors.New("it can't be started")
)

func (d *Deps) agi(ctx context.Context, x *pbx.Exec, data string) error {
	return d.run(ctx, x, data, nil)
}

func (d *Deps) deadAGI(ctx context.Context, x *pbx.Exec, data string) error {
	x.Warn("DeadAGI has been deprecated, please use AGI in all cases!")
	return d.run(ctx, x, data, nil)
}

func (d *Deps) eagi(ctx context.Context, x *pbx.Exec, data string) error {
	if isDead(x) {
		x.Channel().Log().Error("EAGI cannot be run on a dead/hungup channel, please use AGI.")
		return nil
	}
	f := audioFormat(x)
	return d.run(ctx, x, data, &f)
}

// isDead says that there is nobody on the channel any more: what runs is h.
func isDead(x *pbx.Exec) bool { return x.Leaving() || x.Channel().IsGone() }

// run runs one script or FastAGI server on the channel, and sets AGISTATUS.
func (d *Deps) run(ctx context.Context, x *pbx.Exec, data string, audio *format) error {
	if strings.TrimSpace(data) == "" {
		x.Warn("AGI requires an argument (script)")
		return pbx.ErrHangup
	}
	args := expand.Args(data, maxArgs)
	if d.Pretend != nil {
		d.Pretend(strings.Join(args, " "))
		x.Set("AGISTATUS", "SUCCESS")
		return nil
	}
	depth, _ := x.Recall(depthKey{}).(int)
	if depth >= deepest {
		x.Warn("AGI: scripts run one another too deep")
		x.Set("AGISTATUS", "FAILURE")
		return nil
	}
	x.Remember(depthKey{}, depth+1)
	defer x.Remember(depthKey{}, depth)
	l, err := d.start(ctx, x, args, audio != nil)
	if ctx.Err() != nil && !isDead(x) {
		return context.Cause(ctx)
	}
	switch {
	case errors.Is(err, errNotFound):
		x.Set("AGISTATUS", "NOTFOUND")
		return nil
	case err != nil:
		x.Set("AGISTATUS", "FAILURE")
		return nil
	}
	s := &session{d: d, x: x, ch: x.Channel(), ctx: ctx, cancel: func() {}, link: l, dead: isDead(x), args: args, enhanced: audio != nil}
	if audio != nil {
		stop, err := hear(s.ch, l.audio, *audio)
		if err != nil {
			x.Warnf("EAGI gets no sound: %v", err)
		} else {
			defer stop()
		}
	}
	x.Set("AGISTATUS", s.run())
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// start opens the way to what the first argument names.
func (d *Deps) start(ctx context.Context, x *pbx.Exec, args []string, enhanced bool) (*link, error) {
	name := args[0]
	switch low := strings.ToLower(name); {
	case strings.HasPrefix(low, "agi:async"):
		x.Channel().Log().Error("Failed to start AsyncAGI on channel " + x.Channel().Name() + ": there is no manager interface that could answer it")
		return nil, errStart
	case (strings.HasPrefix(low, "agi://") || strings.HasPrefix(low, "hagi://")) && enhanced:
		x.Warn("EAGI has a pipe for sound, which a FastAGI server can't be handed: use AGI")
		return nil, errStart
	case strings.HasPrefix(low, "agi://"):
		return d.connect(ctx, x, name)
	case strings.HasPrefix(low, "hagi://"):
		return d.connectAny(ctx, x, name)
	}
	return d.launch(x, args, enhanced)
}

// checkAGI says what of the data is not supported.
func checkAGI(data string) []string {
	if strings.HasPrefix(strings.ToLower(data), "agi:async") {
		return []string{"AsyncAGI needs the manager interface, which is not supported yet: AGISTATUS becomes FAILURE"}
	}
	return nil
}
