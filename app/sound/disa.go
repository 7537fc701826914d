package sound

import (
	"bufio"
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
)

const (
	milli  = time.Millisecond
	second = time.Second
)

func disa(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "DISA",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 5)
			if expand.Arg(args, 0) == "" {
				x.Warn("DISA requires an argument (passcode/passcode file)")
				return pbx.ErrHangup
			}
			opts, err := pbx.ParseOptions(expand.Arg(args, 4), "np")
			if err != nil {
				x.Warnf("DISA: %v", err)
			}
			v := visit{d: d, x: x, opts: opts, context: expand.Arg(args, 1), callerID: expand.Arg(args, 2), mailbox: expand.Arg(args, 3)}
			if v.context == "" {
				v.context = "disa"
			}
			if opts.Has('n') {
				err = opened(x)
			} else {
				err = answered(x)
			}
			if err != nil {
				return err
			}
			if !strings.EqualFold(args[0], "no-password") {
				if ok, err := v.admitted(ctx, args[0]); err != nil || !ok {
					return v.failed(ctx, err)
				}
			}
			return v.dial(ctx)
		},
		Check: unknown("DISA", 4, "np"),
	}
}

// visit is one caller who is given a dial tone.
type visit struct {
	d                          *Deps
	x                          *pbx.Exec
	opts                       pbx.Options
	context, callerID, mailbox string
	account                    string // the passcode
}

// admitted asks for the passcode, which # ends.
func (v *visit) admitted(ctx context.Context, code string) (bool, error) {
	typed, err := v.keys(ctx, func(string) bool { return true }, true)
	if err != nil {
		return false, err
	}
	v.account = typed
	if code[0] != '/' {
		return same(typed, code), nil
	}
	return v.inFile(code, typed)
}

// inFile looks for the passcode in a file of lines CODE|CONTEXT|CALLERID|MAILBOX; the
// original has commas there, too.
func (v *visit) inFile(name, typed string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		v.x.Warnf("DISA password file %s not found on chan %s", name, v.x.Channel().Name())
		return false, nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		parts := strings.Split(strings.ReplaceAll(line, "|", ","), ",")
		parts = append(parts, "", "", "")
		if strings.EqualFold(parts[0], "no-password") {
			v.take(parts)
			return true, nil
		}
		if same(parts[0], typed) {
			v.take(parts)
			return true, nil
		}
	}
	return false, nil
}

// take has a line of the file say where the caller goes.
func (v *visit) take(parts []string) {
	for i, to := range []*string{&v.context, &v.callerID, &v.mailbox} {
		if p := strings.TrimSpace(parts[i+1]); p != "" {
			*to = p
		}
	}
}

// dial takes an extension, and goes there.
func (v *visit) dial(ctx context.Context) error {
	exten, err := v.keys(ctx, func(digits string) bool { return matchMore(v.x, v.context, digits) }, v.opts.Has('p'))
	if err != nil {
		return v.failed(ctx, err)
	}
	if !exists(v.x, v.context, exten) {
		if exists(v.x, v.context, "i") {
			v.x.Set("INVALID_EXTEN", exten)
			exten = "i"
		} else {
			v.x.Verbose(3, "DISA: no extension '"+exten+"' in context '"+v.context+"'")
			return v.failed(ctx, nil)
		}
	}
	if v.callerID != "" {
		if err := v.x.Assign("CALLERID(all)", v.callerID); err != nil {
			v.x.Warnf("DISA: %v", err)
		}
	}
	if v.account != "" {
		v.x.Channel().SetAccount(v.account)
	}
	v.x.Jump(call.Place{Context: v.context, Exten: exten, Priority: 1})
	return nil
}

// errNothing says that nothing was dialled.
var errNothing = errors.New("nothing was dialled")

// keys plays the dial tone until the first key, and takes keys as long as more says,
// until a pause, or until # where that ends them.
func (v *visit) keys(ctx context.Context, more func(string) bool, pound bool) (string, error) {
	ch := v.x.Channel()
	next, first := v.x.Waits()
	name := "dial"
	if v.d.Messages != nil && v.mailbox != "" && v.d.Messages(v.mailbox) {
		name = "dialrecall"
	}
	r := reader{d: v.d, x: v.x, tone: v.d.tone(ch, name), question: prompt.Question{First: first, Next: next}}
	a, key, err := r.toneKey(ctx)
	for err == nil && key != 0 {
		if pound && key == '#' {
			return strings.TrimSuffix(a.Digits, "#"), nil
		}
		if len(a.Digits) >= maxRead || !more(a.Digits) {
			return a.Digits, nil
		}
		if key, err = prompt.Key(ctx, ch, next); key != 0 {
			a.Digits += string(key)
		}
	}
	if err == nil && a.Digits == "" {
		err = errNothing
	}
	return a.Digits, err
}

// failed plays the tone of a call that can't be made, and ends the call.
func (v *visit) failed(ctx context.Context, err error) error {
	if err != nil && !errors.Is(err, errNothing) {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, 10*second, errToneOver)
	defer cancel()
	if _, err := playTone(ctx, v.x.Channel(), v.d.tone(v.x.Channel(), "congestion"), ""); err != nil && !errors.Is(err, errToneOver) {
		return err
	}
	return pbx.ErrHangup
}
