package expr

import (
	"math/big"
)

// mathFunction is a function of arithmetic of one or two arguments, neither
// of which is ever "not a number".
type mathFunction struct {
	args int
	of   func(x, y number) number
}

// one makes a mathFunction of a function of one argument.
func one(f func(x number) number) mathFunction {
	return mathFunction{1, func(x, _ number) number { return f(x) }}
}

// arithmetic finds a function of arithmetic by its name.
func arithmetic(name string) (mathFunction, bool) {
	if f, ok := rounding(name); ok {
		return one(f), true
	}
	switch name {
	case "COS":
		return one(cosine), true
	case "SIN":
		return one(sine), true
	case "TAN":
		return one(tangent), true
	case "ACOS":
		return one(arcCosine), true
	case "ASIN":
		return one(arcSine), true
	case "ATAN":
		return one(func(x number) number { return arcTangent2(x, number{i: 1}) }), true
	case "ATAN2":
		return mathFunction{2, arcTangent2}, true
	case "POW":
		return mathFunction{2, power}, true
	case "REMAINDER":
		return mathFunction{2, remainder}, true
	case "SQRT":
		return one(squareRoot), true
	case "EXP":
		return one(exponential), true
	case "EXP2":
		return one(func(x number) number { return power(number{i: 2}, x) }), true
	case "EXP10":
		return one(func(x number) number { return power(number{i: 10}, x) }), true
	case "LOG":
		return one(func(x number) number { return logarithm(x, nil) }), true
	case "LOG2":
		return one(func(x number) number { return logarithm(x, work(2)) }), true
	case "LOG10":
		return one(func(x number) number { return logarithm(x, work(10)) }), true
	}
	return mathFunction{}, false
}

// rounding finds the functions that make a whole number of a number.
func rounding(name string) (func(number) number, bool) {
	switch name {
	case "FLOOR":
		return func(x number) number { return round(x, func(half int, odd, neg bool) bool { return neg }) }, true
	case "CEIL":
		return func(x number) number { return round(x, func(half int, odd, neg bool) bool { return !neg }) }, true
	case "TRUNC":
		return func(x number) number { return round(x, func(half int, odd, neg bool) bool { return false }) }, true
	case "ROUND":
		return func(x number) number { return round(x, func(half int, odd, neg bool) bool { return half >= 0 }) }, true
	case "RINT":
		return func(x number) number {
			return round(x, func(half int, odd, neg bool) bool { return half > 0 || half == 0 && odd })
		}, true
	}
	return nil, false
}

// round cuts x to a whole number and goes one further from 0 if away says so.
// It is told how the part cut off compares with a half, whether the whole
// part is odd, and the sign.
func round(x number, away func(half int, odd, negative bool) bool) number {
	if x.f == nil || x.isInf() || x.isZero() {
		return x
	}
	whole, _ := x.f.Int(nil)
	rest := new(big.Float).SetPrec(2*mantissa).Sub(x.f, new(big.Float).SetInt(whole))
	if rest.Sign() == 0 {
		return x
	}
	half := rest.Abs(rest).Cmp(big.NewFloat(0.5))
	if away(half, whole.Bit(0) == 1, x.negative()) {
		step := int64(1)
		if x.negative() {
			step = -1
		}
		whole.Add(whole, big.NewInt(step))
	}
	if whole.Sign() == 0 {
		return signedZero(x.negative())
	}
	return real(new(big.Float).SetPrec(mantissa).SetInt(whole))
}

// remainder is what remains of x/y when the quotient is rounded to the nearest
// whole number, to the even one from halfway.
func remainder(x, y number) number {
	switch {
	case y.isZero() || x.isInf():
		return notANumber(-1)
	case y.isInf() || x.isZero():
		return x
	}
	q, rem := wholeDivision(x.big(), y.big())
	size := new(big.Float).Abs(y.big())
	twice := new(big.Float).Abs(rem)
	half := twice.SetMantExp(twice, 1).Cmp(size)
	if half > 0 || half == 0 && q.Bit(0) == 1 {
		if rem.Signbit() {
			rem.Add(rem, size)
		} else {
			rem.Sub(rem, size)
		}
	}
	if rem.Sign() == 0 {
		return signedZero(x.negative())
	}
	return real(rem)
}

func squareRoot(x number) number {
	switch {
	case x.isZero():
		return x
	case x.negative():
		return notANumber(-1)
	case x.isInf():
		return x
	}
	return real(new(big.Float).SetPrec(precision).Sqrt(x.big()))
}
