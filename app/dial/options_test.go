package dial

import (
	"context"
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

// notes is a database in memory.
type notes map[string]string

func (n notes) Get(family, key string) (string, bool) { v, ok := n[family+"/"+key]; return v, ok }
func (n notes) Put(family, key, value string) error   { n[family+"/"+key] = value; return nil }

// player plays music for as long as somebody listens, and writes that down.
type player struct{ h **apptest.House }

func (p player) Play(ctx context.Context, ch *call.Channel, class string) error {
	(*p.h).Mu.Lock()
	(*p.h).Played = append((*p.h).Played, "music "+class+" for "+ch.Name())
	(*p.h).Mu.Unlock()
	<-ctx.Done()
	return ctx.Err()
}

// TestOptions has one Dial a row, with the option that the row is about.
func TestOptions(t *testing.T) {
	key := func(at float64, keys string) []apptest.Event { return presses(at, keys) }
	for name, c := range map[string]struct {
		dial   string
		before string // a step before
		caller map[float64]string
		one    []apptest.Event // what phone one does, instead of answering after a second and talking for 5
		db     notes
		music  bool
		leaves float64

		status string // DIALSTATUS in the next step, or in h
		told   string // to the caller's phone, but of its sound
		heard  string // to phone one
		two    string
		played []string // in order
		others []string // steps of other channels
		vars   map[string]string
		takes  float64
		kept   notes
	}{
		"A":                      {dial: "SIP/one,,A(hi)", status: "ANSWER", played: []string{"hi"}, told: "ring answer hangup:16", takes: 6},
		"A to both":              {dial: "SIP/one,,A(hi:ho)", status: "ANSWER", played: []string{"hi", "ho"}, takes: 6},
		"A to the caller":        {dial: "SIP/one,,A(:ho)", status: "ANSWER", played: []string{"ho"}, takes: 6},
		"A missing":              {dial: "SIP/one,,A(missing)", status: "ANSWER", takes: 6},
		"a":                      {dial: "SIP/one,,aU(slow)", status: "ANSWER", told: "ring answer hangup:16", takes: 6},
		"b":                      {dial: "SIP/one,,b(c^pre^1(x^y))", status: "ANSWER", others: []string{"SIP/one-1 pre,1:Set(GOT=x,y)"}, takes: 6},
		"b, of this extension":   {dial: "SIP/one,,b(sub)", status: "ANSWER", others: []string{"SIP/one-1 s,20:Set(GOT=)"}, takes: 6},
		"B":                      {dial: "SIP/one,,B(c^pre^1(z))", status: "ANSWER", vars: map[string]string{"GOT": "z,"}, takes: 6},
		"b, nowhere":             {dial: "SIP/one,,b(nowhere^s^1)", status: "ANSWER", takes: 6},
		"c":                      {dial: "SIP/one,3,c", one: []apptest.Event{rings(0)}, status: "NOANSWER", heard: "hangup:26", takes: 3},
		"d":                      {dial: "SIP/one,,d", one: []apptest.Event{rings(0)}, caller: map[float64]string{2: "7", 3: "5"}, status: "CANCEL", heard: "digit:7 hangup:16", vars: map[string]string{"LEFT": "5"}, takes: 3},
		"d elsewhere":            {dial: "SIP/one,,d", before: "Set(EXITCONTEXT=exits)", one: []apptest.Event{rings(0)}, caller: map[float64]string{2: "6"}, vars: map[string]string{"LEFT": "exits"}, takes: 2},
		"D":                      {dial: "SIP/one,,D(1w2:3)", status: "ANSWER", told: "ring answer digit:3 hangup:16", heard: "digit:1 digit:2 hangup:16", takes: 6},
		"D in progress":          {dial: "SIP/one,,D(::9)", one: []apptest.Event{happens(1, call.EventProgress, 0), answers(2), leaves(3, 16)}, status: "ANSWER", heard: "digit:9 hangup:16", takes: 3},
		"e":                      {dial: "SIP/one,,e", status: "ANSWER", others: []string{"SIP/one-1 h,1:SetUnlessSet(R=)"}, takes: 6},
		"early keys":             {dial: "SIP/one", one: []apptest.Event{rings(0), answers(4), leaves(5, 16)}, caller: map[float64]string{2: "12"}, status: "ANSWER", heard: "digit:1 digit:2 hangup:16", takes: 5},
		"h, H while it rings":    {dial: "SIP/one,,H", one: []apptest.Event{rings(0)}, caller: map[float64]string{2: "*"}, status: "CANCEL", takes: 2},
		"L, warnings":            {dial: "SIP/one,,L(4000:3000:1000)", before: "Set(LIMIT_WARNING_FILE=beep)", status: "ANSWER", played: []string{"beep", "beep", "beep"}, takes: 5},
		"L, all of it":           {dial: "SIP/one,,L(4000:3000)", before: "Set(LIMIT_CONNECT_FILE=go)|Set(LIMIT_TIMEOUT_FILE=over)", status: "ANSWER", played: []string{"go", "vm-youhave", "digits/3", "queue-seconds", "over"}, takes: 6},
		"L, whom":                {dial: "SIP/one,,L(4000:2000)", before: "Set(LIMIT_WARNING_FILE=beep)|Set(LIMIT_PLAYAUDIO_CALLEE=yes)", status: "ANSWER", played: []string{"beep", "beep"}, takes: 5},
		"L, a warning too early": {dial: "SIP/one,,L(4000:9000:2500)", before: "Set(LIMIT_WARNING_FILE=beep)", status: "ANSWER", played: []string{"beep", "beep"}, takes: 5},
		"m":                      {dial: "SIP/one,,m(calm)", music: true, status: "ANSWER", played: []string{"music calm for SIP/caller-0"}, told: "progress answer hangup:16", takes: 6},
		"m without music":        {dial: "SIP/one,,m", status: "ANSWER", told: "ring answer hangup:16", takes: 6},
		"M":                      {dial: "SIP/one,,M(mac^x)", status: "ANSWER", others: []string{"SIP/one-1 s,1:Set(MACRO_RESULT=x)"}, takes: 6},
		"M refuses":              {dial: "SIP/one,,M(mac,BUSY)", status: "BUSY", takes: 11},
		"M goes elsewhere":       {dial: "SIP/one,,M(away)", vars: map[string]string{"LEFT": "5"}, takes: 1},
		"U aborts":               {dial: "SIP/one,,U(ask^ABORT)", status: "ANSWER", heard: "hangup:16", takes: 1},
		"U with commas":          {dial: "SIP/one,,U(ask,,x)", status: "ANSWER", others: []string{"SIP/one-1 s,2:NoOp(x)"}, takes: 6},
		"o":                      {dial: "SIP/one,,o(777)U(who)", status: "ANSWER", others: []string{"SIP/one-1 s,1:NoOp(777 100)"}, takes: 6},
		"o alone":                {dial: "SIP/one,,oU(who)", status: "ANSWER", others: []string{"SIP/one-1 s,1:NoOp(100 100)"}, takes: 6},
		"who is who":             {dial: "SIP/one,,U(who)", status: "ANSWER", others: []string{"SIP/one-1 s,1:NoOp(s 100)"}, takes: 6},
		"Q":                      {dial: "SIP/one&SIP/two,,Q(USER_BUSY)", status: "ANSWER", two: "hangup:17", takes: 6},
		"Q none":                 {dial: "SIP/one&SIP/two,,Q(NONE)", status: "ANSWER", two: "hangup:16", takes: 6},
		"Q nonsense":             {dial: "SIP/one&SIP/two,,Q(x)", status: "ANSWER", two: "hangup:26", takes: 6},
		"r with a tone":          {dial: "SIP/one,,r(dial)", status: "ANSWER", told: "progress answer hangup:16", takes: 6},
		"R":                      {dial: "SIP/one,,R", one: []apptest.Event{answers(2), leaves(3, 16)}, status: "ANSWER", told: "ring answer hangup:16", takes: 3},
		"two times":              {dial: "SIP/one,9^2", one: []apptest.Event{}, status: "CHANUNAVAIL", takes: 12},
		"two times, it rings":    {dial: "SIP/one,9^2", one: []apptest.Event{rings(1)}, status: "NOANSWER", takes: 9},
		"z": {dial: "SIP/one,3,z", one: []apptest.Event{{At: time.Second, Event: call.Event{Kind: call.EventForwarded, Forward: "Local/late@x"}}}, before: "Set(FORWARD_CONTEXT=c)", status: "ANSWER", takes: 7,
			others: []string{"Local/late@c-00000000;2 late,1:Wait(5)", "Local/late@c-00000000;2 late,2:Set(F=SIP/one-1)"}},
		"forwarded in time": {dial: "SIP/one,3", one: []apptest.Event{{At: time.Second, Event: call.Event{Kind: call.EventForwarded, Forward: "Local/late@c"}}}, status: "NOANSWER", takes: 3},
		"times": {dial: "SIP/one", one: []apptest.Event{rings(2), happens(3, call.EventProgress, 0), answers(4), leaves(9, 16)}, status: "ANSWER", vars: map[string]string{
			"RINGTIME": "2", "RINGTIME_MS": "2000", "PROGRESSTIME": "3", "DIALEDTIME": "9", "ANSWEREDTIME": "5"}, takes: 9},
		"groups": {dial: "SIP/one", before: "Set(OUTBOUND_GROUP=out@cat)", status: "ANSWER", vars: map[string]string{"GROUP:SIP/one-1:cat": "out"}, takes: 6},

		"p, yes":         {dial: "SIP/one,,p", one: append(key(2.5, "1"), answers(1), leaves(9, 16)), status: "ANSWER", played: []string{"vm-dialout", "priv-callpending", "screen-callee-options"}, takes: 10},
		"p, no":          {dial: "SIP/one,,p", one: append(key(2.5, "2"), answers(1), leaves(9, 16)), status: "NOANSWER", heard: "hangup:16", takes: 3.5},
		"p, torture":     {dial: "SIP/one,,p", one: append(key(2.5, "3"), answers(1), leaves(9, 16)), status: "TORTURE", takes: 3.5},
		"p, go away":     {dial: "SIP/one,,p", one: append(key(2.5, "4"), answers(1), leaves(9, 16)), status: "DONTCALL", takes: 3.5},
		"p, silence":     {dial: "SIP/one,,p", one: []apptest.Event{answers(1), leaves(90, 16)}, status: "NOANSWER", takes: 29},
		"p, he hangs up": {dial: "SIP/one,,p", one: []apptest.Event{answers(1), leaves(3, 16)}, status: "NOANSWER", takes: 4},
		"N":              {dial: "SIP/one,,pN", status: "ANSWER", played: []string{}, takes: 6},
		"P, allowed":     {dial: "SIP/one,,P(fam)", db: notes{"privacy/fam/100": "allow"}, status: "ANSWER", takes: 6},
		"P, denied":      {dial: "SIP/one,,P(fam)", db: notes{"privacy/fam/100": "deny"}, status: "NOANSWER"},
		"P, killed":      {dial: "SIP/one,,P", db: notes{"privacy/s/100": "kill"}, status: "DONTCALL"},
		"P, tortured":    {dial: "SIP/one,,P", db: notes{"privacy/s/100": "torture"}, status: "TORTURE"},
		"P, for ever":    {dial: "SIP/one,,P(fam)", db: notes{}, one: append(key(2.5, "4"), answers(1), leaves(9, 16)), status: "DONTCALL", kept: notes{"privacy/fam/100": "kill"}, takes: 3.5},
		"P, later":       {dial: "SIP/one,,P(fam)", db: notes{}, one: append(key(2.5, "5"), answers(1), leaves(9, 16)), status: "NOANSWER", kept: notes{"privacy/fam/100": "allow"}, takes: 3.5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if c.one == nil {
					c.one = talks(5).Events
				}
				plan := "[c]\nexten => s,1,NoOp(go)\n"
				for s := range strings.SplitSeq(c.before, "|") {
					if s != "" {
						plan += "same => n," + s + "\n"
					}
				}
				plan += "same => n,Dial(" + c.dial + ")\nsame => n,Set(R=${DIALSTATUS})\nsame => 20(sub),Set(GOT=${ARG1})\nsame => n,Return()\n" +
					"exten => h,1,SetUnlessSet(R=${DIALSTATUS})\nexten => pre,1,Set(GOT=${ARG1},${ARG2})\nsame => n,Return()\nexten => 5,1,Set(LEFT=5)\n" +
					"exten => late,1,Wait(5)\nsame => n,Set(F=${FORWARDERNAME})\nsame => n,Answer()\nsame => n,Wait(1)\n" +
					"[exits]\nexten => 6,1,Set(LEFT=exits)\n[slow]\nexten => s,1,Wait(2)\nsame => n,Return()\n[macro-away]\nexten => s,1,Set(MACRO_RESULT=GOTO:c^5^1)\n[macro-mac]\nexten => s,1,Set(MACRO_RESULT=${ARG1})\n" +
					"[ask]\nexten => s,1,Set(GOSUB_RESULT=${ARG1})\nsame => n,NoOp(${ARG2})\nsame => n,Return()\n[who]\nexten => s,1,NoOp(${PARTY(me)} ${PARTY(other)})\nsame => n,Return()\n"
				var h *apptest.House
				groups := make(map[string]string)
				h = apptest.New(t, apptest.Config{Plan: plan, Missing: []string{"priv-callerintros/100"}, Phones: map[string]apptest.Script{"one": does(c.one...), "two": does(rings(0))},
					Functions: func(*apptest.House) []pbx.Function {
						return []pbx.Function{{Name: "PARTY", Read: func(x *pbx.Exec, args string) (string, error) {
							i := x.Channel().Identity()
							if args == "me" {
								return i.Caller.Number, nil
							}
							return i.Connected.Number, nil
						}}, {Name: "GROUP", Write: func(x *pbx.Exec, category, group string) error {
							groups["GROUP:"+x.Channel().Name()+":"+category] = group
							return nil
						}}}
					},
					Applications: func(h *apptest.House) []pbx.Application {
						d := &Deps{Dialers: h.Dial, Voice: h.Voice, Features: features.New(features.Deps{Dialers: h.Dial, Voice: h.Voice})}
						if c.db != nil {
							d.DB = c.db
						}
						return append(Table(d), plain()...)
					}})
				if c.music {
					h.Registry().SetMusic(player{&h})
				}
				h.Incoming()
				for at, keys := range c.caller {
					for i := range len(keys) {
						h.Press(time.Duration((at+float64(i)/10)*float64(time.Second)), keys[i:i+1])
					}
				}
				took := h.Call()
				for k, v := range groups {
					h.Vars[k] = v
				}
				if want := time.Duration(c.takes * float64(time.Second)); took.Round(time.Second/10) != want {
					t.Errorf("it took %v, want %v", took, want)
				}
				if got := h.Vars["R"]; c.status != "" && got != c.status {
					t.Errorf("DIALSTATUS is %q, want %q\n%s", got, c.status, h.Log.String())
				}
				silent := strings.NewReplacer("joined ", "", "parted ", "", "call.Hold ", "", "call.Unhold ", "")
				for what, pair := range map[string][2]string{"the caller": {h.Caller.Heard(), c.told}, "phone one": {heard(h, "one"), c.heard}, "phone two": {heard(h, "two"), c.two}} {
					if got := silent.Replace(pair[0]); pair[1] != "" && got != pair[1] {
						t.Errorf("%s was told %q, want %q", what, got, pair[1])
					}
				}
				if c.played != nil && !sameSounds(h.Played, c.played) {
					t.Errorf("played was %q, want %q", h.Played, c.played)
				}
				for _, o := range c.others {
					if !slices.Contains(h.Others, o) {
						t.Errorf("%s was not done: %q", o, h.Others)
					}
				}
				for name, want := range c.vars {
					if h.Vars[name] != want {
						t.Errorf("%s is %q, want %q", name, h.Vars[name], want)
					}
				}
				for k, want := range c.kept {
					if c.db[k] != want {
						t.Errorf("kept is %v, want %v", c.db, c.kept)
					}
				}
			})
		})
	}
}

func heard(h *apptest.House, name string) string {
	if p := h.Phones[name]; p != nil {
		return p.Heard()
	}
	return ""
}

// sameSounds says whether two lists have the same sounds: those that are heard at once come in any order.
func sameSounds(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
