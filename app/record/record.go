package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/media/sound"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/prompt/record"
)

const recordOptions = "aknoqstuxy"

func recordApp(k *Desk) pbx.Application {
	return pbx.Application{
		Name: "Record",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			if data == "" {
				x.Warn("Record requires an argument (filename)")
				x.Set("RECORD_STATUS", "ERROR")
				return pbx.ErrHangup
			}
			args := expand.Args(data, 4)
			r := &recording{k: k, x: x, opts: options(x, expand.Arg(args, 3), recordOptions)}
			if !r.name(args[0]) {
				x.Set("RECORD_STATUS", "ERROR")
				return pbx.ErrHangup
			}
			r.order.Silence = r.seconds(expand.Arg(args, 1), "silence")
			r.order.Max = r.seconds(expand.Arg(args, 2), "maximum")
			return r.run(ctx)
		},
		Check: func(data string) []string {
			args := expand.RawArgs(data, 4)
			return append(unknown("Record", expand.Arg(args, 3), recordOptions), checkFormat("Record", recordEnding(expand.Arg(args, 0)))...)
		},
	}
}

// unknown says which option letters an application lacks.
func unknown(app, options, known string) (lacks []string) {
	if strings.Contains(options, "${") {
		return nil
	}
	for i := 0; i < len(options); i++ {
		if strings.IndexByte(known, options[i]) < 0 {
			lacks = append(lacks, app+" has no option "+options[i:i+1])
		}
		if i+1 < len(options) && options[i+1] == '(' {
			end := pbx.ClosingParenthesis(options, i+1)
			if end < 0 {
				return append(lacks, app+" option "+options[i:i+1]+" lacks its closing parenthesis")
			}
			i = end
		}
	}
	return lacks
}

// checkFormat says that a format, where it is known before, can't be written.
func checkFormat(app, ending string) []string {
	if _, ok := sound.KindOf(ending); ok || ending == "" || strings.ContainsAny(ending, "${}[]") {
		return nil
	}
	return []string{app + " can't write the format " + ending}
}

func recordEnding(name string) string {
	_, ending := recordName(name)
	return ending
}

// recordName takes name.format, or name:format, apart.
func recordName(name string) (base, ending string) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		if i = strings.LastIndexByte(name, ':'); i < 0 {
			return name, ""
		}
	}
	return name[:i], name[i+1:]
}

// recording is one run of Record.
type recording struct {
	k     *Desk
	x     *pbx.Exec
	opts  pbx.Options
	shown string // the file's name as the dialplan has it
	order record.Order
}

// name settles the file. Where its name has a %d in it, that is the first number for
// which there is no file yet.
func (r *recording) name(arg string) bool {
	base, ending := recordName(arg)
	if ending == "" {
		r.x.Warn("No extension specified to filename!")
		return false
	}
	kind, ok := sound.KindOf(ending)
	if !ok {
		r.x.Warnf("No such format '%s'", ending)
		return false
	}
	for n := 0; ; n++ {
		r.shown = strings.ReplaceAll(base, "%d", strconv.Itoa(n))
		path, err := fileName(r.shown, r.k.deps.Sounds)
		if err != nil {
			r.x.Warn(err.Error())
			return false
		}
		r.order.Path, r.order.Formats = path, []string{ending}
		if _, err := os.Stat(path + "." + kind.Ending); r.shown == base || err != nil {
			return true
		}
	}
}

func (r *recording) seconds(s, what string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if s == "" {
		return 0
	}
	if err != nil || n < 0 {
		r.x.Warnf("'%s' is not a valid %s duration", s, what)
		return 0
	}
	return time.Duration(n) * time.Second
}

func (r *recording) run(ctx context.Context) error {
	ch := r.x.Channel()
	r.x.Set("RECORDED_FILE", r.shown)
	if ch.State() != call.StateUp {
		if r.opts.Has('s') {
			r.x.Set("RECORD_STATUS", "SKIP")
			return nil
		}
		if !r.opts.Has('n') {
			if err := ch.Answer(nil); err != nil {
				return err
			}
		}
	}
	if !r.opts.Has('q') {
		r.order.Before = []string{"beep"}
	}
	r.keys()
	if !r.k.deps.NoFiles {
		if err := folder(r.order.Path)(); err != nil {
			return r.fail(err)
		}
	}
	prompt.Forget(ch)
	res, err := r.k.recorder().Record(ctx, ch, r.order)
	if res.Ended == record.ByFailure {
		return r.fail(err)
	}
	r.x.Set("RECORD_STATUS", r.status(res))
	if res.Ended == record.ByHangup && !r.opts.Has('k') {
		if e := r.remove(); e != nil {
			r.x.Warn(e.Error())
		}
	}
	return err
}

// keys settles what ends the recording, and what is cut off then.
func (r *recording) keys() {
	r.order.Append = r.opts.Has('a')
	switch {
	case r.opts.Has('x'):
		return
	case r.opts.Has('y'):
		r.order.Stop = prompt.AnyKey
	case r.opts.Has('t'):
		r.order.Stop = "*"
	default:
		r.order.Stop = "#"
	}
	if r.opts.Has('o') {
		r.order.Cancel = "0"
		r.order.Stop = strings.ReplaceAll(r.order.Stop, "0", "")
	}
	r.order.KeepSilence, r.order.CutKey = time.Second, 250*time.Millisecond
	if r.opts.Has('u') {
		r.order.KeepSilence, r.order.CutKey = r.order.Silence, 0
	}
}

func (r *recording) fail(err error) error {
	r.x.Set("RECORD_STATUS", "ERROR")
	r.x.Warnf("Could not create file %s: %v", r.shown, err)
	return pbx.ErrHangup
}

func (r *recording) status(res record.Result) string {
	switch res.Ended {
	case record.ByKey:
		return "DTMF"
	case record.ByCancel:
		return "OPERATOR"
	case record.BySilence:
		return "SILENCE"
	case record.ByLimit:
		return "TIMEOUT"
	}
	return "HANGUP"
}

// remove deletes the file: who hangs up within it did not want it.
func (r *recording) remove() error {
	if r.k.deps.NoFiles {
		return nil
	}
	kind, _ := sound.KindOf(r.order.Formats[0])
	if err := os.Remove(r.order.Path + "." + kind.Ending); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the recording of who hung up: %w", err)
	}
	return nil
}
