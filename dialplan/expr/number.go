package expr

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// number is a long double of the original's machine: 64 bits of mantissa. Whole
// numbers that fit are kept as such, since they are what nearly all are.
type number struct {
	i   int64      // the number, if f is nil
	f   *big.Float // with 64 bits; infinities included
	nan int8       // not a number: +1 or -1, its sign, which is printed
}

const (
	mantissa    = 64
	maxExponent = 16384  // beyond is infinity
	minExponent = -16445 // beyond is 0
	digits      = 18     // printed at most
	maxNumeral  = 5000   // characters of a number that are looked at
)

// real makes a number of f, rounded.
func real(f *big.Float) number {
	r := new(big.Float).SetPrec(mantissa).Set(f)
	if r.Sign() == 0 {
		return signedZero(r.Signbit())
	}
	if r.IsInt() {
		if i, acc := r.Int64(); acc == big.Exact && i != math.MinInt64 {
			return number{i: i}
		}
	}
	if !r.IsInf() {
		if e := r.MantExp(nil); e > maxExponent {
			r.SetInf(f.Signbit())
		} else if e < minExponent {
			return signedZero(f.Signbit())
		}
	}
	return number{f: r}
}

// signedZero is 0 or -0, which prints as such.
func signedZero(negative bool) number {
	if !negative {
		return number{}
	}
	return number{f: new(big.Float).SetPrec(mantissa).Neg(new(big.Float))}
}

func notANumber(sign int8) number { return number{nan: sign} }

// parseNumber reads digits, perhaps a dot and digits; false if no long double is that large or small.
func parseNumber(s string) (number, bool) {
	if len(s) <= digits && strings.IndexByte(s, '.') < 0 {
		i, err := strconv.ParseInt(s, 10, 64)
		return number{i: i}, err == nil
	}
	if len(s) > maxNumeral {
		return number{}, false
	}
	f, _, err := big.ParseFloat(s, 10, mantissa, big.ToNearestEven)
	if err != nil {
		return number{}, false
	}
	n := real(f)
	return n, !n.isInf() && (f.Sign() == 0 || !n.isZero())
}

// big is the number with 64 bits; not for what is not a number.
func (n number) big() *big.Float {
	if n.f != nil {
		return n.f
	}
	return new(big.Float).SetPrec(mantissa).SetInt64(n.i)
}

func (n number) isZero() bool {
	if n.f != nil {
		return n.f.Sign() == 0
	}
	return n.i == 0 && n.nan == 0
}

func (n number) isInf() bool { return n.f != nil && n.f.IsInf() }

func (n number) negative() bool {
	if n.f != nil {
		return n.f.Signbit()
	}
	return n.i < 0
}

// compare is -1, 0 or +1; neither may be not a number.
func (n number) compare(m number) int {
	if n.f == nil && m.f == nil {
		switch {
		case n.i < m.i:
			return -1
		case n.i > m.i:
			return 1
		}
		return 0
	}
	return n.big().Cmp(m.big())
}

func (n number) negated() number {
	switch {
	case n.nan != 0:
		return notANumber(-n.nan)
	case n.f != nil:
		return real(new(big.Float).Neg(n.f))
	case n.i == 0:
		return signedZero(true)
	}
	return number{i: -n.i} // never math.MinInt64, which is kept in f
}

func (n number) plus(m number) number {
	if n.nan != 0 || m.nan != 0 {
		return notANumber(n.nan | m.nan | 1)
	}
	if n.f == nil && m.f == nil {
		if r := n.i + m.i; (r > n.i) == (m.i > 0) && r != math.MinInt64 {
			return number{i: r}
		}
	}
	if n.isInf() && m.isInf() && n.negative() != m.negative() {
		return notANumber(-1)
	}
	return real(new(big.Float).SetPrec(mantissa).Add(n.big(), m.big()))
}

func (n number) times(m number) number {
	if n.nan != 0 || m.nan != 0 {
		return notANumber(n.nan | m.nan | 1)
	}
	if n.isZero() || m.isZero() {
		if n.isInf() || m.isInf() {
			return notANumber(-1)
		}
		return signedZero(n.negative() != m.negative())
	}
	if n.f == nil && m.f == nil {
		if r := n.i * m.i; r/m.i == n.i && r != math.MinInt64 {
			return number{i: r}
		}
	}
	return real(new(big.Float).SetPrec(mantissa).Mul(n.big(), m.big()))
}

// divided is n/m; m is not 0.
func (n number) divided(m number) number {
	if n.nan != 0 || m.nan != 0 {
		return notANumber(n.nan | m.nan | 1)
	}
	if n.isZero() {
		return signedZero(n.negative() != m.negative())
	}
	if n.f == nil && m.f == nil && n.i%m.i == 0 {
		return number{i: n.i / m.i}
	}
	if n.isInf() && m.isInf() {
		return notANumber(-1)
	}
	return real(new(big.Float).SetPrec(mantissa).Quo(n.big(), m.big()))
}

// modulo is what remains of n/m when the quotient is cut to a whole number, with n's sign; m is not 0.
func (n number) modulo(m number) number {
	switch {
	case n.nan != 0 || m.nan != 0:
		return notANumber(n.nan | m.nan | 1)
	case n.isInf():
		return notANumber(-1)
	case m.isInf() || n.isZero():
		return n
	case n.f == nil && m.f == nil:
		if r := n.i % m.i; r != 0 {
			return number{i: r}
		}
		return signedZero(n.negative())
	}
	_, rem := wholeDivision(n.big(), m.big())
	if rem.Sign() == 0 {
		return signedZero(n.negative())
	}
	return real(rem)
}

// wholeDivision divides exactly: the quotient cut to a whole number, and what remains.
func wholeDivision(a, b *big.Float) (*big.Int, *big.Float) {
	ia, ea := wholeMantissa(a)
	ib, eb := wholeMantissa(b)
	low := min(ea, eb)
	ia.Lsh(ia, uint(ea-low))
	ib.Lsh(ib, uint(eb-low))
	q, r := new(big.Int).QuoRem(ia, ib, new(big.Int))
	rem := new(big.Float).SetPrec(0).SetInt(r)
	return q, rem.SetMantExp(rem, low)
}

// wholeMantissa writes f as a whole number times 2 to the exponent.
func wholeMantissa(f *big.Float) (*big.Int, int) {
	m := new(big.Float)
	e := f.MantExp(m)
	m.SetMantExp(m, mantissa)
	i, _ := m.Int(nil)
	return i, e - mantissa
}

// String prints like C's %.18Lg: 18 digits, zeros at the end left away,
// with an exponent if it is below -4 or at least 18.
func (n number) String() string {
	switch {
	case n.nan > 0:
		return "nan"
	case n.nan < 0:
		return "-nan"
	case n.f == nil && n.i > -1e18 && n.i < 1e18:
		return strconv.FormatInt(n.i, 10)
	case n.isInf():
		return strings.TrimPrefix(strings.ToLower(n.f.Text('g', digits)), "+")
	}
	sign := ""
	if n.negative() {
		sign = "-"
	}
	if n.isZero() {
		return sign + "0"
	}
	d, exp := decimal(n.big())
	return sign + layOut(strings.TrimRight(d, "0"), exp)
}

// decimal is the size of f in 18 digits, correctly rounded, the first of which
// counts 10 to the exponent. The library's way takes milliseconds for a number
// near the ends of the range.
func decimal(f *big.Float) (d string, exp int) {
	num, two := wholeMantissa(f)
	num.Abs(num)
	den := big.NewInt(1)
	if two >= 0 {
		num.Lsh(num, uint(two))
	} else {
		den.Lsh(den, uint(-two))
	}
	exp = int(math.Floor(float64(f.MantExp(nil)) * math.Log10(2))) // right, or one too many
	for ; ; exp-- {
		a, b := scaled(num, den, digits-1-exp)
		q, r := new(big.Int).QuoRem(a, b, new(big.Int))
		if c := r.Lsh(r, 1).Cmp(b); c > 0 || c == 0 && q.Bit(0) == 1 {
			q.Add(q, big.NewInt(1))
		}
		switch d = q.String(); {
		case len(d) > digits: // rounded up to the next power of ten
			return d[:digits], exp + 1
		case len(d) == digits:
			return d, exp
		}
	}
}

// scaled is the fraction num/den times 10 to the power.
func scaled(num, den *big.Int, power int) (*big.Int, *big.Int) {
	ten := big.NewInt(10)
	if power >= 0 {
		return ten.Mul(ten.Exp(ten, big.NewInt(int64(power)), nil), num), den
	}
	return num, ten.Mul(ten.Exp(ten, big.NewInt(int64(-power)), nil), den)
}

// layOut writes the digits d of a number whose first digit counts 10 to the exponent.
func layOut(d string, exp int) string {
	switch {
	case exp < -4 || exp >= digits:
		sign := "+"
		if exp < 0 {
			sign, exp = "-", -exp
		}
		e := strconv.Itoa(exp)
		if len(e) < 2 {
			e = "0" + e
		}
		if len(d) > 1 {
			d = d[:1] + "." + d[1:]
		}
		return d + "e" + sign + e
	case exp < 0:
		return "0." + strings.Repeat("0", -exp-1) + d
	case exp+1 >= len(d):
		return d + strings.Repeat("0", exp+1-len(d))
	}
	return d[:exp+1] + "." + d[exp+1:]
}
