package syntax

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"obelus/conf"
)

func read(t testing.TB, text string) (*Plan, []conf.Diagnostic) {
	t.Helper()
	f, found, err := new(conf.Loader).Parse("extensions.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, more := Read(f)
	return p, append(found, more...)
}

func facts(t testing.TB) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/dialplan-parse.tsv")
	if err != nil {
		t.Fatal(err)
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t")
	var rows [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		cells := strings.Split(line, "\t")
		for i := range cells {
			cells[i] = unescape.Replace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

var (
	column  = regexp.MustCompile(` +\[[^ \]]+:\d+\]$`)
	bracket = regexp.MustCompile(`at line \d+ of`)
)

// display turns what dialplan show prints of one context into the form of the
// facts.
func display(shown string) string {
	var out []string
	for _, line := range strings.Split(shown, "\n") {
		if line == "" || line[0] == '[' || line[0] == '-' {
			continue
		}
		line = strings.TrimSpace(column.ReplaceAllString(line, ""))
		// the columns pad with blanks
		for _, arrow := range []string{"=> ", "Switch => "} {
			if i := strings.Index(line, arrow); i >= 0 {
				line = line[:i+len(arrow)] + strings.TrimLeft(line[i+len(arrow):], " ")
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, " | ")
}

func TestParseFacts(t *testing.T) {
	for _, r := range facts(t) {
		context := "t" + strings.TrimLeft(r[0][1:], "0")
		text := "[general]\n[globals]\nGV=gvalue\n[other2]\n[other]\n[" + context + "]\n" + r[1] + "\n"
		p, found := read(t, text)
		var b strings.Builder
		if err := Show(&b, p, context); err != nil {
			t.Fatal(err)
		}
		if got := display(b.String()); got != r[2] {
			t.Errorf("%s %q:\n got %s\nwant %s", r[0], r[1], got, r[2])
		}
		said := ""
		for _, d := range found {
			said += bracket.ReplaceAllString(d.Message, "at line N of") + "\n"
		}
		for _, logged := range strings.Split(strings.TrimSpace(r[3]), " | ") {
			if logged = bracket.ReplaceAllString(logged, "at line N of"); !strings.Contains(said, logged) {
				t.Errorf("%s %q: the original says %q, we say %q", r[0], r[1], logged, said)
			}
		}
	}
}

// The configuration that the project starts from reads as the original reads
// it. What the original printed was of a copy without its two comment lines and
// its last Hangup, and with a context of the original's own: the file in
// testdata is mended for that.
func TestSeed(t *testing.T) {
	text, err := os.ReadFile("testdata/seed-extensions.conf")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/seed-show.txt")
	if err != nil {
		t.Fatal(err)
	}
	p, found := read(t, string(text))
	var b strings.Builder
	if err := Show(&b, p, ""); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, d := range found {
		if strings.Contains(d.Message, "Invalid priority/label '_[0-9a-zA-Z].'") {
			if d.Line != 9 || d.Hint == "" {
				t.Errorf("the third same line: %v", d)
			}
			return
		}
	}
	t.Errorf("the third same line is not named: %v", found)
}

func TestShowFilters(t *testing.T) {
	p, _ := read(t, "[a]\nexten => 100,1,NoOp\nexten => _1XX,1,NoOp\nexten => 200,1,NoOp\n[b]\nexten => s,1,NoOp\n")
	for filter, want := range map[string]string{
		"100@a": "'100' => 1. NoOp() | '_1XX' => 1. NoOp()",
		"200@a": "'200' => 1. NoOp()",
		"b":     "'s' => 1. NoOp()",
		"x":     "There is no existence of 'x' context",
		"9@a":   "There is no existence of 9@a extension",
	} {
		var b strings.Builder
		Show(&b, p, filter)
		if got := display(b.String()); got != want {
			t.Errorf("%s: %s", filter, got)
		}
	}
}

func TestOddLines(t *testing.T) {
	for _, c := range []struct{ text, want, said string }{
		{"exten => s,1,Set(TIMEOUT(absolute))=600)", "'s' => 1. Set(TIMEOUT(absolute))=600)", ""},
		{"exten => s,1,GotoIf(${comp})?:doit)", "'s' => 1. GotoIf(${comp})?:doit)", ""},
		{"exten => s,1,VoiceMail(${EXTEN})@default", "'s' => 1. VoiceMail(${EXTEN})", "text behind"},
		{"exten => s,1,Return()#exec \"php x\"", "'s' => 1. Return()", "text behind"},
		{"exten => s,1,Wait,1", "'s' => 1. Wait,1()", ""},
		{"exten => s,1,NoOp\nexten => s,n(process),NoOp\nexten => s,process+101(failed),Noop(x)", "'s' => 1. NoOp() | [process] 2. NoOp() | [failed] 103. Noop(x)", ""},
		{"exten => s,1,NoOp\nsame => Goto(continue2)", "'s' => 1. NoOp()", "Invalid priority/label"},
		{"exten => 1000,x,Dial", "", "Invalid priority/label"},
		{"exten => 101,1,NoOp\nexten => 102,n,NoOp", "'101' => 1. NoOp() | '102' => 2. NoOp()", "no priority 1"},
		{"exten => ${NODE},1,NoOp", "'1999' => 1. NoOp()", ""},
		{"exten => _${BRANCHES}X,hint,Custom:${EXTEN}", "'_[12]X' => hint: Custom:${EXTEN}", ""},
		{"exten => exten => _[1011],1,NoOp", "'exten=>_[1011]' => 1. NoOp()", ""},
		{"exten => _[sS][oO][sS],1,NoOp\nexten => _1NXX-NXX-XXXX,1,NoOp", "'_1NXX-NXX-XXXX' => 1. NoOp() | '_[sS][oO][sS]' => 1. NoOp()", ""},
	} {
		p, found := read(t, "[globals]\nNODE=1999\nBRANCHES=[12]\n[c]\n"+c.text+"\n")
		var b strings.Builder
		Show(&b, p, "c")
		said := ""
		for _, d := range found {
			said += d.String() + "\n"
		}
		if got := display(b.String()); got != c.want || !strings.Contains(said, c.said) {
			t.Errorf("%s:\n got %s\nwant %s\nsaid %s", c.text, got, c.want, said)
		}
	}
}

func TestFind(t *testing.T) {
	p, _ := read(t, "[a]\nexten => _5XX,1,NoOp(pat1)\nexten => 500,2,NoOp(exact2)\nexten => _5XX,3(l),NoOp(pat3)\ninclude => b\n"+
		"[b]\ninclude => a\nexten => 600,1,NoOp(b)\ninclude => never,*,*,31,feb\n[never]\nexten => 700,1,NoOp(n)\n")
	now := time.Now()
	for at, want := range map[string]string{"500,1": "pat1", "500,2": "exact2", "500,3": "pat3", "500,4": "", "600,1": "b", "700,1": "", "501,2": ""} {
		exten, n, _ := strings.Cut(at, ",")
		got := ""
		if s := p.Find("a", exten, "", int(n[0]-'0'), now); s != nil {
			got = s.Data
		}
		if got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
	if n, ok := p.FindLabel("b", "500", "", "l", now); !ok || n != 3 {
		t.Errorf("label through an include: %d %v", n, ok)
	}
	if !p.MatchMore("b", "5", "", now) || p.CanMatch("b", "9", "", now) {
		t.Error("partial matches walk the includes")
	}
}

func TestFindAllocatesNothing(t *testing.T) {
	var b strings.Builder
	b.WriteString("[a]\n")
	for i := 10000; i < 20000; i++ {
		b.WriteString("exten => ")
		b.WriteString(strings.TrimSpace(time.Unix(int64(i), 0).Format("")))
		b.WriteString(itoa(i) + ",1,NoOp(x)\n")
	}
	p, _ := read(t, b.String())
	now := time.Now()
	if n := testing.AllocsPerRun(100, func() {
		if p.Find("a", "15000", "1001", 1, now) == nil {
			t.Fatal("not found")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func itoa(n int) string {
	var b [8]byte
	i := len(b)
	for ; n > 0; n /= 10 {
		i--
		b[i] = byte('0' + n%10)
	}
	return string(b[i:])
}

func TestTiming(t *testing.T) {
	tuesday := time.Date(2026, 11, 24, 16, 59, 30, 0, time.UTC)
	for spec, want := range map[string]bool{
		"9:00-17:00,mon-fri,*,*":          true,
		"9:00-16:58,mon-fri,*,*":          false,
		"22:00-6:00,*,*,*":                false,
		"16:59,tue,24,nov":                true,
		"*,fri-mon,*,*":                   false,
		"*,mon&tue,*,*":                   true,
		"*,*,20-5,nov-feb":                true,
		"*":                               true,
		"17:00-18:00,*,*,*,Europe/Berlin": true,
	} {
		timing, err := ParseTiming(spec)
		if err != nil {
			t.Errorf("%s: %v", spec, err)
		} else if got := timing.Match(tuesday); got != want {
			t.Errorf("%s: %v", spec, got)
		}
	}
	for _, bad := range []string{"9-17,*,*,*", "*,foo,*,*", "*,*,32,*", "*,*,*,13", "25:00,*,*,*", "*,*,*,*,No/Where"} {
		if timing, err := ParseTiming(bad); err == nil || timing.Match(tuesday) {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, r := range facts(f) {
		f.Add("[c]\n" + r[1] + "\n")
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, _, err := new(conf.Loader).Parse("extensions.conf", []byte(strings.ReplaceAll(text, "#", "")))
		if err != nil {
			return
		}
		p, _ := Read(file)
		var b strings.Builder
		if err := Show(&b, p, ""); err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Contexts {
			p.Find(c.Name, "100", "", 1, time.Unix(0, 0))
		}
	})
}

func BenchmarkFind(b *testing.B) {
	p, _ := read(b, "[a]\nexten => _X.,1,NoOp\nexten => 100,1,NoOp\n")
	now := time.Now()
	for b.Loop() {
		p.Find("a", "100", "", 1, now)
	}
}
