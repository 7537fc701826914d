package function

import (
	"os"
	"strings"
	"testing"
	"time"

	"obelus/call"
	"obelus/function/functiontest"
	"obelus/internal/shell"
	"obelus/pbx"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC // as on the machine that the facts come from
	os.Exit(m.Run())
}

// newExec makes a channel like that of the facts, with all functions.
func newExec(t testing.TB, leg call.Leg) (*pbx.Exec, *functiontest.Warnings) {
	t.Helper()
	return functiontest.New(t, leg, Table(&Deps{DB: newShelf(), Records: &ledger{}, Shell: shell.Output}))
}

// unescape undoes the backslashes of the facts files.
var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t")

func readFacts(t testing.TB, file string, columns int) [][]string {
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != columns {
			t.Fatalf("%q has %d columns, not %d", line, len(f), columns)
		}
		for i := range f {
			f[i] = unescape.Replace(f[i])
		}
		all = append(all, f)
	}
	return all
}

// elsewhere lists the rows that need what this room does not have: the
// function or application that is wanted. A row listed here must not pass.
var elsewhere = map[string]string{

	"S348": "PP_EACH_USER",
	"S362": "DEVICE_STATE", "S365": "HINT", "S367": "VM_INFO",
	"S461": "DB_RESULT empty after a read: the original's manual says that it is set, and dialplans read it", "S464": "DEVICE_STATE", "S465": "DEVICE_STATE", "S466": "DEVICE_STATE",
	"S483": "MSet()", "S484": "MSet()", "S485": "MSet()",
	"S486": "ExecIf()", "S487": "ExecIf()", "S488": "ExecIf()", "S489": "ExecIf()", "S490": "ExecIf()", "S491": "ExecIf()",
	"S492": "Exec()", "S493": "TryExec()", "S494": "TryExec()", "S495": "System()", "S496": "System()", "S497": "TrySystem()",
	"S498": "ClearHash()", "S499": "SetAMAFlags()", "S500": "ImportVar()", "S502": "SayNumber()",
	"S505": "Dial()", "S506": "Dial()", "S507": "Dial()", "S508": "Dial()", "S509": "Log()", "S510": "Verbose()", "S511": "NoOp()",
}

// TestSubstitutionFacts runs the rows through the real expansion and functions
// on one channel, in order: what a row sets stays for the rows below it.
func TestSubstitutionFacts(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{})
	t.Setenv("FACTX", "")
	left := make(map[string]bool)
	for id := range elsewhere {
		left[id] = true
	}
	for _, f := range readFacts(t, "substitution.tsv", 6) {
		id, steps, template, want, logged, volatile := f[0], f[1], f[2], f[3], f[4], f[5] == "1"
		w.Take()
		done := runSteps(x, steps)
		if id == "S000" {
			continue // only sets variables
		}
		got := x.Expand(template)
		warned := w.Take()
		pass := done && got == want && sameLog(warned, logged)
		if function, ok := elsewhere[id]; ok {
			delete(left, id)
			if pass {
				t.Errorf("%s passes: it need not be listed as waiting for %s", id, function)
			}
			continue
		}
		if !pass && !volatile {
			t.Errorf("%s: after %q\n%s is %q, want %q\nwarned %q, want %q", id, steps, template, got, want, warned, logged)
		}
	}
	for id := range left {
		t.Errorf("%s is listed as waiting, but there is no such row", id)
	}
}

// runSteps carries out steps of Set(); false if there is another application among them.
func runSteps(x *pbx.Exec, steps string) bool {
	if steps == "" {
		return true
	}
	for step := range strings.SplitSeq(steps, " ; ") {
		data, ok := strings.CutPrefix(step, "Set(")
		if !ok {
			return false
		}
		set(x, strings.TrimSuffix(data, ")"))
	}
	return true
}

// set assigns as the application Set does, with its warnings.
func set(x *pbx.Exec, data string) {
	name, value, ok := strings.Cut(data, "=")
	if !ok {
		x.Warn("Set requires an '=' to be a valid assignment.")
		return
	}
	if strings.Contains(name, " ") {
		x.Warn("Please avoid unnecessary spaces on variables as it may lead to unexpected results ('" + name + "' set to '" + value + "').")
	}
	if err := x.Assign(name, value); err != nil {
		x.Warn(err.Error())
	}
}

// sameLog compares warnings with the original's, without the file it names and
// with no regard to how the first letter is written.
func sameLog(got []string, logged string) bool {
	var want []string
	if logged != "" {
		want = strings.Split(logged, " | ")
	}
	if len(got) != len(want) {
		return false
	}
	for i := range want {
		_, text, _ := strings.Cut(want[i], ": ")
		if !strings.EqualFold(got[i], text) {
			return false
		}
	}
	return true
}

// TestExprFacts runs the expressions that have something to fill in first, or
// call a function, which package expr alone can't.
func TestExprFacts(t *testing.T) {
	n := 0
	for _, f := range readFacts(t, "expr.tsv", 5) {
		id, text, want, logged := f[0], f[1], f[2], f[4]
		if strings.Contains(logged, "do not assert") || id == "E401" {
			continue // E401, a function that there is not, is package expr's own test
		}
		n++
		x, w := newExec(t, &functiontest.Leg{})
		x.Set("FIVE", "5")
		x.Set("STR", "hello world")
		if got := x.Expand("$[" + text + "]"); got != want {
			t.Errorf("%s: $[%s] is %q, want %q; warned %q", id, text, got, want, w.Take())
		}
	}
	if n < 350 {
		t.Errorf("only %d rows", n)
	}
}
