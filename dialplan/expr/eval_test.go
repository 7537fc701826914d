package expr

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestEval(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`0 * -1`, "-0"},
		{`CEIL(-0.5)`, "-0"},
		{`RINT(2.5)`, "2"}, {`RINT(-3.5)`, "-4"}, {`ROUND(-0.4)`, "-0"},
		{`2 * (3 + 4) - 1`, "13"},
		{`9223372036854775807 * 2`, "1.84467440737095516e+19"},
		{`-9223372036854775807 - 1`, "-9.22337203685477581e+18"},
		{`999999999999999999 + 0`, "999999999999999999"},
		{`0.0001 + 0`, "0.0001"}, {`0.00001 + 0`, "1e-05"},
		{`100 * 1.15`, "115"},
		{`7.5 % -2`, "1.5"}, {`-7 % 7`, "-0"}, {`1000000000000000000000 % 7`, "6"},
		{`EXP(20000)`, "inf"}, {`-EXP(20000)`, "-inf"}, {`EXP(20000) - EXP(20000)`, "-nan"}, {`EXP(-20000)`, "0"},
		{`EXP(20000) / EXP(20000)`, "-nan"}, {`EXP(20000) * 0`, "-nan"}, {`5 % EXP(20000)`, "5"}, {`EXP(20000) % 5`, "-nan"},
		{`SQRT(-1) = SQRT(-1)`, "0"}, {`SQRT(-1) != 1`, "1"}, {`SQRT(-1) + 1`, "-nan"}, {`-SQRT(-1)`, "nan"}, {`SQRT(-1) % 2`, "-nan"},
		{`EXP(20000) > 5`, "1"},
		{`LOG(0)`, "-inf"}, {`LOG(-1)`, "-nan"}, {`LOG10(1000)`, "3"}, {`LOG2(0.125)`, "-3"}, {`LOG(1)`, "0"},
		{`EXP2(10)`, "1024"}, {`EXP10(3)`, "1000"}, {`EXP2(0.5)`, "1.41421356237309505"},
		{`POW(-2, 3)`, "-8"}, {`POW(-2, 0.5)`, "-nan"}, {`POW(0, 0)`, "1"}, {`POW(0, -1)`, "inf"}, {`POW(2, EXP(20000))`, "inf"},
		{`POW(-EXP(20000), 3)`, "-inf"}, {`POW(0.5, EXP(20000))`, "0"}, {`POW(1, EXP(20000))`, "1"}, {`POW(-1, EXP(20000))`, "1"}, {`POW(10, 5000)`, "inf"},
		{`SIN(3.14159265358979323846)`, "-5.01655761266833202e-20"}, // long double pi is a little off
		{`COS(1)`, "0.540302305868139717"}, {`SIN(1)`, "0.841470984807896507"}, {`SIN(100000000000000000000)`, "-0.645251285265780844"},
		{`TAN(1)`, "1.55740772465490223"}, {`COS(EXP(20000))`, "-nan"}, {`SIN(2)`, "0.909297426825681695"}, {`COS(4)`, "-0.653643620863611915"}, {`SIN(-5)`, "0.958924274663138469"},
		{`ATAN(1) * 4`, "3.14159265358979324"}, {`ATAN2(-1, -1)`, "-2.35619449019234493"}, {`ATAN2(1, 0)`, "1.57079632679489662"},
		{`ACOS(-1)`, "3.14159265358979324"}, {`ASIN(-0.5)`, "-0.523598775598298873"}, {`ATAN(EXP(20000))`, "1.57079632679489662"},
		{`REMAINDER(5, 2)`, "1"}, {`REMAINDER(7, 2)`, "-1"}, {`REMAINDER(-14, 3)`, "1"}, {`REMAINDER(1, 0)`, "-nan"}, {`REMAINDER(6, 3)`, "0"}, {`REMAINDER(2.5, 1)`, "0.5"},
		{`FLOOR()`, "0"}, {`FLOOR(1, 2)`, "0"}, {`FLOOR(abc)`, "0"},
		{`LEN(a, b, , c)`, "6"}, {`LEN()`, "0"}, {`LEN("a b")`, "5"},
		{"a\n=\ta", "1"},
		{"a ` b", "a"},
		{`“x” != “SUCCESS”`, "1"},
		{`${foo bar} = 1`, "0"}, {`${foo bar}`, "${foo bar}"}, {`a${b{c}d}e`, "a${b{c}d}e"}, {`${foo`, "${foo"},
		{`"abc" : "(b)?a(b)"`, "2"},
		{`5 % 0`, "2147483647"},
		{`1 && 0 || 1`, "1"},
		{`!0.5`, "1"}, {`!-1`, "0"}, {`!"-5"`, "1"}, {`!(0 - 3)`, "0"}, {`! -0`, "1"},
		{`1 ? 2`, "0"}, {`1 ? 2 : 3`, "0"}, {`1 ? :: 3`, "0"}, {`0 ? :: 3`, "0"}, {`(1 2)`, "0"}, {`LEN(1 2)`, "0"}, {`1 :: 2`, "1"},
		{`-a`, "0"}, {`1 - a`, "1"}, {`a - 3`, "-3"}, {`3 / a`, "0"}, {`5 % a`, "0"},
		{`1.0 | 2`, "1"}, {`0 | 1.0`, "1.0"},
		{`"a" =~ "(?:a)"`, ""},
	} {
		if got := Eval(c.text, &fakeEnv{}); got != c.want {
			t.Errorf("$[%s] is %q, want %q", c.text, got, c.want)
		}
	}
}

// TestBounds gives what a hostile caller could bring into an expression.
func TestBounds(t *testing.T) {
	long := strings.Repeat("9", maxNumeral+1)
	for _, c := range []struct{ text, want, warned string }{
		{strings.Repeat("(", 100000), "0", "expression nested too deep"},
		{strings.Repeat("!", 100000) + "1", "0", "expression nested too deep"},
		{strings.Repeat("1 ? 1 :: ", 100000) + "1", "0", "expression nested too deep"},
		{strings.Repeat("F(", 100000), "0", "expression nested too deep"},
		{long + " + 1", "1", "Conversion of " + long + " to number under/overflowed!"},
		{strings.Repeat("9", 4990) + " + 1", "1", "Conversion of "},
		{"0." + strings.Repeat("0", 4990) + "1 + 1", "1", "Conversion of "},
		{`"a" =~ "` + strings.Repeat("a", MaxPattern+1) + `"`, "", "regcomp() error : Invalid regular expression: longer than 4096 bytes"},
		{`"a" =~ "((((a{999}){999}){999}){999})"`, "", "regcomp() error : Invalid regular expression"},
		{`1 / 0 * 5 % 0`, "2147483647", "division by zero"},
	} {
		env := &fakeEnv{}
		got := Eval(c.text, env)
		if got != c.want || len(env.warnings) == 0 || !strings.HasPrefix(env.warnings[0], c.warned) {
			t.Errorf("$[%.30s...] is %.30q warning %.80q, want %q warning %.80q", c.text, got, env.warnings, c.want, c.warned)
		}
	}
}

// TestSyntaxErrors has the words that the facts do not.
func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct{ text, warned string }{
		{"(1 2", "syntax error: syntax error, unexpected '<token>'; Input:\n(1 2\n   ^"},
		{"LEN(1 2", "syntax error: syntax error, unexpected '<token>', expecting ',' or ')'; Input:\nLEN(1 2\n      ^"},
		{"1 ~~", "syntax error: syntax error, unexpected $end, expecting '-' or '!' or '(' or '<token>'; Input:\n1 ~~\n    ^"},
	} {
		env := &fakeEnv{}
		Eval(c.text, env)
		if len(env.warnings) != 1 || env.warnings[0] != c.warned {
			t.Errorf("$[%s] warned %q, want %q", c.text, env.warnings, c.warned)
		}
	}
}

func TestWrittenFunctions(t *testing.T) {
	m := NewMemo([]string{"LEN"})
	env := &fakeEnv{}
	if got := m.Eval(`LEN(abc) + CALLERID(num) + FLOOR(1.5)`, env); got != "4" {
		t.Errorf("the sum is %s", got)
	}
	const want = "CALLERID() came into an expression with the value of a variable, and is not called"
	if len(env.warnings) != 1 || env.warnings[0] != want {
		t.Errorf("warned %q", env.warnings)
	}
}

func TestMemo(t *testing.T) {
	var m Memo
	for _, text := range []string{`"abc" =~ "b(.)"`, `"abc" =~ "b(.)"`, `"abd" =~ "a(.)d"`, `"abc" =~ "b(.)"`} {
		if got, want := m.Eval(text, &fakeEnv{}), Eval(text, &fakeEnv{}); got != want {
			t.Errorf("%s is %q with a memory, %q without", text, got, want)
		}
	}
	m.Eval(`"abc" =~ "b(.)"`, &fakeEnv{})
	first := m.last.Load()
	m.Eval(`"xbz" =~ "b(.)"`, &fakeEnv{})
	if m.last.Load() != first {
		t.Error("the same regular expression was compiled twice")
	}
}

func TestCompilePOSIX(t *testing.T) {
	for _, c := range []struct{ pattern, subject, want string }{
		{`a|ab`, "abc", "ab"}, // the longest, not the first
		{`a+?`, "aaa", "aaa"}, // (a+)?
		{`a**`, "aaa", "aaa"},
		{`(ab){2}{2}`, "abababab", "abababab"},
		{`a)`, "xa)", "a)"},
		{`[\d]+`, `x\dy`, `\d`},
		{`[]a]+`, "x]a]", "]a]"},
		{`[^]a]+`, "]xy]", "xy"},
		{`[[:digit:]-]+`, "a1-2", "1-2"},
		{`[[.-.][=a=]]+`, "x-a", "-a"},
		{`[a&&b]+`, "x&&a", "&&a"},
		{`\w+\W`, "- a_1-", "a_1-"},
		{`\<foo\>`, "a foo b", "foo"},
		{`\bfoo`, "a foo b", "foo"},
		{`\sb\S`, "a bc", " bc"},
		{`a.c`, "a\nc", "a\nc"},
		{`a{`, "a{", "a{"},
		{`a{,3}`, "a{,3}", "a{,3}"},
		{`a{2,}`, "aaa", "aaa"},
		{`\.\*`, "a.*", ".*"},
		{`\d`, "d", "d"},
		{`é+`, "aéé", "éé"},
		{"\\`a\\'", "a", "a"},
		{`fo\Bo`, "foo", "foo"},
	} {
		re, err := CompilePOSIX(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		if got := re.FindString(c.subject); got != c.want {
			t.Errorf("%q finds %q in %q, want %q", c.pattern, got, c.subject, c.want)
		}
	}
	for _, bad := range []string{`(`, `[`, `[a`, `[[:alpha:]`, `[[:nosuch:]]`, `[[.`, `[[.ab.]]`, `\`, `(a)\1`, `*a`, `a{2,1}`, `(?i)a`, `(?:a)`, `a|*`, `{2}`} {
		if _, err := CompilePOSIX(bad); err == nil {
			t.Errorf("%q compiled", bad)
		}
	}
}

// TestAllocs keeps the commonest expressions cheap.
func TestAllocs(t *testing.T) {
	env := &fakeEnv{}
	var m Memo
	for _, c := range []struct {
		text string
		most float64
	}{
		{`"ANSWER" != "SUCCESS"`, 0}, {`5 > 3 & 2 = 2`, 0}, {`41 + 1`, 0}, {`"SIP/alice" : "SIP/(.*)"`, 2},
	} {
		if n := testing.AllocsPerRun(100, func() { m.Eval(c.text, env) }); n > c.most {
			t.Errorf("$[%s] allocates %v times, want at most %v", c.text, n, c.most)
		}
	}
}

func BenchmarkEval(b *testing.B) {
	for _, text := range []string{`"ANSWER" != "SUCCESS"`, `3 + 1`, `5 > 3 & "a" = "b"`, `10 / 3`, `"2125551212" =~ "^(212|646)"`, `SIN(1)`} {
		b.Run(text, func(b *testing.B) {
			env := &fakeEnv{}
			var m Memo
			b.ReportAllocs()
			for b.Loop() {
				m.Eval(text, env)
			}
		})
	}
}

func FuzzEval(f *testing.F) {
	for _, one := range facts(f) {
		f.Add(one.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 4096 {
			Eval(text, &fakeEnv{})
		}
	})
}

func FuzzCompilePOSIX(f *testing.F) {
	for _, s := range []string{`^[2-9][0-9]{2}$`, `a|b*`, `[]\\[:alpha:]]+?`, `((a))\.`, `x{1,2}{3}**`} {
		f.Add(s, "abc 123")
	}
	f.Fuzz(func(t *testing.T, pattern, subject string) {
		if re, err := CompilePOSIX(pattern); err == nil {
			re.FindStringSubmatchIndex(subject)
		}
	})
}

// TestDecimal compares printing with the standard library's.
func TestDecimal(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		f := new(big.Float).SetPrec(mantissa).SetUint64(rnd.Uint64() | 1)
		f.SetMantExp(f, rnd.IntN(600)-300)
		d, exp := decimal(f)
		want := f.Text('e', digits-1)
		if got := fmt.Sprintf("%s.%se%+03d", d[:1], d[1:], exp); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	nines := new(big.Float).SetPrec(mantissa).SetInt64(9999999999999999999 - 1<<63)
	nines.Add(nines, new(big.Float).SetPrec(mantissa).SetMantExp(work(1), 63))
	if d, exp := decimal(nines); d != "1"+strings.Repeat("0", 17) || exp != 19 {
		t.Errorf("9999999999999999999 prints as %se%d", d, exp)
	}
}
