package expand

import (
	"math"
	"strings"
)

// reference is what stands between ${ and }: a variable or a function, and
// which piece of it is wanted.
type reference struct {
	name           string // the variable, or NAME(arguments) for a function
	function       bool
	offset, length int
}

// whole is the length of a reference without one.
const whole = math.MaxInt32

// parseReference takes a filled-in text apart at the first colon outside
// parentheses. What is not a number after it counts as not written.
func parseReference(s string) reference {
	r := reference{name: s, length: whole}
	parens := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '(':
			r.function = true
			parens++
		case c == ')':
			parens--
		case c == ':' && parens == 0:
			r.name = s[:i]
			r.piece(s[i+1:])
			return r
		}
	}
	return r
}

// piece reads "offset" or "offset:length". Spaces are allowed before a number
// and not after it, as C's scanf has it in the original.
func (r *reference) piece(s string) {
	n, rest, ok := leadingInt(s)
	if !ok {
		return
	}
	r.offset = n
	if !strings.HasPrefix(rest, ":") {
		return
	}
	if n, _, ok = leadingInt(rest[1:]); ok {
		r.length = n
	}
}

// leadingInt reads the number at the start of s, at most 30 characters of it.
func leadingInt(s string) (n int, rest string, ok bool) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	i, negative := 0, false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	start := i
	for ; i < len(s) && i < 30 && s[i] >= '0' && s[i] <= '9'; i++ {
		n = min(n*10+int(s[i]-'0'), math.MaxInt32)
	}
	if negative {
		n = -n
	}
	return n, s[i:], i > start
}

// value looks the reference up.
func (r reference) value(env Env) string {
	var v string
	if r.function {
		v = call(r.name, env)
	} else {
		v, _ = env.Var(r.name)
	}
	if r.offset == 0 && r.length == whole {
		return clip(v, MaxValue, env)
	}
	return clip(Piece(v, r.offset, r.length), MaxValue, env)
}

// call reads a function. Its arguments go from the first opening parenthesis
// to the last closing one; what follows that is dropped, as in the original.
func call(text string, env Env) string {
	name, args, _ := strings.Cut(text, "(")
	end := strings.LastIndexByte(args, ')')
	if end < 0 {
		env.Warn("Can't find trailing parenthesis for function '" + text + "'?")
		end = len(args)
	}
	v, err := env.Call(name, args[:end])
	if err != nil {
		env.Warn(err.Error())
		return ""
	}
	return v
}

// Piece is the part of s that ${name:offset:length} stands for, in bytes. A
// negative offset counts from the end, and no further than the start; a
// negative length leaves that many bytes away at the end.
func Piece(s string, offset, length int) string {
	if offset < 0 {
		offset = max(0, len(s)+offset)
	}
	if offset >= len(s) {
		return ""
	}
	s = s[offset:]
	if length < 0 {
		return s[:max(0, len(s)+length)]
	}
	return s[:min(length, len(s))]
}
