package expr

import "strings"

// How tightly the operators bind.
const (
	looseCond = iota + 1
	looseOr
	looseAnd
	looseCompare
	loosePlus
	looseTimes
	looseUnary
	looseMatch
)

// strength is how tightly a binary operator binds, 0 if t is none.
func strength(t token) int {
	switch t {
	case tokCond:
		return looseCond
	case tokOr:
		return looseOr
	case tokAnd:
		return looseAnd
	case tokEq, tokGt, tokLt, tokGe, tokLe, tokNe:
		return looseCompare
	case tokPlus, tokMinus:
		return loosePlus
	case tokTimes, tokDiv, tokMod:
		return looseTimes
	case tokColon, tokMatch, tokJoin:
		return looseMatch
	}
	return 0
}

// parser reads and evaluates in one pass. Both sides of every operator are
// evaluated, in the order of the text, so that warnings come in that order.
type parser struct {
	lexer
	env    Env
	memo   *Memo
	depth  int
	failed bool // the text is wrong; no value comes of it
}

const operands = "'-' or '!' or '(' or '<token>'"

// startsOperand tells whether an operand can begin with the present token.
func (p *parser) startsOperand() bool {
	return p.tok == tokText || p.tok == tokMinus || p.tok == tokNot || p.tok == tokOpen
}

// fail gives up, saying what was found and, if not "", what was expected.
func (p *parser) fail(expected string) value {
	if !p.failed {
		p.unexpected(expected)
	}
	p.failed = true
	return value{}
}

// unexpected warns of the present token, with the original's words and a mark under the place.
func (p *parser) unexpected(expected string) {
	if expected != "" {
		expected = ", expecting " + expected
	}
	p.env.Warn("syntax error: syntax error, unexpected " + p.tok.String() + expected + "; Input:\n" +
		p.text + "\n" + strings.Repeat(" ", p.at) + "^")
}

// expression reads operators that bind at least as tightly as least, and their operands.
func (p *parser) expression(least int) value {
	left := p.operand()
	for !p.failed {
		op := p.tok
		s := strength(op)
		if s == 0 || s < least {
			break
		}
		p.next()
		if s == looseCond {
			left = p.conditional(left)
			continue
		}
		right := p.expression(s + 1)
		if p.failed {
			break
		}
		left = p.apply(op, left, right)
	}
	return left
}

// conditional reads the two branches after '?'; the right one may be a conditional itself.
func (p *parser) conditional(test value) value {
	if !p.deeper() {
		return value{}
	}
	defer p.shallower()
	yes := p.expression(looseCond)
	if p.failed {
		return value{}
	}
	if p.tok != tokColonColon {
		return p.fail("")
	}
	p.next()
	no := p.expression(looseCond)
	if test.chooses() {
		return yes
	}
	return no
}

// deeper counts one level of nesting and tells whether it is still allowed.
func (p *parser) deeper() bool {
	if p.depth++; p.depth <= MaxDepth {
		return true
	}
	if !p.failed {
		p.env.Warn("expression nested too deep")
	}
	p.failed = true
	return false
}

func (p *parser) shallower() { p.depth-- }

// operand reads one operand with its unary operators.
func (p *parser) operand() value {
	if p.tok == tokText {
		word := p.word
		p.next()
		if p.tok == tokOpen {
			return p.function(word)
		}
		return textValue(word)
	}
	if !p.startsOperand() {
		return p.fail(operands)
	}
	if !p.deeper() {
		return value{}
	}
	defer p.shallower()
	op := p.tok
	p.next()
	if op == tokOpen {
		return p.parenthesis()
	}
	v := p.expression(looseUnary)
	switch {
	case p.failed:
		return value{}
	case op == tokNot:
		return v.not()
	default:
		return p.negate(v)
	}
}

// parenthesis reads what follows '('.
func (p *parser) parenthesis() value {
	v := p.expression(looseCond)
	if p.failed {
		return value{}
	}
	if p.tok != tokClose {
		return p.fail("")
	}
	p.next()
	return v
}

// function reads the arguments of a function and calls it.
func (p *parser) function(name string) value {
	if !p.deeper() {
		return value{}
	}
	defer p.shallower()
	p.next() // the '('
	var args []value
	for p.tok != tokClose {
		if p.tok == tokComma {
			args = append(args, value{})
			p.next()
			continue
		}
		args = append(args, p.expression(looseCond))
		if p.failed {
			return value{}
		}
		switch p.tok {
		case tokComma:
			p.next()
		case tokClose:
		default:
			return p.fail("',' or ')'")
		}
	}
	p.next()
	return p.call(name, args)
}
