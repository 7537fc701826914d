package scenario

import (
	"strings"
	"testing"

	"obelus/sip"
)

// pagePlan is the extensions.conf that the examples of a page are together.
func pagePlan(t *testing.T, page string) string {
	t.Helper()
	var plan strings.Builder
	for line := range strings.Lines(readFile(t, page)) {
		if code, is := strings.CutPrefix(line, "    "); is && (code[0] == '[' || strings.HasPrefix(code, "exten =>") || strings.HasPrefix(code, "same =>")) {
			plan.WriteString(code)
		}
	}
	return plan.String()
}

// TestMessagesPage has the examples of docs/messages.md do what the page says.
func TestMessagesPage(t *testing.T) {
	const accounts = "[general]\n[1001]\ntype=friend\nsecret=1001\nhost=dynamic\ncontext=calls\nmessage_context=texts\ncallerid=Anna <1001>\n" +
		"[1002]\ntype=friend\nsecret=1002\nhost=dynamic\ncontext=rooms\nmessage_context=texts\n"
	f := files{sip: accounts, extensions: pagePlan(t, "../docs/messages.md")}
	// arrives waits for a text, and says what it says, and who wrote it.
	arrives := func(p *phone) (body, from string) {
		m := p.asked(sip.MESSAGE)
		p.reply(m, 200)
		head, _, _ := strings.Cut(m.Value(sip.HeaderFrom), ";tag=")
		return string(m.Body()), head
	}
	for name, c := range map[string]struct {
		away     bool
		to, body string
		one, two string // what arrives there, and from whom
	}{
		"passed on": {to: "1002", body: "hello", two: "hello <sip:1001@10.99.0.1>"},
		"nobody there": {away: true, to: "1002", body: "hello",
			one: `Your message to 1002 was not delivered: the message could not be sent: SIP/1002 is not registered, or does not answer <sip:1002@10.99.0.1>`},
		"echo": {to: "echo", body: "hello", one: "hello <sip:echo@10.99.0.1>"},
		"news": {to: "news", body: "hello", one: `hello (by 1001) "News" <sip:news@pbx.example.org>`, two: `hello (by 1001) "News" <sip:news@pbx.example.org>`},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, f, func(h *house) {
				one := h.registered("1001", addrOne)
				two := one
				if !c.away {
					two = h.registered("1002", addrTwo)
				}
				if m := one.texts(c.to, "text/plain", c.body); m.StatusCode() != 202 {
					t.Fatalf("answered\n%s", m.Bytes())
				}
				for _, want := range []struct {
					p    *phone
					text string
				}{{one, c.one}, {two, c.two}} {
					if want.text == "" {
						continue
					}
					if body, from := arrives(want.p); body+" "+from != want.text {
						t.Errorf("%s hears %s %s, want %s", want.p.name, body, from, want.text)
					}
				}
				h.quiet()
			})
		})
	}
	t.Run("a call that nobody took", func(t *testing.T) {
		inHouse(t, f, func(h *house) {
			one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
			caller := one.call("1002")
			two.reply(two.asked(sip.INVITE), 486)
			two.asked(sip.ACK)
			if body, from := arrives(two); body != "1001 called" || from != `"Anna" <sip:1001@10.99.0.1>` {
				t.Errorf("it says %s, from %s", body, from)
			}
			caller.ackRefusal(one.answer(486))
			h.quiet()
		})
	})
	t.Run("a room", func(t *testing.T) {
		inHouse(t, f, func(h *house) {
			two := h.registered("1002", addrTwo)
			caller := two.call("600")
			caller.accepted()
			for _, want := range []string{"Room 600", "<b>Mind, the gap</b>"} {
				if body, _ := arrives(two); body != want {
					t.Errorf("it says %s, want %s", body, want)
				}
			}
			caller.bye()
			h.quiet()
		})
	})
}
