package switchboard

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/astdb"
	"obelus/call"
	"obelus/cdr"
	"obelus/conf"
	"obelus/device"
	"obelus/dialplan/syntax"
	"obelus/function/functiontest"
	"obelus/internal/shell"
	"obelus/message"
	"obelus/pbx"
)

// differs lists the rows that come out otherwise here, and why. A row listed here must not pass.
func differs() map[string]string {
	return map[string]string{
		"S348": "no phones are provisioned here, so there is no PP_EACH_USER(); the original has none to name either",
		"S505": "an account that there is not is a matter of the driver, and there is none here: chansip's tests have its cause",
		"S507": "Dial() without anybody to call says so, and DIALSTATUS is INVALIDARGS, as its manual has it; the row was run by AGI",
		"S461": "the original's manual says that DB() sets DB_RESULT, and dialplans read it",
	}
}

// TestFacts runs every row of what the original did through all applications and functions, on one channel, in order: what a row sets
// stays for the rows below it.
func TestFacts(t *testing.T) {
	was := time.Local
	time.Local = time.UTC // as on the machine that the facts come from
	t.Cleanup(func() { time.Local = was })
	t.Setenv("FACTX", "")
	x, w := factChannel(t)
	left := differs()
	passed := 0
	unescape := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t")
	data, err := os.ReadFile("../../../function/testdata/substitution.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		for i := range f {
			f[i] = unescape.Replace(f[i])
		}
		id, steps, template, want, logged, volatile := f[0], f[1], f[2], f[3], f[4], f[5] == "1"
		w.Take()
		if steps != "" {
			for step := range strings.SplitSeq(steps, " ; ") {
				carryOut(x, step)
			}
		}
		if id == "S000" {
			continue // only sets variables
		}
		got := x.Expand(template)
		warned := w.Take()
		pass := got == want && sameLog(warned, logged)
		if why, known := differs()[id]; known {
			delete(left, id)
			if pass {
				t.Errorf("%s passes, and is listed as different: %s", id, why)
			}
			continue
		}
		if !pass && !volatile {
			t.Errorf("%s: after %q\n%s is %q, want %q\nwarned %q, want %q", id, steps, template, got, want, warned, logged)
		}
		passed++
	}
	for id := range left {
		t.Errorf("%s is listed as different, but there is no such row", id)
	}
	t.Logf("%d rows are as the original's, %d differ", passed, len(differs()))
}

func factChannel(t *testing.T) (*pbx.Exec, *functiontest.Warnings) {
	t.Helper()
	w := &functiontest.Warnings{}
	reg := call.NewRegistry(slog.New(w), nil)
	db, records := &astdb.DB{}, cdr.New(cdr.Defaults(), nil)
	reg.Record(records)
	dialers := call.Dialers{}
	d := &Deps{Dialers: dialers, Senders: message.Senders{}, DB: db, Records: records, Shell: shell.Run, Capture: shell.Output, Board: device.New(device.Config{DB: db})}
	p := pbx.New(pbx.Config{Applications: Applications(d), Functions: Functions(d), Registry: reg, Log: slog.New(w), Dialers: dialers})
	file, _, err := new(conf.Loader).Parse("extensions.conf", []byte("[agi]\nexten => s,1,NoOp\nsame => n(second),NoOp\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, _ := syntax.Read(file)
	p.Load(plan)
	dialers["Local"] = &call.Local{Registry: reg, Run: p.Run, Exists: p.Exists}
	ch := reg.New(call.Spec{Name: "Local/s@agi-00000000;2", Leg: &functiontest.Leg{}, State: call.StateRing, Language: "en", UniqueID: "1700000000.1"})
	return p.NewExec(ch, call.Place{Context: "agi", Exten: "s", Priority: 1}), w
}

// carryOut carries one step out, with what it complains of in the log.
func carryOut(x *pbx.Exec, step string) {
	name, data, _ := strings.Cut(step, "(")
	err := x.Application(context.Background(), name, strings.TrimSuffix(data, ")"))
	if err != nil && err != pbx.ErrHangup {
		x.Warn(err.Error())
	}
}

// sameLog compares warnings with the original's, without the file it names and with no regard to how the first letter is written.
func sameLog(got []string, logged string) bool {
	var want []string
	if logged != "" {
		want = strings.Split(logged, " | ")
	}
	return slices.EqualFunc(got, want, func(g, w string) bool {
		_, text, _ := strings.Cut(w, ": ")
		return strings.EqualFold(g, text)
	})
}
