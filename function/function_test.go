package function

import (
	"slices"
	"strings"
	"testing"

	"obelus/call"
	"obelus/function/functiontest"
	"obelus/function/party"
	"obelus/pbx"
)

func TestTable(t *testing.T) {
	seen := make(map[string]bool)
	for _, f := range Table(&Deps{}) {
		switch {
		case seen[f.Name]:
			t.Errorf("%s is there twice", f.Name)
		case f.Read == nil && f.Write == nil:
			t.Errorf("%s can neither be read nor written", f.Name)
		case f.Synopsis == "" || !strings.HasPrefix(f.Syntax, f.Name+"("):
			t.Errorf("%s has no manual", f.Name)
		}
		seen[f.Name] = true
	}
	for _, name := range strings.Fields("CALLERID CDR CHANNEL CUT EVAL EXISTS FIELDQTY FILTER IF IFTIME ISNULL LEN MATH MESSAGE " +
		"MESSAGE_DATA QUOTE RAND REGEX SET STRFTIME TIMEOUT TOLOWER TOUPPER URIENCODE URIDECODE") {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestStrings(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{})
	functiontest.Must(t, x, "a=one,two,three", "bytes=\xff\xc3A", "word=abc", "list=a,b,a,c", "semi=1;2;3", "tab=x\ty")
	functiontest.Cases{
		{"${TOLOWER(${bytes})}", "\xff\xc3a", ""},
		{"${QUOTE(a\\b)}", `"a\\b"`, ""},
		{"${QUOTE()}", `""`, "No argument specified!"},
		{`${CSV_QUOTE(a"b)}`, `"a""b"`, ""},
		{"${TRIM( a b )}|${LTRIM( a )}|", "a b|a |", ""},
		{"${KEYPADHASH(Les 1*)}", "5371*", ""},
		{"${STRBETWEEN(word,-)}", "a-b-c", ""},
		{"${STRBETWEEN()}", "", "Syntax: STRBETWEEN(<varname>,<insert>) - missing argument!"},
		{"${FILTER(\\x41-\\x43,ABCD)}", "ABC", ""},
		{"${FILTER(a-,a-b)}", "a-", ""},
		{"${FILTER(c-a,abc)}", "ac", "Range wrapping in FILTER(c-a,abc).  This may not be what you want."},
		{"${FILTER(abc)}", "", "Usage: FILTER(<allowed-chars>,<string>)"},
		{`${REGEX("a{2,1}" x)}`, "", "Malformed input REGEX(\"a{2,1}\" x): extended regular expression: error parsing regexp: invalid repeat count: `{2,1}`"},
		{`${REGEX("a" b" c)}`, "0", ""},
		{`${REGEX(abc)}`, "", `Unexpected arguments: should have been in the form '"<regex>" <string>'`},
		{"${REPLACE(a,\\,)}", "onetwothree", ""},
		{"${REPLACE(tab,\\\\t,_)}", "x_y", ""},
		{"${REPLACE(a)}", "", "Usage: REPLACE(<varname>,<search-chars>[,<replace-char>])"},
		{"${STRREPLACE(list,a,z,1)}", "z,b,a,c", ""},
		{"${STRREPLACE(list,)}", "", "No <find-string> specified"},
		{"${STRREPLACE()}", "", "Usage: STRREPLACE(<varname>,<find-string>[,<replace-string>,[<max-replacements>]])"},
		{"${CUT(a,\\,,1-2)}", "one,two", ""},
		{"${CUT(semi,\\;,-2)}", "1;2", ""},
		{"${CUT(a,\\,,x)}", "", "Usage: CUT(<varname>,<char-delim>,<range-spec>)"},
		{"${CUT(a,\\,,3&1)}", "three", ""},
		{"${CUT(a,\\,,2&1)}", "two", "We're already past the field you wanted?"},
		{"${CUT(a:4,\\,,1)}", "two", ""},
		{"${CUT(TOUPPER(${a}),\\,,2)}", "TWO", ""},
		{"${FIELDNUM(list,\\,,c)}", "4", ""},
		{"${FIELDNUM(list)}", "", "Usage: FIELDNUM(<listname>,<delimiter>,<fieldvalue>)"},
		{"${FIELDQTY(list)}", "1", ""},
		{"${LISTFILTER(list,\\,,a)}", "b,c", ""},
		{"${LISTFILTER(list)}", "", "Usage: LISTFILTER(<listname>,<delimiter>,<fieldvalue>)"},
		{"${SORT()}", "", "SORT() requires an argument"},
		{"${SORT(b:1,junk,a:1)}", "b,a", ""},
		{"${BASE64_DECODE(aGVsbG8)}|${BASE64_DECODE(aGVs*bG8)}|${BASE64_DECODE(aGVsb)}", "hello|hel|hel", ""},
		{"${BASE64_ENCODE()}", "", "Syntax: BASE64_ENCODE(<data>) - missing argument!"},
		{"${URIENCODE(a b&ü)}", "a%20b%26%C3%BC", ""},
		{"${URIDECODE(%4)}|${URIDECODE(%41)}", "%4|A", ""},
		{"${MD5(hello)}", "5d41402abc4b2a76b9719d911017c592", ""},
	}.Run(t, x, w)
}

func TestLogic(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{})
	functiontest.Must(t, x, "loop=${EVAL(${loop})}", "deep=${EVAL(${tricky})}", "tricky=x${CALLERID(num)}", "CALLERID(num)=100")
	const syntax = "Syntax IF(<expr>?[<true>][:<false>])  (expr must be non-null, and either <true> or <false> must be non-null)"
	functiontest.Cases{
		{"${IF(?a:b)}", "", syntax},
		{"${IF(1)}", "", syntax},
		{"${IF(1?:b)}", "", ""},
		{`${IF(1?"a,b":c)}`, "a,b", ""},
		{"${EXISTS( )}", "1", ""},
		{"${SET(n = 5 )}${n}", "55", ""},
		{"${SET(n)}", "", "Syntax: SET(<varname>=[<value>]) - missing argument!"},
		{"${EVAL()}", "", "EVAL requires an argument: EVAL(<string>)"},
		{"${EVAL(${deep})}", "x100", ""},
		{"${EVAL(${loop})}", "", "functions nested more than 20 deep: left empty"},
		{"${EVAL(${tricky})}", "x100", ""},
		{"${EXCEPTION(reason)}", "", ""},
		{"${EXCEPTION(x)}", "", "Unknown exception field 'x'"},
		{"${IFTIME(x)}", "", "Syntax IFTIME(<timespec>?[<true>][:<false>])"},
		{"${IFTIME(*,*,*,*? yes : no )}", "yes", ""},
	}.Run(t, x, w)
}

// TestNamesAreNotFilledInTwice is the caller who calls himself a function.
func TestNamesAreNotFilledInTwice(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{})
	functiontest.Must(t, x, "CALLERID(name)=${SET(stolen=1)}", "NAME=${CALLERID(name)}", "self=${CUT(${self},-,1)}")
	for _, template := range []string{
		"${CUT(${CALLERID(name)},-,1)}", "${FIELDQTY(${CALLERID(name)},-)}", "${REPLACE(${CALLERID(name)},a,b)}",
		"${SHIFT(${CALLERID(name)})}", "${STRREPLACE(${CALLERID(name)},a,b)}", "${LISTFILTER(${CALLERID(name)},-,a)}",
		"${CUT($[1]${CALLERID(name)},-,1)}", "${CUT(${self},-,1)}", "${INC(${CALLERID(name)})}", "${STRBETWEEN(${CALLERID(name)},-)}",
	} {
		x.Expand(template)
		if v := x.Get("stolen"); v != "" {
			t.Fatalf("%s ran what the caller calls himself", template)
		}
	}
	functiontest.Must(t, x, "CALLERID(name)=SET(stolen=1)")
	w.Take()
	x.Expand("${CUT(${CALLERID(name)},-,1)}")
	texts := w.Take()
	if x.Get("stolen") != "" || len(texts) != 1 || texts[0] != "SET() is not read where a variable is expected: put its value into a variable first" {
		t.Errorf("a caller called SET(...) had it run: %q", texts)
	}
	nested := strings.Repeat("CUT(", 5000) + "NAME" + strings.Repeat(",-,1)", 5000)
	if got := x.Expand("${" + nested + "}"); got != "" || len(w.Take()) == 0 {
		t.Errorf("5000 functions in each other gave %q", got)
	}
}

func TestMath(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{})
	functiontest.Must(t, x, "n=5", "text=abc", "empty=")
	functiontest.Cases{
		{"${MATH(-3*4,int)}", "-12", ""}, {"${MATH(5--3,int)}", "8", ""}, {"${MATH(6/-2,i)}", "-3", ""}, {"${MATH(6/0)}", "0.000000", ""},
		{"${MATH(7%0,i)}", "0", ""}, {"${MATH(12XOR10,i)}", "6", ""}, {"${MATH(16>>2,i)}", "4", ""}, {"${MATH(3<=3)}", "TRUE", ""}, {"${MATH(3>3)}", "FALSE", ""},
		{"${MATH(1+2,octal)}", "", "Unknown type of result requested 'octal'."},
		{"${MATH(x+2)}", "", "'x' is not a valid number"}, {"${MATH(2+x)}", "", "'x' is not a valid number"},
		{"${MATH()}", "", "Syntax: MATH(<number1><op><number2>[,<type_of_result>]) - missing argument!"},
		{"${MATH(1e400*1)}", "+inf", ""}, {"${MATH(1e400*1,i)}", "-2147483648", ""}, {"${MATH(0-1,hex)}", "ffffffff", ""}, {"${MATH(0+0,char)}", "", ""},
		{"${ABS(-2.5)}|${MIN(2,1.5)}|${MAX(-1,-2)}", "2.500000|1.500000|-1", ""},
		{"${ABS(x)}", "", "'x' is not a valid number"}, {"${MIN(1)}", "", "'1' are not two valid numbers"},
		{"${INC(text)}", "", "The content of ${text} is not a numeric value - bailing out!"},
		{"${INC(nosuch)}", "", "Failed to obtain variable nosuch, bailing out"},
		{"${INC(empty)}", "", "Variable empty doesn't exist - are you sure you wrote it correctly?"},
		{"${INC()}", "", "Syntax: INC(<data>) - missing argument!"},
		{"${DEC(n)}${n}", "44", ""},
		{"${RAND(7,7)}", "7", ""},
		{"${SPRINTF(%5s|%-5s|%.2s,a,b,xyz)}", "    a|b    |xy", ""},
		{"${SPRINTF(%d%%)}", "", "Argument '' is not an integer number for format '%d'"},
		{"${SPRINTF(%f,x)}", "", "Argument 'x' is not a floating point number for format '%f'"},
		{"${SPRINTF(%o %X %u %i %e %g %G,8,255,-1,-1,1,0.1,100000000)}", "10 FF 4294967295 -1 1.000000e+00 0.1 1E+08", ""},
		{"${SPRINTF(%ld %lu,5,6)}", "5 6", ""},
		{"${SPRINTF(%y)}", "%y", "Format type '%y' unknown (ignoring)"},
		{"${SPRINTF(100%)}", "100%", ""},
		{"${SPRINTF(%99999d,1)}", "", "Format '%99999d' is wider than 4096"},
		{"${SPRINTF(%n,1)}", "%n", "Format type '%n' unknown (ignoring)"},
		{"${SPRINTF()}", "", "Syntax: SPRINTF(<format>,<arg1>[,...<argN>]) - missing argument!"},
	}.Run(t, x, w)
	for range 200 {
		if got := x.Expand("${RAND(-2,2)}"); strings.Trim(got, "-012") != "" || got == "" {
			t.Fatalf("RAND(-2,2) is %q", got)
		}
	}
	if a, b := x.Expand("${RAND()}"), x.Expand("${RAND()}"); a == b {
		t.Errorf("RAND() is %s twice", a)
	}
}

func TestCallerID(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{})
	functiontest.Must(t, x, "CALLERID(all)=\"Ann\" <100>", "CALLERID(tag)=vip", "CALLERID(NUMBER)= 200 ", "CALLERID(rdnis)=300", "CONNECTEDLINE(num,i)=400",
		"REDIRECTING(from-name)=Bob", "CALLERID(ani-all)=<500>", "CALLERID(name-pres)=prohib_passed_screen", "CALLERID(num-pres)=0")
	if got := x.Channel().Identity().Caller; got != (call.Party{Name: "Ann", Number: "200", Tag: "vip", NamePres: 0x21}) {
		t.Errorf("the caller is %+v", got)
	}
	functiontest.Cases{
		{"${CALLERID(tag)}|${CALLERID(NAME)}|${CALLERID(num-valid)}|${CALLERID(name-valid)}", "vip|Ann|1|1", ""},
		{"${CALLERID(all,Zoe <9>)}|${CALLERID(num,Zoe <9>)}|${CALLERID(name,Zoe <9>)}", `"Zoe" <9>|9|Zoe`, ""},
		{"${REDIRECTING(from-all)}|${CALLERID(rdnis)}", `"Bob" <300>|300`, ""},
		{"${CONNECTEDLINE(num)}", "400", ""},
		{"${CALLERID(ani)}|${CALLERID(ani-all)}|${CALLERID(ani2)}|${CALLERID(ani-num-valid)}", `500|"" <500>|0|1`, ""},
		{"${CALLERID(pres)}|${CALLERID(name-pres)}|${CALLERID(num-pres)}", "prohib_passed_screen|prohib_passed_screen|allowed_not_screened", ""},
		{"${CALLERID(nosuch)}", "", "Unknown callerid data type 'nosuch'."},
		{"${CALLERID(anix)}", "", "Unknown callerid data type 'anix'."},
		{"${CALLERID(num-plan)}|${CALLERID(name-charset)}", "0|utf8", ""},
	}.Run(t, x, w)
	for _, bad := range []string{"CALLERID(nosuch)", "CALLERID(num-pres)", "CALLERID(ani2)", "REDIRECTING(x)"} {
		if err := x.Assign(bad, "nonsense"); err == nil {
			t.Errorf("%s was set to nonsense", bad)
		}
	}
}

// TestDatabaseInAName: where the name of a variable is expected, a function may look something up and no more.
func TestDatabaseInAName(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{})
	functiontest.Must(t, x, "DB(cidname/100)=Ann, of sales", "DB(fam/key)=a-b")
	functiontest.Cases{{"${CUT(DB(cidname/100),\\,,1)}|${LEN(${DB(fam/key)})}", "Ann|3", ""}}.Run(t, x, w)
	if got := x.Expand("${CUT(DB_DELETE(fam/key),-,1)}${DB(fam/key)}"); got != "a-b" {
		t.Errorf("got %q", got)
	}
}

// reaching are the functions that a fuzzer may not have: they run programs, write files and ask other servers.
func reaching(f pbx.Function) bool {
	return f.GuardRead || f.GuardWrite || slices.Contains([]string{"CURL", "ENV"}, f.Name)
}

func FuzzFunctions(f *testing.F) {
	table := slices.DeleteFunc(Table(&Deps{DB: newShelf(), Records: &ledger{}}), reaching)
	for _, fn := range table {
		f.Add(fn.Name, "a,b,c", "d")
	}
	for _, fact := range readFacts(f, "substitution.tsv", 6) {
		f.Add("EVAL", fact[2], "")
	}
	f.Fuzz(func(t *testing.T, name, args, value string) {
		x, _ := functiontest.New(t, &functiontest.Leg{}, table)
		if got := x.Expand("${" + name + "(" + args + ")}"); len(got) > 256<<10 {
			t.Errorf("%d bytes", len(got))
		}
		x.Assign(name+"("+args+")", value)
		party.SplitCallerID(args)
	})
}
