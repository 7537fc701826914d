package phones

import (
	"strings"
	"testing"
)

// Line is a phone and how the other one reaches and knows it.
type Line struct {
	Phone
	User string  // who it is, as the other one sees
	URI  string  // what the other one dials
	Tone float64 // what it plays
}

// Tones of the two phones: far apart, neither a harmonic of the other.
const (
	LowTone  = 440
	HighTone = 1000
)

// Connect sets up a call and returns when both phones say that it stands.
func Connect(caller, callee Line) {
	caller.Dial(callee.URI)
	callee.WaitIncoming()
	caller.WaitRinging()
	callee.Answer()
	caller.WaitTalking()
	callee.WaitTalking()
}

// HearEachOther returns when each phone hears the other's tone.
func HearEachOther(one, other Line) {
	one.Hears(other.Tone)
	other.Hears(one.Tone)
}

// Part has the first phone end the call.
func Part(first, second Line) {
	first.HangUp()
	first.WaitOver()
	second.WaitOver()
}

// PlayCall is a call with tones both ways that the caller ends, and a second
// one that the callee ends.
func PlayCall(caller, callee Line) {
	Connect(caller, callee)
	HearEachOther(caller, callee)
	Part(caller, callee)
	Connect(caller, callee)
	Part(callee, caller)
}

// PlayText is a message each way. The text has what a server might trip over.
func PlayText(t testing.TB, one, other Line) {
	for _, text := range []struct {
		from, to Line
		body     string
	}{
		{one, other, `Are you there? It costs ${PRICE} & "more": 5 < 6, grüße.`},
		{other, one, `Yes; $[1+1] is %32 and 'two' \ here, 你好.`},
	} {
		text.from.Text(text.body)
		if from := text.to.WaitText(text.body); !strings.Contains(from, "sip:"+text.from.User+"@") {
			t.Errorf("%q came from %s, want %s", text.body, from, text.from.User)
		}
	}
}
