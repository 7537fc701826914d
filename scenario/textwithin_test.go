package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// TestTextsWithinACall has texts of any type pass between two phones that talk, with
// what belongs to them, through a Local channel too.
func TestTextsWithinACall(t *testing.T) {
	for name, plan := range map[string]string{
		"bridged":       "exten => _X.,1,Dial(SIP/${EXTEN},30)\n",
		"through Local": "exten => _X.,1,Dial(Local/${EXTEN}@far,30)\n[far]\nexten => _X.,1,Dial(SIP/${EXTEN},30)\n",
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, files{sip: readFile(t, "testdata/seed-sip.conf"), extensions: "[my]\n" + plan}, func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				caller, callee := one.connects(two)
				for _, c := range []struct {
					from *talk
					to   *phone
					kind string
				}{{caller, two, "text/html;charset=UTF-8"}, {callee, one, "application/im-iscomposing+xml"}, {caller, two, "message/cpim"}} {
					const body = "\x00<p>Zażółć</p>\r\n${EXTEN}"
					c.from.send(sip.MESSAGE, body, "Content-Type: "+c.kind, "Content-Encoding: gzip", "Subject: news", "X-Mood: good")
					c.from.p.answer(202)
					m := c.to.asked(sip.MESSAGE)
					if string(m.Body()) != body || m.Value(sip.HeaderContentType) != c.kind {
						t.Errorf("%s arrived as %s, %q", c.kind, m.Value(sip.HeaderContentType), m.Body())
					}
					for header, want := range map[string]string{"Content-Encoding": "gzip", "Subject": "news", "X-Mood": ""} {
						if got, _ := m.Header(header); got != want {
							t.Errorf("%s: %s: %q, want %q", c.kind, header, got, want)
						}
					}
					if m.ToTag() == "" {
						t.Error("it is not part of the call")
					}
					c.to.reply(m, 200)
				}
				caller.bye()
				two.reply(two.asked(sip.BYE), 200)
			})
		})
	}
}

// TestSendText has the dialplan write to a phone within its call.
func TestSendText(t *testing.T) {
	const plan = "[my]\nexten => 600,1,Answer()\nsame => n,Set(SENDTEXT_CONTENT_TYPE=text/html)\nsame => n,Set(SENDTEXT_BODY=<b>a, b</b>)\n" +
		"same => n,SendText()\nsame => n,NoOp(told ${SENDTEXTSTATUS})\nsame => n,Set(SENDTEXT_CONTENT_TYPE=)\nsame => n,Set(SENDTEXT_BODY=)\n" +
		"same => n,SendText(status ${SENDTEXTSTATUS})\nsame => n,Wait(5)\n" +
		"exten => 601,1,Answer()\nsame => n,SendText(hello)\nsame => n,Hangup(${IF($[\"${SENDTEXTSTATUS}\" = \"UNSUPPORTED\"]?21:16)})\n"
	inHouse(t, files{sip: readFile(t, "testdata/seed-sip.conf"), extensions: plan}, func(h *house) {
		one := h.registered("1001", addrOne)
		caller := one.call("600")
		caller.accepted()
		for _, want := range []struct{ kind, body string }{{"text/html", "<b>a, b</b>"}, {"text/plain;charset=UTF-8", "status SUCCESS"}} {
			m := one.asked(sip.MESSAGE)
			if string(m.Body()) != want.body || m.Value(sip.HeaderContentType) != want.kind {
				t.Errorf("%s: %q, want %s: %q", m.Value(sip.HeaderContentType), m.Body(), want.kind, want.body)
			}
			one.reply(m, 200)
		}
		caller.bye()
		mute := one.call("601", "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS")
		mute.accepted()
		m := one.asked(sip.BYE)
		if cause, _ := m.Header("X-Asterisk-HangupCauseCode"); cause != "21" {
			t.Errorf("a phone without MESSAGE was hung up with %s", cause)
		}
		one.reply(m, 200)
		h.quiet()
	})
}

// TestTextOptions has the options of sip.conf decide whose texts are taken, on whose
// word, and where they go. In a call texts pass whatever they say.
func TestTextOptions(t *testing.T) {
	const plan = "[my]\nexten => _X.,1,Dial(SIP/${EXTEN},30)\n[sms]\nexten => _X.,1,MessageSend(SIP/${EXTEN},sms)\n" +
		"[other]\nexten => _X.,1,MessageSend(SIP/${EXTEN},other)\n"
	const phones = "[1002]\ntype=friend\nsecret=1002\nhost=dynamic\ncontext=my\n"
	for name, c := range map[string]struct {
		general, account string
		status           int    // what the text is answered
		from             string // whose context it ran in
	}{
		"in general":               {"outofcall_message_context=sms", "", 202, "sms"},
		"of an account":            {"outofcall_message_context=sms", "outofcall_message_context=other", 202, "other"},
		"of an account, shorter":   {"outofcall_message_context=sms", "message_context=other", 202, "other"},
		"in general, shorter":      {"message_context=sms", "", 202, "sms"},
		"nowhere said":             {"", "context=other", 202, "other"},
		"no such context":          {"", "message_context=nosuch", 404, ""},
		"not taken":                {"accept_outofcall_message=no\nmessage_context=sms", "", 405, ""},
		"taken of one account":     {"accept_outofcall_message=no\nmessage_context=sms", "accept_outofcall_message=yes", 202, "sms"},
		"not taken of one account": {"message_context=sms", "accept_outofcall_message=no", 405, ""},
	} {
		t.Run(name, func(t *testing.T) {
			conf := "[general]\ndirectmedia=no\n" + c.general + "\n" + phones + "[1001]\ntype=friend\nsecret=1001\nhost=dynamic\ncontext=my\n" + c.account + "\n"
			inHouse(t, files{sip: conf, extensions: plan}, func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				if m := one.texts("1002", "text/plain", "hello"); m.StatusCode() != c.status {
					t.Errorf("answered\n%s", m.Bytes())
				}
				if c.from != "" {
					m := two.asked(sip.MESSAGE)
					if from := m.Value(sip.HeaderFrom); !strings.Contains(from, `"`+c.from+`"`) {
						t.Errorf("it ran in another context: %s", from)
					}
					two.reply(m, 200)
				}
				if strings.Contains(c.account, "context=other") && !strings.Contains(c.account, "message_context") {
					return // calls go elsewhere, too
				}
				caller, _ := one.connects(two)
				caller.send(sip.MESSAGE, "within", "Content-Type: text/plain")
				one.answer(202)
				two.reply(two.asked(sip.MESSAGE), 200)
				caller.bye()
				two.reply(two.asked(sip.BYE), 200)
			})
		})
	}
}

// TestTextsUnproved has auth_message_requests say whether a text needs a proof.
func TestTextsUnproved(t *testing.T) {
	for value, status := range map[string]int{"no": 202, "yes": 401} {
		t.Run(value, func(t *testing.T) {
			conf := strings.Replace(readFile(t, "testdata/seed-sip.conf"), "[general]\n", "[general]\nauth_message_requests="+value+"\n", 1)
			inHouse(t, files{sip: conf, extensions: readFile(t, "testdata/seed-extensions.conf")}, func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				one.send(one.text(sip.MESSAGE, "sip:1002@10.99.0.1", "unproved@phone", 1, "To: <sip:1002@10.99.0.1>", "Content-Type: text/plain"), "hello")
				one.answer(status)
				if status == 202 {
					two.reply(two.asked(sip.MESSAGE), 200)
				} else {
					two.silent(time.Second)
				}
				h.quiet()
			})
		})
	}
}

// TestTextFromACall has a call's dialplan send a text of its own, as the original can.
func TestTextFromACall(t *testing.T) {
	const plan = "[my]\nexten => 600,1,Set(MESSAGE(body)=You, ${CALLERID(num)}, called)\nsame => n,Set(MESSAGE_DATA(Subject)=calls)\n" +
		"same => n,MessageSend(1002,\"Desk\" <sip:600@10.99.0.1>)\nsame => n,Hangup(${IF($[\"${MESSAGE_SEND_STATUS}\" = \"SUCCESS\"]?21:16)})\n"
	inHouse(t, files{sip: readFile(t, "testdata/seed-sip.conf"), extensions: plan}, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.call("600")
		m := two.asked(sip.MESSAGE)
		subject, _ := m.Header("Subject")
		if string(m.Body()) != "You, 1001, called" || m.Value(sip.HeaderContentType) != "text/plain;charset=UTF-8" || subject != "calls" ||
			!strings.HasPrefix(m.Value(sip.HeaderFrom), `"Desk" <sip:600@10.99.0.1>`) {
			t.Errorf("the text is\n%s", m.Bytes())
		}
		two.reply(m, 200)
		caller.ackRefusal(one.answer(403)) // cause 21
		h.quiet()
	})
}
