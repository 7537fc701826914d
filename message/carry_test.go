package message

import "testing"

// TestOnward has a message sent on to whom its To names, back, and elsewhere.
func TestOnward(t *testing.T) {
	for _, c := range []struct{ to, from, receiver, wantFrom, wantTo string }{
		{"sip:1002", "", "", `"Ann" <sip:1001@pbx>`, "sip:1002@pbx"},
		{"SIP/1002", "Center", "", "Center", "sip:1002@pbx"},
		{"1002", "", "", `"Ann" <sip:1001@pbx>`, "sip:1002@pbx"},
		{"sip:1001", "Center", "", "Center", "sip:1001@pbx"},
		{"sip:1003", "", "", `"Ann" <sip:1001@pbx>`, ""},
		{"sip:1002", "", "sip:other@there", `"Ann" <sip:1001@pbx>`, "sip:other@there"},
		{`"Bob" <sip:1002@pbx;x=y>`, "", "", `"Ann" <sip:1001@pbx>`, "sip:1002@pbx"},
	} {
		m := &Message{To: "sip:1002@pbx", From: `"Ann" <sip:1001@pbx>`, Body: []byte("hi"), Peer: "1001"}
		m.SetData("Subject", "news", true)
		m.SetData("X-Mood", "good", false)
		out := m.Onward(c.to, c.from, c.receiver)
		if to, _ := out.Data("To"); to != c.wantTo || out.To != c.to || out.From != c.wantFrom || string(out.Body) != "hi" || out.Peer != "1001" {
			t.Errorf("%+v: To: %s, and %+v", c, to, out.From)
		}
		if _, ok := out.Data("X-Mood"); ok {
			t.Error("a header of the request goes along")
		}
		if v, _ := out.Data("subject"); v != "news" {
			t.Error("the subject is lost")
		}
	}
	m := &Message{To: "sip:1002@pbx"}
	m.Write("To", "sip:chosen@there")
	if to, _ := m.Onward("sip:1002", "", "").Data("To"); to != "sip:chosen@there" {
		t.Errorf("the dialplan's To became %s", to)
	}
}
