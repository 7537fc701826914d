package function

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
	"obelus/function/argument"
	"obelus/function/functiontest"
	"obelus/message"
)

func TestChannel(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{Items: map[string]string{"peername": "1001"}})
	functiontest.Must(t, x, "CHANNEL(accountcode)=acme", "CHANNEL(amaflags)=omit", "CHANNEL(userfield)=u")
	functiontest.Cases{
		{"${CHANNEL(channeltype)}|${CHANNEL(NAME)}|${CHANNEL(uniqueid)}|${CHANNEL(LINKEDID)}", "Local|Local/s@agi-00000000;2|1700000000.1|1700000000.1", ""},
		{"${CHANNEL(context)}|${CHANNEL(exten)}|${CHANNEL(checkhangup)}|${CHANNEL(peer)}", "agi|s|0|", ""},
		{"${CHANNEL(peername)}", "1001", ""},
		{"${CHANNEL(accountcode)}|${CHANNEL(amaflags)}|${CHANNEL(userfield)}|${CDR(amaflags)}|${CDR(userfield)}", "acme|1|u|OMIT|", ""},
		{"${CHANNEL(audionativeformat)}|${CHANNEL(audioreadformat)}|${CHANNEL(videonativeformat)}", "(ulaw|alaw)|ulaw|(h264)", ""},
		{"${CHANNEL()}", "", "Unknown or unavailable item requested: ''"},
	}.Run(t, x, w)
	for _, bad := range []string{"CHANNEL(name)", "CHANNEL(nosuch)", "CHANNEL(amaflags)", "CHANNEL(hangup_handler_push)"} {
		if err := x.Assign(bad, "nonsense"); err == nil {
			t.Errorf("%s was set to nonsense", bad)
		}
	}
	functiontest.Must(t, x, "CDR(amaflags)=default")
	if got := x.Expand("${CDR(amaflags,u)}"); got != "3" {
		t.Errorf("the default amaflags are %s", got)
	}
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, w := newExec(t, &functiontest.Leg{})
		functiontest.Must(t, x, "TIMEOUT(absolute)=100", "TIMEOUT(digit)=2.5", "TIMEOUT(response)=-3")
		time.Sleep(1500 * time.Millisecond)
		functiontest.Cases{
			{"${TIMEOUT(absolute)}|${TIMEOUT(digit)}|${TIMEOUT(response)}", "98.500|2.500|0.000", ""},
			{"${TIMEOUT()}", "", "Must specify type of timeout to get."},
			{"${TIMEOUT(x)}", "", "Unknown timeout type specified."},
		}.Run(t, x, w)
		functiontest.Must(t, x, "TIMEOUT(absolute)=1e300")
		if x.Expand("${TIMEOUT(absolute)}") != "315360000.000" {
			t.Error("no bound on the absolute time")
		}
		functiontest.Must(t, x, "TIMEOUT(absolute)=")
		if x.Expand("${TIMEOUT(absolute)}") != "0" {
			t.Error("the absolute time was not taken away")
		}
		for _, name := range []string{"TIMEOUT()", "TIMEOUT(x)"} {
			if x.Assign(name, "1") == nil {
				t.Errorf("%s was set", name)
			}
		}
	})
}

func TestMessage(t *testing.T) {
	m := &message.Message{To: "sip:1002@example.org", From: `"Ann" <sip:1001@example.org>`, Body: []byte("${EXTEN} \"quoted\"\n\xff")}
	m.SetData("Subject", "hello", false)
	x, w := newExec(t, &functiontest.Leg{Text: m})
	functiontest.Cases{
		{"${MESSAGE(to)}|${MESSAGE(FROM)}", `sip:1002@example.org|"Ann" <sip:1001@example.org>`, ""},
		{"${MESSAGE(body)}", "${EXTEN} \"quoted\"\n\xff", ""},
		{"${MESSAGE_DATA(subject)}|${MESSAGE_DATA(nosuch)}", "hello|", ""},
		{"${MESSAGE(x)}", "", "Invalid argument to MESSAGE(): 'x'"},
	}.Run(t, x, w)
	functiontest.Must(t, x, "MESSAGE(body)=a,b", "MESSAGE(to)=sip:1003@x", "MESSAGE(from)=sip:1@x", "MESSAGE_DATA(X-Test)=1", "MESSAGE(custom_data)=mark_all_outbound")
	if string(m.Body) != "a,b" || m.To != "sip:1003@x" || m.From != "sip:1@x" {
		t.Errorf("the message is %+v", m)
	}
	for _, d := range m.AllData() {
		if !d.Outgoing {
			t.Errorf("%s does not go out", d.Name)
		}
	}
	for _, name := range []string{"MESSAGE(x)", "MESSAGE(custom_data)"} {
		if x.Assign(name, "x") == nil {
			t.Errorf("%s was set", name)
		}
	}
	x, w = newExec(t, &functiontest.Leg{})
	const none = "() is for text messages: Local/s@agi-00000000;2 is a call"
	functiontest.Cases{{"${MESSAGE(to)}", "", "MESSAGE" + none}, {"${MESSAGE_DATA(to)}", "", "MESSAGE_DATA" + none}}.Run(t, x, w)
	functiontest.Must(t, x, "MESSAGE(body)=you missed a call", "MESSAGE_DATA(X-Test)=1")
	functiontest.Cases{{"${MESSAGE(body)}|${MESSAGE_DATA(x-test)}|${MESSAGE_DATA(Content-Type)}", "you missed a call|1|text/plain;charset=UTF-8", ""}}.Run(t, x, w)
}

// TestMessageGoesAlong has what the dialplan writes decide what goes along.
func TestMessageGoesAlong(t *testing.T) {
	came := func() *message.Message {
		m := &message.Message{ContentType: "message/cpim", Body: []byte("x")}
		for name, along := range map[string]bool{"Content-Encoding": true, "Call-ID": true, "Max-Forwards": true, "X-Mood": false} {
			m.SetData(name, "1", along)
		}
		return m
	}
	for name, c := range map[string]struct {
		set   []string
		along string
	}{
		"as it came":       {nil, "Call-ID Content-Encoding Max-Forwards"},
		"another body":     {[]string{"MESSAGE_DATA(Subject)=news", "MESSAGE(body)=hello"}, "Max-Forwards Subject"},
		"all":              {[]string{"MESSAGE(custom_data)=mark_all_outbound"}, "Call-ID Content-Encoding Max-Forwards X-Mood"},
		"nothing but that": {[]string{"MESSAGE_DATA(X-New)=1", "MESSAGE(custom_data)=clear_all_outbound"}, "Call-ID Content-Encoding Max-Forwards"},
		"another type":     {[]string{"MESSAGE(body)=<p>", "MESSAGE_DATA(Content-Type)=text/html"}, "Max-Forwards"},
	} {
		m := came()
		x, _ := newExec(t, &functiontest.Leg{Text: m})
		functiontest.Must(t, x, c.set...)
		var along []string
		for _, d := range m.AllData() {
			if d.Outgoing {
				along = append(along, d.Name)
			}
		}
		slices.Sort(along)
		if got := strings.Join(along, " "); got != c.along {
			t.Errorf("%s: %s goes along, want %s", name, got, c.along)
		}
		if want := map[bool]string{true: "text/html", false: message.PlainText}[name == "another type"]; len(c.set) > 1 && name != "nothing but that" && m.ContentType != want {
			t.Errorf("%s: it is %s", name, m.ContentType)
		}
	}
	x, _ := newExec(t, &functiontest.Leg{Text: came()})
	for _, name := range []string{"MESSAGE_DATA()", "MESSAGE_DATA(Call-ID)", "MESSAGE_DATA(X: y)", "MESSAGE_DATA(Content-Length)"} {
		if x.Assign(name, "x") == nil {
			t.Errorf("%s was set", name)
		}
	}
}

// TestGroups counts over several channels.
func TestGroups(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{})
	reg := x.Channel().Registry()
	second := reg.New(call.Spec{Name: "SIP/1001-00000001", Leg: &functiontest.Leg{}})
	y := x.PBX().NewExec(second, call.Place{Context: "agi", Exten: "s", Priority: 1})
	functiontest.Must(t, x, "GROUP()=out", "GROUP(trunk)=a", "LOCAL2=1")
	functiontest.Must(t, y, "GROUP()=out", "GROUP()=Out", "GROUP(x)=b@trunk")
	functiontest.Cases{
		{"${GROUP_COUNT()}|${GROUP_COUNT(OUT)}|${GROUP_COUNT(a@trunk)}|${GROUP_COUNT(@trunk)}|${GROUP_COUNT(a@x)}", "2|2|1|1|0", ""},
		{"${GROUP_MATCH_COUNT(^[ab]$@trunk)}|${GROUP_MATCH_COUNT(^o)}", "2|1", ""},
		{"${GROUP_MATCH_COUNT([)}", "", "Regex compile failed on: ["},
		{"${GROUP_LIST()}|${GROUP(trunk)}", "out a@trunk|a", ""},
		{"${CHANNELS(^SIP)}", "SIP/1001-00000001", ""},
		{"${CHANNELS([)}", "", "Error compiling regular expression for CHANNELS(): missing ']'"},
		{"${IMPORT(SIP/1001-00000001,v)}|${IMPORT(SIP/1001-00000001,GROUP())}", "|Out", ""},
		{"${IMPORT(SIP/none,v)}", "", "No such channel 'SIP/none'"},
		{"${IMPORT(SIP/none)}", "", "Syntax: IMPORT(<channel>,<variable>) - missing argument!"},
		{"${VERSION()}|${VERSION(ASTERISK_VERSION_NUM)}", "20.20.1|202001", ""},
		{"${VERSION(HOSTNAME)}", "", "VERSION(HOSTNAME) is not known here: VERSION() and VERSION(ASTERISK_VERSION_NUM) are"},
	}.Run(t, x, w)
	second.Start(func(_ context.Context, _ *call.Channel) call.Order { return nil })
	<-second.Done()
	if got := x.Expand("${GROUP_COUNT(out)}"); got != "1" {
		t.Errorf("a channel that has gone still counts: %s", got)
	}
}

// TestSubroutine reads what belongs to a Gosub.
func TestSubroutine(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{})
	functiontest.Must(t, x, "v=outer")
	if x.Assign("LOCAL(v)", "x") == nil {
		t.Error("LOCAL was set outside of a subroutine")
	}
	x.Push(call.Place{Context: "c", Exten: "e", Priority: 5}, []string{"one"})
	functiontest.Must(t, x, "LOCAL(v)=inner")
	functiontest.Cases{
		{"${LOCAL(v)}|${v}|${ARG1}|${LOCAL_PEEK(1,v)}|${LOCAL_PEEK(0,v)}", "inner|inner|one|outer|inner", ""},
		{"${STACK_PEEK(1,l)}|${STACK_PEEK(1,c)}|${STACK_PEEK(1,e)}|${STACK_PEEK(1,p)}", "c,e,4|c|e|4", ""},
		{"${STACK_PEEK(2,l)}", "", "Stack peek of '2' is more stack frames than I have"},
		{"${STACK_PEEK(2,l,1)}", "", ""},
		{"${STACK_PEEK(1,x)}", "", "Unknown argument 'x' to STACK_PEEK"},
		{"${STACK_PEEK(0,l)}", "", "STACK_PEEK must be called with a positive peek value and one of l, c, e, p"},
		{"${LOCAL_PEEK(v)}", "", "LOCAL_PEEK must be called with a positive peek value and a variable"},
	}.Run(t, x, w)
	x.Pop()
	functiontest.Cases{{"${v}|${LOCAL(v)}", "outer|", ""}}.Run(t, x, w)
}

func TestLists(t *testing.T) {
	x, w := newExec(t, &functiontest.Leg{})
	functiontest.Must(t, x, "l=a;b", "UNSHIFT(l,\\;)=z", "PUSH(l,\\;)=y", "ARRAY(GLOBAL(g),p)=1,2")
	functiontest.Cases{
		{"${l}|${SHIFT(l,\\;)}|${POP(l,\\;)}|${l}", "z;a;b;y|z|y|a;b", ""},
		{"${g}|${p}|${GLOBAL(p)}", "1|2|", ""},
		{"${SHIFT()}", "", "a variable name is required"},
	}.Run(t, x, w)
	functiontest.Must(t, x, "big="+strings.Repeat("x", argument.MaxText-10))
	if x.Assign("PUSH(big)", "0123456789") == nil || x.Assign("PUSH()", "x") == nil || x.Assign("ARRAY(NOSUCH(x))", "1") == nil {
		t.Error("a list took what it should not")
	}
	x.Set("x", strings.Repeat("x", 10000))
	functiontest.Cases{{"${STRREPLACE(x,x,0123456789)}", "", "STRREPLACE would make 100000 bytes, more than 65536"}}.Run(t, x, w)
}
