package dial

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/features"
	"obelus/pbx"
)

// TestOthers has one dialplan a row: c,s,1 and what follows, steps with | between them.
func TestOthers(t *testing.T) {
	phones := map[string]apptest.Script{
		"one": does(rings(0), answers(1), leaves(60, 16)), "rings": does(rings(0)), "busy": does(busy_(1)), "full": does(full(1)),
		"gone": does(rings(0), leaves(2, 16)), "rejects": does(leaves(1, call.CauseCallRejected)),
	}
	states := map[string]int{"SIP/one": 1, "SIP/busy": 2, "SIP/away": 5, "SIP/none": 4}
	for name, c := range map[string]struct {
		plan   string
		caller map[float64]string
		steps  string // of the caller, from the second on; "" for any
		vars   map[string]string
		takes  float64
		log    string
		played []string
	}{
		"RetryDial":                      {plan: "RetryDial(again,2,3,SIP/busy)|NoOp(${DIALSTATUS})", steps: "NoOp(BUSY)", takes: 22, played: []string{"again", "again", "again"}},
		"RetryDial, answered":            {plan: "RetryDial(again,2,3,SIP/one,,S(5)g)|NoOp(${DIALSTATUS})", steps: "NoOp(ANSWER)", takes: 6, played: []string{}},
		"RetryDial, left":                {plan: "RetryDial(again,5,-1,SIP/busy,,d)|NoOp(never)", caller: map[float64]string{3.5: "5"}, vars: map[string]string{"LEFT": "5"}, takes: 13.5},
		"RetryDial, left while it dials": {plan: "RetryDial(,5,-1,SIP/rings,10,d)|NoOp(never)", caller: map[float64]string{3.5: "5"}, vars: map[string]string{"LEFT": "5"}, takes: 3.5},
		"RetryDial, no pause":            {plan: "RetryDial(,,1,SIP/busy)|NoOp(on)", steps: "NoOp(on)", takes: 21},
		"RetryDial, a missing sound":     {plan: "RetryDial(missing,2,1,SIP/busy)|NoOp(on)", steps: "NoOp(on)", takes: 13, log: "File missing does not exist"},
		"RetryDial, nothing":             {plan: "RetryDial(a,1,1)|NoOp(on)", steps: "NoOp(on)", log: "requires a 4th argument"},

		"ChanIsAvail":           {plan: "ChanIsAvail(SIP/one&SIP/busy)", vars: map[string]string{"AVAILCHAN": "SIP/one-00000000", "AVAILORIGCHAN": "SIP/one", "AVAILSTATUS": "0", "AVAILCAUSECODE": "0"}},
		"ChanIsAvail, all":      {plan: "ChanIsAvail(SIP/away&SIP/one&SIP/busy,a)", vars: map[string]string{"AVAILORIGCHAN": "SIP/one&SIP/busy", "AVAILSTATUS": "0&0&0", "AVAILCAUSECODE": "20&0&0"}},
		"ChanIsAvail, state":    {plan: "ChanIsAvail(SIP/busy&SIP/one,s)", vars: map[string]string{"AVAILORIGCHAN": "SIP/one", "AVAILSTATUS": "2&1"}},
		"ChanIsAvail, channels": {plan: "ChanIsAvail(SIP/caller&SIP/one,t)", vars: map[string]string{"AVAILORIGCHAN": "SIP/one", "AVAILSTATUS": "2&0"}},
		"ChanIsAvail, nobody":   {plan: "ChanIsAvail(SIP/away)|ChanIsAvail(SIP/none)|ChanIsAvail(ZAP/1)", vars: map[string]string{"AVAILORIGCHAN": "", "AVAILCHAN": "", "AVAILCAUSECODE": "66"}},
		"ChanIsAvail, a host":   {plan: "ChanIsAvail(SIP/5@there.example)", vars: map[string]string{"AVAILORIGCHAN": "SIP/5@there.example"}},
		"ChanIsAvail, nothing":  {plan: "ChanIsAvail()|NoOp(never)", steps: "", log: "ChanIsAvail requires an argument"},
		"ChanIsAvail, nonsense": {plan: "ChanIsAvail(x)|NoOp(never)", steps: "", log: "takes input in format tech/resource"},

		"SoftHangup":               {plan: "SoftHangup(SIP/caller,a)|NoOp(never)", steps: ""},
		"SoftHangup by name":       {plan: "SoftHangup(SIP/caller-0)|NoOp(never)", steps: ""},
		"SoftHangup, nobody":       {plan: "SoftHangup(SIP/caller)|SoftHangup(SIP/x,a)|SoftHangup()|NoOp(on)", steps: "SoftHangup(SIP/x,a) SoftHangup() NoOp(on)"},
		"ChannelRedirect":          {plan: "ChannelRedirect(SIP/caller-0,c,5,1)|NoOp(never)", vars: map[string]string{"LEFT": "5", "CHANNELREDIRECT_STATUS": "SUCCESS"}},
		"ChannelRedirect, nobody":  {plan: "ChannelRedirect(SIP/x,c,5,1)|NoOp(on)", steps: "NoOp(on)", vars: map[string]string{"CHANNELREDIRECT_STATUS": "NOCHANNEL"}},
		"ChannelRedirect, nowhere": {plan: "ChannelRedirect(SIP/caller-0,c,5,x)|NoOp(on)", steps: "NoOp(on)", log: "not redirected"},
		"ChannelRedirect, nothing": {plan: "ChannelRedirect(SIP/x)|NoOp(never)", log: "ChannelRedirect requires an argument"},

		"Originate":                 {plan: "Originate(SIP/one,exten,c,5,1)|NoOp(${ORIGINATE_STATUS})", steps: "NoOp(SUCCESS)", takes: 1},
		"Originate an application":  {plan: "Originate(SIP/one,app,Wait,3,,10,v(A=1^B=2)c(55)n(Bob))|NoOp(${ORIGINATE_STATUS})", steps: "NoOp(SUCCESS)", takes: 1},
		"Originate, not waiting":    {plan: "Originate(SIP/one,app,Wait,3,,,a)|NoOp(${ORIGINATE_STATUS})|Wait(6)", steps: "NoOp(SUCCESS) Wait(6)", takes: 6},
		"Originate, busy":           {plan: "Originate(SIP/busy,app,Wait,3)|NoOp(${ORIGINATE_STATUS})", steps: "NoOp(BUSY)", takes: 1},
		"Originate, full":           {plan: "Originate(SIP/full,app,Wait,3)|NoOp(${ORIGINATE_STATUS})", steps: "NoOp(CONGESTION)", takes: 1},
		"Originate, nobody answers": {plan: "Originate(SIP/rings,app,Wait,3,,4)|NoOp(${ORIGINATE_STATUS})", steps: "NoOp(RINGING)", takes: 4},
		"Originate, hung up":        {plan: "Originate(SIP/gone,app,Wait,3)|NoOp(${ORIGINATE_STATUS})", steps: "NoOp(HANGUP)", takes: 2},
		"Originate, nobody":         {plan: "Originate(SIP/nobody,app,Wait,3)|NoOp(${ORIGINATE_STATUS})", steps: "NoOp(FAILED)"},
		"Originate, nonsense":       {plan: "Originate(SIP/one,x,y)|NoOp(${ORIGINATE_STATUS})", steps: "NoOp(FAILED)", log: "Incorrect type"},
		"Originate, nothing":        {plan: "Originate(SIP/one)|NoOp(${ORIGINATE_STATUS})", steps: "NoOp(FAILED)", log: "Incorrect number of arguments"},
		"Originate, a priority":     {plan: "Originate(SIP/one,exten,c,5,x)|NoOp(${ORIGINATE_STATUS})", steps: "NoOp(FAILED)", log: "Invalid priority"},
		"Originate, before":         {plan: "Originate(SIP/one,app,Wait,3,,10,b(c^pre^1(x))B(c^pre^1(y)))|NoOp(${GOT})", steps: "Set(GOT=y) Return() NoOp(y)", takes: 1},

		"Transfer":           {plan: "Transfer(100)|NoOp(${TRANSFERSTATUS})", steps: "NoOp(UNSUPPORTED)"},
		"Transfer elsewhere": {plan: "Transfer(ZAP/100)|NoOp(${TRANSFERSTATUS})", steps: "NoOp(FAILURE)"},
		"Transfer, nothing":  {plan: "Transfer()|NoOp(${TRANSFERSTATUS})", steps: "NoOp(FAILURE)"},
		"BlindTransfer":      {plan: "BlindTransfer(5)|NoOp(${BLINDTRANSFERSTATUS})|BlindTransfer()|NoOp(${BLINDTRANSFERSTATUS})", steps: "NoOp(FAILURE) BlindTransfer() NoOp(INVALID)"},
		"AttendedTransfer":   {plan: "AttendedTransfer(5)|NoOp(${ATTENDEDTRANSFERSTATUS})|AttendedTransfer()|NoOp(${ATTENDEDTRANSFERSTATUS})", steps: "NoOp(FAILURE) AttendedTransfer() NoOp(NOTPERMITTED)"},

		"Bridge":                   {plan: "Originate(SIP/one,app,BridgeWait)|Bridge(SIP/one-1,pS(5))|NoOp(${BRIDGERESULT})", steps: "Bridge(SIP/one-1,pS(5)) NoOp(SUCCESS)", takes: 7, played: []string{"beep", "music  for SIP/one-1"}},
		"Bridge, the other leaves": {plan: "Originate(SIP/one,app,BridgeWait)|Bridge(SIP/one-1)|NoOp(${BRIDGERESULT})", steps: "Bridge(SIP/one-1) NoOp(SUCCESS)", takes: 60},
		"Bridge with itself":       {plan: "Bridge(SIP/caller-0)|NoOp(${BRIDGERESULT})", steps: "NoOp(LOOP)"},
		"Bridge with nobody":       {plan: "Bridge(SIP/x)|NoOp(${BRIDGERESULT})", steps: "NoOp(NONEXISTENT)"},
		"Bridge, a bad limit":      {plan: "Originate(SIP/one,app,Wait,2)|Bridge(SIP/one-1,L(x))|NoOp(${BRIDGERESULT})", steps: "Bridge(SIP/one-1,L(x)) NoOp(FAILURE)", takes: 1},
		"BridgeWait":               {plan: "BridgeWait(a,participant,S(3)m(calm))|NoOp(on)", steps: "NoOp(on)", takes: 3, played: []string{"music calm for SIP/caller-0"}},
		"BridgeWait, ringing":      {plan: "BridgeWait(,,S(x)S(2)e(r)n)|NoOp(on)", steps: "NoOp(on)", takes: 2, played: []string{}},
		"Pickup, nobody":           {plan: "Pickup(5)|Pickup(5@x&6@PICKUPMARK)|Pickup()|PickupChan(SIP/x)|PickupChan(SIP/x,p)|NoOp(on)", steps: "Pickup(5@x&6@PICKUPMARK) Pickup() PickupChan(SIP/x) PickupChan(SIP/x,p) NoOp(on)"},
		"PickupChan, nothing":      {plan: "PickupChan()|NoOp(never)", log: "PickupChan requires an argument"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := "[c]\nexten => s,1," + strings.ReplaceAll(c.plan, "|", "\nsame => n,") + "\nexten => 5,1,Set(LEFT=5)\nexten => pre,1,Set(GOT=${ARG1})\nsame => n,Return()\n"
				h := apptest.New(t, apptest.Config{Plan: plan, Phones: phones, Applications: func(h *apptest.House) []pbx.Application {
					return append(Table(&Deps{
						Dialers: h.Dial, Voice: h.Voice, Features: features.New(features.Deps{Dialers: h.Dial, Voice: h.Voice}),
						State: func(device string) int { return states[device] },
					}), plain()...)
				}})
				h.Registry().SetMusic(player{&h})
				h.Incoming()
				for at, keys := range c.caller {
					h.Press(time.Duration(at*float64(time.Second)), keys)
				}
				took := h.Call()
				if want := time.Duration(c.takes * float64(time.Second)); took.Round(time.Second/10) != want {
					t.Errorf("it took %v, want %v", took, want)
				}
				first, _, _ := strings.Cut(c.plan, "|")
				if got := strings.TrimSpace(strings.TrimPrefix(h.List(), first)); c.steps != "" && got != c.steps || strings.Contains(got, "never") {
					t.Errorf("the caller did %q, want %q\n%s", got, c.steps, h.Log.String())
				}
				for name, want := range c.vars {
					if h.Vars[name] != want {
						t.Errorf("%s is %q, want %q", name, h.Vars[name], want)
					}
				}
				if !strings.Contains(h.Log.String(), c.log) {
					t.Errorf("%q is not in the log:\n%s", c.log, h.Log.String())
				}
				if c.played != nil && !sameSounds(h.Played, c.played) {
					t.Errorf("played was %q, want %q", h.Played, c.played)
				}
			})
		})
	}
}

// TestFeatureApplications runs features of [applicationmap]: on either party, by either, with the other waiting.
func TestFeatureApplications(t *testing.T) {
	for name, c := range map[string]struct {
		names  string // DYNAMIC_FEATURES
		line   features.Dynamic
		groups map[string][]features.Member
		caller map[float64]string
		called []apptest.Event
		want   string // a step: of the one channel or the other
		one    string
		takes  float64
	}{
		"by the caller, on itself":    {names: "f", line: features.Dynamic{Keys: "55", ByCaller: true, App: "Note", Args: "hi"}, caller: map[float64]string{3: "55"}, want: "SIP/caller-0 Note(hi) SIP/one-1 f SIP/caller-0", one: "call.Hold call.Unhold hangup:16", takes: 11},
		"on the other":                {names: "x#f", line: features.Dynamic{Keys: "5", ByCaller: true, OnPeer: true, App: "Note"}, caller: map[float64]string{3: "5"}, want: "SIP/one-1 Note() SIP/caller-0 f SIP/caller-0", takes: 11},
		"by the called one":           {names: "f", line: features.Dynamic{Keys: "5", ByCallee: true, App: "Note"}, called: presses(3, "5"), want: "SIP/one-1 Note() SIP/caller-0 f SIP/one-1", takes: 11},
		"not by the caller":           {names: "f", line: features.Dynamic{Keys: "5", ByCallee: true, App: "Note"}, caller: map[float64]string{3: "5"}, one: "digit:5 hangup:16", takes: 11},
		"of a group":                  {names: "g", line: features.Dynamic{Keys: "5", ByCaller: true, App: "Note"}, groups: map[string][]features.Member{"g": {{Name: "f", Keys: "77"}}}, caller: map[float64]string{3: "77"}, want: "SIP/caller-0 Note() SIP/one-1 f SIP/caller-0", takes: 11},
		"a subroutine":                {names: "f", line: features.Dynamic{Keys: "5", ByCaller: true, App: "Gosub", Args: "c,pre,1(a,b)"}, caller: map[float64]string{3: "5"}, want: "SIP/caller-0 pre,1:Set(GOT=a,b)", takes: 11},
		"a macro":                     {names: "f", line: features.Dynamic{Keys: "5", ByCaller: true, App: "Macro", Args: "m,a"}, caller: map[float64]string{3: "5"}, want: "SIP/caller-0 s,1:Set(GOT=a)", takes: 11},
		"that hangs up":               {names: "f", line: features.Dynamic{Keys: "5", ByCaller: true, App: "Hangup"}, caller: map[float64]string{3: "5"}, one: "call.Hold call.Unhold hangup:16", takes: 3},
		"that transfers":              {names: "f", line: features.Dynamic{Keys: "5", ByCaller: true, App: "BlindTransfer", Args: "pre@c"}, caller: map[float64]string{3: "5"}, want: "SIP/one-1 pre,1:Set(GOT=,)", takes: 3},
		"that consults":               {names: "f", line: features.Dynamic{Keys: "5", ByCaller: true, App: "AttendedTransfer", Args: "talks"}, caller: map[float64]string{3: "5", 5: "*2"}, want: "Local/talks@c-00000000;2 talks,2:Wait(4)", takes: 5.1},
		"that there is not":           {names: "f", line: features.Dynamic{Keys: "5", ByCaller: true, App: "Nothing"}, caller: map[float64]string{3: "5"}, one: "call.Hold call.Unhold hangup:16", takes: 11},
		"a recording, which can't be": {names: "", caller: map[float64]string{3: "*3"}, takes: 11},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conf := features.Defaults()
				conf.Map["automixmon"] = "*3"
				c.line.Name = "f"
				conf.Dynamic, conf.Groups = map[string]features.Dynamic{"f": c.line}, c.groups
				plan := "[c]\nexten => s,1,Set(__DYNAMIC_FEATURES=" + c.names + ")\nsame => n,Dial(SIP/one,,X)\nexten => pre,1,Set(GOT=${ARG1},${ARG2})\nsame => n,Return()\n" +
					"exten => talks,1,Answer()\nsame => n,Wait(4)\n[macro-m]\nexten => s,1,Set(GOT=${ARG1})\n"
				var noted []string
				h := apptest.New(t, apptest.Config{Plan: plan, Phones: map[string]apptest.Script{"one": does(append([]apptest.Event{answers(1), leaves(11, 16)}, c.called...)...)},
					Applications: func(h *apptest.House) []pbx.Application {
						desk := features.New(features.Deps{Dialers: h.Dial, Voice: h.Voice})
						desk.Load(conf)
						note := pbx.Application{Name: "Note", Run: func(_ context.Context, x *pbx.Exec, data string) error {
							noted = append(noted, x.Channel().Name()+" Note("+data+") "+x.Get("DYNAMIC_PEERNAME")+" "+x.Get("DYNAMIC_FEATURENAME")+" "+x.Get("DYNAMIC_WHO_ACTIVATED"))
							return nil
						}}
						return append(append(Table(&Deps{Dialers: h.Dial, Voice: h.Voice, Features: desk}), plain()...), note)
					}})
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
				all := strings.Join(append(noted, h.Others...), "|") + "|SIP/caller-0 " + strings.Join(h.Steps, "|SIP/caller-0 ")
				if c.want != "" && !strings.Contains(all, c.want) || c.want == "" && noted != nil {
					t.Errorf("%q was done, want %q\n%s", all, c.want, h.Log.String())
				}
				silent := strings.NewReplacer("joined ", "", "parted ", "")
				if got := silent.Replace(h.Phones["one"].Heard()); c.one != "" && got != c.one {
					t.Errorf("phone one was told %q, want %q", got, c.one)
				}
			})
		})
	}
}

// TestRecordByKeys: keys begin to record the call, on the other party's channel, and end it.
func TestRecordByKeys(t *testing.T) {
	for option, c := range map[string]struct{ begin, end, name string }{
		"X": {"MixMonitor", "StopMixMonitor", "auto-946684803-100-s.wav,b"}, "W": {"Monitor", "StopMonitor", "wav,auto-946684803-100-s,m"},
	} {
		synctest.Test(t, func(t *testing.T) {
			conf := features.Defaults()
			conf.Map["automixmon"], conf.Map["automon"] = "*3", "*3"
			conf.CourtesyTone = "beep"
			var noted []string
			h := apptest.New(t, apptest.Config{Plan: "[c]\nexten => s,1,Set(TOUCH_MIXMONITOR_MESSAGE_START=go)\nsame => n,Dial(SIP/one,," + option + ")\n",
				Phones: map[string]apptest.Script{"one": talks(20)},
				Applications: func(h *apptest.House) []pbx.Application {
					desk := features.New(features.Deps{Dialers: h.Dial, Voice: h.Voice})
					desk.Load(conf)
					apps := append(Table(&Deps{Dialers: h.Dial, Voice: h.Voice, Features: desk}), plain()...)
					for _, name := range []string{c.begin, c.end} {
						apps = append(apps, pbx.Application{Name: name, Run: func(_ context.Context, x *pbx.Exec, data string) error {
							noted = append(noted, x.Channel().Name()+" "+name+"("+data+")")
							return nil
						}})
					}
					return apps
				}})
			h.Incoming()
			h.Press(3*time.Second, "*3")
			h.Press(8*time.Second, "*3")
			if took := h.Call(); took != 21*time.Second {
				t.Errorf("it took %v", took)
			}
			if got, want := strings.Join(noted, " "), "SIP/one-1 "+c.begin+"("+c.name+") SIP/one-1 "+c.end+"()"; got[:min(len(got), 25)] != want[:25] || !strings.HasSuffix(got, c.end+"()") || !strings.Contains(got, "-100-s") {
				t.Errorf("%s: %s, want %s", option, got, want)
			}
			if !strings.Contains(strings.Join(h.Played, " "), "beep") || option == "X" && !strings.Contains(strings.Join(h.Played, " "), "go") {
				t.Errorf("%s: played was %q", option, h.Played)
			}
		})
	}
}
