package expand

import "strings"

// Args splits the argument text of an application or function at commas, the
// way the original does for most of them: a comma inside double quotes,
// round or square brackets does not separate, a backslash takes away any
// special meaning of the next character, and the quotes and backslashes that
// did this work are removed.
//
// slots is the number of arguments the caller knows. The last of them takes
// the rest of the text exactly as written, further commas, quotes and
// backslashes included. Text that ends in a separator has one more, empty,
// argument; empty text has none.
func Args(s string, slots int) []string { return split(s, ',', true, slots) }

// RawArgs splits like [Args] but leaves quotes and backslashes in place.
func RawArgs(s string, slots int) []string { return split(s, ',', false, slots) }

// ArgsBy splits like [Args] at another separator: IF splits at '?' and ':'.
func ArgsBy(s string, sep byte, slots int) []string { return split(s, sep, true, slots) }

// RawArgsBy splits like [RawArgs] at another separator.
func RawArgsBy(s string, sep byte, slots int) []string { return split(s, sep, false, slots) }

// Arg returns args[i], or "" where there are fewer: an argument left out and
// an empty one are the same to nearly every application.
func Arg(args []string, i int) string {
	if i < len(args) {
		return args[i]
	}
	return ""
}

// split does the work of the four above. Depths are not reset at a separator
// because a separator is only seen at depth 0.
func split(s string, sep byte, clean bool, slots int) []string {
	if s == "" || slots <= 0 {
		return nil
	}
	sc := splitter{sep: sep, clean: clean}
	var args []string
	rest := s
	ended := false // the last character read was a separator
	for rest != "" && len(args) < slots-1 {
		var arg string
		arg, rest, ended = sc.next(rest)
		args = append(args, arg)
	}
	if rest != "" || ended {
		args = append(args, rest)
	}
	return args
}

// splitter is the state that lasts from one argument to the next.
type splitter struct {
	sep            byte
	clean          bool
	quoted         bool
	round, squared int
}

// next takes one argument off the front of s; ended tells that a separator closed it.
func (sc *splitter) next(s string) (arg, rest string, ended bool) {
	var out strings.Builder
	from := 0 // start of the stretch not yet copied to out
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			if sc.clean {
				out.WriteString(s[from:i])
				from = i + 1
			}
			i++
		case c == '"' && sc.sep != '"':
			sc.quoted = !sc.quoted
			if sc.clean {
				out.WriteString(s[from:i])
				from = i + 1
			}
		case c == sc.sep && sc.round == 0 && sc.squared == 0 && !sc.quoted:
			return joined(&out, s[from:i]), s[i+1:], true
		default:
			sc.nest(c)
		}
	}
	return joined(&out, s[min(from, len(s)):]), "", false
}

// nest counts brackets; a closing one without its opening one is plain text.
func (sc *splitter) nest(c byte) {
	switch {
	case c == '(':
		sc.round++
	case c == ')' && sc.round > 0:
		sc.round--
	case c == '[':
		sc.squared++
	case c == ']' && sc.squared > 0:
		sc.squared--
	}
}

// joined is the text gathered so far with tail, without a copy if there was nothing to remove.
func joined(out *strings.Builder, tail string) string {
	if out.Len() == 0 {
		return tail
	}
	out.WriteString(tail)
	return out.String()
}
