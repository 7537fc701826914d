package check

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/chansip/sipconf"
	"obelus/cmd/obelus/settings"
	"obelus/cmd/obelus/switchboard"
	"obelus/conf"
	"obelus/dialplan/syntax"
	"obelus/internal/filetree"
	"obelus/pbx"
)

const goodSIP = "[general]\nallowguest=no\ncontext=in\n[alice]\ntype=friend\nhost=dynamic\nsecret=Zu9-hal-4kwQ-mm2\ncontext=in\n"

// checked checks a directory and returns what is printed but for the last line.
func checked(t *testing.T, files map[string]string) (lines []string, last string, code int) {
	t.Helper()
	dir := filetree.Write(t, files)
	var out bytes.Buffer
	code = Directory(dir, "test").Print(&out)
	lines = strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	n := len(lines) - 1
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], dir, "DIR")
	}
	return lines[:n], lines[n], code
}

// TestCheckDialplan has one dialplan a row, whose context in is where alice's calls
// begin.
func TestCheckDialplan(t *testing.T) {
	for name, c := range map[string]struct {
		plan string
		want []string
	}{
		"nothing wrong":         {"exten => s,1,Goto(x,1)\nexten => x,1,Dial(SIP/alice,30)", nil},
		"typo of an app":        {"exten => s,1,Answr()", []string{"extensions.conf:2: warning: there is no application 'Answr' (the call ends there, as with a module that is not loaded; did you mean Answer?)"}},
		"no speech":             {"exten => s,1,Festival(hello)", []string{"extensions.conf:2: warning: application Festival is not supported: there is no speech engine (the call ends there, as with a module that is not loaded; make the sounds beforehand, as with text2wave or espeak-ng -w, and play them with Playback, or by AGI)"}},
		"app that won't come":   {"exten => s,1,sms(x)", []string{"extensions.conf:2: warning: application SMS is not supported: it sends texts by modem tones of the telephone network: MessageSend sends them by SIP (the call ends there, as with a module that is not loaded)"}},
		"app of long ago":       {"exten => s,1,SetCIDNum(1)", []string{"extensions.conf:2: warning: application SetCIDNum is of older releases, Asterisk 20 has none of that name (the call ends there, as with a module that is not loaded; write Set(CALLERID(num)=number))"}},
		"no app at all":         {"exten => s,1,Xyzzy()", []string{"extensions.conf:2: warning: there is no application 'Xyzzy' (the call ends there, as with a module that is not loaded)"}},
		"the original's app":    {"exten => s,1,QUEUE(q)", []string{"extensions.conf:2: warning: application Queue is not supported yet (the call ends there, as with a module that is not loaded)"}},
		"an app in ExecIf":      {"exten => s,1,ExecIf($[\"${X}\" = \"?:\"]?Set(Y=1):Queue(q))", []string{"extensions.conf:2: warning: application Queue is not supported yet (the call ends there, as with a module that is not loaded)"}},
		"an app read from data": {"exten => s,1,ExecIf(1?${APP}(x))", nil},
		"typo of a function":    {"exten => s,1,Set(X=${CALERID(num)})", []string{"extensions.conf:2: warning: there is no function 'CALERID' (it reads as nothing; did you mean CALLERID?)"}},
		"small letters":         {"exten => s,1,Set(X=${len(abc)})", []string{"extensions.conf:2: warning: there is no function 'len' (it reads as nothing; capitals count: LEN)"}},
		"function not yet":      {"exten => s,1,Set(JITTERBUFFER(a)=1)", []string{"extensions.conf:2: warning: function JITTERBUFFER is not supported yet (it reads as nothing, and writing it does nothing)"}},
		"function that won't":   {"exten => s,1,NoOp(${ENUMLOOKUP(1)}${PJSIP_HEADER(read,X)})", []string{"extensions.conf:2: warning: function ENUMLOOKUP is not supported: ENUM is not asked; TXTCIDNAME() and SRVQUERY() ask the domain name system (it reads as nothing, and writing it does nothing)", "extensions.conf:2: warning: function PJSIP_HEADER is not supported: phones are those of sip.conf; SIP_HEADER(), SIPPEER() and CHANNEL() tell of them (it reads as nothing, and writing it does nothing)"}},
		"function inside":       {"exten => s,1,NoOp(${LEN(${FAXOPT(http://x)})})", []string{"extensions.conf:2: warning: function FAXOPT is not supported yet (it reads as nothing, and writing it does nothing)"}},
		"no function":           {"exten => s,1,NoOp(${X} (and) ${X:1:2} f(x))", nil},
		"option of Dial":        {"exten => s,1,Dial(SIP/alice,30,kg)", []string{"extensions.conf:2: warning: Dial option k is not supported yet and does nothing: there is no parking"}},

		"ExecIf as it was":        {"exten => s,1,ExecIf($[1],Set,X=1,2)", []string{"extensions.conf:2: note: ExecIf(expression,app,args) is how it was written before 1.6 (write ExecIf(expression?Set(...)))"}},
		"a script":                {"exten => s,1,AGI(/bin/sh)\nexten => s,2,AGI(/etc/passwd)", []string{"extensions.conf:3: warning: AGI scripts that can't be run: /etc/passwd (chmod +x; AGISTATUS becomes FAILURE)"}},
		"shell":                   {"exten => s,1,System(echo ${CALLERID(num)} ${FILTER(a-z,${CALLERID(name)})} ${LEN(${CALLERID(name)})} ${EXTEN})", nil},
		"SHELL":                   {"exten => s,1,Set(x=${SHELL(echo ${CALLERID(num)} ${FILTER(a-z,${CALLERID(name)})})})\nsame => n,NoOp(${CALLERID(name)} ${SHELL(date)} ${SIP_HEADER(X)})", nil},
		"SHELL, a header":         {"exten => s,1,Set(x=${LEN(${SHELL(echo (${SIP_HEADER(X-A)}) x)})} ${CALLERID(name)})", []string{"extensions.conf:2: warning: SHELL() hands the shell what a caller has written: SIP_HEADER(...) (write ${FILTER(a-zA-Z0-9 ,${...})})"}},
		"shell, a caller's words": {"exten => s,1,TrySystem(echo \"${CALLERID(name)}\")", []string{"extensions.conf:2: warning: TrySystem hands the shell what a caller has written: CALLERID(name...) (write ${FILTER(a-zA-Z0-9 ,${...})})"}},
		"macro":                   {"exten => s,1,Macro(m,x)\n[macro-m]\nexten => s,1,NoOp()", nil},
		"no macro":                {"exten => s,1,MacroIf(1?m,x:${Y})", []string{"extensions.conf:2: warning: MacroIf runs macro 'm', but there is no context 'macro-m' (it is left out)"}},
		"macro without s":         {"exten => s,1,Macro(m)\n[macro-m]\nexten => x,1,NoOp()", []string{"extensions.conf:2: warning: Macro runs macro 'm', but context 'macro-m' has no extension 's' (it is left out)"}},
		"no label":                {"exten => s,1(a),Goto(b)", []string{"extensions.conf:2: warning: Goto leads to label 'b', which extension 's' lacks (the call ends there)"}},
		"label":                   {"exten => s,1(a),Goto(a)", nil},
		"no priority":             {"exten => s,1,GotoIf($[1]?7:1)", []string{"extensions.conf:2: warning: GotoIf leads to priority 7, which extension 's' lacks (the call ends there)"}},
		"counted":                 {"exten => s,1,Goto(+1)\nsame => n,Hangup()", nil},
		"no extension":            {"exten => s,1,Goto(x,1)", []string{"extensions.conf:2: warning: Goto leads to extension 'x' of context 'in', which does not exist (the call ends there)"}},
		"no extension but i":      {"exten => s,1,Goto(x,1)\nexten => i,1,Hangup()", []string{"extensions.conf:2: note: Goto leads to extension 'x' of context 'in', which does not exist (extension i takes the call)"}},
		"a pattern takes it":      {"exten => s,1,Goto(123,1)\nexten => _1XX,1,Hangup()", nil},
		"no label though i":       {"exten => s,1,Goto(x,lab)\nexten => i,1,Hangup()", []string{"extensions.conf:2: warning: Goto leads to extension 'x' of context 'in', which does not exist (the call ends there)"}},
		"arguments without ()":    {"exten => s,1,DigitTimeout,5\nexten => s,2,Wait,5", []string{"extensions.conf:2: warning: no application is named 'DigitTimeout,5': its arguments need parentheses (the call ends here; write DigitTimeout(5))", "extensions.conf:2: warning: application DigitTimeout is of older releases, Asterisk 20 has none of that name (the call ends there, as with a module that is not loaded; write Set(TIMEOUT(digit)=seconds))", "extensions.conf:3: warning: no application is named 'Wait,5': its arguments need parentheses (the call ends here; write Wait(5))"}},
		"old separators":          {"exten => s,1,Dial(SIP/alice,20|t)\nexten => s,2,GotoIf($[\"a|b\" | ${X:1}]?s,1)\nexten => s,3,NoOp(a|b)", []string{"extensions.conf:2: note: | does not separate arguments, as it did before 1.6: |t (write a comma)"}},
		"a function of ODBC":      {"exten => s,1,NoOp(${ODBC_ANI(1)})", []string{"extensions.conf:2: warning: function ODBC_ANI is not supported: there is no ODBC; CURL() and SHELL() ask other programs (it reads as nothing, and writing it does nothing)"}},
		"options filled in":       {"exten => s,1,Dial(SIP/alice,30,${O}k$[1 + 1]U(x^${Y}))", []string{"extensions.conf:2: warning: Dial option k is not supported yet and does nothing: there is no parking"}},
		"a pattern lacks it":      {"exten => s,1,Goto(123,out)\nexten => _1XX,1,Hangup()", []string{"extensions.conf:2: warning: Goto leads to label 'out', which extension '123' of context 'in' lacks (the call ends there)"}},
		"included":                {"exten => s,1,Goto(x,1)\ninclude => more\n[more]\nexten => x,1,Hangup()", nil},
		"included at times":       {"exten => s,1,Goto(y,1)\ninclude => more,9:00-17:00,mon-fri,*,*\n[more]\nexten => x,1,Hangup()", nil},
		"no context":              {"exten => s,1,Goto(inn,s,1)", []string{"extensions.conf:2: warning: Goto leads to context 'inn', which does not exist (the call ends there; did you mean in?)"}},
		"no subroutine":           {"exten => s,1,Gosub(sub,s,1(${EXTEN},a))", []string{"extensions.conf:2: warning: Gosub leads to context 'sub', which does not exist (the call ends there)"}},
		"subroutine":              {"exten => s,1,Gosub(sub,s,1(${EXTEN},a))\n[sub]\nexten => s,1,Return()", nil},
		"by the clock":            {"exten => s,1,GotoIfTime(9:00-17:00,mon-fri,*,*?open,s,1:shut,s,1)\n[open]\nexten => s,1,Hangup()", []string{"extensions.conf:2: warning: GotoIfTime leads to context 'shut', which does not exist (the call ends there)"}},
		"read from a variable":    {"exten => s,1,Goto(${WHERE},s,1)", nil},
		"label of another number": {"exten => _X.,1,Goto(out)\nexten => 9,1(out),Hangup()", nil},

		"hints": {"exten => 1,hint,SIP/alice&Custom:x&MWI:1,CustomPresence:a\nexten => _2X,hint,SIP/${EXTEN}&${D}&Local/s@in\nexten => s,1,NoOp\nexten => 3,hint,,CustomPresence:a", []string{
			"extensions.conf:2: note: the lamp of account 'alice' shows no calls (write callcounter=yes in sip.conf, in [general] or for the account)"}},
		"hints of nothing": {"exten => 1,hint,SIP/alicf&PJSIP/1&bob&Local/9@in,Presence:x\nexten => 2,hint,SIP/${NOSUCH(1)}", []string{
			"extensions.conf:2: warning: sip.conf has no account 'alicf', which a hint names (the lamp shows it as unavailable; did you mean alice?)",
			"extensions.conf:2: warning: devices of kind PJSIP are not supported yet (the lamp shows it as unavailable)",
			"extensions.conf:2: warning: 'bob' of a hint is no device: write SIP/bob or Custom:bob (the lamp shows it as unavailable)",
			"extensions.conf:2: warning: there is no extension '9@in' that a hint names by Local (the lamp shows it as unavailable)",
			"extensions.conf:2: warning: the presence 'Presence:x' of a hint is not known (write CustomPresence:name)",
			"extensions.conf:3: warning: there is no function 'NOSUCH' (it reads as nothing)"}},

		"technologies": {"exten => s,1,Dial(SIP/alice&PJSIP/bob&iax2/c&PJSIP/1@alice&DAHDI/g1/2&SIP/a:b:c:d:e@10.0.0.1)", []string{
			"extensions.conf:2: warning: there is no channel type 'PJSIP' (DIALSTATUS becomes CHANUNAVAIL, as in the original without its module: accounts are those of sip.conf, reached by SIP/; pjsip.conf is not read)",
			"extensions.conf:2: warning: there is no channel type 'iax2' (DIALSTATUS becomes CHANUNAVAIL, as in the original without its module)",
			"extensions.conf:2: warning: there is no channel type 'PJSIP' (DIALSTATUS becomes CHANUNAVAIL, as in the original without its module: sip.conf has 'alice', write SIP/1@alice)",
			"extensions.conf:2: warning: there is no channel type 'DAHDI' (DIALSTATUS becomes CHANUNAVAIL, as in the original without its module: there is no driver for telephone cards, modems and sound cards; a gateway that speaks SIP is called by SIP/)",
			"extensions.conf:2: warning: 'e' is not a valid transport option to Dial() for SIP calls, using udp by default. (UDP is used, as in the original)",
		}},
		"no such account":   {"exten => s,1,Dial(SIP/alicf)", []string{"extensions.conf:2: warning: sip.conf has no account 'alicf' (it is taken for the name of a host; did you mean alice?)"}},
		"number at account": {"exten => s,1,Dial(SIP/123@alice&SIP/alice/5&SIP/1@example.org)", nil},
		"Local":             {"exten => s,1,Dial(Local/x@in&Local/s@in&Local/1@nowhere)", []string{"extensions.conf:2: warning: Dial leads to extension 'x' of context 'in', which does not exist (DIALSTATUS becomes CHANUNAVAIL)", "extensions.conf:2: warning: Dial leads to context 'nowhere', which does not exist (DIALSTATUS becomes CHANUNAVAIL)"}},
	} {
		t.Run(name, func(t *testing.T) {
			lines, _, code := checked(t, map[string]string{"sip.conf": goodSIP, "extensions.conf": "[in]\n" + c.plan + "\n"})
			if !slices.Equal(lines, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(c.want, "\n"))
			}
			want := Clean
			if strings.Contains(strings.Join(c.want, "\n"), ": warning: ") {
				want = Ignored
			}
			if code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
		})
	}
}

// TestCheckGuests: whoever writes ${EXTEN} into Dial where guests come in lets
// them choose whom to call.
func TestCheckGuests(t *testing.T) {
	const door = "anybody reaches this Dial"
	for plan, want := range map[string]bool{
		"[in]\nexten => _X.,1,Dial(SIP/${EXTEN})":                                         true,
		"[in]\nexten => _X.,1,Dial(SIP/${EXTEN:1}@trunk.example.org,30)":                  true,
		"[in]\ninclude => more\n[more]\nexten => _X!,1,ExecIf(1?Dial(SIP/${EXTEN}))":      true,
		"[in]\nexten => _X.,1,Dial(SIP/${FILTER(0-9,${EXTEN})})":                          false,
		"[in]\nexten => _1XX,1,Dial(SIP/${EXTEN})":                                        false,
		"[in]\nexten => s,1,NoOp()\n[other]\nexten => _X.,1,Dial(SIP/${EXTEN})":           false,
		"[in]\nexten => _X.,1,Dial(SIP/${CALLERID(num)})":                                 false,
		"[in]\nexten => _X.,1,Dial(SIP/${FILTER(0-9,${EXTEN})}&SIP/${EXTEN}@example.org)": true,
	} {
		for _, guests := range []string{"yes", "no"} {
			sip := strings.Replace(goodSIP, "allowguest=no", "allowguest="+guests, 1)
			lines, _, _ := checked(t, map[string]string{"sip.conf": sip, "extensions.conf": plan + "\n"})
			if got := strings.Contains(strings.Join(lines, "\n"), door); got != (want && guests == "yes") {
				t.Errorf("allowguest=%s, %s: warned %v\n%s", guests, plan, got, strings.Join(lines, "\n"))
			}
		}
	}
}

// TestCheckFiles is about the files as a whole.
func TestCheckFiles(t *testing.T) {
	plan := "[in]\nexten => s,1,Hangup()\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
		last  string
		code  int
	}{
		"good": {map[string]string{"sip.conf": goodSIP, "extensions.conf": plan}, nil, "DIR: good; 0 notes", 0},
		"files that are not read": {map[string]string{"sip.conf": goodSIP, "extensions.conf": plan + "#include \"more.conf\"\n", "more.conf": "#include deep.conf\n", "deep.conf": "", "queues.conf": "", "extensions.ael": "", "notes.txt": ""},
			[]string{"DIR: note: files that are not read: extensions.ael, queues.conf (docs/asterisk.md says what is supported)"}, "DIR: good; 1 note", 0},
		"a context for registrations": {map[string]string{"sip.conf": goodSIP + "[general](+)\nregcontext=phones\n", "extensions.conf": plan},
			[]string{"sip.conf:10: warning: regcontext is 'phones', which extensions.conf lacks (no extension appears when a phone registers: write [phones] into extensions.conf)"}, "DIR: it would start; 1 warning, 0 notes", 1},
		"contexts that there are not": {map[string]string{"sip.conf": goodSIP + "[bob]\ntype=friend\nhost=dynamic\nsecret=Zu9-hal-4kwQ-mm2\ncontext=out\n", "extensions.conf": plan},
			[]string{"sip.conf:9: warning: account 'bob' begins in context 'out', which extensions.conf lacks (calls there are refused with 404)"}, "DIR: it would start; 1 warning, 0 notes", 1},
		"refused": {map[string]string{"sip.conf": goodSIP, "extensions.conf": "exten => s,1,Hangup()\n"}, nil, "DIR: refused: obelus would not start with it", 2},
		"asterisk.conf": {map[string]string{"sip.conf": goodSIP, "extensions.conf": plan, "asterisk.conf": "[options]\nverbos=3\nmaxload=1\n[directories]\nastetcdir=/etc/asterisk\n"},
			[]string{"asterisk.conf:2: warning: unknown option 'verbos' (it is ignored; did you mean verbose?)", "asterisk.conf:3: warning: maxload is not supported (calls are taken whatever the load)", "asterisk.conf:5: note: astetcdir is /etc/asterisk (DIR was named and is read)"}, "DIR: it would start; 2 warnings, 1 note", 1},
		"user that is called": {map[string]string{"sip.conf": goodSIP + "[bob]\ntype=user\nsecret=Zu9-hal-4kwQ-mm2\ncontext=in\n", "extensions.conf": "[in]\nexten => s,1,Dial(SIP/bob)\n"},
			[]string{"extensions.conf:2: warning: account 'bob' is of type user, which can't be called: type=friend can (DIALSTATUS becomes CHANUNAVAIL)"}, "DIR: it would start; 1 warning, 0 notes", 1},
	} {
		t.Run(name, func(t *testing.T) {
			lines, last, code := checked(t, c.files)
			if c.code == Refused {
				if len(lines) == 0 || !strings.HasPrefix(lines[len(lines)-1], "error: ") {
					t.Errorf("it does not say why it refuses: %q", lines)
				}
			} else if !slices.Equal(lines, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(c.want, "\n"))
			}
			if last != c.last || code != c.code {
				t.Errorf("got %q, exit %d; want %q, exit %d", last, code, c.last, c.code)
			}
		})
	}
}

// TestCheckOrder: the lines of a file follow each other by number, and two runs
// say the same.
func TestCheckOrder(t *testing.T) {
	sip := "[general]\nallowguest=no\n"
	for range 12 {
		sip += "[a" + strings.Repeat("x", strings.Count(sip, "[")) + "]\ntype=friend\nhost=dynamic\nsecret=1\ncontext=in\n"
	}
	files := map[string]string{"sip.conf": sip, "extensions.conf": "[in]\nexten => s,1,Hangup()\n"}
	first, _, _ := checked(t, files)
	second, _, _ := checked(t, files)
	if len(first) != 12 || !slices.Equal(first, second) {
		t.Fatalf("%d findings, then %d:\n%s", len(first), len(second), strings.Join(first, "\n"))
	}
	dir := filetree.Write(t, files)
	last := 0
	for _, d := range Directory(dir, "test").sorted() {
		if d.File != "sip.conf" || d.Line <= last {
			t.Errorf("after line %d: %s", last, d)
		}
		last = d.Line
	}
}

func TestCheckJSON(t *testing.T) {
	dir := filetree.Write(t, map[string]string{"sip.conf": goodSIP, "extensions.conf": "[in]\nexten => s,1,Answr()\n"})
	var out bytes.Buffer
	if code := Directory(dir, "test").JSON(&out); code != Ignored {
		t.Errorf("exit %d", code)
	}
	var got struct {
		Starts   bool
		Findings []finding
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := finding{File: "extensions.conf", Line: 2, Severity: "warning", Message: "there is no application 'Answr'", Hint: hintNoApp + "; did you mean Answer?"}
	if !got.Starts || len(got.Findings) != 1 || got.Findings[0] != want {
		t.Errorf("got %+v", got)
	}
	dir = filetree.Write(t, map[string]string{"extensions.conf": "exten => s,1,Hangup()\n"})
	out.Reset()
	if code := Directory(dir, "test").JSON(&out); code != Refused || !strings.Contains(out.String(), `"starts": false`) {
		t.Errorf("exit %d: %s", code, &out)
	}
}

// TestCheckBuiltin: what is built in ignores nothing of its own.
func TestCheckBuiltin(t *testing.T) {
	c, found, err := settings.Read(settings.Dirs{Data: t.TempDir()}, "test")
	if err != nil {
		t.Fatal(err)
	}
	more, _ := checkPlan(c)
	for _, d := range append(found, more...) {
		if !strings.Contains(d.Message, "'_.'") && !strings.Contains(d.Message, "IAX2") {
			t.Error(d)
		}
	}
	for dialled, want := range map[string]string{"600": "my:600", "1002": "my:_[0-9a-zA-Z]."} {
		e, in := c.Plan.FindExtension("my", dialled, "", time.Now())
		if e == nil || in.Name+":"+e.Name != want {
			t.Errorf("%s is taken by %v, want %s", dialled, e, want)
		}
	}
}

// TestNames: what there is has names of the original's.
func TestNames(t *testing.T) {
	for _, a := range switchboard.Applications(&switchboard.Deps{}) {
		if !slices.Contains(asteriskApplications(), a.Name) {
			t.Errorf("application %s is not among the original's", a.Name)
		}
	}
	for _, f := range switchboard.Functions(&switchboard.Deps{}) {
		if !slices.Contains(asteriskFunctions(), f.Name) {
			t.Errorf("function %s is not among the original's", f.Name)
		}
	}
}

// FuzzCheckPlan: no dialplan brings check down, and it says the same every time.
func FuzzCheckPlan(f *testing.F) {
	f.Add("exten => s,1,Goto(,)\nexten => _X.,n,GotoIf($[1]?:a,b,)\ninclude => in")
	f.Add("exten => s,1,ExecIf(?Dial(SIP/&/x&Local/@):Set(=${(}))")
	f.Add("exten => s,1,Gosub((),1(\nexten => _,1,Dial(SIP/${EXTEN}@,,L()")
	f.Add("include => a|9:00-17:00\nexten => i/1,1(x),Goto(x)\nswitch => x")
	f.Fuzz(func(t *testing.T, text string) {
		file, _, err := new(conf.Loader).Parse("extensions.conf", []byte("[in]\n"+text))
		if err != nil || strings.Contains(text, "#") {
			return
		}
		sip, _, err := new(conf.Loader).Parse("sip.conf", []byte("[general]\ncontext=in\n"))
		if err != nil {
			t.Fatal(err)
		}
		set, _ := sipconf.ReadSettings(sip, nil, "obelus")
		plan, _ := syntax.Read(file)
		c := &settings.Files{SIP: set, Plan: plan}
		once, _ := checkPlan(c)
		again, _ := checkPlan(c)
		if first, second := texts(once), texts(again); !slices.Equal(first, second) {
			t.Errorf("%q\nthen\n%q", first, second)
		}
	})
}

func texts(found []conf.Diagnostic) []string {
	var out []string
	for _, d := range found {
		out = append(out, d.String())
	}
	return out
}

// TestSteps says what each step asks for that is not there.
func TestSteps(t *testing.T) {
	dir := t.TempDir()
	plan := "[a]\nexten => s,1,NoOp()\nexten => s,2,AlarmReceiver()\nexten => s,3,Rpt(1)\nexten => s,4,Set(X=${SMDI_MSG(1)})\nexten => s,5,Dial(DAHDI/g1/5)\nexten => s,6,ExecIf(1?SLAStation(x))\n"
	if err := os.WriteFile(filepath.Join(dir, "extensions.conf"), []byte(plan), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"", "application AlarmReceiver", "foreign application Rpt", "function SMDI_MSG", "channel type DAHDI", "application SLAStation"}
	steps := Directory(dir, "test").Steps()
	for i, w := range want {
		if i >= len(steps) || strings.Join(steps[i].Lacks, "; ") != w || steps[i].Foreign != strings.HasPrefix(w, foreign) {
			t.Errorf("step %d of %+v: want %q", i+1, steps, w)
		}
	}
}

// TestNever: what is said never to come is the original's and is not there.
func TestNever(t *testing.T) {
	have := switchboard.Applications(&switchboard.Deps{})
	known := 0
	for _, name := range asteriskApplications() {
		if never(name) == "" {
			continue
		}
		known++
		if slices.ContainsFunc(have, func(a pbx.Application) bool { return strings.EqualFold(a.Name, name) }) {
			t.Errorf("%s is there", name)
		}
	}
	if known != 32 {
		t.Errorf("%d of those that never come are the original's", known)
	}
	for _, a := range have {
		if now := former(a.Name); now != "" {
			t.Errorf("%s is there, and said to be of older releases", a.Name)
		}
	}
}
