package agi

import (
	"bufio"
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/pbx"
)

// server is a FastAGI server that says its lines and keeps what it is told.
type server struct {
	says []string // "wait 2s" waits, "hang up" closes, "hang" says nothing more

	mu          sync.Mutex
	environment map[string]string
	order       []string // of the environment
	replies     []string
}

func (v *server) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	go v.serve(far)
	return near, nil
}

func (v *server) serve(c net.Conn) {
	defer c.Close()
	v.environment = make(map[string]string)
	r := bufio.NewScanner(c)
	for r.Scan() && r.Text() != "" {
		name, value, _ := strings.Cut(r.Text(), ": ")
		v.environment[name] = value
		v.order = append(v.order, name)
	}
	replies := make(chan string, 10)
	go func() {
		defer close(replies)
		for r.Scan() {
			replies <- r.Text()
		}
	}()
	for _, line := range v.says {
		if wait, ok := strings.CutPrefix(line, "wait "); ok {
			d, _ := time.ParseDuration(wait)
			time.Sleep(d)
			continue
		}
		if line == "hang" {
			for r := range replies {
				v.told(r)
			}
			return
		}
		if _, err := c.Write([]byte(line + "\n")); err != nil {
			v.told("(closed)")
			return
		}
		if line == "failure" {
			return
		}
		for {
			reply, ok := <-replies
			if !ok {
				v.told("(closed)")
				return
			}
			if strings.HasPrefix(reply, "520-") || strings.HasPrefix(reply, "\t") || strings.HasPrefix(reply, "Usage: ") || reply == "" {
				continue // the last line of a usage is what counts
			}
			v.told(strings.TrimSuffix(reply, " End of proper usage."))
			if reply != "HANGUP" {
				break
			}
		}
	}
}

func (v *server) told(reply string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.replies = append(v.replies, reply)
}

func (v *server) heard() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return strings.Join(v.replies, "|")
}

// db is a database in memory. Family bad can't be written.
type db map[string]string

func (d db) Get(family, key string) (string, bool) { v, ok := d[family+"/"+key]; return v, ok }
func (d db) Put(family, key, value string) error {
	if family == "bad" {
		return errors.New("the disk is full")
	}
	d[family+"/"+key] = value
	return nil
}
func (d db) Delete(family, key string) (bool, error) {
	_, ok := d[family+"/"+key]
	delete(d, family+"/"+key)
	return ok, nil
}
func (d db) DeleteTree(family, keytree string) (n int, err error) {
	for k := range maps.Clone(d) {
		if strings.HasPrefix(k+"/", strings.TrimSuffix(family+"/"+keytree, "/")+"/") {
			delete(d, k)
			n++
		}
	}
	return n, nil
}

// few are applications for EXEC and for the dialplan around the script.
func few() []pbx.Application {
	return []pbx.Application{
		{Name: "NoOp", Run: func(context.Context, *pbx.Exec, string) error { return nil }},
		{Name: "Hangup", Run: func(context.Context, *pbx.Exec, string) error { return pbx.ErrHangup }},
		{Name: "Fail", Run: func(context.Context, *pbx.Exec, string) error { return errors.New("it fails") }},
		{Name: "Digits", Run: func(context.Context, *pbx.Exec, string) error { return &pbx.Dialled{Digits: "5"} }},
		{Name: "Wait", Run: func(ctx context.Context, x *pbx.Exec, _ string) error { return x.Sleep(ctx, 5*time.Second) }},
		{Name: "Return", Run: func(_ context.Context, x *pbx.Exec, _ string) error {
			if back, ok := x.Pop(); ok {
				x.Jump(back)
				return nil
			}
			return pbx.ErrHangup
		}},
	}
}

// house makes a house in which AGI asks v.
func house(t *testing.T, plan string, v *server) *apptest.House {
	return apptest.New(t, apptest.Config{Plan: "[c]\n" + plan + "\n[other]\nexten => x,1,NoOp(other)\nexten => x,2(lab),NoOp(label)\nexten => sub,1,NoOp(${ARG1}-${ARG2})\nexten => sub,2,Return()\n",
		Applications: func(h *apptest.House) []pbx.Application {
			d := &Deps{Voice: h.Voice, DB: db{"fam/key": "value (1)", "fam/a/b": "2"}, Version: "20", Dial: v.dial}
			return slices.Concat(Table(d), few())
		},
		Functions: func(*apptest.House) []pbx.Function {
			return []pbx.Function{{Name: "F", Read: func(_ *pbx.Exec, args string) (string, error) {
				if args == "bad" {
					return "", errors.New("F is bad")
				}
				return "<" + args + ">", nil
			}}}
		},
	})
}

// TestCommands has one script a row, whose lines are separated by |.
func TestCommands(t *testing.T) {
	for name, c := range map[string]struct {
		says, replies string
		keys          string // pressed half a second after the start
		steps         string // behind the AGI step; "" for AGISTATUS SUCCESS
		heard         string // by the phone
		played        string
		takes         time.Duration
	}{
		"answer":              {says: "ANSWER|answer|CHANNEL STATUS|CHANNEL STATUS SIP/caller-0|CHANNEL STATUS nobody|ANSWER x|CHANNEL STATUS a b", replies: "200 result=0|200 result=0|200 result=6|200 result=6|200 result=-1|520|520", heard: "answer hangup:0"},
		"unknown":             {says: "HELLO||ANSWERS|DATABASE|  ", replies: strings.Repeat("510 Invalid or unknown command|", 4) + "510 Invalid or unknown command"},
		"noop":                {says: "NOOP|NoOp some thing", replies: "200 result=0|200 result=0"},
		"variables":           {says: `SET VARIABLE A "b c"|GET VARIABLE A|GET VARIABLE nosuch|GET VARIABLE EXTEN|GET VARIABLE F(x)|GET VARIABLE F(bad)|GET FULL VARIABLE "${A}-${F(${A})}"|SET VARIABLE A|GET VARIABLE|SET VARIABLE F(x) 1`, replies: "200 result=1|200 result=1 (b c)|200 result=0|200 result=1 (s)|200 result=1 (<x>)|200 result=0|200 result=1 (b c-<b c>)|520|520|200 result=1"},
		"another's variable":  {says: "GET FULL VARIABLE ${CHANNEL}|GET FULL VARIABLE ${CHANNEL} SIP/caller-0|GET FULL VARIABLE ${CHANNEL} nobody|GET FULL VARIABLE", replies: "200 result=1 (SIP/caller-0)|200 result=1 (SIP/caller-0)|200 result=0|520"},
		"database":            {says: "DATABASE GET fam key|DATABASE GET fam no|DATABASE PUT fam k2 v2|DATABASE GET fam k2|DATABASE DEL fam k2|DATABASE DEL fam k2|DATABASE PUT bad k v|DATABASE DELTREE fam a|DATABASE DELTREE fam a|DATABASE GET fam|DATABASE PUT a b|DATABASE DEL a|DATABASE DELTREE|DATABASE DELTREE \"\"", replies: "200 result=1 (value (1))|200 result=0|200 result=1|200 result=1 (v2)|200 result=1|200 result=0|200 result=0|200 result=0|200 result=1|520|520|520|520|520"},
		"exec":                {says: "EXEC NoOp a b|EXEC Nosuch|EXEC Fail|EXEC Digits|EXEC|EXEC Wait 5", replies: "200 result=0|200 result=-2|200 result=0|200 result=53|520|200 result=0", takes: 5 * time.Second},
		"exec hangs up":       {says: "EXEC Hangup|NOOP", replies: "200 result=-1|200 result=0", steps: "s,2:NoOp(FAILURE)"},
		"hang up":             {says: "HANGUP nobody|HANGUP a b|HANGUP", replies: "200 result=-1|520|200 result=1", steps: "-", heard: "hangup:16"},
		"place":               {says: "SET CONTEXT other|SET EXTENSION x|SET PRIORITY 1|SET CONTEXT|SET EXTENSION|SET PRIORITY|SET PRIORITY nosuch", replies: "200 result=0|200 result=0|200 result=0|520|520|520|520", steps: "x,1:NoOp(other) x,2:NoOp(label)"},
		"label":               {says: "SET CONTEXT other|SET EXTENSION x|SET PRIORITY lab", replies: "200 result=0|200 result=0|200 result=0", steps: "x,2:NoOp(label)"},
		"context alone":       {says: "SET EXTENSION x|SET CONTEXT other|EXEC NoOp", replies: "200 result=0|200 result=0|200 result=0", steps: "x,2:NoOp(label)"},
		"gosub":               {says: "GOSUB other sub 1 a,b|GOSUB other sub 1|GOSUB other nosuch 1|GOSUB other", replies: "200 result=0 Gosub complete|200 result=0 Gosub complete|200 result=-1 Gosub label not found|520", steps: "sub,1:NoOp(a-b) sub,2:Return() sub,1:NoOp(-) sub,2:Return() s,2:NoOp(FAILURE)"},
		"gosub, then a place": {says: "SET CONTEXT other|SET EXTENSION x|SET PRIORITY 2|GOSUB other sub 1", replies: "200 result=0|200 result=0|200 result=0|200 result=0 Gosub complete", steps: "sub,1:NoOp(-) sub,2:Return() x,2:NoOp(label)"},
		"gosub without end":   {says: "GOSUB other x 1", replies: "200 result=0 Gosub complete", steps: "x,1:NoOp(other) x,2:NoOp(label) s,2:NoOp(SUCCESS)"},
		"stream":              {says: `STREAM FILE a ""|STREAM FILE missing ""|STREAM FILE a|STREAM FILE a "" x|STREAM FILE a "" 4000`, replies: "200 result=0 endpos=8000|200 result=0 endpos=0|520|520|200 result=0 endpos=8000", played: "a a", takes: 1500 * time.Millisecond},
		"stream, a key":       {says: `STREAM FILE a "12"|wait 10ms`, keys: "3 2", replies: "200 result=50 endpos=8000", played: "a", takes: 510 * time.Millisecond},
		"option":              {says: `GET OPTION a "12" 2000|GET OPTION a|GET OPTION a 1 x|GET OPTION missing 1`, replies: "200 result=0 endpos=8000|520|520|200 result=0 endpos=0", takes: 3 * time.Second},
		"option, a key":       {says: `GET OPTION a "12"`, keys: "1", replies: "200 result=49 endpos=8000", takes: 500 * time.Millisecond},
		"option, another":     {says: `EXEC Wait|GET OPTION a "12" 5000`, keys: "9", replies: "200 result=0|200 result=0 endpos=8000", takes: 11 * time.Second},
		"data":                {says: "GET DATA a 2000 4", keys: "12", replies: "200 result=12 (timeout)", takes: 2500 * time.Millisecond},
		"data, all":           {says: "GET DATA a 2000 2", keys: "12", replies: "200 result=12", takes: 500 * time.Millisecond},
		"data, #":             {says: "GET DATA a", keys: "1#", replies: "200 result=1", takes: 500 * time.Millisecond},
		"data, nothing":       {says: "GET DATA a 100|GET DATA", replies: "200 result= (timeout)|520", takes: 1100 * time.Millisecond},
		"digit":               {says: "WAIT FOR DIGIT 2000|WAIT FOR DIGIT|WAIT FOR DIGIT x|WAIT FOR DIGIT 300", keys: "#", replies: "200 result=35|520|520|200 result=0", takes: 800 * time.Millisecond},
		"digit for ever":      {says: "WAIT FOR DIGIT -1", keys: "5", replies: "200 result=53", takes: 500 * time.Millisecond},
		"idle keys are lost":  {says: "wait 1s|WAIT FOR DIGIT 100", keys: "5", replies: "200 result=0", takes: 1100 * time.Millisecond},
		"say":                 {says: `SAY DIGITS 12 ""|SAY NUMBER 20 ""|SAY ALPHA ab ""|SAY PHONETIC a ""|SAY DIGITS x ""|SAY NUMBER 1|SAY ALPHA a|SAY TIME x ""|SAY DATE 1|SAY DATETIME 0`, replies: "200 result=0|200 result=0|200 result=0|200 result=0|520|520|520|520|520|520", played: "digits/1 digits/2 digits/20 letters/a letters/b phonetic/a_p", takes: 6 * time.Second},
		"say times":           {says: `SAY DATETIME 86400 "" Y UTC|SAY DATETIME 86400 "" IM Nowhere/At`, replies: "200 result=0|200 result=0"},
		"say, a key":          {says: `SAY NUMBER 21 "*"`, keys: "*", replies: "200 result=42", played: "digits/20", takes: 500 * time.Millisecond},
		"text":                {says: `SEND TEXT "hello you"|SEND TEXT|RECEIVE TEXT 100|RECEIVE CHAR 100|RECEIVE CHAR`, replies: "200 result=0|520|200 result=-1|200 result=0 (timeout)|520", heard: "text:text/plain;charset=UTF-8:hello you hangup:0", takes: 200 * time.Millisecond},
		"caller":              {says: `SET CALLERID "Bob" <200>|GET VARIABLE A|SET CALLERID`, replies: "520|200 result=0|520"},
		"caller by number":    {says: `SET CALLERID 200`, replies: "200 result=1"},
		"others":              {says: "TDD MODE on|SEND IMAGE x|SET MUSIC on|SET MUSIC off|ASYNCAGI BREAK|SPEECH CREATE x|SPEECH SET a b|SPEECH SET a|TDD MODE|SEND IMAGE|VERBOSE hi 3|VERBOSE", replies: "200 result=0|200 result=0|200 result=0|200 result=0|200 result=0|200 result=0|200 result=0|520|520|520|200 result=1|520"},
		"auto hangup":         {says: "SET AUTOHANGUP x|SET AUTOHANGUP 3|EXEC Wait 5|NOOP", replies: "520|200 result=0|200 result=-1|HANGUP|200 result=0", steps: "-", takes: 3 * time.Second},
		"failure":             {says: "NOOP|failure", replies: "200 result=0", steps: "s,2:NoOp(FAILURE)"},
		"too long":            {says: "NOOP " + strings.Repeat("x", maxLine) + "|NOOP " + strings.Repeat("x ", 200), replies: "510 Invalid or unknown command|200 result=0"},
		"control":             {says: `CONTROL STREAM FILE a "1" 500 6 4 5|GET VARIABLE CPLAYBACKSTATUS|CONTROL STREAM FILE a`, keys: "6", replies: "200 result=0 endpos=12000|200 result=1 (SUCCESS)|520", takes: 500 * time.Millisecond},
		"control, stop":       {says: `CONTROL STREAM FILE a "1"|GET VARIABLE CPLAYBACKSTATUS|GET VARIABLE CPLAYBACKOFFSET`, keys: "1", replies: "200 result=49 endpos=8000|200 result=1 (USERSTOPPED)|200 result=1 (1000)", takes: 500 * time.Millisecond},
		"control, missing":    {says: `CONTROL STREAM FILE missing ""|GET VARIABLE CPLAYBACKSTATUS`, replies: "200 result=0 endpos=0|200 result=1 (ERROR)"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &server{says: strings.Split(c.says, "|")}
				h := house(t, "exten => s,1,AGI(agi://host/script?a=b,one,two)\nexten => s,2,NoOp(${AGISTATUS})", v)
				h.Incoming()
				if c.keys != "" {
					h.Press(500*time.Millisecond, c.keys)
				}
				took := h.Call()
				got := v.heard()
				if got != c.replies {
					t.Errorf("replies\n%s\nwant\n%s", got, c.replies)
				}
				steps := strings.Join(h.Steps[1:], " ")
				if want := strings.TrimPrefix(c.steps, "-"); c.steps == "" && steps != "s,2:NoOp(SUCCESS)" || c.steps != "" && steps != want {
					t.Errorf("steps %q, want %q", steps, c.steps)
				}
				if c.heard != "" && h.Caller.Heard() != c.heard {
					t.Errorf("the phone heard %q, want %q", h.Caller.Heard(), c.heard)
				}
				if got := strings.Join(h.Played, " "); c.played != "" && got != c.played {
					t.Errorf("played %q, want %q", got, c.played)
				}
				if c.takes != 0 && took.Round(10*time.Millisecond) != c.takes {
					t.Errorf("it took %s, want %s", took, c.takes)
				}
			})
		})
	}
}

// TestEnvironment: what a FastAGI server is told, in order.
func TestEnvironment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &server{}
		h := house(t, "exten => s,1,AGI(agi://host/script?a=b,one,${BAD})", v)
		h.Incoming().Vars.Set("BAD", "two\nagi_callerid: 999")
		h.Ch.ChangeIdentity(func(id *call.Identity) { id.DNID, id.Caller.Name = "555", "" })
		h.Ch.SetAccount("acc")
		h.Ch.SetLanguage("de")
		h.Call()
		want := "agi_network agi_network_script agi_request agi_channel agi_language agi_type agi_uniqueid agi_version agi_callerid agi_calleridname agi_callingpres " +
			"agi_callingani2 agi_callington agi_callingtns agi_dnid agi_rdnis agi_context agi_extension agi_priority agi_enhanced agi_accountcode agi_threadid agi_arg_1"
		if got := strings.Join(v.order, " "); !strings.HasPrefix(got, want) {
			t.Errorf("%s\nwant\n%s", got, want)
		}
		for name, want := range map[string]string{
			"agi_network": "yes", "agi_network_script": "script?a=b", "agi_request": "agi://host/script?a=b", "agi_channel": "SIP/caller-0", "agi_language": "de",
			"agi_type": "SIP", "agi_version": "20", "agi_callerid": "100", "agi_calleridname": "unknown", "agi_dnid": "555", "agi_rdnis": "unknown", "agi_context": "c",
			"agi_extension": "s", "agi_priority": "1", "agi_enhanced": "0.0", "agi_accountcode": "acc", "agi_arg_1": "one", "agi_arg_2": "two agi_callerid: 999", "agi_callingpres": "0",
		} {
			if v.environment[name] != want {
				t.Errorf("%s: %q, want %q", name, v.environment[name], want)
			}
		}
	})
}

// TestHangup: what a script may do once its channel has gone.
func TestHangup(t *testing.T) {
	for name, c := range map[string]struct{ before, says, replies, h string }{
		"told":         {"", "wait 2s|NOOP|ANSWER|SET VARIABLE A 1|DATABASE GET fam key", "HANGUP|200 result=0|511 Command Not Permitted on a dead channel or intercept routine|200 result=1|200 result=1 (value (1))", "HANGUP"},
		"in a command": {"", "STREAM FILE a 1|STREAM FILE a 1|wait 1s|NOOP", "200 result=0 endpos=8000|200 result=-1 endpos=8000|HANGUP|200 result=0", "HANGUP"},
		"not told":     {"exten => s,1,SetAGISIGHUP()", "wait 2s|NOOP", "200 result=0", "HANGUP"},
		"exits":        {"exten => s,1,SetAGIEXITONHANGUP()", "wait 2s|NOOP", "(closed)", "HANGUP"},
		"never ends":   {"", "hang", "HANGUP", "HANGUP"},
		"in h":         {"", "EXEC Wait 5|hang", "200 result=-1|HANGUP", "HANGUP"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &server{says: strings.Split(c.says, "|")}
				h := house(t, "exten => s,1,AGI(agi://host)\nexten => s,2,NoOp(never)\nexten => h,1,NoOp(${AGISTATUS})", v)
				ch := h.Incoming()
				switch {
				case strings.Contains(c.before, "AGISIGHUP"):
					ch.Vars.Set("AGISIGHUP", "no")
				case strings.Contains(c.before, "AGIEXITONHANGUP"):
					ch.Vars.Set("AGIEXITONHANGUP", "yes")
				}
				time.AfterFunc(1500*time.Millisecond, func() { ch.Gone(call.CauseNormalClearing) })
				took := h.Call()
				time.Sleep(time.Minute) // the server sees that it is over
				if got := v.heard(); got != c.replies {
					t.Errorf("replies %s\nwant %s", got, c.replies)
				}
				if got := strings.Join(h.Steps[1:], " "); got != "h,1:NoOp("+c.h+")" {
					t.Errorf("steps %s", got)
				}
				if name == "never ends" && took < afterlife {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

// TestOrdered: a channel that is ordered elsewhere leaves its script at once.
func TestOrdered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &server{says: []string{"EXEC Wait 5", "hang"}}
		h := house(t, "exten => s,1,AGI(agi://host)\nexten => x,1,NoOp(there)", v)
		ch := h.Incoming()
		time.AfterFunc(time.Second, func() {
			if err := ch.Do(h.Run("c", "x", 1)); err != nil {
				t.Error(err)
			}
		})
		if took := h.Call(); took != time.Second {
			t.Errorf("it took %s", took)
		}
		if got := strings.Join(h.Steps, " "); got != "s,1:AGI(agi://host) x,1:NoOp(there)" {
			t.Error(got)
		}
	})
}

// TestNested: scripts that run one another are stopped.
func TestNested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &nested{}
		h := apptest.New(t, apptest.Config{Plan: "[c]\nexten => s,1,AGI(agi://host)\n", Applications: func(h *apptest.House) []pbx.Application {
			return Table(&Deps{Voice: h.Voice, Dial: v.dial})
		}})
		h.Call()
		if v.count != deepest || !strings.Contains(h.Log.String(), "scripts run one another too deep") {
			t.Errorf("%d scripts\n%s", v.count, h.Log.String())
		}
	})
}

// nested is a server that has every channel ask it again.
type nested struct{ count int }

func (n *nested) dial(ctx context.Context, network, address string) (net.Conn, error) {
	n.count++
	return (&server{says: []string{"EXEC AGI agi://host"}}).dial(ctx, network, address)
}

// TestFarewell: in h a script has no channel.
func TestFarewell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &server{says: []string{"STREAM FILE a 1", "GET VARIABLE EXTEN", "EXEC NoOp"}}
		h := house(t, "exten => s,1,Hangup()\nexten => h,1,DeadAGI(agi://host)\nexten => h,2,NoOp(${AGISTATUS})\nexten => h,3,EAGI(x)", v)
		h.Call()
		if got := v.heard(); got != "511 Command Not Permitted on a dead channel or intercept routine|200 result=1 (h)|200 result=0" {
			t.Error(got)
		}
		if got := strings.Join(h.Steps, " "); got != "s,1:Hangup() h,1:DeadAGI(agi://host) h,2:NoOp(SUCCESS) h,3:EAGI(x)" {
			t.Error(got)
		}
		for _, want := range []string{"DeadAGI has been deprecated, please use AGI in all cases!", "EAGI cannot be run on a dead/hungup channel, please use AGI."} {
			if !strings.Contains(h.Log.String(), want) {
				t.Errorf("the log lacks %s", want)
			}
		}
	})
}

// TestUnreachable: what can't be started.
func TestUnreachable(t *testing.T) {
	for data, want := range map[string]string{
		"":                        "",
		"agi:async":               "FAILURE",
		"agi://refused":           "FAILURE",
		"agi://slow":              "FAILURE",
		"hagi://unknown":          "FAILURE",
		"hagi://refused:1/x":      "FAILURE",
		"hagi://some/x":           "SUCCESS",
		"/nonexistent/script,arg": "NOTFOUND",
		"script":                  "NOTFOUND",
	} {
		synctest.Test(t, func(t *testing.T) {
			v := &server{}
			h := apptest.New(t, apptest.Config{
				Plan: "[c]\nexten => s,1,AGI(" + data + ")\nexten => s,2,NoOp(${AGISTATUS})\n",
				Applications: func(h *apptest.House) []pbx.Application {
					return slices.Concat(few(), Table(&Deps{Voice: h.Voice, Dirs: []string{"/nonexistent"},
						Dial: func(ctx context.Context, _, address string) (net.Conn, error) {
							switch {
							case strings.HasPrefix(address, "slow:4573"):
								<-ctx.Done()
								return nil, ctx.Err()
							case address == "good.example:99":
								return v.dial(ctx, "", "")
							}
							return nil, errors.New("connection refused")
						},
						LookupSRV: func(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
							if name == "some" && service == "agi" && proto == "tcp" {
								return "", []*net.SRV{{Target: "bad.example.", Port: 98}, {Target: "good.example.", Port: 99}}, nil
							}
							return "", nil, errors.New("no such host")
						},
					}))
				},
			})
			h.Call()
			got := strings.Join(h.Steps[1:], " ")
			if want == "" && got != "" || want != "" && got != "s,2:NoOp("+want+")" {
				t.Errorf("%s: %s, want %s", data, got, want)
			}
		})
	}
}

func TestHostPort(t *testing.T) {
	for host, want := range map[string]string{
		"a": "a:4573", "a:1": "a:1", "::1": "[::1]:4573", "[::1]": "[::1]:4573", "[::1]:2": "[::1]:2", "10.0.0.1": "10.0.0.1:4573", "": ":4573",
	} {
		if got := hostPort(host); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}

func TestParseArgs(t *testing.T) {
	for s, want := range map[string][]string{
		`a b  c`: {"a", "b", "c"}, `a "b c" d`: {"a", "b c", "d"}, `a "" b`: {"a", "", "b"}, `"a"b`: {"ab"}, `a\ b`: {"a b"}, `a\"b`: {`a"b`}, `"a\"b"`: {`a"b`},
		`a\\b`: {`a\b`}, `a"b c"d e`: {"ab cd", "e"}, "": nil, "  ": nil, "\ta\t": {"a"}, `"`: {""}, `"a`: {"a"}, `\`: nil, `a \`: {"a"}, `"" ""`: {"", ""},
	} {
		if got, ok := parseArgs(s, maxArgs); !slices.Equal(got, want) || !ok {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	if got, ok := parseArgs(strings.Repeat("x ", 10), 3); len(got) != 3 || ok {
		t.Errorf("%q, %v", got, ok)
	}
}

func FuzzParseArgs(f *testing.F) {
	for _, s := range []string{"ANSWER", `STREAM FILE "a b" "" 100`, `SET VARIABLE x "a\"b"`, `\\\`, `"" "`, "a\tb", strings.Repeat("x ", 300)} {
		f.Add(s)
	}
	d := &Deps{known: commands()}
	f.Fuzz(func(t *testing.T, s string) {
		words, _ := parseArgs(s, maxArgs)
		if len(words) > maxArgs {
			t.Fatalf("%d words", len(words))
		}
		total := 0
		for _, w := range words {
			total += len(w)
		}
		if total > len(s) {
			t.Fatalf("%q has grown", words)
		}
		d.find(words)
	})
}

func TestParty(t *testing.T) {
	for s, want := range map[string]string{
		`100`: "|100", `"Ann B" <100>`: "Ann B|100", `Ann <100>`: "Ann|100", `<100>`: "|100", `Ann B`: "Ann B|", `"Ann"`: "Ann|", `alice`: "alice|", `+49(30)1-2`: "|+493012", `+49 30`: "+49 30|", ``: "|",
	} {
		if name, number := party(s); name+"|"+number != want {
			t.Errorf("%s: %s|%s, want %s", s, name, number, want)
		}
	}
}

func TestShow(t *testing.T) {
	var b strings.Builder
	ShowCommands(&b)
	if !strings.Contains(b.String(), "\n   No                        answer   Answers the channel") || !strings.Contains(b.String(), "\n  Yes                  set variable   ") {
		t.Error(b.String())
	}
	b.Reset()
	if !ShowCommand(&b, []string{"say"}) || strings.Count(b.String(), "Info about AGI Command") != 7 || ShowCommand(&b, []string{"sa"}) {
		t.Error(b.String())
	}
}
