package expr

import (
	"math"
	"strings"
)

// notNumber is what the log says of an operand that should have been a number.
const notNumber = "non-numeric argument"

// apply carries out a binary operator.
func (p *parser) apply(op token, a, b value) value {
	switch op {
	case tokOr:
		if p.zero(&a) {
			return b
		}
		return a
	case tokAnd:
		if p.zero(&a) || p.zero(&b) {
			return intValue(0)
		}
		return a
	case tokEq, tokNe, tokLt, tokLe, tokGt, tokGe:
		return p.compare(op, a, b)
	case tokColon:
		return p.match(a, b, true)
	case tokMatch:
		return p.match(a, b, false)
	case tokJoin:
		return textValue(a.unquoted() + b.unquoted())
	}
	return p.calculate(op, a, b)
}

// compare compares as numbers if both are, else as texts, byte by byte.
func (p *parser) compare(op token, a, b value) value {
	var order int
	if a.kind == isString || b.kind == isString {
		order = strings.Compare(a.text(), b.text())
	} else if !p.number(&a) || !p.number(&b) || a.n.nan != 0 || b.n.nan != 0 {
		return boolValue(op == tokNe) // no number equals, or is less than, what is none
	} else {
		order = a.n.compare(b.n)
	}
	switch op {
	case tokEq:
		return boolValue(order == 0)
	case tokNe:
		return boolValue(order != 0)
	case tokLt:
		return boolValue(order < 0)
	case tokLe:
		return boolValue(order <= 0)
	case tokGt:
		return boolValue(order > 0)
	default:
		return boolValue(order >= 0)
	}
}

// calculate is + - * / %. What an operand that is no number does to the
// result differs from operator to operator, as in the original.
func (p *parser) calculate(op token, a, b value) value {
	switch op {
	case tokPlus:
		return p.plus(a, b)
	case tokMinus:
		return p.minus(a, b)
	}
	if !p.number(&a) || !p.number(&b) {
		p.env.Warn(notNumber)
		return intValue(0)
	}
	switch {
	case op == tokTimes:
		r := a.n.times(b.n)
		if r.nan != 0 || r.isInf() {
			p.env.Warn("overflow")
		}
		return numberValue(r)
	case b.n.isZero() && op == tokDiv:
		p.env.Warn("division by zero")
		return intValue(math.MaxInt32)
	case b.n.isZero():
		p.env.Warn("div by zero")
		return intValue(math.MaxInt32)
	case op == tokDiv:
		return numberValue(a.n.divided(b.n))
	default:
		return numberValue(a.n.modulo(b.n))
	}
}

// plus warns only if its left side is no number; the other side is the result then.
func (p *parser) plus(a, b value) value {
	if !p.number(&a) {
		p.env.Warn(notNumber)
		if !p.number(&b) {
			return intValue(0)
		}
		return b
	}
	if !p.number(&b) {
		return a
	}
	return numberValue(a.n.plus(b.n))
}

func (p *parser) minus(a, b value) value {
	if !p.number(&a) {
		p.env.Warn(notNumber)
		if !p.number(&b) {
			return intValue(0)
		}
		return numberValue(b.n.negated())
	}
	if !p.number(&b) {
		p.env.Warn(notNumber)
		return a
	}
	return numberValue(a.n.plus(b.n.negated()))
}

func (p *parser) negate(v value) value {
	if !p.number(&v) {
		p.env.Warn(notNumber)
		return intValue(0)
	}
	return numberValue(v.n.negated())
}
