package expr

import "math/big"

// precision is what the functions below calculate with, so that the 64 bits
// that remain are right.
const precision = 256

// maxAngle bounds the angles that SIN, COS and TAN accept, as an exponent of 2:
// up to there the constant pi has digits enough.
const maxAngle = 100

const (
	piDigits  = "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214808651328230664709384460955058223172535940812848"
	ln2Digits = "0.693147180559945309417232121458176568075500134360255254120680009493393621969694715605863326996418687147147152153165102"
)

// work makes a number to calculate with.
func work(i int64) *big.Float { return new(big.Float).SetPrec(precision).SetInt64(i) }

func fresh() *big.Float { return new(big.Float).SetPrec(precision) }

func constant(s string) *big.Float {
	f, _, err := big.ParseFloat(s, 10, 2*precision, big.ToNearestEven)
	if err != nil {
		panic(err) // the constants above are numbers
	}
	return f
}

func pi() *big.Float { return constant(piDigits) }

// series adds up terms until they no longer count. next makes the term after
// the one given, for k = 1, 2, ...
func series(first *big.Float, next func(term *big.Float, k int64)) *big.Float {
	sum := fresh().Set(first)
	term := fresh().Set(first)
	for k := int64(1); term.Sign() != 0 && term.MantExp(nil) > sum.MantExp(nil)-precision; k++ {
		next(term, k)
		sum.Add(sum, term)
	}
	return sum
}

// sineAndCosine reduces the angle to at most pi/4 and takes the series.
func sineAndCosine(x number) (sin, cos *big.Float) {
	quarter := pi()
	quarter.SetMantExp(quarter, -1)
	q := new(big.Float).SetPrec(2*precision).Quo(x.big(), quarter)
	half := big.NewFloat(0.5)
	if x.negative() {
		half.Neg(half)
	}
	turns, _ := q.Add(q, half).Int(nil)
	r := new(big.Float).SetPrec(2 * precision).SetInt(turns)
	r.Sub(x.big(), r.Mul(r, quarter))
	rest := fresh().Set(r)
	square := fresh().Mul(rest, rest)
	step := func(from int64) func(*big.Float, int64) {
		return func(term *big.Float, k int64) {
			n := 2*k + from
			term.Neg(term.Quo(term.Mul(term, square), work(n*(n-1))))
		}
	}
	sin = fresh()
	if rest.Sign() != 0 {
		sin = series(rest, step(1))
	}
	cos = series(work(1), step(0))
	turn := new(big.Int).And(turns, big.NewInt(3)).Int64()
	if turn&1 == 1 {
		sin, cos = cos, sin.Neg(sin)
	}
	if turn&2 == 2 {
		sin.Neg(sin)
		cos.Neg(cos)
	}
	return sin, cos
}

// angle tells whether x is an angle that has a sine.
func angle(x number) bool { return x.f == nil || !x.f.IsInf() && x.f.MantExp(nil) < maxAngle }

func sine(x number) number {
	if x.isZero() || !angle(x) {
		return zeroOrNone(x)
	}
	sin, _ := sineAndCosine(x)
	return real(sin)
}

func cosine(x number) number {
	if !angle(x) {
		return notANumber(-1)
	}
	_, cos := sineAndCosine(x)
	return real(cos)
}

func tangent(x number) number {
	if x.isZero() || !angle(x) {
		return zeroOrNone(x)
	}
	sin, cos := sineAndCosine(x)
	return real(sin.Quo(sin, cos))
}

// zeroOrNone is x if that is 0, and otherwise not a number.
func zeroOrNone(x number) number {
	if x.isZero() {
		return x
	}
	return notANumber(-1)
}

// halvings is how often arcTangent halves the angle before the series.
const halvings = 6

// arcTangent is the angle, from 0 to pi/2, whose tangent is t >= 0.
func arcTangent(t *big.Float) *big.Float {
	if t.Sign() == 0 {
		return fresh()
	}
	inverse := t.Cmp(work(1)) > 0
	r := fresh().Set(t)
	if inverse {
		r.Quo(work(1), r)
	}
	for range halvings {
		root := fresh().Mul(r, r)
		root.Sqrt(root.Add(root, work(1)))
		r.Quo(r, root.Add(root, work(1)))
	}
	square := fresh().Mul(r, r)
	odd := fresh().Set(r)
	a := fresh().Set(r)
	for k := int64(1); odd.MantExp(nil) > a.MantExp(nil)-precision; k++ {
		odd.Neg(odd.Mul(odd, square))
		a.Add(a, fresh().Quo(odd, work(2*k+1)))
	}
	a.SetMantExp(a, halvings)
	if inverse {
		quarter := fresh().Set(pi())
		return a.Sub(quarter.SetMantExp(quarter, -1), a)
	}
	return a
}

// arcTangent2 is the angle of the point x, y.
func arcTangent2(y, x number) number {
	ay, ax := fresh().Abs(y.big()), fresh().Abs(x.big())
	if ay.IsInf() && ax.IsInf() {
		ay, ax = work(1), work(1)
	}
	var a *big.Float
	switch {
	case ay.Sign() == 0 || ax.IsInf():
		a = fresh()
	case ax.Sign() == 0 || ay.IsInf():
		a = fresh().Set(pi())
		a.SetMantExp(a, -1)
	default:
		a = arcTangent(ay.Quo(ay, ax))
	}
	if x.negative() {
		a.Sub(fresh().Set(pi()), a)
	}
	if y.negative() {
		a.Neg(a)
	}
	return real(a)
}

// beside is the other side of the right triangle with hypotenuse 1 and side x.
func beside(x number) (number, bool) {
	square := fresh().Mul(x.big(), x.big())
	rest := square.Sub(work(1), square)
	if rest.Sign() < 0 {
		return number{}, false
	}
	return number{f: rest.Sqrt(rest)}, true
}

func arcSine(x number) number {
	if c, ok := beside(x); ok && !x.isInf() {
		return arcTangent2(x, c)
	}
	return notANumber(1)
}

func arcCosine(x number) number {
	if s, ok := beside(x); ok && !x.isInf() {
		return arcTangent2(s, x)
	}
	return notANumber(1)
}

// exponential is e to the x.
func exponential(x number) number {
	if x.isInf() {
		if x.negative() {
			return number{}
		}
		return x
	}
	return real(expOf(fresh().Set(x.big())))
}

// expOf is e to the x: 2 to a whole number, times e to a rest near 0.
func expOf(x *big.Float) *big.Float {
	if x.MantExp(nil) > 20 { // far beyond what a number can be
		if x.Signbit() {
			return fresh()
		}
		return fresh().SetInf(false)
	}
	ln2 := constant(ln2Digits)
	k, _ := fresh().Quo(x, ln2).Int64()
	rest := fresh().Sub(x, fresh().Mul(ln2, work(k)))
	if rest.Sign() == 0 {
		return fresh().SetMantExp(work(1), int(k))
	}
	e := series(work(1), func(term *big.Float, n int64) { term.Quo(term.Mul(term, rest), work(n)) })
	return e.SetMantExp(e, int(k))
}

// logOf is the natural logarithm of x > 0.
func logOf(x *big.Float) *big.Float {
	m := fresh()
	e := x.MantExp(m)
	if m.Cmp(big.NewFloat(0.7071)) < 0 { // so that near 1 nothing cancels out
		m.SetMantExp(m, 1)
		e--
	}
	z := fresh().Quo(fresh().Sub(m, work(1)), fresh().Add(m, work(1)))
	square := fresh().Mul(z, z)
	sum, odd := fresh().Set(z), fresh().Set(z)
	for k := int64(1); z.Sign() != 0 && odd.MantExp(nil) > z.MantExp(nil)-precision; k++ {
		odd.Mul(odd, square)
		sum.Add(sum, fresh().Quo(odd, work(2*k+1)))
	}
	sum.Add(sum, sum)
	return sum.Add(sum, fresh().Mul(work(int64(e)), constant(ln2Digits)))
}

// logarithm is the logarithm of x to a base, the natural one if base is nil.
func logarithm(x number, base *big.Float) number {
	switch {
	case x.isZero():
		return number{f: fresh().SetInf(true)}
	case x.negative():
		return notANumber(-1)
	case x.isInf():
		return x
	}
	l := logOf(fresh().Set(x.big()))
	if base != nil {
		l.Quo(l, logOf(base))
	}
	return real(l)
}

// power is x to the y.
func power(x, y number) number {
	odd, whole := parity(y)
	switch {
	case y.isZero() || x.f == nil && x.i == 1:
		return number{i: 1}
	case x.isZero():
		if !y.negative() {
			return signedZero(x.negative() && odd)
		}
		return number{f: fresh().SetInf(x.negative() && odd)}
	case x.isInf() || y.isInf():
		return powerOfInfinity(x, y, odd)
	case x.negative() && !whole:
		return notANumber(-1)
	}
	size := fresh().Abs(x.big())
	r := expOf(size.Mul(logOf(size), fresh().Set(y.big())))
	if x.negative() && odd {
		r.Neg(r)
	}
	return real(r)
}

// powerOfInfinity is power where one of the two is infinite.
func powerOfInfinity(x, y number, odd bool) number {
	size := fresh().Abs(x.big()).Cmp(work(1))
	switch {
	case size == 0:
		return number{i: 1}
	case (size > 0) == y.negative():
		return signedZero(x.isInf() && x.negative() && odd)
	}
	return number{f: fresh().SetInf(x.isInf() && x.negative() && odd)}
}

// parity tells whether y is odd, and whether it is whole.
func parity(y number) (odd, whole bool) {
	if y.f == nil {
		return y.i&1 == 1, true
	}
	if !y.f.IsInt() || y.f.MantExp(nil) > mantissa {
		return false, y.f.IsInt()
	}
	i, _ := y.f.Int(nil)
	return i.Bit(0) == 1, true
}
