package expr

import "strings"

// kind is what a value is to the operators.
type kind uint8

const (
	isString  kind = iota // text, quotes included if it had any
	isNumeric             // text that is a number, not yet turned into one
	isNumber              // the result of a calculation
)

// value is an operand or a result.
type value struct {
	kind kind
	s    string
	n    number
}

// textValue is s as an operand: a number if it is digits, and may be a dot and digits.
func textValue(s string) value {
	if numeric(s) {
		return value{kind: isNumeric, s: s}
	}
	return value{s: s}
}

func numeric(s string) bool {
	dot := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case c == '.' && dot == 0 && i > 0 && i < len(s)-1:
			dot = i
		default:
			return false
		}
	}
	return s != ""
}

func numberValue(n number) value { return value{kind: isNumber, n: n} }

func intValue(i int64) value { return value{kind: isNumber, n: number{i: i}} }

func boolValue(b bool) value {
	if b {
		return intValue(1)
	}
	return intValue(0)
}

// text is the value as it is printed.
func (v value) text() string {
	if v.kind == isNumber {
		return v.n.String()
	}
	return v.s
}

// unquoted is the text without the quotes around it.
func (v value) unquoted() string {
	s := v.text()
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// number turns v into a number where it stands; false if it is none.
func (p *parser) number(v *value) bool {
	switch v.kind {
	case isNumber:
		return true
	case isString:
		return false
	}
	n, ok := parseNumber(v.s)
	if !ok {
		p.env.Warn("Conversion of " + v.s + " to number under/overflowed!")
		*v = value{}
		return false
	}
	*v = numberValue(n)
	return true
}

// zero tells whether | and & take v for false: nothing, or a number that is 0.
// It turns v into a number where it can: 1.0 | 2 is 1, not 1.0.
func (p *parser) zero(v *value) bool {
	if v.kind != isNumber && v.s == "" {
		return true
	}
	return p.number(v) && v.n.isZero()
}

// chooses tells whether ?:: takes v for true. Unlike | and & it takes "" in quotes for false.
func (v value) chooses() bool {
	switch v.kind {
	case isNumber:
		return !v.n.isZero()
	case isNumeric:
		n, ok := parseNumber(v.s)
		return ok && !n.isZero()
	}
	return v.s != "" && v.s != `""`
}

// not is the operator !. Of a text it looks at the whole number that it begins
// with, which is 0 for most: !a is 1, and !0.5 too.
func (v value) not() value {
	if v.kind == isNumber {
		return boolValue(v.n.isZero())
	}
	s := strings.TrimLeft(v.s, " \t\n\v\f\r")
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	for i := 0; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		if s[i] != '0' {
			return boolValue(false)
		}
	}
	return boolValue(true)
}
