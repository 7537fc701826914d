package simulate

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"obelus/conf"
	"obelus/dialplan/syntax"
)

// TestSimulate: what would go out is printed, and what phones do is chosen.
func TestSimulate(t *testing.T) {
	for name, c := range map[string]struct {
		plan, dial, digits string
		text               *string
		vars               map[string]string
		want               string
	}{
		"answer": {plan: "exten => s,1,Dial(SIP/bob,30,g)\nsame => n,NoOp(${DIALSTATUS} ${ANSWEREDTIME})", dial: "answer",
			want: "CTX,s,1:Dial(SIP/bob,30,g)\n  (SIP/bob is called: answer)\nCTX,s,2:NoOp(ANSWER 1)\nHANGUP cause=16"},
		"busy": {plan: "exten => s,1,Dial(SIP/bob)\nsame => n,NoOp(${DIALSTATUS} ${HANGUPCAUSE})\nsame => n,Hangup()", dial: "busy",
			want: "CTX,s,1:Dial(SIP/bob)\n  (SIP/bob is called: busy)\nCTX,s,2:NoOp(BUSY 17)\nCTX,s,3:Hangup()\nHANGUP cause=17"},
		"noanswer": {plan: "exten => s,1,Dial(SIP/bob&SIP/eve,5)\nsame => n,NoOp(${DIALSTATUS} ${DIALEDTIME})", dial: "noanswer",
			want: "CTX,s,1:Dial(SIP/bob&SIP/eve,5)\n  (SIP/bob is called: noanswer)\n  (SIP/eve is called: noanswer)\nCTX,s,2:NoOp(NOANSWER 5)\nHANGUP cause=0"},
		"unavailable": {plan: "exten => s,1,Dial(IAX2/bob)\nsame => n,NoOp(${DIALSTATUS})\nsame => n,Hangup()", dial: "unavailable",
			want: "CTX,s,1:Dial(IAX2/bob)\n  (IAX2/bob is called: unavailable)\nCTX,s,2:NoOp(CHANUNAVAIL)\nCTX,s,3:Hangup()\nHANGUP cause=20"},
		"variables": {plan: "exten => s,1,NoOp(${A}${CALLERID(num)}${B})", vars: map[string]string{"A": "x=y", "B": ""},
			want: "CTX,s,1:NoOp(x=y1001)\nHANGUP cause=0"},
		"text": {plan: "exten => s,1,NoOp(${MESSAGE(body)})\nsame => n,MessageSend(sip:bob,Ann)\nsame => n,NoOp(${MESSAGE_SEND_STATUS})\nexten => h,1,NoOp()", text: ptr("hi ${EXTEN}"),
			want: "CTX,s,1:NoOp(hi ${EXTEN})\nCTX,s,2:MessageSend(sip:bob,Ann)\n  (a message to sip:bob from Ann: \"hi ${EXTEN}\")\nCTX,s,3:NoOp(SUCCESS)\nHANGUP cause=0"},
		"text to nobody": {plan: "exten => s,1,MessageSend(sip:bob,Ann)\nsame => n,NoOp(${MESSAGE_SEND_STATUS})", text: ptr(""), dial: "unavailable",
			want: "CTX,s,1:MessageSend(sip:bob,Ann)\n  (a message to sip:bob from Ann: \"\")\nCTX,s,2:NoOp(FAILURE)\nHANGUP cause=0"},
		"keys": {plan: "exten => s,1,WaitExten(5)\nexten => _1X,1,NoOp(${EXTEN})", digits: "12",
			want: "CTX,s,1:WaitExten(5)\nCTX,12,1:NoOp(12)\nHANGUP cause=0"},
		"sounds and texts": {plan: "exten => s,1,Playback(hello&bye)\nsame => n,SendText(hi \"you\")\nsame => n,Busy(1)",
			want: "CTX,s,1:Playback(hello&bye)\n  (sound hello)\n  (sound bye)\nCTX,s,2:SendText(hi \"you\")\n  (text in the call: \"hi \\\"you\\\"\")\nCTX,s,3:Busy(1)\n  (the caller is told: User busy)\nHANGUP cause=0"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out, log bytes.Buffer
				s := Call{
					Plan: planOf(t, "[CTX]\n"+c.plan+"\n"), Context: "CTX", Exten: "s", CallerID: "1001", Keys: c.digits, Dial: c.dial, Vars: c.vars, Text: c.text,
					Out: &out, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
				}
				s.Run()
				if got := strings.TrimSpace(out.String()); got != c.want {
					t.Errorf("got\n%s\nwant\n%s\n%s", got, c.want, log.String())
				}
			})
		})
	}
}

func ptr(s string) *string { return &s }

func planOf(t *testing.T, text string) *syntax.Plan {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("extensions.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := syntax.Read(f)
	return p
}
