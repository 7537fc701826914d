package scenario

import (
	"strings"
	"testing"

	"obelus/sip"
)

// TestTextHeaders has a text arrive with what belongs to its body and to its
// conversation, and with nothing that is the sender's own business.
func TestTextHeaders(t *testing.T) {
	along := map[string]string{
		"Content-Encoding": "deflate", "Content-Disposition": "notification", "Content-Language": "de", "MIME-Version": "1.0",
		"Date": "Tue, 24 Nov 2026 10:00:00 GMT", "Subject": "news", "Priority": "non-urgent", "Expires": "60",
		"Conversation-ID": "f81d4fae", "Contribution-ID": "abcdef", "Accept-Contact": "*;+g.oma.sip-im",
	}
	const plan = "[sms]\nexten => _X.,1,MessageSend(${CUT(MESSAGE(to),@,1)},${MESSAGE(from)})\n"
	inHouse(t, files{sip: readFile(t, "testdata/seed-sip.conf"), extensions: plan}, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		headers := []string{"X-Mood: good", "P-Asserted-Identity: <sip:boss@10.99.0.1>", "Reply-To: <sip:x@y>", "Supported: outbound", "k: gruu"}
		for name, value := range along {
			headers = append(headers, name+": "+value)
		}
		const body = "x\x9c\xcbH\xcd\xc9\xc9\x07\x00\x06,\x02\x15" // hello, deflated
		if m := one.texts("1002", "message/imdn+xml", body, headers...); m.StatusCode() != 202 {
			t.Fatalf("answered\n%s", m.Bytes())
		}
		m := two.asked(sip.MESSAGE)
		for name, want := range along {
			if got, _ := m.Header(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		for _, name := range []string{"X-Mood", "P-Asserted-Identity", "Reply-To", "Supported", "Authorization"} {
			if got, has := m.Header(name); has {
				t.Errorf("%s: %s goes along", name, got)
			}
		}
		if string(m.Body()) != body {
			t.Errorf("the body is %q", m.Body())
		}
		if to := m.Value(sip.HeaderTo); to != "<sip:1002@10.99.0.1>" {
			t.Errorf("To: %s", to)
		}
		two.reply(m, 200)
		h.quiet()
	})
}

// TestTextCallID has a Call-ID go along that names no host, and none that does.
func TestTextCallID(t *testing.T) {
	inHouse(t, seed(t), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		for _, callID := range []string{"wlss7Q8yn", "inside@192.168.1.7"} {
			const uri = "sip:1002@10.99.0.1"
			headers := []string{"To: <sip:1002@10.99.0.1>", "Content-Type: text/plain"}
			one.send(one.text(sip.MESSAGE, uri, callID, 1, headers...), "hello")
			headers = append(headers, one.proof(one.answer(401), sip.MESSAGE, uri, "1001"))
			one.send(one.text(sip.MESSAGE, uri, callID, 2, headers...), "hello")
			one.answer(202)
			m := two.asked(sip.MESSAGE)
			if kept := m.CallID() == callID; kept == strings.Contains(callID, "@") {
				t.Errorf("%s arrives as %s", callID, m.CallID())
			}
			two.reply(m, 200)
		}
		headers := []string{"To: <sip:1001@10.99.0.1>", "Content-Type: text/plain"}
		const self = "sip:1001@10.99.0.1"
		one.send(one.text(sip.MESSAGE, self, "myself", 1, headers...), "hello")
		headers = append(headers, one.proof(one.answer(401), sip.MESSAGE, self, "1001"))
		one.send(one.text(sip.MESSAGE, self, "myself", 2, headers...), "hello")
		one.answer(202)
		m := one.asked(sip.MESSAGE)
		if m.CallID() == "myself" {
			t.Error("a phone gets its own text back, which it knows")
		}
		one.reply(m, 200)
		h.quiet()
	})
}

// TestTextHops has a text end that two servers would send to and fro.
func TestTextHops(t *testing.T) {
	inHouse(t, seed(t), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		if m := one.texts("1002", "text/plain", "hello"); m.StatusCode() != 202 {
			t.Fatalf("answered\n%s", m.Bytes())
		}
		m := two.asked(sip.MESSAGE)
		if n, _ := m.MaxForwards(); n != 69 {
			t.Errorf("Max-Forwards is %d", n)
		}
		two.reply(m, 200)
		h.quiet()
	})
}
