package phones

import (
	"strings"
	"testing"
)

// line is a phone and how the other one reaches and knows it.
type line struct {
	Phone
	user string  // who it is, as the other one sees
	uri  string  // what the other one dials
	tone float64 // what it plays
}

// Tones of the two phones: far apart, neither a harmonic of the other.
const (
	lowTone  = 440
	highTone = 1000
)

// connect sets up a call and returns when both phones say that it stands.
func connect(caller, callee line) {
	caller.Dial(callee.uri)
	callee.WaitIncoming()
	caller.WaitRinging()
	callee.Answer()
	caller.WaitTalking()
	callee.WaitTalking()
}

// hearEachOther returns when each phone hears the other's tone.
func hearEachOther(one, other line) {
	one.Hears(other.tone)
	other.Hears(one.tone)
}

// part has the first phone end the call.
func part(first, second line) {
	first.HangUp()
	first.WaitOver()
	second.WaitOver()
}

// scenario is something that two phones do with each other.
type scenario struct {
	name string
	play func(t *testing.T, caller, callee line)
}

// scenarios are the calls that the phones make, each way.
func scenarios() []scenario {
	return []scenario{
		{"call", playCall},
		{"cancel", playCancel},
		{"reject", playReject},
		{"hold", playHold},
	}
}

// playCall is a call with tones both ways that the caller ends, and a second
// one that the callee ends.
func playCall(_ *testing.T, caller, callee line) {
	connect(caller, callee)
	hearEachOther(caller, callee)
	part(caller, callee)
	connect(caller, callee)
	part(callee, caller)
}

// playCancel is a call given up while the other phone rings.
func playCancel(_ *testing.T, caller, callee line) {
	caller.Dial(callee.uri)
	callee.WaitIncoming()
	caller.WaitRinging()
	caller.HangUp()
	callee.WaitOver()
	caller.WaitOver()
}

// playReject is a call refused; the caller learns it and can call again.
func playReject(_ *testing.T, caller, callee line) {
	caller.Dial(callee.uri)
	callee.WaitIncoming()
	caller.WaitRinging()
	callee.Reject()
	caller.WaitOver()
	callee.WaitOver()
	connect(caller, callee)
	part(caller, callee)
}

// playHold is a call that each side holds and resumes; both hear each other
// after each resume.
func playHold(_ *testing.T, caller, callee line) {
	connect(caller, callee)
	hearEachOther(caller, callee)
	for _, holder := range []line{caller, callee} {
		holder.Hold()
		holder.Resume()
		hearEachOther(caller, callee)
	}
	part(caller, callee)
}

// playText is a message each way. The text has what a server might trip over.
func playText(t *testing.T, one, other line) {
	for _, text := range []struct {
		from, to line
		body     string
	}{
		{one, other, `Are you there? It costs ${PRICE} & "more": 5 < 6, grüße.`},
		{other, one, `Yes; $[1+1] is %32 and 'two' \ here, 你好.`},
	} {
		text.from.Text(text.body)
		if from := text.to.WaitText(text.body); !strings.Contains(from, "sip:"+text.from.user+"@") {
			t.Errorf("%q came from %s, want %s", text.body, from, text.from.user)
		}
	}
}
