package channel

import (
	"testing"

	"obelus/call"
	"obelus/function/functiontest"
)

func TestHangupCause(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
	called := x.Channel().Registry().New(call.Spec{Name: "SIP/1001-00000001", Leg: &functiontest.Leg{Items: map[string]string{"hangupcause": "SIP 486 Busy Here"}}})
	x.Ended(called, call.CauseUserBusy)
	x.Ended(x.Channel(), call.CauseNoAnswer)
	functiontest.Cases{
		{"${HANGUPCAUSE_KEYS()}", "SIP/1001-00000001,Local/s@agi-00000000;2", ""},
		{"${HANGUPCAUSE(SIP/1001-00000001,tech)}|${HANGUPCAUSE(SIP/1001-00000001,ast)}|${HANGUPCAUSE(Local/s@agi-00000000;2,tech)}", "SIP 486 Busy Here|User busy|", ""},
		{"${HANGUPCAUSE(SIP/1001-00000001,x)}", "", "Information type not recognized (x)"},
		{"${HANGUPCAUSE(SIP/2,ast)}", "", "Unable to find information for channel SIP/2"},
		{"${HANGUPCAUSE()}", "", "Syntax: HANGUPCAUSE(<channel>,<type>) - missing argument!"},
	}.Run(t, x, w)
	x.ForgetEndings()
	functiontest.Cases{{"${HANGUPCAUSE_KEYS()}", "", ""}}.Run(t, x, w)
}
