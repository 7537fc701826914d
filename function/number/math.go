package number

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

func mathFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "MATH",
			Read: argument.Pure(calculate),
		}, {
			Name: "ABS",
			Read: argument.Pure(absolute),
		}, {
			Name: "MIN",
			Read: argument.Pure(func(args string) (string, error) { return pick(args, func(a, b float64) bool { return a <= b }) }),
		}, {
			Name: "MAX",
			Read: argument.Pure(func(args string) (string, error) { return pick(args, func(a, b float64) bool { return a >= b }) }),
		}, {
			Name: "INC",
			Read: func(x *pbx.Exec, args string) (string, error) { return count(x, args, 1) },
		}, {
			Name: "DEC",
			Read: func(x *pbx.Exec, args string) (string, error) { return count(x, args, -1) },
		}, {
			Name: "RAND",
			Read: argument.Plain(random),
		},
	}
}

// mathOperators are looked for in this order, each in the whole text: minus is
// the last, since the second number may have a sign.
var mathOperators = [...]string{"*", "/", "%", "^", "AND", "XOR", "OR", ">", "<", "=", "+", "-"}

func calculate(args string) (string, error) {
	expression, kind, _ := argument.Two(args)
	if expression == "" {
		return "", argument.Missing("MATH(<number1><op><number2>[,<type_of_result>])")
	}
	unsigned, negative := strings.CutPrefix(expression, "-")
	left, op, right := splitMath(unsigned)
	print, err := resultPrinter(kind)
	if err != nil {
		return "", err
	}
	if op == "" {
		return "", argument.Complain("Supply all the parameters - just this once, please")
	}
	a, _, ok := argument.Float(left)
	if !ok {
		return "", argument.Complain("'%s' is not a valid number", left)
	}
	b, _, ok := argument.Float(right)
	if !ok {
		return "", argument.Complain("'%s' is not a valid number", right)
	}
	if negative {
		a = -a
	}
	if truth, is := compareNumbers(op, a, b); is {
		return strings.ToUpper(strconv.FormatBool(truth)), nil
	}
	return print(operate(op, a, b)), nil
}

// splitMath takes an expression apart; op is "" if it has none.
func splitMath(s string) (left, op, right string) {
	for _, o := range mathOperators {
		at := strings.Index(s, o)
		if at < 0 {
			continue
		}
		left, right = s[:at], s[at+len(o):]
		next := ""
		if right != "" {
			next = right[:1]
		}
		switch {
		case o == "=" && next != "=":
			return left, "", ""
		case (o == ">" || o == "<") && next == o, (o == ">" || o == "<" || o == "=") && next == "=":
			o, right = o+next, right[1:]
		}
		return left, o, right
	}
	return s, "", ""
}

func compareNumbers(op string, a, b float64) (truth, is bool) {
	switch op {
	case ">":
		return a > b, true
	case "<":
		return a < b, true
	case ">=":
		return a >= b, true
	case "<=":
		return a <= b, true
	case "==":
		return a == b, true
	}
	return false, false
}

// operate divides by 0 to 0, as the original does.
func operate(op string, a, b float64) float64 {
	i, j := clampInt(a), clampInt(b)
	switch op {
	case "*":
		return a * b
	case "+":
		return a + b
	case "-":
		return a - b
	case "^":
		return math.Pow(a, b)
	case "/":
		if b == 0 {
			return 0
		}
		return a / b
	case "%":
		if j == 0 {
			return 0
		}
		return float64(int64(i) % int64(j))
	case "AND":
		return float64(i & j)
	case "XOR":
		return float64(i ^ j)
	case "OR":
		return float64(i | j)
	case "<<":
		return float64(i << (uint32(j) & 31))
	}
	return float64(i >> (uint32(j) & 31))
}

// clampInt is f as an int of the original.
func clampInt(f float64) int32 {
	if f != f || f >= math.MaxInt32+1 || f <= math.MinInt32-1 {
		return math.MinInt32
	}
	return int32(f)
}

func resultPrinter(kind string) (func(float64) string, error) {
	switch strings.ToLower(kind) {
	case "", "float", "f":
		return func(f float64) string { return strings.ToLower(fmt.Sprintf("%f", f)) }, nil
	case "int", "i":
		return func(f float64) string { return strconv.Itoa(int(clampInt(f))) }, nil
	case "hex", "h":
		return func(f float64) string { return strconv.FormatUint(uint64(uint32(int64(clampWide(f)))), 16) }, nil
	case "char", "c":
		return func(f float64) string { return strings.TrimRight(string([]byte{byte(clampInt(f))}), "\x00") }, nil
	}
	return nil, argument.Complain("Unknown type of result requested '%s'.", kind)
}

// clampWide keeps f where a conversion to int64 is defined.
func clampWide(f float64) float64 { return min(max(f, -1<<62), 1<<62) }

func absolute(args string) (string, error) {
	f, _, ok := argument.Float(args)
	if !ok {
		return "", argument.Complain("'%s' is not a valid number", args)
	}
	return likeWritten(math.Abs(f), args), nil
}

func pick(args string, better func(a, b float64) bool) (string, error) {
	one, two, _ := argument.Two(args)
	a, _, okA := argument.Float(one)
	b, _, okB := argument.Float(two)
	if !okA || !okB {
		return "", argument.Complain("'%s' are not two valid numbers", args)
	}
	if better(a, b) {
		return likeWritten(a, one+two), nil
	}
	return likeWritten(b, one+two), nil
}

// likeWritten prints a whole number unless the arguments had a decimal point.
func likeWritten(f float64, args string) string {
	if strings.Contains(args, ".") {
		return strconv.FormatFloat(f, 'f', 6, 64)
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}

func count(x *pbx.Exec, name string, step int) (string, error) {
	if name == "" {
		return "", argument.Missing("INC(<data>)")
	}
	value, ok := x.Lookup(name)
	if !ok {
		return "", argument.Complain("Failed to obtain variable %s, bailing out", name)
	}
	if value == "" {
		return "", argument.Complain("Variable %s doesn't exist - are you sure you wrote it correctly?", name)
	}
	n, _, ok := argument.Int(value)
	if !ok {
		return "", argument.Complain("The content of ${%s} is not a numeric value - bailing out!", name)
	}
	value = strconv.Itoa(n + step)
	x.Set(name, value)
	return value, nil
}

// random chooses from 0 to the largest int unless told otherwise.
func random(args string) string {
	a := expand.Args(args, 2)
	low, _, _ := argument.Int(expand.Arg(a, 0))
	high, _, ok := argument.Int(expand.Arg(a, 1))
	if !ok {
		high = math.MaxInt32
	}
	low, high = int(clampInt(float64(low))), int(clampInt(float64(high)))
	if high < low {
		low, high = high, low
	}
	return strconv.FormatInt(int64(low)+rand.Int64N(int64(high)-int64(low)+1), 10)
}
