package phones

import (
	"strings"
	"testing"
)

// TestObelus has two real phones register with the built server and do with
// each other through it what they do directly in TestDirect, and what only a
// server makes possible. Each test has a server of its own, since both phones'
// accounts are those of the seed's sip.conf.
func TestObelus(t *testing.T) {
	binary := BuildServer(t)
	for _, s := range scenarios() {
		t.Run(s.name+" from linphonec", func(t *testing.T) {
			t.Parallel()
			linphone, baresip := registered(t, StartServer(t, binary), false)
			s.play(t, linphone, baresip)
		})
		t.Run(s.name+" from baresip", func(t *testing.T) {
			t.Parallel()
			linphone, baresip := registered(t, StartServer(t, binary), false)
			s.play(t, baresip, linphone)
		})
	}
	t.Run("call over TCP", func(t *testing.T) {
		t.Parallel()
		linphone, baresip := registered(t, StartServer(t, binary), true)
		PlayCall(linphone, baresip)
		PlayCall(baresip, linphone)
	})
	t.Run("text", func(t *testing.T) {
		t.Parallel()
		linphone, baresip := registered(t, StartServer(t, binary), false)
		PlayText(t, linphone, baresip)
	})
	t.Run("text to a phone that is away", func(t *testing.T) {
		t.Parallel()
		playAway(t, StartServer(t, binary))
	})
	t.Run("200 calls", func(t *testing.T) {
		t.Parallel()
		playLoad(t, StartServer(t, binary))
	})
}

// setups are the accounts of the seed's sip.conf: linphonec has 1001, baresip 1002.
func setups(t *testing.T, s *Server, tcp bool) (linphone, baresip Setup) {
	t.Helper()
	linphone = Setup{User: "1001", Password: "1001", Tone: LowTone, Friend: s.Number("1002", tcp)}
	baresip = Setup{User: "1002", Password: "1002", Tone: HighTone, Friend: s.Number("1001", tcp)}
	for _, setup := range []*Setup{&linphone, &baresip} {
		setup.Ports, setup.Server, setup.TCP = LeasePorts(t), s.Host(), tcp
	}
	return linphone, baresip
}

// registered starts the two phones and returns when the server has both.
func registered(t *testing.T, s *Server, tcp bool) (linphone, baresip Line) {
	t.Helper()
	a, b := setups(t, s, tcp)
	return registeredAs(t, s, a, b)
}

// registeredAs is registered with setups of one's own.
func registeredAs(t *testing.T, s *Server, a, b Setup) (linphone, baresip Line) {
	t.Helper()
	linphone = Line{StartLinphone(t, a), a.User, s.Number(a.User, a.TCP), a.Tone}
	baresip = Line{StartBaresip(t, b), b.User, s.Number(b.User, b.TCP), b.Tone}
	linphone.WaitRegistered()
	baresip.WaitRegistered()
	return linphone, baresip
}

// playAway texts a phone that has left: the dialplan's notice comes back, as
// the seed's extensions.conf writes it, from the server itself. First baresip
// is away, then linphonec.
func playAway(t *testing.T, s *Server) {
	linphone, baresip := registered(t, s, false)
	baresip.Unregister()
	s.WaitAway(baresip.User)
	textAway(t, linphone, baresip.User)

	_, b := setups(t, s, false)
	again := StartBaresip(t, b)
	again.WaitRegistered()
	linphone.Unregister()
	s.WaitAway(linphone.User)
	textAway(t, Line{Phone: again, User: b.User}, linphone.User)
}

// textAway sends a text to the user who is away and waits for the notice.
func textAway(t *testing.T, from Line, away string) {
	t.Helper()
	from.Text("Are you there?")
	who := from.WaitText("Your message to " + away + " has failed. Retry later.")
	if !strings.Contains(who, "sip:asterisk@") {
		t.Errorf("the notice came from %s, want the server", who)
	}
}

// playLoad makes 200 calls, 20 a second, with sound both ways through the server.
func playLoad(t *testing.T, s *Server) {
	a, b := setups(t, s, false)
	Load{Calls: 200, Rate: 20, Via: s.Host(), Caller: a, Callee: b}.Play(t)
}
