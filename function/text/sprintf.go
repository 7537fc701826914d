package text

import (
	"fmt"
	"strings"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

func sprintfFunctions() []pbx.Function {
	return []pbx.Function{{
		Name: "SPRINTF",
		Read: func(x *pbx.Exec, args string) (string, error) {
			a := expand.Args(args, argument.MaxSlots)
			if len(a) == 0 {
				return "", argument.Missing("SPRINTF(<format>,<arg1>[,...<argN>])")
			}
			f := formatter{x: x, args: a[1:]}
			return f.format(a[0])
		},
	}}
}

// maxWidth bounds a width or precision in a format.
const maxWidth = 4096

// formatter is one SPRINTF at work.
type formatter struct {
	x    *pbx.Exec
	args []string
	out  strings.Builder
}

// next is the next argument, false if there are no more.
func (f *formatter) next() (string, bool) {
	if len(f.args) == 0 {
		return "", false
	}
	arg := f.args[0]
	f.args = f.args[1:]
	return arg, true
}

func (f *formatter) format(s string) (string, error) {
	for s != "" {
		at := strings.IndexByte(s, '%')
		if at < 0 {
			f.out.WriteString(s)
			break
		}
		f.out.WriteString(s[:at])
		spec := directive(s[at:])
		s = s[at+len(spec):]
		if err := f.one(spec); err != nil {
			return "", err
		}
		if f.out.Len() > argument.MaxText {
			return "", argument.Complain("SPRINTF would make more than %d bytes", argument.MaxText)
		}
	}
	return f.out.String(), nil
}

// directive is the %... at the start of s, with its letter if it has one.
func directive(s string) string {
	i := 1
	for i < len(s) && strings.IndexByte("-+ #0123456789.hlLqjzt", s[i]) >= 0 {
		i++
	}
	if i < len(s) {
		i++
	}
	return s[:i]
}

// one writes one directive.
func (f *formatter) one(spec string) error {
	verb := spec[len(spec)-1]
	flags := strings.TrimRight(spec[:len(spec)-1], "hlLqjzt")
	for number := range strings.FieldsFuncSeq(flags, func(r rune) bool { return r < '0' || r > '9' }) {
		if n, _, _ := argument.Int(number); n > maxWidth {
			return argument.Complain("Format '%s' is wider than %d", spec, maxWidth)
		}
	}
	switch verb {
	case '%':
		f.out.WriteByte('%')
	case 's':
		arg, ok := f.next()
		if !ok {
			arg = "(null)"
		}
		fmt.Fprintf(&f.out, flags+"s", arg)
	case 'd', 'i', 'o', 'u', 'x', 'X', 'c':
		return f.whole(flags, verb)
	case 'e', 'E', 'f', 'F', 'g', 'G', 'a', 'A':
		return f.fraction(flags, verb)
	default:
		f.x.Warnf("Format type '%s' unknown (ignoring)", spec)
		f.out.WriteString(spec)
	}
	return nil
}

func (f *formatter) whole(flags string, verb byte) error {
	arg, _ := f.next()
	n, _, ok := argument.Int(arg)
	if !ok {
		return argument.Complain("Argument '%s' is not an integer number for format '%s%c'", arg, flags, verb)
	}
	switch verb {
	case 'd', 'i':
		fmt.Fprintf(&f.out, flags+"d", int32(n))
	case 'c':
		fmt.Fprintf(&f.out, strings.Trim(flags, "#0")+"s", string([]byte{byte(n)}))
	case 'u':
		fmt.Fprintf(&f.out, flags+"d", uint32(n))
	default:
		fmt.Fprintf(&f.out, flags+string(verb), uint32(n))
	}
	return nil
}

func (f *formatter) fraction(flags string, verb byte) error {
	arg, _ := f.next()
	n, _, ok := argument.Float(arg)
	if !ok {
		return argument.Complain("Argument '%s' is not a floating point number for format '%s%c'", arg, flags, verb)
	}
	switch verb {
	case 'a':
		verb = 'x'
	case 'A':
		verb = 'X'
	case 'g', 'G':
		if !strings.Contains(flags, ".") {
			flags += ".6" // as C has it; Go would print as many digits as it takes
		}
	}
	fmt.Fprintf(&f.out, flags+string(verb), n)
	return nil
}
