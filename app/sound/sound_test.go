package sound_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/app/sound"
	"obelus/call"
	"obelus/pbx"
)

// database is a dialplan's database of one family, pins.
type database map[string]string

func (d database) Get(family, key string) (string, bool) {
	v, ok := d[family+"/"+key]
	return v, ok
}

func (d database) Delete(family, key string) (bool, error) {
	_, ok := d[family+"/"+key]
	delete(d, family+"/"+key)
	return ok, nil
}

// countries knows one tone.
type countries struct{}

func (countries) Tone(country, name string) (string, bool) {
	switch {
	case name == "dial":
		return "425", true
	case name == "short" && country == "xx":
		return "!425/500", true
	case name == "congestion":
		return "480+620/250,0/250", true
	}
	return "", false
}

// basic is the few applications that plans under test need beside those of the room.
func basic() []pbx.Application {
	var all []pbx.Application
	for name, run := range basics() {
		all = append(all, pbx.Application{Name: name, Run: run})
	}
	return all
}

// keys are pressed at times: "500ms:1 2s:34".
func keys(h *apptest.House, t *testing.T, script string) {
	for _, word := range strings.Fields(script) {
		at, k, _ := strings.Cut(word, ":")
		d, err := time.ParseDuration(at)
		if err != nil {
			t.Fatal(err)
		}
		h.Press(d, k)
	}
}

// row is one call.
type row struct {
	plan  string // steps of c,s with | between, or a whole plan
	keys  string
	vars  string // NAME=value of the caller's channel at its end
	steps string // the steps at their end
	sound string // what was played
	told  string // what the phone was told
	log   string
	takes time.Duration // 0: it does not matter
}

// run makes a call of each row.
func run(t *testing.T, rows map[string]row) {
	for name, c := range rows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { one(t, c) })
		})
	}
}

func house(t *testing.T, plan string) *apptest.House {
	return apptest.New(t, apptest.Config{Plan: plan, Applications: func(h *apptest.House) []pbx.Application {
		d := &sound.Deps{Voice: h.Voice, Tones: countries{}, DB: database{"pins/42": "x"}}
		return append(sound.Table(d), basic()...)
	}})
}

func one(t *testing.T, c row) {
	t.Helper()
	plan := c.plan
	if !strings.Contains(plan, "exten") {
		plan = "exten => s,1," + strings.ReplaceAll(plan, "|", "\nsame => n,")
	}
	h := house(t, "[c]\n"+plan+"\n")
	h.Incoming()
	keys(h, t, c.keys)
	took := h.Call()
	for _, v := range strings.Fields(c.vars) {
		name, want, _ := strings.Cut(v, "=")
		if got := h.Vars[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := strings.Join(h.Steps, " "); !strings.HasSuffix(got, c.steps) {
		t.Errorf("steps %s\nwant at the end %s", got, c.steps)
	}
	if got := strings.Join(h.Played, " "); c.sound != "" && got != c.sound {
		t.Errorf("played %q, want %q", got, c.sound)
	}
	if got := h.Caller.Heard(); c.told != "" && got != c.told {
		t.Errorf("the phone was told %q, want %q", got, c.told)
	}
	if got := h.Log.String(); !strings.Contains(got, c.log) {
		t.Errorf("the log lacks %q:\n%s", c.log, got)
	}
	if c.takes != 0 && took.Round(time.Millisecond) != c.takes {
		t.Errorf("it took %v, want %v", took, c.takes)
	}
}

func TestPlayback(t *testing.T) {
	run(t, map[string]row{
		"two":         {plan: "Playback(a&b)", vars: "PLAYBACKSTATUS=SUCCESS", sound: "a b", told: "answer hangup:0", takes: 2 * time.Second},
		"one missing": {plan: "Playback(a&missing&b)", vars: "PLAYBACKSTATUS=FAILED", sound: "a b", log: "File missing does not exist in any format", takes: 2 * time.Second},
		"no answer":   {plan: "Playback(a,noanswer)", vars: "PLAYBACKSTATUS=SUCCESS", told: "progress hangup:0"},
		"skipped":     {plan: "Playback(a,skip)", vars: "PLAYBACKSTATUS=SUCCESS", told: "hangup:0"},
		"nothing":     {plan: "Playback()|NoOp(never)", steps: "s,1:Playback()", log: "Playback requires an argument"},
		"said":        {plan: "Playback(num:42:f&digit:1#&x,say)", vars: "PLAYBACKSTATUS=SUCCESS", sound: "digits/40 digits/2 digits/1 digits/pound x"},
		"more said":   {plan: "Playback(enum:3&char:a&phonetic:b&money:1&date:ABdY:0,say)", sound: "digits/h-3 letters/a phonetic/b_p digits/1 letters/dollar digits/day-4 digits/mon-0 digits/h-1 digits/19 digits/70"},
		"not said":    {plan: "Playback(num:x&enum:y&datetime:z&foo:1,say)", vars: "PLAYBACKSTATUS=FAILED", log: "Unable to say 'num:x'"},
		"mixed":       {plan: "Playback(a&num:7,mix)", sound: "a digits/7"},
		"keys":        {plan: "Playback(a)", keys: "500ms:1", takes: time.Second},
		"a jump":      {plan: "exten => s,1,Playback(a)\nexten => s,2,Goto(s,3)\nexten => s,3,NoOp(on)", steps: "s,3:NoOp(on)"},
	})
}

const ivr = `exten => s,1,BackGround(a&b)
same => n,WaitExten(3)
same => n,NoOp(on)
exten => 1,1,NoOp(one)
exten => 20,1,NoOp(twenty)
exten => 201,1,NoOp(longer)
exten => 3,1,NoOp(three)
exten => 31,1,NoOp(three one)
exten => i,1,NoOp(invalid ${INVALID_EXTEN})
exten => t,1,NoOp(timeout)
`

// timed is the menu with a time of TIMEOUT() set before.
func timed(what, seconds string) string {
	return "exten => s,1,Set(TIMEOUT(" + what + ")=" + seconds + ")\nsame => n,BackGround(a&b)\n" + strings.SplitN(ivr, "\n", 2)[1]
}

// TestMenu is the most common dialplan of all: a menu that is played, and extensions
// that are dialled while it is, or behind it.
func TestMenu(t *testing.T) {
	run(t, map[string]row{
		"at once":            {plan: ivr, keys: "500ms:1", vars: "BACKGROUNDSTATUS=SUCCESS", steps: "1,1:NoOp(one)", sound: "a", takes: 500 * time.Millisecond},
		"in the second":      {plan: ivr, keys: "1500ms:1", steps: "1,1:NoOp(one)", sound: "a b", takes: 1500 * time.Millisecond},
		"behind":             {plan: ivr, keys: "4s:1", steps: "1,1:NoOp(one)", takes: 4 * time.Second},
		"the longer":         {plan: ivr, keys: "500ms:20 2s:1", steps: "201,1:NoOp(longer)", takes: 2 * time.Second},
		"the shorter, late":  {plan: ivr, keys: "500ms:20", steps: "20,1:NoOp(twenty)", takes: 5500 * time.Millisecond},
		"3 after a pause":    {plan: ivr, keys: "500ms:3", steps: "3,1:NoOp(three)", takes: 5500 * time.Millisecond},
		"31":                 {plan: ivr, keys: "500ms:3 5s:1", steps: "31,1:NoOp(three one)", takes: 5 * time.Second},
		"invalid":            {plan: ivr, keys: "500ms:9", steps: "i,1:NoOp(invalid 9)", takes: 500 * time.Millisecond},
		"invalid second":     {plan: ivr, keys: "500ms:29", steps: "i,1:NoOp(invalid 29)", takes: 500 * time.Millisecond},
		"too few":            {plan: ivr, keys: "500ms:2", steps: "i,1:NoOp(invalid 2)", takes: 5500 * time.Millisecond},
		"nothing":            {plan: ivr, steps: "s,3:NoOp(on)", takes: 5 * time.Second},
		"nothing, t":         {plan: strings.Replace(ivr, "same => n,NoOp(on)\n", "", 1), steps: "t,1:NoOp(timeout)", takes: 5 * time.Second},
		"pressed before":     {plan: "exten => s,1,Answer()\nsame => n,Wait(1)\nsame => n,BackGround(a)\nexten => 1,1,NoOp(one)", keys: "1s:1", steps: "1,1:NoOp(one)"},
		"no i":               {plan: "exten => s,1,BackGround(a)\nsame => n,NoOp(never)\nexten => 1,1,NoOp(one)", keys: "500ms:9", steps: "s,1:BackGround(a)", log: "Invalid extension '9', but no rule 'i' or 'e' in context 'c'"},
		"a shorter pause":    {plan: timed("digit", "1.5"), keys: "500ms:3", steps: "3,1:NoOp(three)", takes: 2 * time.Second},
		"a longer pause":     {plan: timed("digit", "8"), keys: "500ms:3 7s:1", steps: "31,1:NoOp(three one)", takes: 7 * time.Second},
		"a shorter wait":     {plan: strings.Replace(timed("response", "1"), "WaitExten(3)\nsame => n,NoOp(on)", "WaitExten()", 1), steps: "t,1:NoOp(timeout)", takes: 3 * time.Second},
		"the call's end":     {plan: timed("absolute", "1.5") + "exten => T,1,NoOp(too long)\n", steps: "T,1:NoOp(too long)", takes: 1500 * time.Millisecond},
		"e for invalid":      {plan: strings.Replace(ivr, "exten => i,", "exten => e,", 1), keys: "500ms:9", steps: "e,1:NoOp(invalid )", takes: 500 * time.Millisecond},
		"option m":           {plan: strings.Replace(ivr, "(a&b)", "(a&b,m)", 1), keys: "300ms:9 400ms:2 1500ms:1", steps: "1,1:NoOp(one)", takes: 1500 * time.Millisecond},
		"option p":           {plan: strings.Replace(ivr, "(a&b)", "(a&b,p)", 1), keys: "300ms:1", steps: "s,3:NoOp(on)", takes: 5 * time.Second},
		"option n":           {plan: "BackGround(a,n)", told: "progress hangup:0"},
		"option s":           {plan: "BackGround(a,s)", told: "hangup:0", vars: "BACKGROUNDSTATUS=SUCCESS"},
		"a language":         {plan: "BackGround(a,,de)|Playback(b)", sound: "de:a b"},
		"another context":    {plan: "exten => s,1,BackGround(a,,,d)\n[d]\nexten => 5,1,NoOp(five of d)", keys: "500ms:5", steps: "5,1:NoOp(five of d)", takes: 500 * time.Millisecond},
		"a missing sound":    {plan: "exten => s,1,BackGround(missing&b)\nsame => n,NoOp(on)", vars: "BACKGROUNDSTATUS=FAILED", steps: "s,2:NoOp(on)", log: "ast_streamfile failed on SIP/caller-0 for missing"},
		"nothing to play":    {plan: "BackGround()|NoOp(never)", steps: "s,1:BackGround()", log: "requires an argument"},
		"what is said":       {plan: "exten => s,1,Set(SAY_DTMF_INTERRUPT=yes)\nsame => n,SayDigits(123)\nexten => 7,1,NoOp(seven)", keys: "500ms:7", steps: "7,1:NoOp(seven)", sound: "digits/1", takes: 500 * time.Millisecond},
		"what is said stays": {plan: "exten => s,1,SayDigits(123)\nsame => n,NoOp(on)\nexten => 7,1,NoOp(seven)", keys: "500ms:7", steps: "s,2:NoOp(on)", takes: 3 * time.Second},
	})
}

func TestRead(t *testing.T) {
	run(t, map[string]row{
		"digits":         {plan: "Read(X,a,3)", keys: "500ms:1 2s:23", vars: "X=123 READSTATUS=OK", sound: "a", takes: 2 * time.Second},
		"ended":          {plan: "Read(X,a)", keys: "500ms:12#", vars: "X=12 READSTATUS=OK", takes: 500 * time.Millisecond},
		"a pause":        {plan: "Read(X,a)", keys: "500ms:12", vars: "X=12 READSTATUS=TIMEOUT", takes: 5500 * time.Millisecond},
		"two sounds":     {plan: "Read(X,a&b,1)", keys: "1500ms:4", vars: "X=4 READSTATUS=OK", sound: "a b"},
		"nothing":        {plan: "Read(X,a)", vars: "X= READSTATUS=TIMEOUT", takes: 11 * time.Second},
		"a timeout":      {plan: "Read(X,a,,,,2.5)", vars: "X= READSTATUS=TIMEOUT", takes: 3500 * time.Millisecond},
		"three attempts": {plan: "Read(X,a,,,3,1)", keys: "5s:7", vars: "X=7", sound: "a a a"},
		"another end":    {plan: "Read(X,a,,t(*))", keys: "500ms:1#2*", vars: "X=1#2 READSTATUS=OK"},
		"no end":         {plan: "Read(X,a,3,t)", keys: "500ms:1#*", vars: "X=1#* READSTATUS=OK"},
		"the end alone":  {plan: "Read(X,a,,e,3)", keys: "500ms:#", vars: "X= READSTATUS=OK", sound: "a"},
		"ended, again":   {plan: "Read(X,a,,,2)", keys: "500ms:#", vars: "X= READSTATUS=TIMEOUT", sound: "a a"},
		"a tone":         {plan: "Set(CHANNEL(tonezone)=xx)|Read(X,dial,2,i)", keys: "500ms:1 2s:2", vars: "X=12 READSTATUS=OK", takes: 2 * time.Second},
		"a tone, nobody": {plan: "Read(X,dial,2,i,,4)", vars: "X= READSTATUS=TIMEOUT", takes: 4 * time.Second},
		"a tone, end":    {plan: "Read(X,dial,2,i)", keys: "500ms:#", vars: "X= READSTATUS=OK"},
		"skipped":        {plan: "Read(X,a,,s)", vars: "X= READSTATUS=SKIPPED", told: "hangup:0"},
		"not answered":   {plan: "Read(X,a,1,n)", keys: "500ms:1", vars: "X=1", told: "progress hangup:0"},
		"no variable":    {plan: "Read()|NoOp(never)", steps: "s,1:Read()", log: "Read requires an argument (variable)"},
		"without sound":  {plan: "Read(X,,2)", keys: "500ms:12", vars: "X=12 READSTATUS=OK"},
	})
}

// musician counts those it plays to.
type musician struct{ began, ended int }

func (m *musician) Play(ctx context.Context, _ *call.Channel, class string) error {
	if class != "jazz" {
		return errors.New("there is no such music")
	}
	m.began++
	<-ctx.Done()
	m.ended++
	return context.Cause(ctx)
}

// TestWaitExtenSounds has music or the dial tone heard until a key is pressed.
func TestWaitExtenSounds(t *testing.T) {
	for options, want := range map[string]int{"m(jazz)": 1, "m(rock)": 0, "d": 0, "": 0} {
		synctest.Test(t, func(t *testing.T) {
			h := house(t, "[c]\nexten => s,1,Answer()\nsame => n,WaitExten(5,"+options+")\nexten => 1,1,NoOp(one)\n")
			m := &musician{}
			h.Registry().SetMusic(m)
			h.Incoming()
			h.Press(2*time.Second, "1")
			if took := h.Call(); took != 2*time.Second || m.began != want || m.ended != want || !strings.HasSuffix(h.List(), "NoOp(one)") {
				t.Errorf("%s: after %v %+v, %s", options, took, m, h.List())
			}
		})
	}
}

func TestReadGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := house(t, "[c]\nexten => s,1,Read(X,a)\n")
		h.Incoming()
		ch := h.Ch
		time.AfterFunc(500*time.Millisecond, func() { ch.Gone(call.CauseNormalClearing) })
		h.Call()
		if h.Vars["READSTATUS"] != "HANGUP" {
			t.Errorf("READSTATUS %q", h.Vars["READSTATUS"])
		}
	})
}

func TestReadExten(t *testing.T) {
	plan := func(step string) string {
		return "exten => s,1," + step + "\nexten => 12,1,NoOp()\nexten => 5,1,NoOp()\nexten => 56,1,NoOp()"
	}
	run(t, map[string]row{
		"found":        {plan: plan("ReadExten(E,a)"), keys: "500ms:1 1s:2", vars: "E=12 READEXTENSTATUS=OK", takes: time.Second},
		"the shorter":  {plan: plan("ReadExten(E,a)"), keys: "500ms:5", vars: "E=5 READEXTENSTATUS=OK", takes: 5500 * time.Millisecond},
		"ended by #":   {plan: plan("ReadExten(E,a,,p)"), keys: "500ms:5#", vars: "E=5 READEXTENSTATUS=OK", takes: 500 * time.Millisecond},
		"invalid":      {plan: plan("ReadExten(E,a)"), keys: "500ms:9", vars: "E=i INVALID_EXTEN=9 READEXTENSTATUS=INVALID"},
		"nothing":      {plan: plan("ReadExten(E,a,,,2)"), vars: "E=t READEXTENSTATUS=TIMEOUT"},
		"skipped":      {plan: plan("ReadExten(E,a,,s)"), vars: "E= READEXTENSTATUS=SKIP"},
		"by a context": {plan: plan("ReadExten(E,a,d)") + "\n[d]\nexten => 7,1,NoOp()", keys: "500ms:7", vars: "E=7 READEXTENSTATUS=OK"},
		"a tone":       {plan: plan("ReadExten(E,dial,,i)"), keys: "500ms:5 1s:6", vars: "E=56 READEXTENSTATUS=OK"},
		"no variable":  {plan: plan("ReadExten()"), vars: "READEXTENSTATUS=ERROR", log: "requires at least one argument"},
	})
}

func TestControlPlayback(t *testing.T) {
	run(t, map[string]row{
		"to the end": {plan: "ControlPlayback(a)", vars: "CPLAYBACKSTATUS=SUCCESS CPLAYBACKOFFSET=1000", takes: time.Second},
		"missing":    {plan: "ControlPlayback(missing)", vars: "CPLAYBACKSTATUS=ERROR", log: "Unable to play missing"},
		"stopped":    {plan: "ControlPlayback(a,,,,0)", keys: "400ms:0", vars: "CPLAYBACKSTATUS=USERSTOPPED CPLAYBACKSTOPKEY=0"},
		"beyond":     {plan: "ControlPlayback(a)", keys: "400ms:#", vars: "CPLAYBACKSTATUS=SUCCESS"},
		"again":      {plan: "ControlPlayback(a,,,,,,5)", keys: "400ms:5", vars: "CPLAYBACKSTATUS=SUCCESS", takes: 1400 * time.Millisecond},
		"paused":     {plan: "ControlPlayback(a,,,,0,8)", keys: "400ms:8 2s:3 3s:0", vars: "CPLAYBACKSTATUS=USERSTOPPED", takes: 3 * time.Second},
		"offset":     {plan: "ControlPlayback(a,,,,,,,o(600))", vars: "CPLAYBACKSTATUS=SUCCESS CPLAYBACKOFFSET=1000", takes: 400 * time.Millisecond},
		"nothing":    {plan: "ControlPlayback()", log: "requires an argument"},
	})
}

func TestTones(t *testing.T) {
	run(t, map[string]row{
		"behind":     {plan: "PlayTones(dial)|Wait(2)|StopPlayTones()|NoOp(on)", steps: "NoOp(on)", takes: 2 * time.Second, told: "progress hangup:0"},
		"to the end": {plan: "Answer()|PlayTones(425/100,0/100)|Wait(1)", takes: time.Second},
		"no tone":    {plan: "PlayTones(nonsense)|NoOp(on)", steps: "NoOp(on)", log: "Unable to start playtones"},
		"nothing":    {plan: "PlayTones()", log: "Nothing to play"},
		"replaced":   {plan: "PlayTones(dial)|Playback(a)", sound: "a", takes: time.Second},
		"zapped":     {plan: "Zapateller(answer)", vars: "ZAPATELLERSTATUS=ZAPPED", told: "answer hangup:0", takes: 2490 * time.Millisecond},
		"identified": {plan: "Zapateller(answer,nocallerid)", vars: "ZAPATELLERSTATUS=NOTHING", told: "hangup:0"},
		"milliwatt":  {plan: "Set(TIMEOUT(absolute)=3)|Milliwatt(m)", told: "answer hangup:0", takes: 3 * time.Second},
		"morse":      {plan: "Answer()|Morsecode(E t)", takes: (80*2 + 160 + 320 + 80*4 + 160) * time.Millisecond},
		"morse 10":   {plan: "Set(MORSEDITLEN=10)|Set(MORSETYPE=american)|Set(MORSETONE=99999)|Morsecode(c%)", takes: (4*10 + 10 + 20 + 20) * time.Millisecond},
		"no morse":   {plan: "Morsecode()", log: "no argument found"},
	})
}

func TestSay(t *testing.T) {
	run(t, map[string]row{
		"digits":     {plan: "SayDigits(1#)", sound: "digits/1 digits/pound", told: "progress hangup:0"},
		"number":     {plan: "SayNumber(21)", sound: "digits/20 digits/1"},
		"no number":  {plan: "SayNumber(x)|NoOp(on)", steps: "NoOp(on)", log: "argument 'x' to SayNumber is non-numeric"},
		"no gender":  {plan: "SayNumber(1,x)|NoOp(never)", steps: "SayNumber(1,x)", log: "gender option is either"},
		"no data":    {plan: "SayNumber()", log: "SayNumber requires an argument"},
		"alpha":      {plan: "SayAlpha(a1)", sound: "letters/a digits/1"},
		"case":       {plan: "SayAlphaCase(a,aB)", sound: "lowercase letters/a uppercase letters/b"},
		"no case":    {plan: "SayAlphaCase(x,aB)", log: "Invalid option: 'x'"},
		"phonetic":   {plan: "SayPhonetic(b)", sound: "phonetic/b_p"},
		"ordinal":    {plan: "SayOrdinal(21)", sound: "digits/20 digits/h-1"},
		"money":      {plan: "SayMoney(1.01)", sound: "digits/1 letters/dollar and digits/1 cent"},
		"no money":   {plan: "SayMoney(x)", log: "is no amount of money"},
		"noun":       {plan: "SayCountedNoun(2,call)", sound: "calls"},
		"no noun":    {plan: "SayCountedNoun(2)", log: "requires two arguments"},
		"adjective":  {plan: "Set(CHANNEL(language)=ru)|SayCountedAdj(1,new,f)", sound: "ru:newf"},
		"time":       {plan: "SayUnixTime(0,UTC,Y'digits/at'I)", sound: "digits/19 digits/70 digits/at digits/12", told: "answer hangup:0"},
		"its name":   {plan: "DateTime(86400,UTC,A)", sound: "digits/day-5"},
		"no zone":    {plan: "SayUnixTime(0,Mars/Base,Y)", log: "there is no time zone 'Mars/Base'"},
		"by a key":   {plan: "exten => s,1,SayUnixTime(0,UTC,ABdY,j)\nexten => 4,1,NoOp(four)", keys: "300ms:4", steps: "4,1:NoOp(four)"},
		"no by keys": {plan: "exten => s,1,SayUnixTime(0,UTC,A)\nexten => 4,1,NoOp(four)", keys: "300ms:4", steps: "SayUnixTime(0,UTC,A)"},
	})
}

// TestSayFiles names the sounds instead of playing them.
func TestSayFiles(t *testing.T) {
	for args, want := range map[string]string{
		"a1": "letters/a&digits/1", "12,digits": "digits/1&digits/2", "b,phonetic": "phonetic/b_p", "21,number": "digits/20&digits/1",
		"3,ORDINAL": "digits/h-3", "1.01,money": "digits/1&letters/dollar&and&digits/1&cent",
		"": "error", "x,number": "error", "x,money": "error", "x,colour": "error",
	} {
		synctest.Test(t, func(t *testing.T) {
			h := house(t, "[c]\nexten => s,1,NoOp()\n")
			ch := h.Incoming()
			x := h.NewExec(ch, call.Place{Context: "c", Exten: "s", Priority: 1})
			got, err := sound.Functions(&sound.Deps{})[0].Read(x, args)
			if want == "error" && err == nil || want != "error" && (got != want || err != nil) {
				t.Errorf("%s: %q, %v; want %q", args, got, err, want)
			}
			h.Call()
		})
	}
}

func TestKeys(t *testing.T) {
	run(t, map[string]row{
		"sent":        {plan: "SendDTMF(1w#a!)", told: "digit:1 digit:# digit:A hangup:0", log: "Illegal DTMF character '!'", takes: (3*350 + 500) * time.Millisecond},
		"faster":      {plan: "SendDTMF(12,50,150)", takes: 400 * time.Millisecond},
		"to nobody":   {plan: "SendDTMF(1,,,SIP/x)", log: "No such channel: SIP/x"},
		"stored":      {plan: "StoreDTMF(K)|Playback(a)|StoreDTMF()|Wait(2)", keys: "300ms:1 800ms:2# 2s:3", vars: "K=12#"},
		"stored two":  {plan: "StoreDTMF(K,2)|Wait(2)", keys: "300ms:1 800ms:2#", vars: "K=12"},
		"not stored":  {plan: "StoreDTMF(K,x)", log: "Invalid number of digits: x"},
		"nothing":     {plan: "SendDTMF()", log: "SendDTMF requires an argument"},
		"waited":      {plan: "WaitDigit(5,12)", keys: "1s:3 2s:2", vars: "WAITDIGITSTATUS=DTMF WAITDIGITRESULT=2", takes: 2 * time.Second},
		"in vain":     {plan: "WaitDigit(2)", vars: "WAITDIGITSTATUS=TIMEOUT WAITDIGITRESULT=", takes: 2 * time.Second},
		"how long":    {plan: "WaitDigit(x)", vars: "WAITDIGITSTATUS=ERROR"},
		"no text":     {plan: "ReceiveText(1)", vars: "RECEIVETEXTSTATUS=FAILURE", takes: time.Second},
		"ended (s,1)": {plan: "WaitDigit()", vars: "WAITDIGITSTATUS=TIMEOUT", takes: 10 * time.Second},
	})
}

func TestReceiveText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := house(t, "[c]\nexten => s,1,ReceiveText()\n")
		h.Incoming()
		ch := h.Ch
		time.AfterFunc(time.Second, func() {
			ch.Notify(call.Event{Kind: call.EventText, Indication: call.Text{Body: []byte("hello")}})
		})
		h.Call()
		if h.Vars["RECEIVETEXTSTATUS"] != "SUCCESS" || h.Vars["RECEIVETEXTMESSAGE"] != "hello" {
			t.Errorf("%v", h.Vars)
		}
	})
}

func TestAuthenticate(t *testing.T) {
	dir := t.TempDir()
	plain, hashed := filepath.ToSlash(filepath.Join(dir, "plain")), filepath.ToSlash(filepath.Join(dir, "hashed"))
	sum := md5.Sum([]byte("42"))
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(plain, "11\n42\n")
	write(hashed, "ann:00\nbob:"+hex.EncodeToString(sum[:])+"\n")
	rows := map[string]row{
		"known":     {plan: "Authenticate(42)|NoOp(in)", keys: "500ms:42#", steps: "NoOp(in)", sound: "agent-pass auth-thankyou"},
		"at last":   {plan: "Authenticate(42)|NoOp(in)", keys: "500ms:1# 1200ms:42#", steps: "NoOp(in)", sound: "agent-pass auth-incorrect auth-thankyou"},
		"unknown":   {plan: "Authenticate(42)|NoOp(never)", keys: "500ms:1# 1s:2# 1500ms:3#", steps: "Authenticate(42)", sound: "agent-pass auth-incorrect auth-incorrect vm-goodbye"},
		"elsewhere": {plan: "exten => s,1,Authenticate(42,j)\nexten => s,102,NoOp(out)", keys: "500ms:1# 1s:2# 1500ms:3#", steps: "s,102:NoOp(out)"},
		"so long":   {plan: "Authenticate(42,,2,ask)|NoOp(in)", keys: "500ms:42", steps: "NoOp(in)", sound: "ask auth-thankyou"},
		"account":   {plan: "Authenticate(42,a)|Set(A=${CHANNEL(accountcode)})|NoOp(in)", keys: "500ms:42#", steps: "NoOp(in)"},
		"database":  {plan: "Authenticate(/pins,dr)|NoOp(in)", keys: "500ms:42#", steps: "NoOp(in)"},
		"not in it": {plan: "Authenticate(/pins,d)|NoOp(never)", keys: "500ms:43# 1s:# 1500ms:#", steps: "Authenticate(/pins,d)"},
		"no file":   {plan: "Authenticate(/nosuchfile)", keys: "500ms:1#", log: "Unable to open file '/nosuchfile' for authentication"},
		"nothing":   {plan: "Authenticate()", log: "Authenticate requires an argument(password)"},
	}
	if plain[0] == '/' { // elsewhere a path doesn't begin with what marks one
		rows["a file"] = row{plan: "Authenticate(" + plain + ")|NoOp(in)", keys: "500ms:42#", steps: "NoOp(in)"}
		rows["hashed"] = row{plan: "Authenticate(" + hashed + ",m)|NoOp(in)", keys: "500ms:42#", steps: "NoOp(in)"}
		rows["not hashed"] = row{plan: "Authenticate(" + hashed + ",m)|NoOp(never)", keys: "500ms:11# 1s:# 1500ms:#", steps: "vm-goodbye"}
		delete(rows, "not hashed")
	}
	run(t, rows)
}

func TestPrivacyManager(t *testing.T) {
	plan := func(args string) string { return "Anonymous()|PrivacyManager(" + args + ")" }
	run(t, map[string]row{
		"known":       {plan: "PrivacyManager()", vars: "PRIVACYMGRSTATUS=SUCCESS", told: "hangup:0"},
		"asked":       {plan: plan("") + "|NoOp(${NUMBER})", keys: "1500ms:5551234567#", vars: "PRIVACYMGRSTATUS=SUCCESS", sound: "privacy-unident privacy-prompt privacy-thankyou", told: "answer hangup:0"},
		"too short":   {plan: plan("2,5"), keys: "1500ms:123# 2700ms:456#", vars: "PRIVACYMGRSTATUS=FAILED", sound: "privacy-unident privacy-prompt privacy-incorrect privacy-prompt privacy-incorrect"},
		"nonsense":    {plan: plan("x,y"), keys: "1500ms:5551234567#", vars: "PRIVACYMGRSTATUS=SUCCESS", log: "Invalid value 'x' to PrivacyManager"},
		"no such one": {plan: plan("1,1,,c"), keys: "1500ms:99#", vars: "PRIVACYMGRSTATUS=FAILED"},
	})
}

func TestDISA(t *testing.T) {
	name := filepath.ToSlash(filepath.Join(t.TempDir(), "codes"))
	if err := os.WriteFile(name, []byte("# codes\n77,other\n42,in,\"Ann\" <5>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := "\n[in]\nexten => 12,1,NoOp(twelve)\nexten => 9,1,NoOp(nine)\nexten => 91,1,NoOp(nine one)\n"
	rows := map[string]row{
		"no password":    {plan: "exten => s,1,DISA(no-password,in)" + in, keys: "1s:12", steps: "12,1:NoOp(twelve)", told: "answer hangup:0", takes: time.Second},
		"a password":     {plan: "exten => s,1,DISA(42,in)" + in, keys: "1s:42# 2s:12", steps: "12,1:NoOp(twelve)", takes: 2 * time.Second},
		"wrong":          {plan: "exten => s,1,DISA(42,in)" + in, keys: "1s:43#", steps: "DISA(42,in)", takes: 11 * time.Second},
		"the shorter":    {plan: "exten => s,1,DISA(no-password,in)" + in, keys: "1s:9", steps: "9,1:NoOp(nine)", takes: 6 * time.Second},
		"ended":          {plan: "exten => s,1,DISA(no-password,in,,,p)" + in, keys: "1s:9#", steps: "9,1:NoOp(nine)", takes: time.Second},
		"no such":        {plan: "exten => s,1,DISA(no-password,in)" + in, keys: "1s:55", steps: "DISA(no-password,in)", takes: 11 * time.Second},
		"invalid":        {plan: "exten => s,1,DISA(no-password,in)" + in + "exten => i,1,NoOp(i ${INVALID_EXTEN})", keys: "1s:55", steps: "i,1:NoOp(i 5)"},
		"nothing":        {plan: "exten => s,1,DISA(no-password,in)" + in, steps: "DISA(no-password,in)", takes: 20 * time.Second},
		"not answered":   {plan: "exten => s,1,DISA(no-password,in,,,n)" + in, keys: "1s:12", told: "progress hangup:0"},
		"no file":        {plan: "exten => s,1,DISA(/nosuchfile)", keys: "1s:1#", log: "DISA password file /nosuchfile not found"},
		"without a word": {plan: "exten => s,1,DISA()", log: "DISA requires an argument"},
	}
	if name[0] == '/' {
		rows["a file"] = row{plan: "exten => s,1,DISA(" + name + ")" + in, keys: "1s:42# 2s:12", steps: "12,1:NoOp(twelve)"}
	}
	run(t, rows)
}

// TestChecks names what an application will not do.
func TestChecks(t *testing.T) {
	checks := make(map[string]func(string) []string)
	for _, a := range sound.Table(&sound.Deps{}) {
		checks[a.Name] = a.Check
		if a.Synopsis == "" || a.Description == "" || !strings.HasPrefix(a.Syntax, a.Name+"(") {
			t.Errorf("%s has no page, or a poor one", a.Name)
		}
	}
	for _, c := range []struct{ app, data, want string }{
		{"BackGround", "a,mz", "BackGround has no option z"},
		{"Read", "X,a,,t(#*)i", ""},
		{"Read", "X,a,,${O}", ""},
		{"Read", "X,a,,t(", "Read option t lacks its closing parenthesis"},
		{"Zapateller", "answer,loud", "Zapateller has no option loud"},
	} {
		if got := strings.Join(checks[c.app](c.data), "|"); got != c.want {
			t.Errorf("%s(%s): %q, want %q", c.app, c.data, got, c.want)
		}
	}
}
