package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/event"
	"obelus/pbx"
)

// TestSmall runs one dialplan a row, the steps of s separated by |.
func TestSmall(t *testing.T) {
	for name, c := range map[string]struct {
		plan, steps string // the steps that were carried out, joined by blanks; "" for any
		log         string
		takes       time.Duration
	}{
		"header":            {`SIPAddHeader(X-A: 1)|SIPAddHeader(X-B: a\\nb)|NoOp(${SIPADDHEADER01}-${SIPADDHEADER02})`, `SIPAddHeader(X-A: 1) SIPAddHeader(X-B: a\\nb) NoOp(X-A: 1-X-B: a\nb)`, "", 0},
		"header of two":     {`SIPAddHeader(X-A: 1\nX-B: 2)|NoOp(${SIPADDHEADER01})`, `SIPAddHeader(X-A: 1\nX-B: 2) NoOp()`, "is no header of one line", 0},
		"no header":         {"SIPAddHeader()|SIPAddHeader(hello)|NoOp(${SIPADDHEADER01})", "SIPAddHeader() SIPAddHeader(hello) NoOp()", "This application requires the argument: Header", 0},
		"removed":           {"SIPAddHeader(X-A: 1)|SIPAddHeader(Y: 2)|SIPRemoveHeader(x-)|NoOp(${SIPADDHEADER01}${SIPADDHEADER02})|SIPRemoveHeader()|NoOp(${SIPADDHEADER02})", "SIPAddHeader(X-A: 1) SIPAddHeader(Y: 2) SIPRemoveHeader(x-) NoOp(Y: 2) SIPRemoveHeader() NoOp()", "", 0},
		"mode":              {"SIPDtmfMode(INFO)|SIPDtmfMode()|SIPDtmfMode(x)|NoOp(on)", "SIPDtmfMode(INFO) SIPDtmfMode() SIPDtmfMode(x) NoOp(on)", "I don't know about this dtmf mode: x", 0},
		"info":              {"SIPSendCustomINFO(a=b,agent)|SIPSendCustomINFO()|NoOp(on)", "SIPSendCustomINFO(a=b,agent) SIPSendCustomINFO() NoOp(on)", "You must provide data to be sent", 0},
		"unsupported":       {"SendURL(x)|SendImage(y)|NoOp(${SENDURLSTATUS}${SENDIMAGESTATUS})|SendURL()|NoOp(never)", "SendURL(x) SendImage(y) NoOp(UNSUPPORTEDUNSUPPORTED) SendURL()", "SendURL requires an argument (URL)", 0},
		"flash":             {"Flash()|NoOp(never)", "Flash()", "SIP/caller-0 is not a DAHDI channel", 0},
		"exception":         {"RaiseException(WHY)|NoOp(never)", "RaiseException(WHY) NoOp(WHY c s 1)", "", 0},
		"import":            {"Set(A=x)|ImportVar(B=SIP/caller-0,A)|ImportVar(C=nobody,A)|ImportVar(D)|NoOp(${B}-${C})", "Set(A=x) ImportVar(B=SIP/caller-0,A) ImportVar(C=nobody,A) ImportVar(D) NoOp(x-)", "ImportVar requires an argument", 0},
		"hash":              {"Set(~HASH~h~a~=1)|Set(~HASH~hh~a~=2)|ClearHash(h)|NoOp(${~HASH~h~a~}-${~HASH~hh~a~})", "Set(~HASH~h~a~=1) Set(~HASH~hh~a~=2) ClearHash(h) NoOp(-2)", "", 0},
		"cause":             {"HangupCauseClear()|NoOp(on)", "HangupCauseClear() NoOp(on)", "", 0},
		"ama":               {"SetAMAFlags(billing)|NoOp(on)", "SetAMAFlags(billing) NoOp(on)", "The SetAMAFlags application is deprecated. Please use the CHANNEL function instead.", 0},
		"pres":              {"SetCallerPres(prohib_passed_screen)|SetCallerPres(loud)|NoOp(${CALLINGPRES})|SetCallerPres(1)|NoOp(${CALLINGPRES})", "SetCallerPres(prohib_passed_screen) SetCallerPres(loud) NoOp(33) SetCallerPres(1) NoOp(1)", "'loud' is not a valid presentation (see 'show application SetCallerPres')", 0},
		"minivm":            {"MinivmRecord(100@a)|NoOp(${MVM_RECORD_STATUS})|MinivmRecord()|NoOp(never)", "MinivmRecord(100@a) NoOp(FAILED) MinivmRecord()", "there is no MiniVM", 0},
		"events":            {"UserEvent()|NoOp(never)", "UserEvent()", "UserEvent requires an argument", 0},
		"cel":               {"CELGenUserEvent()|CELGenUserEvent(a)|DumpChan(2)|NoOp(on)", "CELGenUserEvent() CELGenUserEvent(a) DumpChan(2) NoOp(on)", "CELGenUserEvent requires an argument", 0},
		"until":             {"WaitUntil(946684803.5)|NoOp(${WAITUNTILSTATUS})|WaitUntil(1)|NoOp(${WAITUNTILSTATUS})|WaitUntil(x)|NoOp(${WAITUNTILSTATUS})|WaitUntil()", "WaitUntil(946684803.5) NoOp(OK) WaitUntil(1) NoOp(PAST) WaitUntil(x) NoOp(FAILURE) WaitUntil()", "WaitUntil called with non-numeric argument", 3500 * time.Millisecond},
		"until, hung up":    {"WaitUntil(946688400)|NoOp(never)", "WaitUntil(946688400)", "", 10 * time.Second},
		"condition":         {"Set(A=1)|WaitForCondition(#,#[\"#{A}\"=\"1\"])|NoOp(${WAITFORCONDITIONSTATUS})|WaitForCondition(#,#{B},2,0.5)|NoOp(${WAITFORCONDITIONSTATUS})|WaitForCondition(##,x)|NoOp(${WAITFORCONDITIONSTATUS})", "Set(A=1) WaitForCondition(#,#[\"#{A}\"=\"1\"]) NoOp(TRUE) WaitForCondition(#,#{B},2,0.5) NoOp(TIMEOUT) WaitForCondition(##,x) NoOp(FAILURE)", "WaitForCondition requires arguments", 2 * time.Second},
		"condition in time": {"WaitForCondition(#,#[#{EPOCH} > 946684802],,0.1)|NoOp(${WAITFORCONDITIONSTATUS})", "WaitForCondition(#,#[#{EPOCH} > 946684802],,0.1) NoOp(TRUE)", "", 3 * time.Second},
		"if":                {"If(1)|NoOp(a)|Else()|NoOp(b)|EndIf()|NoOp(c)", "If(1) NoOp(a) Else() NoOp(c)", "", 0},
		"if not":            {"If(0)|NoOp(a)|Else()|NoOp(b)|EndIf()|NoOp(c)", "If(0) Else() NoOp(b) EndIf() NoOp(c)", "", 0},
		"if none":           {"If(0)|NoOp(a)|ElseIf(0)|NoOp(b)|EndIf()|NoOp(c)", "If(0) ElseIf(0) NoOp(c)", "", 0},
		"if in if":          {"If(0)|If(1)|Else()|EndIf()|ElseIf(1)|If(0)|NoOp(a)|Else()|NoOp(b)|EndIf()|NoOp(c)|Else()|NoOp(d)|EndIf()|NoOp(e)", "If(0) ElseIf(1) If(0) Else() NoOp(b) EndIf() NoOp(c) Else() NoOp(e)", "", 0},
		"if left":           {"If(1)|If(1)|ExitIf()|NoOp(a)|EndIf()|NoOp(b)|EndIf()|NoOp(c)", "If(1) If(1) ExitIf() NoOp(b) EndIf() NoOp(c)", "", 0},
		"if without end":    {"If(0)|NoOp(never)", "If(0)", "Couldn't find matching EndIf?", 0},
		"exit of none":      {"ExitIf()|NoOp(on)", "ExitIf() NoOp(on)", "there is no EndIf", 0},
		"end of none":       {"EndIf()|NoOp(on)", "EndIf() NoOp(on)", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := "[c]\nexten => s,1," + strings.ReplaceAll(c.plan, "|", "\nsame => n,") + "\n"
				if name == "exception" {
					plan += "exten => e,1,NoOp(${EXCEPTION_REASON} ${EXCEPTION_CONTEXT} ${EXCEPTION_EXTEN} ${EXCEPTION_PRIORITY})\n"
				}
				h := apptest.New(t, apptest.Config{Plan: plan, Applications: table})
				ch := h.Incoming()
				if name == "until, hung up" {
					time.AfterFunc(10*time.Second, func() { ch.Gone(call.CauseNormalClearing) })
				}
				if took := h.Call(); took.Round(time.Millisecond) != c.takes {
					t.Errorf("it took %s, want %s", took, c.takes)
				}
				if got := h.List(); c.steps != "" && got != c.steps {
					t.Errorf("%s\nwant %s", got, c.steps)
				}
				if log := h.Log.String(); !strings.Contains(log, c.log) {
					t.Errorf("log %s\nlacks %s", log, c.log)
				}
			})
		})
	}
}

// TestManyHeaders: there is room for 50.
func TestManyHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := apptest.New(t, apptest.Config{Plan: "[c]\nexten => s,1,Set(N=$[0${N} + 1])\nsame => n,SIPAddHeader(X-${N}: ${N})\nsame => n,GotoIf($[${N} < 51]?1)\n", Applications: table})
		h.Call()
		if h.Vars["SIPADDHEADER50"] != "X-50: 50" || h.Vars["SIPADDHEADER51"] != "" || !strings.Contains(h.Log.String(), "Too many SIP headers added, max 50") {
			t.Errorf("%v", h.Vars)
		}
	})
}

// TestUserEvent: what observers are told, and that nobody adds lines to it.
func TestUserEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(event.Bus)
		facts, cancel := bus.Subscribe(100)
		defer cancel()
		h := apptest.New(t, apptest.Config{
			Plan: "[c]\nexten => s,1,UserEvent(Door,Who: ${BAD},\"State: open, wide\",nonsense,: x,Key:a:b)\n", Bus: bus,
			Applications: func(*apptest.House) []pbx.Application { return Table(&Deps{Bus: bus}) },
		})
		h.Incoming().Vars.Set("BAD", "Ann\r\nAction: Logoff\x00")
		h.Call()
		for {
			select {
			case e := <-facts:
				u, ok := e.Fact.(event.UserEvent)
				if !ok {
					continue
				}
				want := []event.Field{{Name: "Who", Value: "Ann  Action: Logoff"}, {Name: "State", Value: "open, wide"}, {Name: "Key", Value: "a:b"}}
				if u.Name != "Door" || u.Channel.Name != "SIP/caller-0" || !slices.Equal(u.Fields, want) {
					t.Errorf("%+v", u)
				}
				return
			default:
				t.Fatal("nobody was told")
			}
		}
	})
}

// TestDump: what DumpChan says of a channel.
func TestDump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(event.Bus)
		facts, cancel := bus.Subscribe(100)
		defer cancel()
		h := apptest.New(t, apptest.Config{Plan: "[c]\nexten => s,1,Set(TIMEOUT=1)\nsame => n,DumpChan(2)\n", Bus: bus, Applications: table})
		h.Call()
		for {
			select {
			case e := <-facts:
				n, ok := e.Fact.(event.Notice)
				if !ok || !strings.Contains(n.Text, "Dumping Info For Channel: SIP/caller-0:") {
					continue
				}
				for _, want := range []string{"\nName=               SIP/caller-0\n", "\nCallerIDNum=        100\n", "\nRDNIS=              (N/A)\n", "\nState=              Ring (4)\n",
					"\nNativeFormat=       (ulaw)\n", "\nApplication=        DumpChan\n", "\nVariables:\nTIMEOUT=1\n"} {
					if !strings.Contains(n.Text, want) {
						t.Errorf("%s\nlacks %q", n.Text, want)
					}
				}
				return
			default:
				t.Fatal("nothing was shown")
			}
		}
	})
}

// TestRefused: an indication that the phone can't take does not end the call.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := apptest.New(t, apptest.Config{Plan: "[c]\n", Applications: table})
		x := h.NewExec(h.Registry().New(call.Spec{Name: "x", Leg: refusing{apptest.NewPhone()}}), call.Place{Context: "c", Exten: "s", Priority: 1})
		for _, app := range []string{"SIPDtmfMode(info)", "SIPSendCustomINFO(x)"} {
			name, data, _ := strings.Cut(strings.TrimSuffix(app, ")"), "(")
			if err := x.Application(context.Background(), name, data); err != nil {
				t.Errorf("%s: %v", app, err)
			}
		}
		for _, want := range []string{"Call this application only on SIP incoming calls", "Failed to create payload for custom SIP INFO"} {
			if !strings.Contains(h.Log.String(), want) {
				t.Errorf("the log lacks %s", want)
			}
		}
	})
}

// refusing is a phone that takes no indication.
type refusing struct{ *apptest.Phone }

func (refusing) Indicate(i call.Indication) error { return fmt.Errorf("no %T", i) }

// TestHangupCauseClear: how called channels ended is forgotten.
func TestHangupCauseClear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := apptest.New(t, apptest.Config{Plan: "[c]\n", Applications: table})
		ch := h.Registry().New(call.Spec{Name: "x", Leg: apptest.NewPhone()})
		x := h.NewExec(ch, call.Place{Context: "c", Exten: "s", Priority: 1})
		x.Ended(ch, call.CauseUserBusy)
		if len(x.Endings()) != 1 {
			t.Fatal("nothing was noted")
		}
		if err := x.Application(context.Background(), "HangupCauseClear", ""); err != nil || len(x.Endings()) != 0 {
			t.Errorf("%v, %v", err, x.Endings())
		}
	})
}
