package syntax

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

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
// it. The original was asked with a copy of the file that lacks its two comment
// lines and its very last step, as its line numbers tell; and it shows a context
// that a module of its own has made, which we give it as text.
func TestSeed(t *testing.T) {
	text, err := os.ReadFile("testdata/seed-extensions.conf")
	if err != nil {
		t.Fatal(err)
	}
	original, err := os.ReadFile("testdata/seed-show.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	var asked []string
	for _, line := range lines[:len(lines)-1] {
		if line[0] != ';' {
			asked = append(asked, line)
		}
	}
	p, _ := read(t, strings.Join(asked, "\n")+"\n"+periodicHook)
	module, file, ok := strings.Cut(show(t, p, ""), "\n\n")
	if !ok {
		t.Fatal("one context alone")
	}
	module = strings.ReplaceAll(module, "created by 'pbx_config'", "created by 'func_periodic_hook'")
	module = regexp.MustCompile(`(?m)\[extensions\.conf:\d+\]$`).ReplaceAllString(module, "[func_periodic_hook]")
	if got := module + "\n\n" + file; got != string(original) {
		t.Errorf("got\n%s\nwant\n%s", got, original)
	}
}

const periodicHook = `[__func_periodic_hook_context__]
exten => beep/,1,Answer()
same => n,Playback(beep)
same => n,Hangup()
exten => hook/,1,Set(EncodedChannel=${HOOK_CHANNEL})
same => n,Set(GROUP_NAME=${EncodedChannel}${HOOK_ID})
same => n,Set(GROUP(periodic-hook)=${GROUP_NAME})
same => n,ExecIf($[${GROUP_COUNT(${GROUP_NAME}@periodic-hook)} > 1]?Hangup())
same => n,Set(ChannelToSpy=${URIDECODE(${EncodedChannel})})
same => n,ChanSpy(${ChannelToSpy},qEB)
`

// The file as it is: the two lines move the steps behind them, and there is one
// step more; its third same line is refused, with place and reason.
func TestSeedAsItIs(t *testing.T) {
	text, err := os.ReadFile("testdata/seed-extensions.conf")
	if err != nil {
		t.Fatal(err)
	}
	p, found := read(t, string(text))
	got := show(t, p, "")
	for _, line := range []string{
		"     [sendfailedmsg] 10. Set(MESSAGE(body)=\"[${STRFTIME(${EPOCH},,%d%m%Y-%H:%M:%S)}] Your message to ${EXTEN} has failed. Retry later.\") [extensions.conf:22]\n",
		"                    15. Hangup()                                  [extensions.conf:27]\n",
		"\n-= 4 extensions (20 priorities) in 4 contexts. =-\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no line %q in\n%s", line, got)
		}
	}
	var refused []conf.Diagnostic
	for _, d := range found {
		if d.Severity >= conf.Warning {
			refused = append(refused, d)
		}
	}
	if len(refused) != 1 || refused[0].Pos != (conf.Pos{File: "extensions.conf", Line: 9}) ||
		!strings.Contains(refused[0].Message, "Invalid priority/label '_[0-9a-zA-Z].'") || refused[0].Hint == "" {
		t.Errorf("the third same line alone is refused: %v", refused)
	}
}

func show(t *testing.T, p *Plan, filter string) string {
	t.Helper()
	var b strings.Builder
	if err := Show(&b, p, filter); err != nil {
		t.Fatal(err)
	}
	return b.String()
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
		{"exten => s,1,Wait,1", "'s' => 1. Wait,1()", "write Wait(1)"},
		{"exten => s,1,Rpt,${NODE}|P|x", "'s' => 1. Rpt,${NODE}|P|x()", "write Rpt(${NODE},P,x)"},
		{"exten => s,1,Hangup", "'s' => 1. Hangup()", ""},
		{"exten => s,1,Set(X=a\\; b)\nsame => n,Set(Y=${CUT(x,\\,,1)})", "'s' => 1. Set(X=a; b) | 2. Set(Y=${CUT(x,\\,,1)})", ""},
		{"exten => s,1,NoOp\nsame => n(vip)(device),NoOp(b)", "'s' => 1. NoOp() | [vip] 2. NoOp(b)", "text behind the label: (device)"},
		{"exten => s,1,NoOp\nsame => n(open,NoOp(b)\nsame => N,NoOp", "'s' => 1. NoOp()", "Label missing trailing ')'"},
		{"exten => s,1,NoOp\nsame => N,NoOp", "'s' => 1. NoOp()", "write n"},
		{"exten => s,1,NoOp\nexten => s", "'s' => 1. NoOp()", "Invalid priority/label ''"},
		{"exten => s,1,NoOp\nexten => s,n+-5,NoOp", "'s' => 1. NoOp()", "Invalid priority 'n+-5'"},
		{"exten => s,1,NoOp\nexten => s,2147483647,NoOp\nexten => s,n,NoOp", "'s' => 1. NoOp() | 2147483647. NoOp()", "Invalid priority 'n'"},
		{"exten => s,1,NoOp\nexten => s,n(p),NoOp\nexten => s,p+101(failed),NoOp", "'s' => 1. NoOp() | [p] 2. NoOp() | [failed] 103. NoOp()", ""},
		{"exten => s,1,Dial(SIP/$(EXTEN),10)", "'s' => 1. Dial(SIP/$(EXTEN),10)", "written ${NAME}"},
		{"exten => s,1,GotoIf($[“${X}” = “Y”]?1)", "'s' => 1. GotoIf($[“${X}” = “Y”]?1)", "curly quotes"},
		{"// exten => s,1,NoOp", "", "Unknown directive: // exten"},
		{"extne => s,1,NoOp", "", "did you mean exten?"},
		{"include => d\nexten => 5,2,NoOp", "'5' => 2. NoOp() | Include => 'd'", ""},
		{"include => inbund", "Include => 'inbund'", "did you mean inbound?"},
		{"include => d,9-5,*,*,*", "Include => 'd,9-5,*,*,*'", "never included"},
		{"exten => _[12,1,NoOp", "'_[12' => 1. NoOp()", "a [ without its ]"},
		{"exten => _!,1,NoOp", "'_!' => 1. NoOp()", "Please use '_X!' instead"},
		{"exten => 1,1,NoOp\nsame => 5,NoOp", "'1' => 1. NoOp() | 5. NoOp()", "from priority 1 to 5"},
		{"exten => 1,hint,SIP/1\nexten => 1,hint,SIP/2", "'1' => hint: SIP/2", "a second hint"},
		{"switch => Realtime/${NODE}@\neswitch => Realtime/${NODE}@", "Alt. Switch => 'Realtime/1999@' | Alt. Switch => 'Realtime/${NODE}@'", "switches are not supported"},
		{"exten => ${ENV(HOME)}1,1,NoOp\nexten => ${GLOBAL(NODE)},1,NoOp", "'1' => 1. NoOp() | '1999' => 1. NoOp()", "function ENV can't be used"},
		{"exten => s,1,\u00a0NoOp", "'s' => 1. \u00a0NoOp()", ""},
		{"exten => s,1,NoOp\nexten => s,n(process),NoOp\nexten => s,process+101(failed),Noop(x)", "'s' => 1. NoOp() | [process] 2. NoOp() | [failed] 103. Noop(x)", ""},
		{"exten => s,1,NoOp\nsame => Goto(continue2)", "'s' => 1. NoOp()", "Invalid priority/label"},
		{"exten => 1000,x,Dial", "", "Invalid priority/label"},
		{"exten => 101,1,NoOp\nexten => 102,n,NoOp", "'101' => 1. NoOp() | '102' => 2. NoOp()", "no priority 1"},
		{"exten => ${NODE},1,NoOp", "'1999' => 1. NoOp()", ""},
		{"exten => _${BRANCHES}X,hint,Custom:${EXTEN}", "'_[12]X' => hint: Custom:${EXTEN}", ""},
		{"exten => exten => _[1011],1,NoOp", "'exten=>_[1011]' => 1. NoOp()", ""},
		{"exten => _[sS][oO][sS],1,NoOp\nexten => _1NXX-NXX-XXXX,1,NoOp", "'_1NXX-NXX-XXXX' => 1. NoOp() | '_[sS][oO][sS]' => 1. NoOp()", ""},
	} {
		p, found := read(t, "[globals]\nNODE=1999\nBRANCHES=[12]\n[inbound]\n[d]\nexten => 5,1,NoOp\n[c]\n"+c.text+"\n")
		var b strings.Builder
		Show(&b, p, "c")
		said := ""
		for _, d := range found {
			said += d.String() + "\n"
		}
		if got := display(b.String()); got != c.want || !strings.Contains(said, c.said) || c.said == "" && said != "" {
			t.Errorf("%s:\n got %s\nwant %s\nsaid %s", c.text, got, c.want, said)
		}
	}
}

func TestGeneral(t *testing.T) {
	p, found := read(t, "[general]\nstatic=yes\nwriteprotect=no\nclearglobalvars=yes\nextenpatternmatchnew=yes\nautofallthrough=no\npriorityjumping=yes\nautofalthrough=yes\n"+
		"[globals]\nA=1\nB=${A}2\nA=3\nC=$[1+2]\n[general2]\n")
	if p.General != (General{Static: true, ClearGlobalVars: true, NewPatternMatch: true, UsersContext: "default"}) {
		t.Errorf("%+v", p.General)
	}
	if got := fmt.Sprint(p.Globals); got != "[{A 1} {B 12} {A 3} {C 3}]" {
		t.Errorf("globals %s", got)
	}
	if len(found) != 2 || found[0].Line != 7 || !strings.Contains(found[1].Hint, "autofallthrough") {
		t.Errorf("%v", found)
	}
	if p, _ := read(t, "[a]\n"); !p.General.AutoFallthrough {
		t.Error("autofallthrough is the default")
	}
}
