package app

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"obelus/message"
)

// TestTexts runs a text a row through the dialplan, at c and the number written
// to.
func TestTexts(t *testing.T) {
	const plan = "[c]\nexten => _X.,1,MessageSend(%s)\nsame => n,NoOp(${MESSAGE_SEND_STATUS} ${CALLERID(num)})\nexten => h,1,NoOp(never)\n"
	for _, c := range []struct{ send, status, to, from string }{
		{"sip:1002", "SUCCESS", "sip:1002", `"Ann" <sip:1001@example.org>`},
		{"SIP/1002,Center", "SUCCESS", "SIP/1002", "Center"},
		{`sip:1002,"Bob" <sip:bob@example.org>,sip:other`, "SUCCESS", "sip:1002", "Bob <sip:bob@example.org>"},
		{"sip:away", "FAILURE", "", ""},
		{"xmpp:1002", "INVALID_PROTOCOL", "", ""},
		{"1002", "INVALID_PROTOCOL", "", ""},
		{"", "INVALID_URI", "", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, fmt.Sprintf(plan, c.send), nil)
			texts := &Texts{PBX: h.PBX, Registry: h.Registry(), Log: slog.New(slog.NewTextHandler(&h.Log, nil))}
			body := bytes.Repeat([]byte("\xff${EXTEN}\"\n"), 500)
			in := &message.Message{
				From: `"Ann" <sip:1001@example.org>`, To: "sip:1002@here", ContentType: "text/html", Body: body, Context: "c", Exten: "1002", Peer: "1001",
			}
			in.SetData("X-Mood", "good", true)
			in.SetData("Call-ID", "abc", false)
			texts.Run(in)
			h.End()
			if all := strings.Join(h.Others, " "); !strings.Contains(all, "Message/ast_msg_queue-") || !strings.Contains(all, "NoOp("+c.status+" ") {
				t.Errorf("MessageSend(%s): %s", c.send, all)
			}
			if strings.Contains(strings.Join(h.Others, " "), "never") {
				t.Errorf("MessageSend(%s): h ran", c.send)
			}
			if c.to == "" {
				if len(h.Sent) > 0 {
					t.Errorf("MessageSend(%s) was sent to %s", c.send, h.Sent[0].To)
				}
				return
			}
			if len(h.Sent) != 1 {
				t.Fatalf("MessageSend(%s): sent %d", c.send, len(h.Sent))
			}
			m := h.Sent[0]
			if m.To != c.to || m.From != c.from || m.ContentType != "text/html" || !bytes.Equal(m.Body, body) || m.Peer != "1001" {
				t.Errorf("MessageSend(%s): to %s from %s, %s, %d bytes of peer %s", c.send, m.To, m.From, m.ContentType, len(m.Body), m.Peer)
			}
			if v, _ := m.Data("X-Mood"); v != "good" {
				t.Errorf("a header that goes along is lost: %q", v)
			}
			if _, ok := m.Data("Call-ID"); ok {
				t.Error("a header of the request goes along")
			}
			if v, _ := m.Data("To"); strings.HasSuffix(c.send, ",sip:other") && v != "sip:other" {
				t.Errorf("To is %q", v)
			}
		})
	}
}

func TestCallerOf(t *testing.T) {
	for from, want := range map[string]string{
		`"Ann B" <sip:1001@example.org>`: "1001|Ann B",
		`<sip:1001@example.org>`:         "1001|",
		`sip:1001@example.org`:           "1001|",
		`Ann <sip:1001>`:                 "1001|Ann",
		`1001`:                           "1001|",
		``:                               "|",
		`"x" <`:                          "|x",
	} {
		number, name := callerOf(from)
		if got := number + "|" + name; got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}

// TestTextNobodyTakes: it is told, and nothing is sent.
func TestTextNobodyTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => 1,1,NoOp()\n", nil)
		texts := &Texts{PBX: h.PBX, Registry: h.Registry(), Log: slog.New(slog.NewTextHandler(&h.Log, nil))}
		texts.Run(&message.Message{From: "sip:1001@x", Context: "c", Exten: "9"})
		h.End()
		if len(h.Others) > 0 || !strings.Contains(h.Log.String(), "no dialplan takes the message") {
			t.Errorf("steps %q, log %s", h.Others, h.Log.String())
		}
	})
}

// TestStoreOption: a text waits where the fourth argument says so; of one that nobody has
// written that is no news.
func TestStoreOption(t *testing.T) {
	for _, c := range []struct{ send, kind, want string }{
		{"sip:away", "text/plain", "FAILURE nobody there: the message could not be sent"},
		{"sip:away,,,store", "text/plain", "STORED the message waits for a phone"},
		{"sip:away,Center,sip:other, Store ", "text/plain", "STORED the message waits for a phone"},
		{"sip:away,,,stroe", "text/plain", "FAILURE nobody there: the message could not be sent"},
		{"sip:1002,,,store", "text/plain", "SUCCESS"},
		{"sip:away,,,store", "message/imdn+xml", "STORED the message waits for a phone"},
		{"sip:away", "message/imdn+xml", "SUCCESS nobody there: the message could not be sent"},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "[c]\nexten => _X.,1,MessageSend("+c.send+")\nsame => n,NoOp(${MESSAGE_SEND_STATUS} ${MESSAGE_SEND_REASON})\n", nil)
			texts := &Texts{PBX: h.PBX, Registry: h.Registry(), Log: slog.New(slog.NewTextHandler(&h.Log, nil))}
			texts.Run(&message.Message{From: "sip:1001@x", ContentType: c.kind, Body: []byte("x"), Context: "c", Exten: "1002"})
			h.End()
			if all := strings.Join(h.Others, "|"); !strings.Contains(all, "NoOp("+c.want) {
				t.Errorf("MessageSend(%s) of %s: %s", c.send, c.kind, all)
			}
			if warned := strings.Contains(h.Log.String(), "knows no option 'stroe'"); warned != strings.Contains(c.send, "stroe") {
				t.Errorf("MessageSend(%s): warned %v", c.send, warned)
			}
		})
	}
}

func TestCheckMessageSend(t *testing.T) {
	for data, want := range map[string]int{
		"sip:1002": 0, "SIP/1002,x,,store": 0, "1002": 0, "${TO},${FROM}": 0, "${TECH}:1002": 0, `"Bob" <sip:1002@x>`: 0, "sip:1,,,${OPTION}": 0,
		"pjsip:1002": 1, "xmpp:bob@x,,,keep": 2, "": 0,
	} {
		if got := checkMessageSend(data); len(got) != want {
			t.Errorf("%s: %q", data, got)
		}
	}
}
