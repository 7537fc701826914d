package dial

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/pbx"
)

// What a phone does some seconds after it was called.
func rings(at int) apptest.Event   { return happens(at, call.EventRinging, 0) }
func answers(at int) apptest.Event { return happens(at, call.EventAnswered, 0) }
func busy_(at int) apptest.Event   { return happens(at, call.EventBusy, call.CauseUserBusy) }
func full(at int) apptest.Event    { return happens(at, call.EventCongestion, call.CauseCongestion) }
func leaves(at int, c call.Cause) apptest.Event {
	return happens(at, call.EventGone, c)
}

func happens(at int, kind call.EventKind, cause call.Cause) apptest.Event {
	return apptest.Event{At: time.Duration(at) * time.Second, Event: call.Event{Kind: kind, Cause: cause}}
}

func does(events ...apptest.Event) apptest.Script { return apptest.Script{Events: events} }

// talks answers after a second and hangs up n seconds later.
func talks(n int) apptest.Script {
	return does(rings(0), answers(1), leaves(1+n, call.CauseNormalClearing))
}

// TestDial has one Dial a row, and what the dialplan sees of it in the next step or in h.
func TestDial(t *testing.T) {
	phones := map[string]apptest.Script{
		"talks": talks(5), "talks60": talks(60), "rings": does(rings(0)), "busy": does(busy_(1)), "full": does(full(1)),
		"noanswer": does(rings(0), leaves(2, call.CauseNoAnswer)), "rejects": does(leaves(1, call.CauseCallRejected)),
		"late": does(rings(0), answers(3), leaves(5, call.CauseNormalClearing)), "refused": {Refuse: call.CauseUserBusy},
		"early":    does(happens(1, call.EventProgress, 0), answers(2), leaves(3, call.CauseNormalClearing)),
		"forwards": does(apptest.Event{At: time.Second, Event: call.Event{Kind: call.EventForwarded, Forward: "SIP/talks"}}),
		"circles":  does(apptest.Event{At: time.Second, Event: call.Event{Kind: call.EventForwarded, Forward: "SIP/circles"}}),
	}
	for name, c := range map[string]struct {
		dial   string
		status string            // DIALSTATUS DIALEDTIME/ANSWEREDTIME HANGUPCAUSE
		told   string            // to the caller's phone
		phones map[string]string // what the dialled ones were told
		takes  int               // seconds
		goes   bool              // on with the next step
		leaves int               // second in which the caller hangs up
	}{
		"answered": {dial: "SIP/talks,30", status: "ANSWER 6/5 16", told: "ring answer joined parted hangup:16",
			phones: map[string]string{"talks": "parted hangup:16"}, takes: 6},
		"option g":            {dial: "SIP/talks,30,g", status: "ANSWER 6/5 16", takes: 6, goes: true},
		"the caller hangs up": {dial: "SIP/talks60,30", status: "ANSWER 10/9 16", phones: map[string]string{"talks60": "parted hangup:16"}, takes: 10, leaves: 10},
		"the caller gives up": {dial: "SIP/rings,30", status: "CANCEL 4/ 16", told: "ring hangup:16", phones: map[string]string{"rings": "hangup:16"}, takes: 4, leaves: 4},
		"nobody picks up":     {dial: "SIP/rings,7", status: "NOANSWER 7/ 0", told: "ring hangup:0", phones: map[string]string{"rings": "hangup:19"}, takes: 7, goes: true},
		"it stops ringing":    {dial: "SIP/noanswer", status: "NOANSWER 2/ 19", takes: 2, goes: true},
		"busy":                {dial: "SIP/busy", status: "BUSY 1/ 17", told: "tone:17 hangup:17", takes: 11, goes: true},
		"refused at once":     {dial: "SIP/refused", status: "BUSY 0/ 17", takes: 10, goes: true},
		"circuit-busy":        {dial: "SIP/full", status: "CONGESTION 1/ 34", takes: 11, goes: true},
		"rejected":            {dial: "SIP/rejects", status: "CHANUNAVAIL 1/ 21", takes: 11, goes: true},
		"away":                {dial: "SIP/nobody", status: "CHANUNAVAIL 0/ 20", takes: 10, goes: true},
		"another technology":  {dial: "ZAP/1", status: "CHANUNAVAIL 0/ 66", takes: 10, goes: true},
		"no destination":      {dial: ",30", status: "INVALIDARGS / 0"},
		"a bad option":        {dial: "SIP/talks,30,L(1", status: "INVALIDARGS / 0"},
		"a bad time":          {dial: "SIP/talks,soon", status: "ANSWER 6/5 16", takes: 6},
		"the first of two": {dial: "SIP/late&SIP/talks&SIP/rings,30", status: "ANSWER 6/5 16", takes: 6,
			phones: map[string]string{"late": "hangup:26", "rings": "hangup:26"}},
		"one busy, one rings":  {dial: "SIP/busy&SIP/rings,5", status: "NOANSWER 5/ 17", takes: 5, goes: true},
		"one away, one busy":   {dial: "SIP/nobody&SIP/busy", status: "BUSY 1/ 17", takes: 11, goes: true},
		"early sound":          {dial: "SIP/early", status: "ANSWER 3/1 16", told: "progress joined parted answer joined parted hangup:16", takes: 3},
		"ringing, not sound":   {dial: "SIP/early,,r", status: "ANSWER 3/1 16", told: "ring answer joined parted hangup:16", takes: 3},
		"forwarded":            {dial: "SIP/forwards", status: "ANSWER 7/5 16", takes: 7, phones: map[string]string{"forwards": "hangup:16"}},
		"forwarding forbidden": {dial: "SIP/forwards,,i", status: "CHANUNAVAIL 1/ 0", takes: 11, goes: true},
		"time of the call":     {dial: "SIP/talks60,30,S(4)", status: "ANSWER 5/4 16", phones: map[string]string{"talks60": "parted hangup:16"}, takes: 5},
		"time in milliseconds": {dial: "SIP/talks60,30,L(2000:1000:500)g", status: "ANSWER 3/2 16", takes: 3, goes: true},
		"a time that is none":  {dial: "SIP/talks,30,S(x)", status: "INVALIDARGS / 0"},
		"a limit that is none": {dial: "SIP/talks,30,L(y)", status: "INVALIDARGS / 0"},
		"no limit":             {dial: "SIP/talks,30,L(0)", status: "INVALIDARGS / 0"},
		"an announcement":      {dial: "SIP/talks,30,A(hello)", status: "ANSWER 6/5 16", takes: 6},
		"keys":                 {dial: "SIP/talks,30,D(12:9)", status: "ANSWER 6/5 16", told: "ring answer digit:9 joined parted hangup:16", phones: map[string]string{"talks": "digit:1 digit:2 parted hangup:16"}, takes: 6},
		"a subroutine refuses": {dial: "SIP/talks,30,U(refuse^BUSY)", status: "BUSY 1/0 0", told: "ring tone:17 hangup:17", phones: map[string]string{"talks": "hangup:16"}, takes: 11, goes: true},
		"a subroutine goes on": {dial: "SIP/talks,30,U(refuse^CONTINUE)", status: "ANSWER 1/0 0", takes: 1, goes: true},
		"a subroutine agrees":  {dial: "SIP/talks,30,U(refuse^)", status: "ANSWER 6/5 16", takes: 6},
		"both sent apart":      {dial: "SIP/talks,30,G(c^apart^1)", status: "ANSWER 1/0 16", takes: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "[c]\nexten => s,1,Dial("+c.dial+")\nsame => n,Set(R=${DIALSTATUS} ${DIALEDTIME}/${ANSWEREDTIME} ${HANGUPCAUSE})\nsame => n,NoOp(on)\n"+
					"exten => h,1,SetUnlessSet(R=${DIALSTATUS} ${DIALEDTIME}/${ANSWEREDTIME} ${HANGUPCAUSE})\n"+
					"exten => apart,1,NoOp(caller)\nsame => n,NoOp(called)\n[refuse]\nexten => s,1,Set(GOSUB_RESULT=${ARG1})\nsame => n,Return()\n", phones)
				h.Incoming()
				if c.leaves > 0 {
					time.AfterFunc(time.Duration(c.leaves)*time.Second, func() { h.Ch.Gone(call.CauseNormalClearing) })
				}
				took := h.Call()
				if got := h.Vars["R"]; got != c.status {
					t.Errorf("the dialplan sees %q, want %q\n%s", got, c.status, h.Log.String())
				}
				joins := strings.NewReplacer("joined ", "") // which of two is told depends on who comes first
				if got := joins.Replace(h.Caller.Heard()); c.told != "" && got != joins.Replace(c.told) {
					t.Errorf("the caller was told %q, want %q", got, c.told)
				}
				for name, want := range c.phones {
					if got := strings.ReplaceAll(h.Phones[name].Heard(), "joined ", ""); got != want {
						t.Errorf("%s was told %q, want %q", name, got, want)
					}
				}
				if got := strings.Contains(h.List(), "NoOp(on)"); got != c.goes {
					t.Errorf("it went on: %v, want %v", got, c.goes)
				}
				if took != time.Duration(c.takes)*time.Second {
					t.Errorf("it took %v, want %d s", took, c.takes)
				}
			})
		})
	}
	t.Run("forwarding in a circle ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "[c]\nexten => s,1,Dial(SIP/circles)\nsame => n,NoOp(${DIALSTATUS})\n", phones)
			h.Incoming()
			time.AfterFunc(time.Hour, func() { h.Ch.Gone(call.CauseNormalClearing) })
			if took := h.Call(); took >= time.Hour {
				t.Error("it went round until the caller hung up")
			}
		})
	})
}

// TestDialShows is about whom the called phone sees.
func TestDialShows(t *testing.T) {
	for dial, want := range map[string]string{
		"SIP/talks":                 `"Ann" <100>`,
		"SIP/talks,,f":              `"Ann" <100>`,
		"SIP/talks,,f(\"Bob\" <5>)": `"Bob" <5>`,
		"SIP/talks,,f(555)":         "555",
		"SIP/talks,,o(777)":         `"Ann" <100>`,
		"SIP/talks,,o":              `"Ann" <100>`,
		"SIP/talks&SIP/rings,5":     `"Ann" <100>`,
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "[c]\nexten => s,1,Dial("+dial+")\n", map[string]apptest.Script{"talks": talks(1), "rings": does(rings(0))})
			h.Call()
			p := h.Phones["talks"].Identity.Caller
			got := p.Number
			if p.Name != "" {
				got = `"` + p.Name + `" <` + p.Number + `>`
			}
			if got != want {
				t.Errorf("Dial(%s) shows %s, want %s", dial, got, want)
			}
		})
	}
}

// TestDialVariables: what is there when the call was answered.
func TestDialVariables(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => s,1,Set(DIALSTATUS=old)\nsame => n,Dial(SIP/talks,30,g)\nsame => n,Hangup()\n", map[string]apptest.Script{"talks": talks(5)})
		h.Call()
		for name, want := range map[string]string{
			"DIALSTATUS": "ANSWER", "DIALEDTIME": "6", "DIALEDTIME_MS": "6000", "ANSWEREDTIME": "5", "ANSWEREDTIME_MS": "5000",
			"DIALEDPEERNAME": "SIP/talks-1", "DIALEDPEERNUMBER": "talks", "BRIDGEPEER": "SIP/talks-1",
		} {
			if got := h.Vars[name]; got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	})
}

// TestDialSendsOn is option F: the called party goes on alone.
func TestDialSendsOn(t *testing.T) {
	for option, want := range map[string]string{"F": "SIP/talks-1 s,2:NoOp(on)", "F(c^there^1)": "SIP/talks-1 there,1:NoOp(there)"} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "[c]\nexten => s,1,Dial(SIP/talks,30,"+option+")\nsame => n,NoOp(on)\nexten => there,1,NoOp(there)\n", map[string]apptest.Script{"talks": talks(60)})
			h.Incoming()
			time.AfterFunc(5*time.Second, func() { h.Ch.Gone(call.CauseNormalClearing) })
			h.Call()
			if !slices.Contains(h.Others, want) {
				t.Errorf("%s: the called party did %q, want %s", option, h.Others, want)
			}
		})
	}
}

// TestLocal: a Local channel carries ringing, the answer, keys and the end of the
// call from one half to the other.
func TestLocal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => s,1,Dial(Local/far@c,30,g)\nsame => n,NoOp(${DIALSTATUS} ${ANSWEREDTIME})\n"+
			"exten => far,1,Ringing()\nsame => n,Wait(2)\nsame => n,Answer()\nsame => n,Wait(3)\nsame => n,Hangup(21)\n", nil)
		if took := h.Call(); took != 5*time.Second {
			t.Errorf("it took %v, want 5s", took)
		}
		if got, want := h.List(), "Dial(Local/far@c,30,g) NoOp(ANSWER 3)"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, want := h.Caller.Heard(), "ring answer"; !strings.HasPrefix(got, want) {
			t.Errorf("the caller was told %s, want %s", got, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => s,1,Dial(Local/nobody@c)\nsame => n,NoOp(never)\nexten => h,1,NoOp(${DIALSTATUS})\n", nil)
		h.Call()
		if got := h.List(); !strings.Contains(got, "NoOp(CHANUNAVAIL)") {
			t.Errorf("got %s", got)
		}
	})
}

func TestParseOptions(t *testing.T) {
	for s, want := range map[string]map[byte]string{
		"":                 {},
		"tTg":              {'t': "", 'T': "", 'g': ""},
		"L(60000:1)g":      {'L': "60000:1", 'g': ""},
		"U(a^(b)^c)S(3)":   {'U': "a^(b)^c", 'S': "3"},
		"v(x)g":            {'g': ""},
		"G(a^b^c)G(d^e^f)": {'G': "d^e^f"},
	} {
		got, err := pbx.ParseOptions(s, dialOptions)
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %v, %v", s, got, err)
		}
		for c, v := range want {
			if got[c] != v {
				t.Errorf("%s: %c is %q, want %q", s, c, got[c], v)
			}
		}
	}
	if _, err := pbx.ParseOptions("gL(1", dialOptions); err == nil {
		t.Error("a missing parenthesis is not said")
	}
}

func FuzzParseOptions(f *testing.F) {
	for _, s := range []string{"tT", "L(1:2:3)", "G(a^b^c", "((()", ")g(", "\xff(\x00)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := pbx.ParseOptions(s, dialOptions)
		for c, v := range got {
			if !strings.Contains(s, v) || strings.IndexByte(s, c) < 0 {
				t.Errorf("%q: %c(%s) is not in it", s, c, v)
			}
		}
		if err == nil && checkDial("SIP/a,,"+s) == nil && strings.ContainsAny(s, dialNamed) && !strings.ContainsAny(s, `(,"\$`) {
			t.Errorf("%q: an option that is not carried out is not named", s)
		}
	})
}

func TestChecks(t *testing.T) {
	checks := make(map[string]func(string) []string)
	for _, a := range Table(&Deps{}) {
		checks[a.Name] = a.Check
	}
	for _, c := range []struct {
		app, data string
		want      []string
	}{
		{"Dial", "SIP/a,30,gU(x^y)", nil},
		{"Dial", "SIP/a", nil},
		{"Dial", "SIP/a,30,KR", []string{"Dial option K is not supported yet and does nothing: there is no parking"}},
		{"Dial", "SIP/a,30,jnO", []string{"Dial option j does nothing: a call offers what its caller offers, always", "Dial option n does nothing: the recordings of callers' names are kept", "Dial option O does nothing: it is about DAHDI channels"}},
		{"Dial", "SIP/a,30,g,http://x", []string{"the URL of Dial is not sent: phones of SIP open none"}},
		{"Dial", "SIP/a,30,g!", []string{"Dial has no option !"}},
		{"Dial", "SIP/a,30,b(x^y", []string{"Dial option b lacks its closing parenthesis: the original refuses the call"}},
		{"Dial", "SIP/a,30,${OPTS}", nil},
	} {
		if got := checks[c.app](c.data); !slices.Equal(got, c.want) {
			t.Errorf("%s(%s): %q, want %q", c.app, c.data, got, c.want)
		}
	}
}
