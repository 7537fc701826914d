package expand

import (
	"fmt"
	"strings"
	"testing"

	"obelus/dialplan/expr"
)

// fakeEnv has variables and three functions.
type fakeEnv struct {
	vars     map[string]string
	calls    []string
	warnings []string
}

func newEnv() *fakeEnv {
	return &fakeEnv{vars: map[string]string{
		"foo": "123", "bar": "foo", "baz": "fo", "long": "abcdefghij", "empty": "", "num": "7",
		"tricky": "${foo}", "expr": "$[1+1]", "paren": "a)b", "brace": "a}b", "sub": "long:2:3",
		"fn": "LEN(abc)", "big": strings.Repeat("x", MaxValue+10), "quote": `a"b`, "DIALSTATUS": "ANSWER",
	}}
}

func (e *fakeEnv) Var(name string) (string, bool) {
	v, ok := e.vars[name]
	return v, ok
}

func (e *fakeEnv) Call(name, args string) (string, error) {
	e.calls = append(e.calls, name+"("+args+")")
	switch name {
	case "LEN":
		return fmt.Sprint(len(args)), nil
	case "ECHO":
		return args, nil
	}
	return "", fmt.Errorf("%s: %w", name, expr.ErrNoFunction)
}

func (e *fakeEnv) Warn(msg string) { e.warnings = append(e.warnings, msg) }

// TestExpand has what the facts, which package function runs, leave open.
func TestExpand(t *testing.T) {
	for _, c := range []struct{ text, want, warned string }{
		{"", "", ""},
		{"plain", "plain", ""},
		{"$x ${foo}", "$x 123", ""},
		{"$$${foo}$", "$$123$", ""},
		{"a$", "a$", ""},
		{"${${sub}}", "cde", ""},
		{"${${fn}}", "3", ""},
		{"${${fn}:0:1}${sub}", "3long:2:3", ""},
		{"${tricky} ${expr}", "${foo} $[1+1]", ""},
		{"${ECHO(${tricky})}", "${foo}", ""},
		{"${ECHO(a)b)junk}", "a)b", ""},
		{"${ECHO(${paren})}", "a)b", ""},
		{"${ECHO(a:b):1}", ":b", ""},
		{"${ECHO(a}", "a", "Can't find trailing parenthesis for function 'ECHO(a'?"},
		{"${ECHO({a})}", "{a}", ""},
		{"${ECHO(})}", ")}", "Can't find trailing parenthesis for function 'ECHO('?"},
		{"${NOSUCH(a)}b", "b", "NOSUCH: function not registered"},
		{"a${foo", "a123", "Error in extension logic (missing '}')"},
		{"a${${foo}", "a", "Error in extension logic (missing '}')"},
		{"$[${num}*6", "42", "Error in extension logic (missing ']')"},
		{`$["a]" = "a]"]`, `a" = "a]"]`, ""}, // a bracket in quotes ends the expression
		{"$[$[${num}-1]*${num}]", "42", ""},
		{"$[LEN(abcd)+1]", "5", ""},
		{`$["${quote}" = "x"]`, `"a"`, "syntax error: syntax error, unexpected '<token>', expecting $end; Input:\n\"a\"b\" = \"x\"\n   ^"},
		{`$["${DIALSTATUS}" != "SUCCESS"]`, "1", ""},
		{"${long:2:99999999999999999999}", "cdefghij", ""},
		{"${long:-99999999999999999999:2}", "ab", ""},
		{"${long:1:-}", "bcdefghij", ""},
		{"${}", "", ""},
		{"[${empty}]", "[]", ""},
	} {
		env := newEnv()
		got := Expand(c.text, env)
		if got != c.want || strings.Join(env.warnings, "|") != c.warned {
			t.Errorf("%s is %q, warned %q, want %q, %q", c.text, got, env.warnings, c.want, c.warned)
		}
	}
}

// TestExpressionFunctions is the caller who calls himself a function: only
// those that the dialplan has written are called in an expression.
func TestExpressionFunctions(t *testing.T) {
	env := newEnv()
	env.vars["name"] = `" | ECHO("stolen") | "`
	for _, text := range []string{`$["${name}" = "a"]`, `$[${name}]`, `$[1 + LEN (abc) = 4 & "${name}" = "a"]`} {
		Expand(text, env)
	}
	if got := strings.Join(env.calls, " "); got != "LEN(abc)" {
		t.Errorf("called %s, want LEN(abc)", got)
	}
}

func TestLiteral(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{{"SIP/100,30", true}, {"", true}, {"$5 {a} [b]", true}, {"${a}", false}, {"x$[1]", false}, {"${", false}} {
		tpl := Compile(c.text)
		if s, ok := tpl.Literal(); ok != c.want || s != c.text || tpl.Source() != c.text {
			t.Errorf("%q: literal %v, %q", c.text, ok, s)
		}
	}
}

// TestOrder sees that functions are called in the order of the text, inner ones first.
func TestOrder(t *testing.T) {
	env := newEnv()
	Expand("${ECHO(a)}${ECHO(b${LEN(xyz)}$[1+1])}${LEN(${foo})}", env)
	want := "ECHO(a) LEN(xyz) ECHO(b32) LEN(123)"
	if got := strings.Join(env.calls, " "); got != want {
		t.Errorf("called %s, want %s", got, want)
	}
}

func TestBounds(t *testing.T) {
	deep := strings.Repeat("${ECHO(", 1000) + "x" + strings.Repeat(")}", 1000)
	for _, c := range []struct {
		text   string
		size   int
		warned string
	}{
		{"${big}", MaxValue, "a value of more than 65536 bytes was cut"},
		{strings.Repeat("${big}", 10), MaxResult, "a value of more than 65536 bytes was cut"},
		{"$[${big}]", MaxValue, "a value of more than 65536 bytes was cut"},
		{deep, 0, "${...} and $[...] nested too deep: left empty"},
		{strings.Repeat("$[", 100000), 0, "Error in extension logic (missing ']')"},
		{strings.Repeat("${", 100000), 0, "Error in extension logic (missing '}')"},
	} {
		env := newEnv()
		got := Expand(c.text, env)
		if len(got) != c.size || len(env.warnings) == 0 || env.warnings[0] != c.warned {
			t.Errorf("%.20s... is of %d bytes, warned %.200q, want %d, %q", c.text, len(got), env.warnings, c.size, c.warned)
		}
	}
}

func TestPiece(t *testing.T) {
	for _, c := range []struct {
		offset, length int
		want           string
	}{{0, 5, "abc"}, {1, 1, "b"}, {3, 1, ""}, {-2, 1, "b"}, {-9, 2, "ab"}, {0, -1, "ab"}, {1, -2, ""}, {1, -9, ""}, {0, 0, ""}} {
		if got := Piece("abc", c.offset, c.length); got != c.want {
			t.Errorf("abc:%d:%d is %q, want %q", c.offset, c.length, got, c.want)
		}
	}
}

func TestArgs(t *testing.T) {
	for _, c := range []struct {
		in    string
		slots int
		want  []string
		raw   []string
	}{
		{"", 3, nil, nil},
		{"a", 0, nil, nil},
		{"a", 3, []string{"a"}, []string{"a"}},
		{"a,b,c", 5, []string{"a", "b", "c"}, []string{"a", "b", "c"}},
		{"a,b,c", 2, []string{"a", "b,c"}, []string{"a", "b,c"}},
		{"a,b,c", 1, []string{"a,b,c"}, []string{"a,b,c"}},
		{"a,", 3, []string{"a", ""}, []string{"a", ""}},
		{"a,,", 3, []string{"a", "", ""}, []string{"a", "", ""}},
		{",a", 3, []string{"", "a"}, []string{"", "a"}},
		{",", 3, []string{"", ""}, []string{"", ""}},
		{`"a,b",c`, 3, []string{"a,b", "c"}, []string{`"a,b"`, "c"}},
		{`a\,b,c`, 3, []string{"a,b", "c"}, []string{`a\,b`, "c"}},
		{`a\"b,c`, 3, []string{`a"b`, "c"}, []string{`a\"b`, "c"}},
		{`a\\,c`, 3, []string{`a\`, "c"}, []string{`a\\`, "c"}},
		{`a\`, 3, []string{"a"}, []string{`a\`}},
		{"f(a,b),c", 3, []string{"f(a,b)", "c"}, []string{"f(a,b)", "c"}},
		{"[a,b],c", 3, []string{"[a,b]", "c"}, []string{"[a,b]", "c"}},
		{"a),b", 3, []string{"a)", "b"}, []string{"a)", "b"}},
		{"(a,b", 3, []string{"(a,b"}, []string{"(a,b"}},
		{`"a"",b"`, 3, []string{"a,b"}, []string{`"a"",b"`}},
		{`a,"b"`, 2, []string{"a", `"b"`}, []string{"a", `"b"`}}, // the last slot is left alone
		{`a,"b"`, 3, []string{"a", "b"}, []string{"a", `"b"`}},
		{`"",b`, 3, []string{"", "b"}, []string{`""`, "b"}},
	} {
		if got := Args(c.in, c.slots); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("Args(%q, %d) = %q, want %q", c.in, c.slots, got, c.want)
		}
		if got := RawArgs(c.in, c.slots); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.raw) {
			t.Errorf("RawArgs(%q, %d) = %q, want %q", c.in, c.slots, got, c.raw)
		}
	}
	if got := ArgsBy(`1?"a:b":c`, '?', 2); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", []string{"1", `"a:b":c`}) {
		t.Errorf("by '?': %q", got)
	}
	if got := RawArgsBy(`"a:b":c`, ':', 2); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", []string{`"a:b"`, "c"}) {
		t.Errorf("by ':': %q", got)
	}
	if Arg([]string{"a"}, 0) != "a" || Arg(nil, 0) != "" {
		t.Error("Arg")
	}
}

func TestAllocs(t *testing.T) {
	env := newEnv()
	for _, c := range []struct {
		text string
		most float64
	}{{"SIP/100,30", 0}, {"${DIALSTATUS}", 0}, {"${long:1:3}", 0}, {"SIP/${foo},30", 1}, {`$["${DIALSTATUS}" != "SUCCESS"]`, 1}} {
		tpl := Compile(c.text)
		if n := testing.AllocsPerRun(100, func() { tpl.Expand(env) }); n > c.most {
			t.Errorf("%s allocates %v times, want at most %v", c.text, n, c.most)
		}
	}
}

func BenchmarkExpand(b *testing.B) {
	for _, text := range []string{"SIP/100,30", "${DIALSTATUS}", "SIP/${foo},30", `$["${DIALSTATUS}" != "SUCCESS"]?a:b`} {
		b.Run(text, func(b *testing.B) {
			env := newEnv()
			tpl := Compile(text)
			b.ReportAllocs()
			for b.Loop() {
				tpl.Expand(env)
			}
		})
	}
}

func FuzzExpand(f *testing.F) {
	for _, s := range []string{"${foo}", "A${${baz}o:-1:1}A", "$[${num}+1]", "${ECHO(${paren}):1:-1}", "$[$[", "${LEN(", `$["${quote}" =~ "["]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		env := newEnv()
		got := Expand(text, env)
		if len(got) > MaxResult {
			t.Errorf("%d bytes", len(got))
		}
		if !strings.Contains(text, "${") && !strings.Contains(text, "$[") && got != text {
			t.Errorf("%q became %q", text, got)
		}
	})
}

func FuzzArgs(f *testing.F) {
	for _, s := range []string{`a,b,"c,d"`, `f(a,b)\,,`, `[a],(b`, `"`, `\`} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, slots int) {
		slots = slots & 63
		if n := len(Args(s, slots)); n > slots {
			t.Errorf("%d arguments in %d slots", n, slots)
		}
		raw := RawArgs(s, slots)
		if slots > 0 && s != "" && strings.Join(raw, ",") != s {
			t.Errorf("%q was split to %q", s, raw)
		}
	})
}
