package app

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"obelus/pbx"
)

// Shell has the system's shell carry out a command line and returns its exit
// code. It returns soon after ctx has ended, with its cause, whether the command
// has ended or not.
type Shell func(ctx context.Context, line string) (code int, err error)

func system(d *Deps) pbx.Application {
	return pbx.Application{Name: "System", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		if ok, err := runShell(ctx, x, d, data); err != nil || ok {
			return err
		}
		return pbx.ErrHangup
	}}
}

func trySystem(d *Deps) pbx.Application {
	return pbx.Application{Name: "TrySystem", Run: func(ctx context.Context, x *pbx.Exec, data string) error {
		_, err := runShell(ctx, x, d, data)
		return err
	}}
}

// runShell carries a command out and sets SYSTEMSTATUS; ok says whether it could
// be run, whatever came of it.
func runShell(ctx context.Context, x *pbx.Exec, d *Deps, data string) (ok bool, err error) {
	if data == "" {
		x.Warn("System requires an argument(command)")
		x.Set("SYSTEMSTATUS", "FAILURE")
		return false, nil
	}
	if d.Shell == nil {
		return false, errors.New("this server runs no commands")
	}
	code, err := d.Shell(ctx, unescape(data))
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err != nil || code < 0 || code == 127:
		x.Warnf("Unable to execute '%s'", data)
		x.Set("SYSTEMSTATUS", "FAILURE")
		return false, nil
	case code != 0:
		x.Set("SYSTEMSTATUS", "APPERROR")
	default:
		x.Set("SYSTEMSTATUS", "SUCCESS")
	}
	return true, nil
}

// unescape reads the escapes that the original's System knows: \n \r \t, \xHH,
// \0OO, and a backslash before anything else, which stands for itself.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'n':
			out.WriteByte('\n')
		case 'r':
			out.WriteByte('\r')
		case 't':
			out.WriteByte('\t')
		case 'x':
			i += numeral(&out, s[i+1:], 16)
		case '0':
			i += numeral(&out, s[i+1:], 8)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// numeral writes the character whose number, of two digits at most, s begins
// with, and returns how many it took. Where there is none it writes nothing.
func numeral(out *strings.Builder, s string, base int) int {
	for n := min(2, len(s)); n > 0; n-- {
		if c, err := strconv.ParseUint(s[:n], base, 8); err == nil {
			out.WriteByte(byte(c))
			return n
		}
	}
	return 0
}
