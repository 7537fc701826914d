// Package expr evaluates the dialplan's $[...] expressions.
//
// The text of an expression is usually known only once the variables in it
// have been filled in, so it is read and evaluated in one pass. Operators, the
// loosest first:
//
//	a ? b :: c            b if a is true, else c
//	a | b                 a if it is true, else b
//	a & b                 a if both are true, else 0
//	= != < <= > >=        1 or 0; as numbers if both sides are, else as text
//	+ -
//	* / %
//	! and unary -
//	:  =~  ~~             regular expression (anchored, anywhere), joining
//
// || && == mean the same as | & =. A quoted text keeps its quotes, so that
// "1" and 1 differ and "" is true for | and & while ? takes it for false: all
// as the original has it. NAME(arguments) is one of the functions of
// arithmetic (FLOOR, SQRT, COS ...) or else a dialplan function.
//
// Numbers are the original's long double: 64 bits of mantissa, printed with up
// to 18 digits.
package expr

// Env is what an expression asks of the channel that it is evaluated for.
type Env interface {
	// Call reads the dialplan function name, for an expression such as
	// LEN(abc) + 1. For a function that there is not, the error wraps
	// [ErrNoFunction].
	Call(name, args string) (string, error)
	// Warn tells the operator what is wrong with the expression.
	Warn(msg string)
}

// MaxDepth bounds how deep parentheses, unary operators and ?:: nest.
const MaxDepth = 200

// Eval evaluates an expression in which all ${...} have been filled in. There
// is no failure: of an expression that is wrong from some point on, the value
// of what stood before remains if that was complete ("1 2" is 1), nothing if
// there was nothing ("+ 1"), and otherwise 0 ("1 +"); in each case with a warning.
func Eval(text string, env Env) string { return new(Memo).Eval(text, env) }

// Eval evaluates like the function of that name, remembering in m the regular
// expression it used.
func (m *Memo) Eval(text string, env Env) string {
	p := parser{lexer: lexer{text: text}, env: env, memo: m}
	p.next()
	if !p.startsOperand() {
		if p.tok != tokEnd {
			p.unexpected("$end")
		}
		return ""
	}
	v := p.expression(looseCond)
	if p.failed {
		return "0"
	}
	if p.tok != tokEnd {
		p.unexpected("$end")
	}
	return v.text()
}
