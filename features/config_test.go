package features

import (
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/conf"
)

func read(t testing.TB, text string) (*Config, []string) {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("features.conf", []byte(text))
	if err != nil {
		return Defaults(), nil // what is no file of the kind is refused before
	}
	c, found := Read(f)
	var said []string
	for _, d := range found {
		said = append(said, d.Message)
	}
	return c, said
}

func TestRead(t *testing.T) {
	c, said := read(t, `[general]
transferdigittimeout => 5
featuredigittimeout = 500
xfersound = beep2
atxferdropcall = yes
atxferabort = *9
pickupexten = *88
parkext => 700
atxfernoanswertimeout = soon
nosuch = 1
[featuremap]
blindxfer => #1
atxfer => *2
automon =
parkcall => #72
nosuch => 1
disconnect => x
[applicationmap]
playmonkeys => #9,peer,Playback,tt-monkeys
pauseMonitor => #8,self/callee,Pausemonitor
two => *33,self/caller,Playback,"hello,world",default
three => 44,peer/both,Gosub(sub,s,1(a,b)),calm
old => 5,caller,NoOp
bad => 6,nobody,NoOp
worse => 7,self/him,NoOp
short => 7,self
keyless => ,self,NoOp
[group]
playmonkeys => #6
three =>
nosuch => 1
`)
	if c.TransferDigitTimeout != 5*time.Second || c.FeatureDigitTimeout != 500*time.Millisecond || c.TransferSound != "beep2" || !c.DropCall || c.AbortKeys != "*9" ||
		c.PickupExten != "*88" || c.NoAnswer != 15*time.Second {
		t.Errorf("%+v", c)
	}
	if c.Map["blindxfer"] != "#1" || c.Map["atxfer"] != "*2" || c.Map["disconnect"] != "*" || c.Map["parkcall"] != "" {
		t.Errorf("%v", c.Map)
	}
	for name, want := range map[string]Dynamic{
		"playmonkeys":  {"playmonkeys", "#9", true, true, true, "Playback", "tt-monkeys", ""},
		"pausemonitor": {"pauseMonitor", "#8", false, false, true, "Pausemonitor", "", ""},
		"two":          {"two", "*33", false, true, false, "Playback", "hello,world", "default"},
		"three":        {"three", "44", true, true, true, "Gosub", "sub,s,1(a,b)", "calm"},
		"old":          {"old", "5", false, true, false, "NoOp", "", ""},
	} {
		if got := c.Dynamic[name]; got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if want := []Member{{"playmonkeys", "#6"}, {"three", ""}}; !slices.Equal(c.Groups["group"], want) {
		t.Errorf("%v", c.Groups)
	}
	var keys []string
	for _, f := range c.dynamic("two#group#nobody") {
		keys = append(keys, f.Keys)
	}
	if want := []string{"*33", "#6", "44"}; !slices.Equal(keys, want) {
		t.Errorf("%v, want %v", keys, want)
	}
	for _, want := range []string{
		"parking is not supported yet: parkext", `atxfernoanswertimeout: "soon" is no time`, "no option nosuch in [general]", "parking is not supported yet: parkcall",
		"there is no feature nosuch", `disconnect: "x" are no keys`, `bad: "nobody" is neither self nor peer`, `worse: "him" is none of`, "short: it is not of the form",
		"keyless: it has no keys", "[applicationmap] has no feature nosuch",
	} {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("%q is not said: %q", want, said)
		}
	}
	if len(said) != 11 {
		t.Errorf("%d findings: %q", len(said), said)
	}
	if c, found := Read(nil); c.Map["blindxfer"] != "#" || found != nil {
		t.Error("no file: not the defaults")
	}
	if apps := c.Applications(); !slices.Equal(apps, []string{"Gosub", "NoOp", "Pausemonitor", "Playback"}) {
		t.Errorf("%v", apps)
	}
}

// FuzzRead: no features.conf brings the reader down, and keys are keys.
func FuzzRead(f *testing.F) {
	f.Add("[applicationmap]\na => #9,peer,Playback(x,y),m\n[g]\na=>1\n")
	f.Add("[general]\natxferabort=*1\n[featuremap]\nblindxfer=#\n")
	f.Add("[applicationmap]\na => 1,self,((\",),\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, _ := read(t, text)
		for name, d := range c.Dynamic {
			if d.Keys == "" || sequence(d.Keys) != nil || d.App == "" && !strings.Contains(text, "(") {
				t.Errorf("%s: %+v", name, d)
			}
		}
		for _, k := range c.Map {
			if sequence(k) != nil {
				t.Errorf("keys %q", k)
			}
		}
	})
}
