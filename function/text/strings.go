package text

import (
	"strconv"
	"strings"

	"obelus/dialplan/expand"
	"obelus/dialplan/expr"
	"obelus/function/argument"
	"obelus/pbx"
)

func stringFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "LEN",
			Read: argument.Plain(func(s string) string { return strconv.Itoa(len(s)) }),
		}, {
			Name: "TOUPPER",
			Read: argument.Plain(upper),
		}, {
			Name: "TOLOWER",
			Read: argument.Plain(lower),
		}, {
			Name: "QUOTE",
			Read: func(x *pbx.Exec, s string) (string, error) {
				if s == "" {
					x.Warn("No argument specified!")
				}
				return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`, nil
			},
		}, {
			Name: "CSV_QUOTE",
			Read: argument.Plain(func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }),
		}, {
			Name: "PASSTHRU",
			Read: argument.Plain(func(s string) string { return s }),
		}, {
			Name: "TRIM",
			Read: argument.Plain(func(s string) string { return strings.Trim(s, argument.Blanks) }),
		}, {
			Name: "LTRIM",
			Read: argument.Plain(func(s string) string { return strings.TrimLeft(s, argument.Blanks) }),
		}, {
			Name: "RTRIM",
			Read: argument.Plain(func(s string) string { return strings.TrimRight(s, argument.Blanks) }),
		}, {
			Name: "KEYPADHASH",
			Read: argument.Plain(func(s string) string { return strings.Map(keypad, s) }),
		}, {
			Name: "STRBETWEEN",
			Read: between,
		}, {
			Name: "FILTER",
			Read: filter,
		}, {
			Name: "REGEX",
			Read: argument.Pure(regex),
		},
	}
}

// upper and lower leave everything but ASCII letters alone, like the original in the C locale.
func upper(s string) string {
	return eachByte(s, func(c byte) byte {
		if c >= 'a' && c <= 'z' {
			return c - 'a' + 'A'
		}
		return c
	})
}

func lower(s string) string {
	return eachByte(s, func(c byte) byte {
		if c >= 'A' && c <= 'Z' {
			return c - 'A' + 'a'
		}
		return c
	})
}

func eachByte(s string, change func(byte) byte) string {
	out := []byte(s)
	for i, c := range out {
		out[i] = change(c)
	}
	return string(out)
}

// keypad is the key of a letter (ITU-T E.161); -1 for what is on none.
func keypad(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return rune("22233344455566677778889999"[r-'a'])
	case r >= 'A' && r <= 'Z':
		return rune("22233344455566677778889999"[r-'A'])
	case r >= '0' && r <= '9', r == '*', r == '#':
		return r
	}
	return -1
}

func between(x *pbx.Exec, args string) (string, error) {
	name, insert, _ := argument.Two(args)
	if name == "" {
		return "", argument.Complain("Syntax: STRBETWEEN(<varname>,<insert>) - missing argument!")
	}
	s, err := argument.Value(x, name)
	return strings.Join(strings.Split(s, ""), insert), err
}

// filter keeps the allowed bytes of a string.
func filter(x *pbx.Exec, args string) (string, error) {
	a := expand.RawArgs(args, 2)
	if len(a) < 2 {
		return "", argument.Complain("Usage: FILTER(<allowed-chars>,<string>)")
	}
	var allowed [256]bool
	for rest := a[0]; rest != ""; {
		from, size := argument.Char(rest)
		rest = rest[size:]
		to := from
		if len(rest) > 1 && rest[0] == '-' {
			to, size = argument.Char(rest[1:])
			rest = rest[1+size:]
			if to < from {
				x.Warnf("Range wrapping in FILTER(%s,%s).  This may not be what you want.", a[0], a[1])
			}
		}
		for c := from; ; c++ { // past 255 it goes on at 0
			allowed[c] = true
			if c == to {
				break
			}
		}
	}
	var out strings.Builder
	for i := range len(a[1]) {
		if allowed[a[1][i]] {
			out.WriteByte(a[1][i])
		}
	}
	return out.String(), nil
}

// regex reads "expression" string. A backslash has to be doubled, as in the
// original, which takes one away with the quotes.
func regex(args string) (string, error) {
	a := expand.ArgsBy(args, '"', 3)
	if len(a) != 3 {
		return "", argument.Complain(`Unexpected arguments: should have been in the form '"<regex>" <string>'`)
	}
	subject := a[2]
	if subject != "" && (subject[0] == ' ' || subject[0] == '\t') {
		subject = subject[1:]
	}
	re, err := expr.CompilePOSIX(a[1])
	if err != nil {
		return "", argument.Complain("Malformed input REGEX(%s): %v", args, err)
	}
	return argument.OneOrZero(re.MatchString(subject)), nil
}
