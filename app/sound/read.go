package sound

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
)

// maxRead is how many digits Read takes, at most and where nothing is said.
const maxRead = 255

func read(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "Read",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 6)
			if expand.Arg(args, 0) == "" {
				x.Warn("Read requires an argument (variable)")
				return pbx.ErrHangup
			}
			r := newReader(d, x, args)
			return r.run(ctx)
		},
		Check: unknown("Read", 3, "sinet"),
	}
}

// reader is one run of Read.
type reader struct {
	d        *Deps
	x        *pbx.Exec
	variable string
	opts     pbx.Options
	attempts int
	tone     string // played instead of sounds; "" for none
	question prompt.Question
}

func newReader(d *Deps, x *pbx.Exec, args []string) *reader {
	r := &reader{d: d, x: x, variable: args[0], attempts: 1}
	q := &r.question
	q.Max, q.End = maxRead, "#"
	q.Next, q.First = x.Waits()
	var err error
	if r.opts, err = pbx.ParseOptions(expand.Arg(args, 3), "sinet"); err != nil {
		x.Warnf("Read: %v", err)
	}
	if end, ok := r.opts.Get('t'); ok {
		q.End = end
	}
	if n, err := strconv.Atoi(expand.Arg(args, 2)); err == nil && n > 0 && n <= maxRead {
		q.Max = n
	}
	x.Verbose(3, fmt.Sprintf("Accepting a maximum of %d digits.", q.Max))
	if n, err := strconv.Atoi(expand.Arg(args, 4)); err == nil && n > 0 {
		r.attempts = n
	}
	if t, err := pbx.Seconds(expand.Arg(args, 5)); err != nil {
		x.Warnf("Read: %v", err)
	} else if t > 0 {
		q.First, q.Next = t, t
	}
	r.sounds(expand.Arg(args, 1))
	return r
}

// sounds takes what is played: files or, with option i, a tone.
func (r *reader) sounds(list string) {
	if !r.opts.Has('i') {
		r.question.Sounds = names(list)
		return
	}
	if r.d.Tones == nil || list == "" {
		return
	}
	r.tone, _ = r.d.Tones.Tone(zone(r.x.Channel()), list)
}

func (r *reader) run(ctx context.Context) error {
	if skip, err := admit(r.x, r.opts.Has('s'), r.opts.Has('n')); err != nil || skip {
		r.x.Set(r.variable, "")
		if err == nil {
			r.x.Set("READSTATUS", "SKIPPED")
		} else {
			r.x.Set("READSTATUS", "ERROR")
		}
		return err
	}
	for n := r.attempts; n > 0; n-- {
		a, err := r.ask(ctx)
		r.x.Set(r.variable, a.Digits)
		if err != nil {
			return r.gone(err)
		}
		r.x.Set("READSTATUS", outcome(a))
		switch {
		case a.Digits != "":
			r.x.Verbose(3, fmt.Sprintf("User entered '%s'", a.Digits))
			return nil
		case a.Ended != 0 && r.opts.Has('e'):
			return nil
		case n > 1:
			r.x.Verbose(3, fmt.Sprintf("User entered nothing, %d chance(s) left", n-1))
		default:
			r.x.Verbose(3, "User entered nothing.")
		}
	}
	return nil
}

// outcome is the READSTATUS of an answer.
func outcome(a prompt.Reply) string {
	if a.TimedOut {
		return "TIMEOUT"
	}
	return "OK"
}

// gone is the end of a call during Read.
func (r *reader) gone(err error) error {
	r.x.Verbose(3, "User disconnected")
	if errors.Is(err, call.ErrGone) {
		r.x.Set("READSTATUS", "HANGUP")
	} else {
		r.x.Set("READSTATUS", "INTERRUPTED")
	}
	return err
}

func (r *reader) ask(ctx context.Context) (prompt.Reply, error) {
	if r.tone == "" {
		return r.d.Voice.Ask(ctx, r.x.Channel(), r.question)
	}
	first, key, err := r.toneKey(ctx)
	if err != nil || key == 0 || first.Ended != 0 {
		return first, err
	}
	return more(ctx, r.x.Channel(), first, r.question)
}

// toneKey plays the tone until the first key is pressed.
func (r *reader) toneKey(ctx context.Context) (prompt.Reply, byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, r.question.First, errToneOver)
	defer cancel()
	key, err := playTone(ctx, r.x.Channel(), r.tone, prompt.AnyKey)
	switch {
	case errors.Is(err, errToneOver):
		return prompt.Reply{TimedOut: true}, 0, nil
	case err != nil:
		return prompt.Reply{}, 0, err
	case strings.IndexByte(r.question.End, key) >= 0:
		return prompt.Reply{Ended: key}, key, nil
	}
	return prompt.Reply{Digits: string(key)}, key, nil
}

var errToneOver = errors.New("nobody pressed a key while the tone was played")

// more collects the keys behind those of an answer.
func more(ctx context.Context, ch *call.Channel, a prompt.Reply, q prompt.Question) (prompt.Reply, error) {
	for q.Max == 0 || len(a.Digits) < q.Max {
		key, err := prompt.Key(ctx, ch, q.Next)
		switch {
		case err != nil:
			return a, err
		case key == 0:
			a.TimedOut = true
			return a, nil
		case strings.IndexByte(q.End, key) >= 0:
			a.Ended = key
			return a, nil
		}
		a.Digits += string(key)
	}
	a.Full = true
	return a, nil
}

// milliseconds reads a number of milliseconds; other is for none.
func milliseconds(s string, other time.Duration) (time.Duration, error) {
	if s = strings.TrimSpace(s); s == "" {
		return other, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<31 {
		return other, fmt.Errorf("%q is no number of milliseconds", s)
	}
	return time.Duration(n) * time.Millisecond, nil
}
