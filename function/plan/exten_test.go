package plan

import (
	"testing"

	"obelus/function/functiontest"
)

func TestEvalExten(t *testing.T) {
	x, w := functiontest.NewIn(t, &functiontest.Leg{}, Table(), "[agi]\nexten => s,1,NoOp\nexten => s,2(here),Return(${EXTEN} ${X})\nexten => s,3,Return()\n"+
		"[fn]\nexten => _X.,1,Return(n${EXTEN}${EVAL_EXTEN(agi,s,here)})\nexten => loop,1,Return(${EVAL_EXTEN(fn,loop,1)}x)\n")
	x.Set("X", "x")
	functiontest.Cases{
		{"${EVAL_EXTEN(2)}|${EVAL_EXTEN(s,here)}|${EVAL_EXTEN(fn,12,1)}|${EVAL_EXTEN(3)}", "s x|s x|n12s x|", ""},
		{"${EXTEN}", "s", ""},
		{"${EVAL_EXTEN(1)}", "", "EVAL_EXTEN reads a Return, and s@agi, priority 1 is a NoOp"},
		{"${EVAL_EXTEN(9)}", "", "Could not find extension s@agi, priority 9"},
		{"${EVAL_EXTEN()}", "", "Syntax: EVAL_EXTEN([[<context>,]<extension>,]<priority>) - missing argument!"},
		{"${EVAL_EXTEN(fn,loop,1)}", "xxxxxxxxxxxxxxxxxxxx", "functions nested more than 20 deep: left empty"},
		{"${IFMODULE(chan_sip.so)}${IFMODULE(CHAN_SIP.so)}${IFMODULE(chan_sip)}${IFMODULE(chan_iax2.so)}", "1100", ""},
		{"${IFMODULE()}", "", "IFMODULE() requires an argument"},
	}.Run(t, x, w)
}

// TestTestTime: what TESTTIME() leaves decides, not the clock.
func TestTestTime(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
	x.Set("__TESTTIME", "1766599200") // Wednesday, 24 December 2025, 18:00 UTC
	functiontest.Cases{{"${IFTIME(*,wed,24,dec,UTC?yes:no)}|${IFTIME(*,thu,*,*,UTC?yes:no)}", "yes|no", ""}}.Run(t, x, w)
}
