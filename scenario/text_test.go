package scenario

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// texts sends a text and returns what it is answered.
func (p *phone) texts(to, kind, body string, headers ...string) *sip.Message {
	p.h.t.Helper()
	headers = append([]string{"To: <sip:" + to + "@10.99.0.1>", "Content-Type: " + kind}, headers...)
	return p.requestBody(sip.MESSAGE, "sip:"+to+"@10.99.0.1", body, headers...)
}

// TestTextsArriveUnchanged sends bodies that a dialplan might trip over, through
// the seed's dialplan, which expands variables and quotes what it likes.
func TestTextsArriveUnchanged(t *testing.T) {
	for name, c := range map[string]struct{ kind, body string }{
		"5,000 bytes":        {"text/plain", strings.Repeat("0123456789", 500)},
		"UTF-8":              {"text/plain;charset=UTF-8", "Zażółć gęślą jaźń 你好 🙂"},
		"lines":              {"text/plain", "a\r\nb\nc\r\n\r\n"},
		"dialplan":           {"text/plain", `${EXTEN} $[1+1] ${SHELL(true)} "q" \; a=b, c|d & ) (`},
		"another type":       {"application/im-iscomposing+xml", "<isComposing><state>active</state></isComposing>"},
		"CPIM":               {"message/cpim", "From: <sip:1001@h>\r\nTo: <sip:1002@h>\r\nDateTime: 2026-11-24T10:00:00Z\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: x\r\n\r\nContent-Type: text/plain\r\n\r\nhi"},
		"a notification":     {"message/imdn+xml", "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>x</message-id></imdn>"},
		"elsewhere":          {`message/external-body; access-type="URL"; expiration="Mon, 24 Jun 2026 09:00:00 GMT"; URL="http://files.example/1"`, "Content-Type: image/png\r\n\r\n"},
		"a file of RCS":      {"application/vnd.gsma.rcs-ft-http+xml", "<file><file-info type=\"file\"><data url=\"https://files.example/1?a=b&amp;c\"/></file-info></file>"},
		"compressed":         {"text/plain", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"},
		"bytes that are not": {"application/octet-stream", "\x00\x01\xff\xfe"},
		"parts":              {"multipart/mixed; boundary=b", "--b\r\n\r\nhello\r\n--b--\r\n"},
		"nothing":            {"text/plain", ""},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, seed(t), func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				if m := one.texts("1002", c.kind, c.body); m.StatusCode() != 202 {
					t.Fatalf("answered\n%s", m.Bytes())
				}
				m := two.asked(sip.MESSAGE)
				if string(m.Body()) != c.body {
					t.Errorf("%q arrived as %q", c.body, m.Body())
				}
				if c.body != "" && m.Value(sip.HeaderContentType) != c.kind {
					t.Errorf("%s arrived as %s", c.kind, m.ContentType())
				}
				if from, err := m.From(); err != nil || from.Addr != "sip:1001@10.99.0.1" {
					t.Errorf("it comes from %v", from)
				}
				two.reply(m, 200)
				one.silent(time.Minute)
				h.quiet()
			})
		})
	}
}

// TestTextsInOrder has the texts of one sender arrive one after another.
func TestTextsInOrder(t *testing.T) {
	inHouse(t, seed(t), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		for i := range 5 {
			if m := one.texts("1002", "text/plain", fmt.Sprint(i)); m.StatusCode() != 202 {
				t.Fatalf("answered\n%s", m.Bytes())
			}
		}
		for i := range 5 {
			m := two.asked(sip.MESSAGE)
			if string(m.Body()) != fmt.Sprint(i) {
				t.Errorf("text %d is %q", i, m.Body())
			}
			two.reply(m, 200)
		}
		h.quiet()
	})
}

// TestTextToAPhoneThatIsAway has the sender get the seed's notice, once.
func TestTextToAPhoneThatIsAway(t *testing.T) {
	away := map[string]func(h *house){
		"not registered": func(*house) {},
		"refuses": func(h *house) {
			two := h.registered("1002", addrTwo)
			go func() {
				if m := two.hear(time.Minute); m != nil {
					two.reply(m, 603)
				}
			}()
		},
		"says nothing": func(h *house) { h.registered("1002", addrTwo) },
	}
	for name, prepare := range away {
		t.Run(name, func(t *testing.T) {
			inHouse(t, seed(t), func(h *house) {
				one := h.registered("1001", addrOne)
				prepare(h)
				if m := one.texts("1002", "text/plain", "hello"); m.StatusCode() != 202 {
					t.Fatalf("answered\n%s", m.Bytes())
				}
				m := one.asked(sip.MESSAGE)
				if body := string(m.Body()); !strings.HasPrefix(body, `"[`) || !strings.HasSuffix(body, `] Your message to 1002 has failed. Retry later."`) {
					t.Errorf("the notice is %q", body)
				}
				if from, err := m.From(); err != nil || !strings.Contains(from.String(), "ServiceCenter") {
					t.Errorf("the notice comes from %v", from)
				}
				one.reply(m, 200)
				one.silent(5 * time.Minute)
				h.quiet()
			})
		})
	}
}

// TestTextThatIsRepeated has a sender whose 202 was lost: the text goes once.
func TestTextThatIsRepeated(t *testing.T) {
	inHouse(t, seed(t), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		const uri = "sip:1002@10.99.0.1"
		headers := []string{"To: <sip:1002@10.99.0.1>", "Content-Type: text/plain"}
		one.send(one.text(sip.MESSAGE, uri, "again@phone", 1, headers...), "hello")
		headers = append(headers, one.proof(one.answer(401), sip.MESSAGE, uri, "1001"))
		for i := range 3 {
			one.send(one.text(sip.MESSAGE, uri, "again@phone", 2, headers...), "hello")
			one.answer(202)
			if i == 0 {
				two.reply(two.asked(sip.MESSAGE), 200)
			}
			h.pass(500 * time.Millisecond)
		}
		two.silent(time.Minute)
		h.quiet()
	})
}

// TestManyTexts has two phones write to each other at once; nothing is lost or
// changed.
func TestManyTexts(t *testing.T) {
	const count = 50
	inHouse(t, seed(t), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		heard := make(chan map[string]int)
		talk := func(p *phone, to string) {
			seen := make(map[string]int)
			for i := range count {
				p.sendText(to, i, seen)
			}
			for m := p.hear(time.Minute); m != nil; m = p.hear(time.Minute) {
				p.takesText(m, seen)
			}
			heard <- seen
		}
		go talk(one, "1002")
		go talk(two, "1001")
		for range 2 {
			seen := <-heard
			if len(seen) != count {
				t.Errorf("%d of %d texts arrived", len(seen), count)
			}
			for body, n := range seen {
				if n != 1 {
					t.Errorf("%q arrived %d times", body, n)
				}
			}
		}
		h.quiet()
	})
}

// sendText sends text i and proves who writes, taking texts that come meanwhile.
func (p *phone) sendText(to string, i int, seen map[string]int) {
	uri := "sip:" + to + "@10.99.0.1"
	callID := fmt.Sprintf("text-%s-%d@phone", p.name, i)
	headers := []string{"To: <" + uri + ">", "Content-Type: text/plain"}
	for seq := 1; seq <= 2; seq++ {
		p.send(p.text(sip.MESSAGE, uri, callID, seq, headers...), fmt.Sprintf("%s says %d", p.name, i))
		m := p.hear(time.Minute)
		for m != nil && m.IsRequest() {
			p.takesText(m, seen)
			m = p.hear(time.Minute)
		}
		if m == nil || m.StatusCode() != 401 {
			if m == nil || m.StatusCode() != 202 {
				p.h.t.Errorf("text %d was not taken", i)
			}
			return
		}
		headers = append(headers, p.proof(m, sip.MESSAGE, uri, p.name))
	}
}

func (p *phone) takesText(m *sip.Message, seen map[string]int) {
	if m.IsRequest() {
		seen[string(m.Body())]++
		p.reply(m, 200)
	}
}

// TestNobodyIsToldOfNotifications has the seed's dialplan, which answers what can't be
// delivered, be silent about what nobody has written: its notice would be notified of in
// turn, and so on for ever.
func TestNobodyIsToldOfNotifications(t *testing.T) {
	for name, kind := range map[string]string{"delivered": "message/imdn+xml", "typing": "application/im-iscomposing+xml"} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, seed(t), func(h *house) {
				one := h.registered("1001", addrOne)
				for _, to := range []string{"1002", "asterisk"} {
					if m := one.texts(to, kind, "<x/>"); m.StatusCode() != 202 {
						t.Fatalf("answered\n%s", m.Bytes())
					}
				}
				one.silent(5 * time.Minute)
				h.quiet()
			})
		})
	}
}
