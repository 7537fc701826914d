package phones

import "testing"

// pair starts the two phones with no server between.
func pair(t *testing.T) (linphone, baresip Line) {
	t.Helper()
	a := Setup{User: "alice", Ports: LeasePorts(t), Tone: LowTone}
	b := Setup{User: "bob", Ports: LeasePorts(t), Tone: HighTone}
	a.Friend, b.Friend = b.Address(), a.Address()
	return Line{StartLinphone(t, a), a.User, a.Address(), a.Tone}, Line{StartBaresip(t, b), b.User, b.Address(), b.Tone}
}

func TestDirectCalls(t *testing.T) {
	for _, s := range scenarios() {
		t.Run(s.name+" from linphonec", func(t *testing.T) {
			t.Parallel()
			linphone, baresip := pair(t)
			s.play(t, linphone, baresip)
		})
		t.Run(s.name+" from baresip", func(t *testing.T) {
			t.Parallel()
			linphone, baresip := pair(t)
			s.play(t, baresip, linphone)
		})
	}
}

// TestDirectHearing is the proof that what a phone hears is the other's tone
// and not its own, and nothing before the call.
func TestDirectHearing(t *testing.T) {
	t.Parallel()
	linphone, baresip := pair(t)
	a, b := linphone.Phone.(*Linphone), baresip.Phone.(*Baresip)
	if sound, _ := recorded(t, a.record, playRate); len(sound) > 0 {
		t.Errorf("linphonec recorded %d samples before any call", len(sound))
	}
	Connect(linphone, baresip)
	HearEachOther(linphone, baresip)
	Part(linphone, baresip)
	for _, ear := range []struct {
		recording string
		own       float64
	}{{a.record, LowTone}, {b.dump("dec"), HighTone}} {
		if sound, rate := recorded(t, ear.recording, playRate); Listen(sound, rate, ear.own).Heard() {
			t.Errorf("%s has the phone's own tone of %v Hz", ear.recording, ear.own)
		}
	}
}

func TestDirectText(t *testing.T) {
	t.Parallel()
	linphone, baresip := pair(t)
	PlayText(t, linphone, baresip)
}

func TestDirectLoad(t *testing.T) {
	t.Parallel()
	Load{
		Calls:  20,
		Rate:   20,
		Caller: Setup{User: "alice", Ports: LeasePorts(t)},
		Callee: Setup{User: "bob", Ports: LeasePorts(t)},
	}.Play(t)
}
