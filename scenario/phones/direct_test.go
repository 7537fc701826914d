package phones

import "testing"

// pair starts the two phones with no server between.
func pair(t *testing.T) (linphone, baresip line) {
	t.Helper()
	a := Setup{User: "alice", Ports: LeasePorts(t), Tone: lowTone}
	b := Setup{User: "bob", Ports: LeasePorts(t), Tone: highTone}
	a.Friend, b.Friend = b.Address(), a.Address()
	return line{StartLinphone(t, a), a.User, a.Address(), a.Tone}, line{StartBaresip(t, b), b.User, b.Address(), b.Tone}
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

func TestDirectText(t *testing.T) {
	t.Parallel()
	linphone, baresip := pair(t)
	playText(t, linphone, baresip)
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
