package phones

import "testing"

// scenario is something that two phones do with each other.
type scenario struct {
	name string
	play func(t *testing.T, caller, callee Line)
}

// scenarios are the calls that the phones make, each way.
func scenarios() []scenario {
	return []scenario{
		{"call", func(_ *testing.T, caller, callee Line) { PlayCall(caller, callee) }},
		{"cancel", playCancel},
		{"reject", playReject},
		{"hold", playHold},
	}
}

// playCancel is a call given up while the other phone rings.
func playCancel(_ *testing.T, caller, callee Line) {
	caller.Dial(callee.URI)
	callee.WaitIncoming()
	caller.WaitRinging()
	caller.HangUp()
	callee.WaitOver()
	caller.WaitOver()
}

// playReject is a call refused; the caller learns it and can call again.
func playReject(_ *testing.T, caller, callee Line) {
	caller.Dial(callee.URI)
	callee.WaitIncoming()
	caller.WaitRinging()
	callee.Reject()
	caller.WaitOver()
	callee.WaitOver()
	Connect(caller, callee)
	Part(caller, callee)
}

// playHold is a call that each side holds and resumes; both hear each other
// after each resume.
func playHold(_ *testing.T, caller, callee Line) {
	Connect(caller, callee)
	HearEachOther(caller, callee)
	for _, holder := range []Line{caller, callee} {
		holder.Hold()
		holder.Resume()
		HearEachOther(caller, callee)
	}
	Part(caller, callee)
}
