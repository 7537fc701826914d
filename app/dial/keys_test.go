package dial

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/features"
	"obelus/pbx"
)

// keyHouse is a house with features.
func keyHouse(t *testing.T, plan string, c *features.Config, phones map[string]apptest.Script) *apptest.House {
	t.Helper()
	return apptest.New(t, apptest.Config{Plan: plan, Phones: phones, Applications: func(h *apptest.House) []pbx.Application {
		desk := features.New(features.Deps{Dialers: h.Dial, Voice: h.Voice})
		if c != nil {
			desk.Load(c)
		}
		return append(Table(&Deps{Dialers: h.Dial, Voice: h.Voice, Features: desk}), plain()...)
	}})
}

// presses are keys that a dialled phone presses, a tenth of a second apart.
func presses(at float64, keys string) []apptest.Event {
	var out []apptest.Event
	for i := range len(keys) {
		when := time.Duration(at*float64(time.Second)) + time.Duration(i)*100*time.Millisecond
		out = append(out, apptest.Event{At: when, Event: call.Event{Kind: call.EventDigit, Indication: call.Digit{Key: keys[i]}}})
	}
	return out
}

// keyPlan is a dialplan for transfers: 200 and 300 are phones.
const keyPlan = "[c]\nexten => s,1,Dial(%)\nsame => n,NoOp(on)\nexten => h,1,NoOp(h)\n" +
	"exten => 200,1,Dial(SIP/two,20)\nsame => n,NoOp(${DIALSTATUS})\nexten => 300,1,Answer()\nsame => n,Wait(5)\nexten => 400,1,Wait(1)\nsame => n,Hangup(17)\n"

// atxfer is features.conf of most people.
func atxfer() *features.Config {
	c := features.Defaults()
	c.Map["blindxfer"], c.Map["atxfer"], c.Map["disconnect"] = "#1", "*2", "*0"
	return c
}

// TestKeys has the parties of a call press keys.
func TestKeys(t *testing.T) {
	for name, c := range map[string]struct {
		dial   string
		config *features.Config
		caller map[float64]string // keys by second
		called []apptest.Event
		steps  string // of the caller, behind Dial
		others []string
		one    string // what phone one was told, but of its sound
		heard  string // the same of the caller
		takes  float64
		vars   map[string]string
	}{
		"not allowed": {dial: "SIP/one", caller: map[float64]string{3: "#1200"}, one: "digit:# digit:1 digit:2 digit:0 digit:0 hangup:16", takes: 61, steps: "NoOp(h)"},
		"the caller transfers": {dial: "SIP/one,,T", caller: map[float64]string{3: "#1200"}, takes: 3.4, steps: "NoOp(h)",
			others: []string{"SIP/one-1 200,1:Dial(SIP/two,20)"}, one: "call.Hold call.Unhold hangup:16"},
		"... with g": {dial: "SIP/one,,Tg", caller: map[float64]string{3: "#1300"}, takes: 3.4, steps: "NoOp(on) NoOp(h)", others: []string{"SIP/one-1 300,1:Answer()", "SIP/one-1 300,2:Wait(5)"}},
		"the called one transfers": {dial: "SIP/one,,t", called: presses(3, "#1300"), takes: 8.4, steps: "Answer() Wait(5) NoOp(h)",
			vars: map[string]string{"BLINDTRANSFER": "SIP/one-1"}},
		"the called one may not":      {dial: "SIP/one,,T", called: presses(3, "#1300"), heard: "ring answer digit:# digit:1 digit:3 digit:0 digit:0 hangup:16", takes: 61, steps: "NoOp(h)"},
		"no such extension":           {dial: "SIP/one,,T", caller: map[float64]string{3: "#1999", 6: "998", 10: "997"}, takes: 61, steps: "NoOp(h)"},
		"nothing dialled":             {dial: "SIP/one,,T", caller: map[float64]string{3: "#1"}, takes: 61, steps: "NoOp(h)"},
		"the original's default":      {dial: "SIP/one,,T", config: features.Defaults(), caller: map[float64]string{3: "#300"}, takes: 3.3, steps: "NoOp(h)"},
		"half a feature":              {dial: "SIP/one,,T", caller: map[float64]string{3: "#", 3.5: "5"}, one: "digit:# digit:5 hangup:16", takes: 61, steps: "NoOp(h)"},
		"half a feature, alone":       {dial: "SIP/one,,T", caller: map[float64]string{3: "*"}, one: "digit:* hangup:16", takes: 61, steps: "NoOp(h)"},
		"a feature behind half a one": {dial: "SIP/one,,TH", caller: map[float64]string{3: "#*0"}, one: "digit:# hangup:16", takes: 3.2, steps: "NoOp(h)"},
		"the caller hangs up by keys": {dial: "SIP/one,,H", caller: map[float64]string{3: "*0"}, one: "hangup:16", takes: 3.1, steps: "NoOp(h)"},
		"the called one does":         {dial: "SIP/one,,hg", called: presses(3, "*0"), takes: 3.1, steps: "NoOp(on) NoOp(h)"},
		"attended, hang up":           {dial: "SIP/one,,t", called: append(presses(3, "*2300"), leaves(6, call.CauseNormalClearing)), takes: 8.4, steps: "NoOp(h)", vars: map[string]string{"ATTENDEDTRANSFER": "SIP/one-1"}},
		"attended, taken back":        {dial: "SIP/one,,T", caller: map[float64]string{3: "*2300", 6: "*1"}, takes: 61, steps: "NoOp(h)"},
		"attended, completed":         {dial: "SIP/one,,T", caller: map[float64]string{3: "*2300", 6: "*2"}, takes: 6.1, steps: "NoOp(h)", vars: map[string]string{"ATTENDEDTRANSFER": "SIP/one-1"}},
		"attended, completed, g":      {dial: "SIP/one,,Tg", caller: map[float64]string{3: "*2300", 6: "*2"}, takes: 6.1, steps: "NoOp(on) NoOp(h)"},
		"attended, to and fro":        {dial: "SIP/one,,T", caller: map[float64]string{3: "*2300", 4: "*4", 5: "7", 6: "*4", 7: "*1"}, one: "call.Hold call.Unhold digit:7 call.Hold call.Unhold hangup:16", takes: 61, steps: "NoOp(h)"},
		"attended, the target leaves": {dial: "SIP/one,,T", caller: map[float64]string{3: "*2300"}, takes: 61, steps: "NoOp(h)"},
		"attended, all three":         {dial: "SIP/one,,T", caller: map[float64]string{3: "*2300", 6: "*3", 7: "5"}, one: "call.Hold call.Unhold digit:5 hangup:16", takes: 61, steps: "NoOp(h)"},
		"attended, busy":              {dial: "SIP/one,,T", caller: map[float64]string{3: "*2400"}, takes: 61, steps: "NoOp(h)"},
		"attended, nobody answers":    {dial: "SIP/one,,T", caller: map[float64]string{3: "*2200"}, takes: 61, steps: "NoOp(h)"},
		"blonde":                      {dial: "SIP/one,,t", called: append(presses(3, "*2200"), leaves(5, call.CauseNormalClearing)), takes: 40.4, steps: "NoOp(h)", vars: map[string]string{"ATTENDEDTRANSFER": "SIP/one-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if c.config == nil {
					c.config = atxfer()
				}
				two := does(rings(0), answers(6), leaves(40-3, call.CauseNormalClearing))
				if strings.Contains(name, "nobody") {
					two = does(rings(0))
				}
				phones := map[string]apptest.Script{"one": does(append([]apptest.Event{rings(0), answers(1), leaves(61, call.CauseNormalClearing)}, c.called...)...), "two": two}
				h := keyHouse(t, strings.Replace(keyPlan, "%", c.dial, 1), c.config, phones)
				h.Incoming()
				for at, keys := range c.caller {
					for i := range len(keys) {
						h.Press(time.Duration((at+float64(i)/10)*float64(time.Second)), keys[i:i+1])
					}
				}
				took := h.Call()
				if want := time.Duration(c.takes * float64(time.Second)); took.Round(time.Second/10) != want {
					t.Errorf("it took %v, want %v", took, want)
				}
				if got := strings.TrimPrefix(h.List(), "Dial("+c.dial+") "); got != c.steps {
					t.Errorf("the caller did %s, want %s\n%s", got, c.steps, h.Log.String())
				}
				for _, o := range c.others {
					if !slices.Contains(h.Others, o) {
						t.Errorf("%s was not done: %q", o, h.Others)
					}
				}
				silent := strings.NewReplacer("joined ", "", "parted ", "")
				if got := silent.Replace(h.Phones["one"].Heard()); c.one != "" && got != c.one {
					t.Errorf("phone one was told %q, want %q", got, c.one)
				}
				if got := silent.Replace(h.Caller.Heard()); c.heard != "" && got != c.heard {
					t.Errorf("the caller was told %q, want %q", got, c.heard)
				}
				for name, want := range c.vars {
					if h.Vars[name] != want {
						t.Errorf("%s is %q, want %q", name, h.Vars[name], want)
					}
				}
			})
		})
	}
}

// TestBlonde has the target not answer after who transferred has hung up: who transferred is called back, then the target again, and so on.
func TestBlonde(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(c *features.Config)
		one    []apptest.Event // what the phone of who transferred does, each time it is called; the first call is answered after a second
		takes  float64         // the transferee's call
		others string          // the last step of another channel
	}{
		"the target answers":      {one: nil, takes: 11 + 3.4 + 5},
		"who transferred answers": {set: func(c *features.Config) { c.NoAnswer = 5 * time.Second }, takes: 3.4 + 5 + 1 + 4},
		"nobody answers":          {set: func(c *features.Config) { c.NoAnswer, c.CallbackRetries, c.LoopDelay = 4*time.Second, 0, time.Second }, takes: 3.4 + 4},
		"all is dropped":          {set: func(c *features.Config) { c.DropCall = true }, takes: 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conf := atxfer()
				if c.set != nil {
					c.set(conf)
				}
				plan := "[c]\nexten => s,1,Dial(SIP/one,,t)\nexten => 200,1,Dial(SIP/two)\n"
				one := does(append(presses(3, "*2200"), answers(1), leaves(5, call.CauseNormalClearing))...)
				two := does(rings(0), answers(11), leaves(16, call.CauseNormalClearing))
				h := keyHouse(t, plan, conf, map[string]apptest.Script{"one": one, "two": two})
				took := h.Call()
				if want := time.Duration(c.takes * float64(time.Second)); took.Round(time.Second/10) != want {
					t.Errorf("it took %v, want %v\n%s", took, want, h.Log.String())
				}
			})
		})
	}
}

// TestTwoPickUp: two pick up one call at the same moment. One gets it, the other hangs up.
func TestTwoPickUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conf := features.Defaults()
		conf.PickupSound = "beep" // for a second: then both take the call
		h := keyHouse(t, "[c]\nexten => s,1,Dial(SIP/one,,S(5))\nexten => pick,1,Pickup(s@c)\nsame => n,NoOp(never)\n", conf, map[string]apptest.Script{"one": does(rings(0))})
		h.Incoming()
		var takers []*call.Channel
		var ends [2]time.Duration
		began := time.Now()
		for i := range ends {
			ch := h.Registry().New(call.Spec{Name: "SIP/taker-" + string(rune('a'+i)), Leg: apptest.NewPhone(), State: call.StateRing})
			ch.AtEnd(func() { ends[i] = time.Since(began) })
			takers = append(takers, ch)
			time.AfterFunc(2*time.Second, func() { ch.Start(h.Run("c", "pick", 1)) })
		}
		if took := h.Call(); took != 8*time.Second {
			t.Errorf("the caller's call took %v", took)
		}
		for _, ch := range takers {
			<-ch.Done()
		}
		if a, b := min(ends[0], ends[1]), max(ends[0], ends[1]); a != 3*time.Second || b != 8*time.Second {
			t.Errorf("they ended after %v and %v", a, b)
		}
		if strings.Contains(strings.Join(h.Others, " "), "never") || !strings.Contains(h.Phones["one"].Heard(), "hangup:26") {
			t.Errorf("%q, phone one was told %q", h.Others, h.Phones["one"].Heard())
		}
	})
}
