package expr

import (
	"errors"
	"strings"
)

// ErrNoFunction is what an [Env] wraps when it knows no function of the name.
var ErrNoFunction = errors.New("function not registered")

// NoFunction is that error for a name, in the original's words.
func NoFunction(name string) error { return noFunction(name) }

type noFunction string

func (f noFunction) Error() string { return "Function " + string(f) + " not registered" }

func (f noFunction) Unwrap() error { return ErrNoFunction }

// call reads the function name: one of arithmetic, or else a dialplan function.
func (p *parser) call(name string, args []value) value {
	if strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != "" {
		p.env.Warn("Error! '" + name + "' is not possibly a function name!")
		return intValue(0)
	}
	if f, ok := arithmetic(name); ok {
		return p.arithmetic(name, f, args)
	}
	if !p.memo.allows(name) {
		p.env.Warn(name + "() came into an expression with the value of a variable, and is not called")
		return intValue(0)
	}
	v, err := p.env.Call(name, argumentText(args))
	switch {
	case errors.Is(err, ErrNoFunction):
		p.env.Warn("Hey! could not find func " + name + ".")
		p.env.Warn("Error! '" + name + "' doesn't appear to be an available function!")
		return intValue(0)
	case err != nil:
		// The original goes on with what its buffer happened to hold: the first argument.
		p.env.Warn(err.Error())
		if len(args) == 0 {
			return intValue(0)
		}
		return args[0]
	}
	return resultValue(v)
}

// argumentText joins the arguments with commas; a dialplan function takes them apart itself.
func argumentText(args []value) string {
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = a.text()
	}
	return strings.Join(texts, ",")
}

// resultValue is a function's result as an operand. Whatever is made of
// digits, dots, minus signs and blanks alone is read as a number, as far as it
// is one: an empty result is 0.
func resultValue(s string) value {
	if strings.Trim(s, "-0123456789. \t") != "" {
		return value{s: s}
	}
	s = strings.TrimLeft(s, " \t")
	digits, negative := strings.CutPrefix(s, "-")
	n, ok := parseNumber(leadingNumeral(digits))
	if !ok {
		return intValue(0)
	}
	if negative {
		n = n.negated()
	}
	return numberValue(n)
}

// leadingNumeral is the number at the start of s, "0" if there is none.
func leadingNumeral(s string) string {
	i, dot := 0, false
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.' && !dot) {
		dot = dot || s[i] == '.'
		i++
	}
	if s = strings.TrimSuffix(s[:i], "."); s == "" {
		return "0"
	}
	return s
}

// arithmetic carries out one of the arithmetic functions. An argument that is
// no number counts as 0.
func (p *parser) arithmetic(name string, f mathFunction, args []value) value {
	if len(args) != f.args {
		p.env.Warn("Wrong args to " + name + "() function")
		return intValue(0)
	}
	var n [2]number
	for i := range args {
		if p.number(&args[i]) {
			n[i] = args[i].n
		}
		if n[i].nan != 0 {
			return args[i]
		}
	}
	return numberValue(f.of(n[0], n[1]))
}
