package phones

import (
	"strings"
	"testing"
)

// longText is more than one packet of most networks takes, in letters of all sizes.
var longText = strings.Repeat("Zażółć gęślą jaźń, 你好, 👩‍👩‍👧 und so weiter. ", 60) + "Ende"

// TestChat has Linphone's own chat go through the built server: both ways, wrapped in
// CPIM and not, with word of what was delivered and read.
func TestChat(t *testing.T) {
	binary, chat := BuildServer(t), BuildChat(t)
	for name, cpim := range map[string]bool{"CPIM": true, "plain": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := StartServer(t, binary)
			a, b := chats(t, s, chat)
			a.Type("1002")
			b.WaitTyping("1001")
			for _, text := range []string{"Are you there? ${EXTEN} \"q\" 🙂", longText} {
				for _, way := range []struct{ from, to *Chat }{{a, b}, {b, a}} {
					body := text + " says " + way.from.setup.User
					way.from.Send(cpim, way.to.setup.User, body)
					if from := way.to.WaitText(body); from != "sip:"+way.from.setup.User+"@127.0.0.1" {
						t.Errorf("it comes from %s", from)
					}
					way.from.WaitState(ByPhone, body)
					way.to.Read()
					way.from.WaitState(ByReader, body)
				}
			}
		})
	}
	t.Run("to linphonec", func(t *testing.T) {
		t.Parallel()
		s := StartServer(t, binary)
		one, two := setups(t, s, false)
		a, b := StartChat(t, chat, one), StartLinphone(t, two)
		a.WaitRegistered()
		b.WaitRegistered()
		a.Send(true, "1002", longText)
		b.WaitText(longText)
		a.WaitState(ByPhone, longText)
		const news = "The server restarts at noon 🙂"
		s.ask("message send sip:1001 " + news)
		s.ask("message send SIP/1002 " + news)
		a.WaitText(news)
		b.WaitText(news)
	})
	t.Run("and baresip", func(t *testing.T) {
		t.Parallel()
		s := StartServer(t, binary)
		one, two := setups(t, s, false)
		a, b := StartChat(t, chat, one), StartBaresip(t, two)
		a.WaitRegistered()
		b.WaitRegistered()
		const body = "Zażółć gęślą jaźń, 你好, 👩\u200d👩\u200d👧 und so weiter" // baresip takes more, but shows 512 bytes at most
		a.Send(false, "1002", body)
		b.WaitText(body)
		b.Text(body)
		a.WaitText(body)
	})
	t.Run("away", func(t *testing.T) {
		t.Parallel()
		s := StartServer(t, binary)
		a, b := chats(t, s, chat)
		b.Off()
		s.WaitAway("1002")
		a.Send(false, "1002", "Are you there?")
		a.expect(0, `received at .*Your message to 1002 has failed. Retry later.`)
		// What the phone notifies of the notice comes to nothing, and to no more notices.
		s.expect(0, `a message was not delivered .*to=sip:asterisk`)
		a.Send(false, "1001", "to myself")
		a.WaitText("to myself")
		if n := a.Received(); n != 2 {
			t.Errorf("%d texts have come, of which one is the notice", n)
		}
	})
}

// TestChatAway has a text wait for a phone that is off, while the server is killed.
func TestChatAway(t *testing.T) {
	binary, chat := BuildServer(t), BuildChat(t)
	for name, cpim := range map[string]bool{"CPIM": true, "plain": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startKeeping(t, binary)
			a, b := chats(t, s, chat)
			b.Off()
			s.WaitAway("1002")
			const body = "Call me when you are back 🙂"
			a.Send(cpim, "1002", body)
			a.WaitState(ByServer, body)
			s.WaitSays("message show waiting", `(?m)^1002 +1 `)
			s.Crash()
			s.WaitSays("message show waiting", `(?m)^1002 +1 `)
			b.On()
			if from := b.WaitText(body); from != "sip:1001@127.0.0.1" {
				t.Errorf("it comes from %s", from)
			}
			a.WaitState(ByPhone, body)
			b.Read()
			a.WaitState(ByReader, body)
			s.WaitSays("message show waiting", `(?m)^0 messages waiting`)
			if n := b.Received(); n != 1 {
				t.Errorf("the text came %d times", n)
			}
			if n := a.Received(); n != 0 {
				t.Errorf("%d texts came to who wrote one", n)
			}
		})
	}
	t.Run("who wrote it is away by then", func(t *testing.T) {
		t.Parallel()
		s := startKeeping(t, binary)
		a, b := chats(t, s, chat)
		b.Off()
		s.WaitAway("1002")
		const body = "I am leaving, too"
		a.Send(true, "1002", body)
		a.WaitState(ByServer, body)
		s.WaitSays("message show waiting", `(?m)^1002 +1 `)
		a.Off()
		s.WaitAway("1001")
		b.On()
		b.WaitText(body)
		s.WaitSays("message show waiting", `(?m)^1001 +1 `) // that it was delivered
		s.Crash()
		b.Read()
		s.WaitSays("message show waiting", `(?m)^1001 +2 `) // that it was read
		a.On()
		s.WaitSays("message show waiting", `(?m)^0 messages waiting`)
	})
	t.Run("baresip", func(t *testing.T) {
		t.Parallel()
		s := startKeeping(t, binary)
		linphone, baresip := registered(t, s, false)
		baresip.Unregister()
		s.WaitAway("1002")
		const body = "Call me when you are back"
		linphone.Text(body)
		s.WaitSays("message show waiting", `(?m)^1002 +1 `)
		s.Crash()
		_, setup := setups(t, s, false)
		again := StartBaresip(t, setup)
		if from := again.WaitText(body); !strings.Contains(from, "sip:1001@") {
			t.Errorf("it comes from %s", from)
		}
	})
}

// startKeeping starts a server that keeps texts for phones that are away.
func startKeeping(t *testing.T, binary string) *Server {
	t.Helper()
	addr := loopback(LeasePorts(t) + sipPort)
	files := serverConfig(t, addr)
	files["sip.conf"] = strings.Replace(files["sip.conf"], "[general]\n", "[general]\nstore_messages=yes\n", 1)
	return StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: files})
}

// chats switches on a phone of each account.
func chats(t *testing.T, s *Server, program string) (a, b *Chat) {
	t.Helper()
	one, two := setups(t, s, false)
	a, b = StartChat(t, program, one), StartChat(t, program, two)
	a.WaitRegistered()
	b.WaitRegistered()
	return a, b
}
