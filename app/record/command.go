package record

import (
	"context"
	"runtime"
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

// command is what a shell is to carry out when a recording has ended. ^{X} in it is
// ${X}, filled in now, as in the original. What is filled in stays what it is: the
// shell takes no command from a caller's name. raw is the text before the dialplan
// filled ${X} in, "" where it is not known; where filling it in once more gives the
// same, its values are treated likewise.
func command(x *pbx.Exec, text, raw string) string {
	if strings.Contains(raw, "${") {
		if safe, same := filled(x, raw, "^$"); same == text {
			return safe
		}
	}
	safe, _ := filled(x, text, "^")
	return safe
}

// filled fills in what stands in braces behind one of the marks. same is the text as
// the dialplan gives it out: with ${X} filled in as it is, and ^{X} left.
func filled(x *pbx.Exec, text, marks string) (safe, same string) {
	var out, plain strings.Builder
	var q quoting
	for i := 0; i < len(text); {
		if strings.IndexByte(marks, text[i]) >= 0 && i+1 < len(text) && text[i+1] == '{' {
			if end := closing(text, i+1); end > 0 {
				value := x.Expand("$" + text[i+1:end+1])
				out.WriteString(q.fill(value))
				if text[i] == '^' {
					value = text[i : end+1]
				}
				plain.WriteString(value)
				i = end + 1
				continue
			}
		}
		out.WriteByte(text[i])
		plain.WriteByte(text[i])
		q.next(text[i])
		i++
	}
	return out.String(), plain.String()
}

// written is an argument of the step that runs, as it is in the dialplan, "" where
// another application runs this one.
func written(x *pbx.Exec, app string, args, i int) string {
	s := x.Find(x.Place())
	if s == nil || !strings.EqualFold(s.App, app) {
		return ""
	}
	return expand.Arg(expand.RawArgs(s.Data, args), i)
}

// closing finds the brace that closes the one at i.
func closing(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// quoting follows a shell's line: within which quotes one is.
type quoting struct {
	in      byte // ' or ", 0 for none
	escaped bool
}

func (q *quoting) next(c byte) {
	switch {
	case q.escaped:
		q.escaped = false
	case c == '\\' && q.in != '\'':
		q.escaped = true
	case c == q.in:
		q.in = 0
	case q.in == 0 && (c == '\'' || c == '"'):
		q.in = c
	}
}

// fill writes a value so that it means itself where it stands. Outside of quotes one
// of plain characters is left as it is: several words stay several. For Windows'
// interpreter, which has no quotes that hold, all else is left out.
func (q *quoting) fill(value string) string {
	switch {
	case runtime.GOOS == "windows":
		return strings.Map(func(c rune) rune {
			if c == '\\' || plain(string(c)) {
				return c
			}
			return -1
		}, value)
	case q.in == '\'':
		return strings.ReplaceAll(value, "'", `'\''`)
	case q.in == '"':
		return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(value)
	case plain(value):
		return value
	}
	return quote(value)
}

// quote makes one word of a shell's line.
func quote(value string) string {
	if runtime.GOOS == "windows" {
		return `"` + (&quoting{}).fill(value) + `"`
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// plain says that a value holds nothing that a shell takes for anything else.
func plain(value string) bool {
	for _, c := range value {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c > 0x7f || strings.ContainsRune(" _-+=.,:/@%", c) {
			continue
		}
		return false
	}
	return true
}

// carryOut has the shell run a line, and logs what becomes of it.
func (t *take) carryOut(line string) {
	if line == "" || t.desk.deps.Shell == nil {
		return
	}
	code, err := t.desk.deps.Shell(context.Background(), line)
	switch {
	case err != nil:
		t.ch.Log().Warn("the command behind a recording could not be run", "command", line, "why", err)
	case code != 0:
		t.ch.Log().Warn("the command behind a recording failed", "command", line, "code", code)
	}
}
