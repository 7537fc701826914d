package app

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSteps runs one dialplan a row: c,s,1 and what follows. The steps of s are
// what stands behind the blank of each line.
func TestSteps(t *testing.T) {
	for name, c := range map[string]struct {
		plan  string
		told  string        // to the caller's phone
		steps string        // "" for any
		log   string        // what must be in the log
		takes time.Duration // how long the call is
	}{
		"Answer":                   {"Answer()|NoOp(on)", "answer hangup:0", "Answer() NoOp(on)", "", 0},
		"Answer and wait":          {"Answer(1500)|Answer()", "answer hangup:0", "", "", 1500 * time.Millisecond},
		"Ringing":                  {"Ringing()|Progress()|Proceeding()", "ring progress hangup:0", "", "", 0},
		"Busy":                     {"Busy(3)|NoOp(never)", "tone:17 hangup:17", "Busy(3)", "", 3 * time.Second},
		"Congestion":               {"Congestion(2)", "tone:34 hangup:34", "", "", 2 * time.Second},
		"Busy when answered":       {"Answer()|Busy(3)", "answer tone:17 hangup:0", "", "", 3 * time.Second},
		"Hangup":                   {"Hangup()|NoOp(never)", "hangup:16", "Hangup()", "", 0},
		"Hangup by number":         {"Hangup(21)", "hangup:21", "", "", 0},
		"Hangup by name":           {"Hangup(USER_BUSY)", "hangup:17", "", "", 0},
		"Hangup with nonsense":     {"Hangup(x)", "hangup:16", "", `Invalid cause given to Hangup(): \"x\"`, 0},
		"Wait":                     {"Wait(2.5)|NoOp(on)", "hangup:0", "Wait(2.5) NoOp(on)", "", 2500 * time.Millisecond},
		"Wait nothing":             {"Wait()|Wait(x)|NoOp(on)", "hangup:0", "Wait() Wait(x) NoOp(on)", `\"x\" is no number of seconds`, 0},
		"Set":                      {"Set(A=1)|Set(B=x y )|NoOp(${A}${B})", "", "Set(A=1) Set(B=x y ) NoOp(1x y )", "", 0},
		"Set with blanks":          {"Set(A=1)|Set( A =2)|NoOp(${A}${ A })", "", "Set(A=1) Set( A =2) NoOp(12)", "unnecessary spaces on variables as it may lead to unexpected results (' A ' set to '2')", 0},
		"Set without =":            {"Set(A)|NoOp(on)", "", "Set(A) NoOp(on)", "requires an '='", 0},
		"Set an unknown function":  {"Set(NOSUCH(a)=1)|NoOp(on)", "", "Set(NOSUCH(a)=1) NoOp(on)", "Function NOSUCH not registered", 0},
		"MSet":                     {`MSet(A=1,B="x,y",C)|NoOp(${A}-${B})`, "", `MSet(A=1,B="x,y",C) NoOp(1-x,y)`, "ignoring entry 'C' with no '='", 0},
		"Log":                      {"Log(NOTICE,hello)|Log(warning,hm)|Log(x,y)|Log(z)", "", "", "Unknown log level: 'x'", 0},
		"Verbose":                  {"Verbose(hello)|Verbose(2,hello)|Verbose(9,x)", "", "", "level must be between 0 and 4", 0},
		"Goto":                     {"Goto(3)|NoOp(over)|NoOp(on)", "", "Goto(3) NoOp(on)", "", 0},
		"Goto without":             {"Goto()|NoOp(never)", "", "Goto()", "Goto requires an argument", 0},
		"GotoIf":                   {"GotoIf(0?9:3)|NoOp(over)|GotoIf(1?5)|NoOp(over)|GotoIf(?5)|NoOp(on)", "", "GotoIf(0?9:3) GotoIf(1?5) GotoIf(?5) NoOp(on)", "", 0},
		"GotoIf to nowhere":        {"GotoIf(1?nowhere)|NoOp(never)", "", "GotoIf(1?nowhere)", "must be a number > 0, or valid label", 0},
		"GotoIfTime":               {"GotoIfTime(*,*,*,*?3)|NoOp(over)|GotoIfTime(*,*,*,*?:9)|NoOp(on)", "", "GotoIfTime(*,*,*,*?3) GotoIfTime(*,*,*,*?:9) NoOp(on)", "", 0},
		"GotoIfTime never":         {"GotoIfTime(*,*,30,feb?9:3)|NoOp(over)|NoOp(on)", "", "GotoIfTime(*,*,30,feb?9:3) NoOp(on)", "", 0},
		"GotoIfTime nonsense":      {"GotoIfTime(noon?9)|GotoIfTime(x)|NoOp(on)", "", "GotoIfTime(noon?9) GotoIfTime(x) NoOp(on)", "GotoIfTime requires an argument", 0},
		"ExecIf":                   {"ExecIf(1?Set(A=x:y):Set(A=z))|ExecIf(0?Answer():Set(B=w))|NoOp(${A}${B})", "hangup:0", "ExecIf(1?Set(A=x:y):Set(A=z)) ExecIf(0?Answer():Set(B=w)) NoOp(x:yw)", "", 0},
		"ExecIf hangs up":          {"ExecIf(1?Hangup(18))|NoOp(never)", "hangup:18", "ExecIf(1?Hangup(18))", "", 0},
		"ExecIf no such":           {"ExecIf(1?Set(A=1)|NoOp(${A})|ExecIf(1?Nosuch(x))|NoOp(never)", "", "ExecIf(1?Set(A=1) NoOp(1) ExecIf(1?Nosuch(x))", "Could not find application! (Nosuch)", 0},
		"ExecIf as it was":         {"ExecIf(1,Set,A=1,2)|ExecIf(0,Set,A=3)|ExecIf(a\"b?Set(B=2))|NoOp(${A}${B})", "", "ExecIf(1,Set,A=1,2) ExecIf(0,Set,A=3) ExecIf(a\"b?Set(B=2)) NoOp(1,22)", "Deprecated syntax found.  Please upgrade to using ExecIf(<expr>?Set(A=1,2))", 0},
		"ExecIf without":           {"ExecIf(1)|NoOp(never)", "", "ExecIf(1)", "Usage: ExecIf", 0},
		"Incomplete":               {"Incomplete(n)", "hangup:0", "Incomplete(n)", "Invalid extension 's', but no rule 'i' or 'e'", 0},
		"Incomplete answers":       {"Incomplete()", "answer hangup:0", "", "", 0},
		"Return to nowhere":        {"Return(x)|NoOp(never)", "", "Return(x)", "Return without Gosub: stack is unallocated", 0},
		"StackPop":                 {"StackPop()|NoOp(on)", "", "StackPop() NoOp(on)", "StackPop called with no gosub stack allocated.", 0},
		"While":                    {"While($[0${N} < 3])|Set(N=$[0${N} + 1])|EndWhile()|NoOp(${N})", "", "While(1) Set(N=1) EndWhile() While(1) Set(N=2) EndWhile() While(1) Set(N=3) EndWhile() While(0) NoOp(3)", "", 0},
		"While in While":           {"While($[0${N} < 2])|Set(N=$[0${N} + 1])|Set(M=0)|While($[${M} < 2])|Set(M=$[${M} + 1])|EndWhile()|EndWhile()|NoOp(${N}${M})", "", "", "", 0},
		"ExitWhile":                {"While(1)|Set(N=$[0${N} + 1])|ExecIf($[${N} = 2]?ExitWhile())|EndWhile()|NoOp(${N})", "", "", "", 0},
		"ContinueWhile":            {"While($[0${N} < 2])|Set(N=$[0${N} + 1])|ContinueWhile()|NoOp(never)|EndWhile()|NoOp(on)", "", "While(1) Set(N=1) ContinueWhile() While(1) Set(N=2) ContinueWhile() While(0) NoOp(on)", "", 0},
		"EndWhile alone":           {"EndWhile()|NoOp(on)", "", "EndWhile() NoOp(on)", "EndWhile without a While", 0},
		"While without end":        {"While(0)|NoOp(never)", "", "While(0)", "Couldn't find matching EndWhile?", 0},
		"SendText":                 {"SendText(hello, you)|NoOp(${SENDTEXTSTATUS})", "text:text/plain;charset=UTF-8:hello, you hangup:0", "SendText(hello, you) NoOp(SUCCESS)", "", 0},
		"SendText of a type":       {"Set(SENDTEXT_CONTENT_TYPE=text/html)|Set(SENDTEXT_BODY=<b>)|SendText(x)", "text:text/html:<b> hangup:0", "", "", 0},
		"SendText nothing":         {"SendText()|NoOp(${SENDTEXTSTATUS})", "hangup:0", "SendText() NoOp(FAILURE)", "", 0},
		"MessageSend in a call":    {"MessageSend(sip:1)|NoOp(${MESSAGE_SEND_STATUS})", "", "MessageSend(sip:1) NoOp(FAILURE)", "MessageSend has nothing to send", 0},
		"an unknown application":   {"Nosuch()|NoOp(never)", "", "", "No application 'Nosuch' for extension", 0},
		"any case of letters":      {"NOOP(a)|noop(b)", "", "NoOp(a) NoOp(b)", "", 0},
		"GosubIf to nowhere":       {"GosubIf(0?x)|GosubIf(x)|GosubIf(1?9,9,9)|NoOp(never)", "", "GosubIf(0?x) GosubIf(x) GosubIf(1?9,9,9)", "non-existent destination '9,9,9'", 0},
		"Gosub without":            {"Gosub()|NoOp(never)", "", "Gosub()", "Gosub requires an argument", 0},
		"Gosub that calls itself":  {"Gosub(s,1)|NoOp(never)", "", "", "the stack is too deep", 0},
		"a subroutine in the plan": {"Gosub(sub,s,1(a,b))|NoOp(${GOSUB_RETVAL}${ARG1}${L})|GosubIf(1?sub,s,1(c):x)|NoOp(${GOSUB_RETVAL})", "", "Gosub(sub,s,1(a,b)) Set(L=a2) Return(ab) NoOp(aba2) GosubIf(1?sub,s,1(c):x) Set(L=c1) Return(c) NoOp(c)", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := "[c]\n"
				for i, step := range strings.Split(c.plan, "|") {
					plan += "exten => s," + []string{"1", "n"}[min(i, 1)] + "," + step + "\n"
				}
				h := newHouse(t, plan+"[sub]\nexten => s,1,Set(L=${ARG1}${ARGC})\nsame => n,Return(${ARG1}${ARG2})\n", nil)
				took := h.Call()
				if got := h.Caller.Heard(); c.told != "" && got != c.told {
					t.Errorf("the phone was told %q, want %q", got, c.told)
				}
				if got := h.List(); c.steps != "" && got != c.steps {
					t.Errorf("steps\n got %s\nwant %s", got, c.steps)
				}
				if got := h.Log.String(); !strings.Contains(got, c.log) {
					t.Errorf("the log lacks %q:\n%s", c.log, got)
				}
				if strings.Contains(h.List(), "never") {
					t.Errorf("it went on: %s", h.List())
				}
				if took != c.takes {
					t.Errorf("it took %v, want %v", took, c.takes)
				}
			})
		})
	}
}

// TestVariablesAfterwards: loops count as they should.
func TestLoops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, `[c]
exten => s,1,While($[0${N} < 2])
same => n,Set(N=$[0${N} + 1])
same => n,Set(M=0)
same => n,While($[${M} < 3])
same => n,Set(M=$[${M} + 1])
same => n,Set(SUM=$[0${SUM} + 1])
same => n,ExecIf($[${M} = 2]?ExitWhile())
same => n,EndWhile()
same => n,EndWhile()
`, nil)
		h.Call()
		if h.Vars["N"] != "2" || h.Vars["M"] != "2" || h.Vars["SUM"] != "4" {
			t.Errorf("N=%s M=%s SUM=%s, want 2, 2, 4", h.Vars["N"], h.Vars["M"], h.Vars["SUM"])
		}
	})
}

func TestTruth(t *testing.T) {
	for s, want := range map[string]bool{
		"": false, "0": false, "00": false, " 0": false, "-0": false, "0x": false, "0.5": false, "1": true, "-1": true, "+": true, "x": true, " ": false, "01": true,
	} {
		if got := truth(s); got != want {
			t.Errorf("%q is %v, want %v", s, got, want)
		}
	}
}

// TestManual: every application has its page.
func TestManual(t *testing.T) {
	for _, a := range Table(&Deps{}) {
		if a.Synopsis == "" || a.Description == "" || a.Run == nil || !strings.HasPrefix(a.Syntax, a.Name+"(") {
			t.Errorf("the manual of %s lacks something: %q, %q", a.Name, a.Synopsis, a.Syntax)
		}
	}
}
