package variable

import (
	"context"
	"testing"

	"obelus/call"
	"obelus/function/functiontest"
)

func TestOtherChannels(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
	reg := x.Channel().Registry()
	second := reg.New(call.Spec{Name: "SIP/1001-00000001", Leg: &functiontest.Leg{}, Requestor: x.Channel(), UniqueID: "1700000000.2", Place: call.Place{Context: "agi", Exten: "s", Priority: 2}})
	y := x.PBX().NewExec(second, call.Place{Context: "agi", Exten: "s", Priority: 1})
	functiontest.Must(t, x, "A=mine", "SHARED(A)=shared", "SHARED(B,SIP/1001)=theirs", "EXPORT(SIP/1001-00000001,C)=sent", "EXPORT(1700000000.2,HASH(h,k))=v")
	functiontest.Must(t, y, "MASTER_CHANNEL(M)=master", "MASTER_CHANNEL(HASH(h,m))=1")
	functiontest.Cases{
		{"${A}|${SHARED(A)}|${SHARED(B)}|${SHARED(B,SIP/1001-00000001)}|${SHARED(B,1700000000.2)}|${B}", "mine|shared||theirs|theirs|", ""},
		{"${M}|${HASH(h,m)}|${MASTER_CHANNEL(A)}|${IMPORT(SIP/1001-00000001,C)}|${IMPORT(SIP/1001-00000001,HASH(h,k))}", "master|1|mine|sent|v", ""},
		{"${IMPORT(SIP/1001-00000001,EVAL(x))}", "", "EVAL() is not read where a variable is expected: put its value into a variable first"},
		{"${SHARED()}", "", "SHARED() requires an argument: SHARED(<var>[,<chan>])"},
		{"${SHARED(A,SIP/none)}", "", "Channel 'SIP/none' not found!  Variable 'A' will be blank."},
	}.Run(t, x, w)
	functiontest.Cases{{"${C}|${MASTER_CHANNEL(A)}|${MASTER_CHANNEL(HASH(h,m))}|${SHARED(B)}|${SHARED(A,Local/s@agi)}", "sent|mine|1|theirs|shared", ""}}.Run(t, y, w)
	for bad, want := range map[string]string{
		"SHARED()": "SHARED() requires an argument: SHARED(<var>[,<chan>])", "SHARED(A,SIP/none)": "Channel 'SIP/none' not found!  Variable 'A' not set to '1'.",
		"EXPORT(SIP/none)": "Syntax: EXPORT(<channel>,<variable>) - missing argument!", "EXPORT(SIP/none,A)": "No such channel 'SIP/none'",
	} {
		if err := x.Assign(bad, "1"); err == nil || err.Error() != want {
			t.Errorf("%s: %v", bad, err)
		}
	}
	x.Channel().Start(func(_ context.Context, _ *call.Channel) call.Order { return nil })
	<-x.Channel().Done()
	functiontest.Must(t, y, "MASTER_CHANNEL(A)=x")
	functiontest.Cases{{"${MASTER_CHANNEL(A)}", "", ""}}.Run(t, y, w)
}
