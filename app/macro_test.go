package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/pbx"
)

// table is the room's applications in a test's house, with a shell that is told
// its exit code.
func table(h *apptest.House) []pbx.Application {
	return Table(&Deps{Senders: h.Text, Voice: h.Voice, Shell: func(_ context.Context, line string) (int, error) {
		h.Mu.Lock()
		defer h.Mu.Unlock()
		h.Played = append(h.Played, line)
		switch line {
		case "bad":
			return 1, nil
		case "lost":
			return 127, nil
		case "broken":
			return -1, errors.New("there is no shell")
		}
		return 0, nil
	}})
}

// TestMacro runs dialplans; those that begin with F are the reference's.
func TestMacro(t *testing.T) {
	for name, c := range map[string]struct{ plan, steps, log string }{
		"F036": {"exten => s,1,Macro(m,x,y)\nsame => n,NoOp(back ${ARG1} ${MACRO_EXTEN})\n[macro-m]\nexten => s,1,NoOp(${ARG1} ${ARG2} ${MACRO_EXTEN} ${MACRO_CONTEXT} ${MACRO_PRIORITY} ${EXTEN})\nsame => n,NoOp(end)",
			"s,1:Macro(m,x,y) s,1:NoOp(x y s c 1 s) s,2:NoOp(end) s,2:NoOp(back  )", "Macro() is deprecated and will be removed from a future version of Asterisk."},
		"F038":              {"exten => s,1,Macro(nosuch)\nsame => n,NoOp(back)", "s,1:Macro(nosuch) s,2:NoOp(back)", "No such context 'macro-nosuch' for macro 'nosuch'. Was called by s@c"},
		"F039":              {"exten => s,1,Macro(m)\nsame => n,NoOp(n+0)\nsame => n,NoOp(n+1)\nsame => n,NoOp(n+2)\n[macro-m]\nexten => s,1,Set(MACRO_OFFSET=1)", "s,1:Macro(m) s,1:Set(MACRO_OFFSET=1) s,3:NoOp(n+1) s,4:NoOp(n+2)", ""},
		"no s":              {"exten => s,1,Macro(m)\nsame => n,NoOp(back)\n[macro-m]\nexten => x,1,NoOp()", "s,1:Macro(m) s,2:NoOp(back)", "Context 'macro-m' for macro 'm' lacks 's' extension, priority 1"},
		"empty":             {"exten => s,1,Macro()\nsame => n,NoOp(never)", "s,1:Macro()", "Macro() requires arguments."},
		"no name":           {"exten => s,1,Macro(,a)\nsame => n,NoOp(on)", "s,1:Macro(,a) s,2:NoOp(on)", "Invalid Macro name specified"},
		"offset to nowhere": {"exten => s,1,Macro(m)\nsame => n,NoOp(on)\n[macro-m]\nexten => s,1,Set(MACRO_OFFSET=7)", "s,1:Macro(m) s,1:Set(MACRO_OFFSET=7) s,2:NoOp(on)", ""},
		"exit":              {"exten => s,1,Macro(m)\nsame => n,NoOp(on)\n[macro-m]\nexten => s,1,MacroExit()\nsame => n,NoOp(never)", "s,1:Macro(m) s,1:MacroExit() s,2:NoOp(on)", ""},
		"exit outside":      {"exten => s,1,MacroExit()\nsame => n,NoOp(never)", "s,1:MacroExit()", ""},
		"nested": {"exten => s,1,Macro(a,1)\nsame => n,NoOp(on)\n[macro-a]\nexten => s,1,Macro(b,2)\nsame => n,NoOp(${ARG1} ${MACRO_DEPTH})\n[macro-b]\nexten => s,1,NoOp(${ARG1} ${MACRO_CONTEXT} ${MACRO_DEPTH})",
			"s,1:Macro(a,1) s,1:Macro(b,2) s,1:NoOp(2 macro-a 2) s,2:NoOp(1 1) s,2:NoOp(on)", ""},
		"without end": {"exten => s,1,Macro(a)\nsame => n,NoOp(on)\n[macro-a]\nexten => s,1,Set(N=$[0${N} + 1])\nsame => n,Macro(a)\nexten => h,1,NoOp()",
			"s,1:Macro(a)" + strings.Repeat(" s,1:Set(N=?) s,2:Macro(a)", 7) + " s,2:NoOp(on)", "possible infinite loop detected.  Returning early."},
		"jumps out":         {"exten => s,1,Macro(m)\nsame => n,NoOp(never)\nexten => x,1,NoOp(${ARG1}out)\n[macro-m]\nexten => s,1,Goto(c,x,1)", "s,1:Macro(m) s,1:Goto(c,x,1) x,1:NoOp(out)", ""},
		"jumps within":      {"exten => s,1,Macro(m)\nsame => n,NoOp(on)\n[macro-m]\nexten => s,1,Goto(x,1)\nexten => x,1,NoOp(in)", "s,1:Macro(m) s,1:Goto(x,1) x,1:NoOp(in) s,2:NoOp(on)", ""},
		"jumps out of two":  {"exten => s,1,Macro(a)\nexten => x,1,NoOp(out)\n[macro-a]\nexten => s,1,Macro(b)\nsame => n,NoOp(never)\n[macro-b]\nexten => s,1,Goto(c,x,1)", "s,1:Macro(a) s,1:Macro(b) s,1:Goto(c,x,1) x,1:NoOp(out)", ""},
		"subroutine within": {"exten => s,1,Macro(m)\nsame => n,NoOp(on)\n[macro-m]\nexten => s,1,Gosub(sub,s,1)\nsame => n,NoOp(in)\n[sub]\nexten => s,1,NoOp(deep)\nsame => n,Return()", "s,1:Macro(m) s,1:Gosub(sub,s,1) s,1:NoOp(deep) s,2:Return() s,2:NoOp(in) s,2:NoOp(on)", ""},
		"h of the macro":    {"exten => s,1,Macro(m)\nexten => h,1,NoOp(not this)\n[macro-m]\nexten => s,1,Hangup()\nexten => h,1,NoOp(this)", "s,1:Macro(m) s,1:Hangup() h,1:NoOp(this)", ""},
		"h of the caller":   {"exten => s,1,Macro(m)\nexten => h,1,Macro(m)\nsame => n,NoOp(end)\n[macro-m]\nexten => s,1,ExecIf($[\"${MACRO_EXTEN}\" = \"s\"]?Hangup())\nsame => n,NoOp()", "s,1:Macro(m) s,1:ExecIf(1?Hangup()) h,1:Macro(m) s,1:ExecIf(0?Hangup()) s,2:NoOp() h,2:NoOp(end)", ""},
		"if":                {"exten => s,1,MacroIf(1?m,1:m,2)\nsame => n,MacroIf(0?m,1:m,2)\nsame => n,MacroIf(0?m)\nsame => n,MacroIf(1)\n[macro-m]\nexten => s,1,NoOp(${ARG1})", "s,1:MacroIf(1?m,1:m,2) s,1:NoOp(1) s,2:MacroIf(0?m,1:m,2) s,1:NoOp(2) s,3:MacroIf(0?m) s,4:MacroIf(1)", "Invalid Syntax."},
		"exclusive":         {"exten => s,1,MacroExclusive(m,1)\nsame => n,MacroExclusive(m,2)\n[macro-m]\nexten => s,1,NoOp(${ARG1})", "s,1:MacroExclusive(m,1) s,1:NoOp(1) s,2:MacroExclusive(m,2) s,1:NoOp(2)", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := apptest.New(t, apptest.Config{Plan: "[c]\n" + c.plan + "\n", Applications: table})
				h.Call()
				got := strings.Join(h.Steps, " ")
				if name == "without end" {
					for _, n := range []string{"1", "2", "3", "4", "5", "6", "7"} {
						got = strings.Replace(got, "(N="+n+")", "(N=?)", 1)
					}
				}
				if got != c.steps {
					t.Errorf("steps\n%s\nwant\n%s", got, c.steps)
				}
				if !strings.Contains(h.Log.String(), c.log) {
					t.Errorf("log %s\nlacks %s", h.Log.String(), c.log)
				}
			})
		})
	}
}

// TestMacroVariables: what a macro's variables were before comes back.
func TestMacroVariables(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := apptest.New(t, apptest.Config{Plan: "[c]\nexten => s,1,Set(ARG1=mine)\nsame => n,Macro(m,x,y)\n[macro-m]\nexten => s,1,Set(ARG2=z)\n", Applications: table})
		h.Call()
		if _, is := h.Vars["ARG2"]; is || h.Vars["ARG1"] != "mine" || h.Vars["MACRO_DEPTH"] != "0" || h.Vars["MACRO_EXTEN"] != "" {
			t.Errorf("%v", h.Vars)
		}
	})
}

// TestMacroExclusive: a second call waits until the first has left, a third has no
// more patience.
func TestMacroExclusive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := apptest.New(t, apptest.Config{
			Plan:         "[c]\nexten => s,1,MacroExclusive(m)\nsame => n,NoOp(on)\nexten => h,1,NoOp(bye)\n[macro-m]\nexten => s,1,Wait(3)\n",
			Applications: table,
		})
		for _, name := range []string{"a", "b", "impatient"} {
			ch := h.Registry().New(call.Spec{Name: name, Leg: apptest.NewPhone(), State: call.StateRing})
			ch.Start(h.Run("c", "s", 1))
			synctest.Wait()
			if name == "impatient" {
				time.AfterFunc(2*time.Second, func() { ch.Gone(call.CauseNormalClearing) })
			}
		}
		began := time.Now()
		h.End()
		slices.Sort(h.Others)
		want := "a h,1:NoOp(bye) a s,1:MacroExclusive(m) a s,1:Wait(3) a s,2:NoOp(on) b h,1:NoOp(bye) b s,1:MacroExclusive(m) b s,1:Wait(3) b s,2:NoOp(on) " +
			"impatient h,1:NoOp(bye) impatient s,1:MacroExclusive(m)"
		if got := strings.Join(h.Others, " "); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		if took := time.Since(began); took < 6*time.Second || took > 7*time.Second {
			t.Errorf("it took %s: two were inside at once, or nobody came in", took)
		}
	})
}

// TestShell runs commands and applications by name.
func TestShell(t *testing.T) {
	for plan, want := range map[string]string{
		"System(good)|NoOp(${SYSTEMSTATUS})":                                      "System(good) NoOp(SUCCESS)",
		"System(bad)|NoOp(${SYSTEMSTATUS})":                                       "System(bad) NoOp(APPERROR)",
		"System(lost)|NoOp(never)":                                                "System(lost)",
		"System(broken)|NoOp(never)":                                              "System(broken)",
		"System()|NoOp(never)":                                                    "System()",
		"TrySystem(lost)|NoOp(${SYSTEMSTATUS})":                                   "TrySystem(lost) NoOp(FAILURE)",
		"TrySystem()|NoOp(${SYSTEMSTATUS})":                                       "TrySystem() NoOp(FAILURE)",
		"Exec(NoOp(a))|Exec()|Exec(Nosuch())|NoOp(never)":                         "Exec(NoOp(a)) Exec() Exec(Nosuch())",
		"Exec(Set(A=b)|NoOp(${A})":                                                "Exec(Set(A=b) NoOp(b)",
		"TryExec(Hangup())|TryExec(Goto(4))|NoOp(over)|NoOp(${TRYSTATUS})":        "TryExec(Hangup()) TryExec(Goto(4)) NoOp(SUCCESS)",
		"TryExec(Hangup())|NoOp(${TRYSTATUS})|TryExec(Nosuch)|NoOp(${TRYSTATUS})": "TryExec(Hangup()) NoOp(FAILED) TryExec(Nosuch) NoOp(NOAPP)",
		"ExecIfTime(*,*,*,*?Set(A=1))|ExecIfTime(*,*,30,feb?Set(A=2))|NoOp(${A})": "ExecIfTime(*,*,*,*?Set(A=1)) ExecIfTime(*,*,30,feb?Set(A=2)) NoOp(1)",
		"ExecIfTime(noon?NoOp())|NoOp(never)":                                     "ExecIfTime(noon?NoOp())",
		"ExecIfTime(*,*,*,*)|NoOp(never)":                                         "ExecIfTime(*,*,*,*)",
		"ExecIfTime(*,*,*,*?Nosuch)|NoOp(never)":                                  "ExecIfTime(*,*,*,*?Nosuch)",
		"Exec(MacroExit())|NoOp(never)":                                           "Exec(MacroExit())",
	} {
		synctest.Test(t, func(t *testing.T) {
			h := apptest.New(t, apptest.Config{Plan: "[c]\nexten => s,1," + strings.ReplaceAll(plan, "|", "\nsame => n,") + "\n", Applications: table})
			h.Call()
			if got := h.List(); got != want {
				t.Errorf("%s: %s, want %s", plan, got, want)
			}
		})
	}
}

func TestUnescape(t *testing.T) {
	for s, want := range map[string]string{
		`echo "a"`: `echo "a"`, `a\\nb`: `a\nb`, `a\nb\tc\r`: "a\nb\tc\r", `\"x\"`: `"x"`, `\x41\x4g\x`: "A\x04g", `\0101\060`: "\b1\x30", `end\`: `end\`, `\`: `\`, ``: ``,
	} {
		if got := unescape(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
