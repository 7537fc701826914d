package dialog

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

func parse(t testing.TB, text string) *sip.Message {
	t.Helper()
	m, err := sip.Parse([]byte(strings.ReplaceAll(strings.TrimLeft(text, "\n"), "\n", "\r\n") + "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const invite = `
INVITE sip:1002@server SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1
Record-Route: <sip:p1.example.org;lr>, <sip:p2.example.org;lr>
From: "Ann" <sip:1001@server>;tag=theirs;x=1
To: sip:1002@server
Call-ID: c1
CSeq: 7 INVITE
Contact: <sip:1001@192.0.2.1:5070;transport=udp>;expires=60
Supported: timer
`

func TestAccept(t *testing.T) {
	d, err := Accept(parse(t, invite), "ours")
	if err != nil {
		t.Fatal(err)
	}
	if d.ID != (ID{"c1", "ours", "theirs"}) {
		t.Errorf("%+v", d.ID)
	}
	from, to := d.Names()
	if from != "<sip:1002@server>;tag=ours" || to != `"Ann" <sip:1001@server>;x=1;tag=theirs` {
		t.Errorf("%s | %s", from, to)
	}
	uri, routes := d.RequestURI()
	if uri != "sip:1001@192.0.2.1:5070;transport=udp" || strings.Join(routes, " ") != "<sip:p1.example.org;lr> <sip:p2.example.org;lr>" {
		t.Errorf("%s via %v", uri, routes)
	}
	if d.NextHop() != "sip:p1.example.org;lr" {
		t.Errorf("next hop %s", d.NextHop())
	}
	if d.InOrder(7) || !d.InOrder(8) || d.InOrder(8) || d.Next() != 102 || d.Next() != 103 {
		t.Error("sequence numbers")
	}
}

func TestAnswered(t *testing.T) {
	half := Begin("c2", "ours", "<sip:1001@server>", "<sip:1002@192.0.2.2>", "sip:1002@192.0.2.2")
	if half.Next() != 102 {
		t.Error("the first number")
	}
	answer := func(tag string) *sip.Message {
		return parse(t, `
SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1
Record-Route: <sip:near;lr>
Record-Route: <sip:far;lr>
From: <sip:1001@server>;tag=ours
To: <sip:1002@192.0.2.2>`+tag+`
Call-ID: c2
CSeq: 102 INVITE
Contact: <sip:phone@192.0.2.2:5080>
`)
	}
	for _, tag := range []string{"a", "b"} {
		d, err := half.Answered(answer(";tag=" + tag))
		if err != nil {
			t.Fatal(err)
		}
		if d.ID.Remote != tag || d.Target != "sip:phone@192.0.2.2:5080" || strings.Join(d.Routes, "") != "<sip:far;lr><sip:near;lr>" {
			t.Errorf("%+v", d)
		}
	}
	if _, err := half.Answered(answer("")); err == nil {
		t.Error("a response without a tag opens no dialog")
	}
	if half.ID.Remote != "" {
		t.Error("the half dialog has changed")
	}
}

func TestStrictRouter(t *testing.T) {
	d := Begin("c", "l", "<sip:a@x>", "<sip:b@y>", "sip:b@phone")
	d.Routes = []string{"<sip:strict.example.org>", "<sip:loose;lr>"}
	uri, routes := d.RequestURI()
	if uri != "sip:strict.example.org" || strings.Join(routes, " ") != "<sip:loose;lr> <sip:b@phone>" {
		t.Errorf("%s via %v", uri, routes)
	}
}

func TestSessionTimers(t *testing.T) {
	policy := SessionPolicy{Expires: 1800 * time.Second, Min: 90 * time.Second}
	for _, c := range []struct {
		headers  string
		policy   SessionPolicy
		want     Session
		tooSmall bool
	}{
		{"", policy, Session{}, false},
		{"Session-Expires: 1000", policy, Session{1000 * time.Second, true}, false},
		{"Session-Expires: 1000;refresher=uac", policy, Session{1000 * time.Second, false}, false},
		{"Session-Expires: 60", policy, Session{}, true},
		{"Session-Expires: 5000;refresher=uas", policy, Session{1800 * time.Second, true}, false},
		{"Session-Expires: 1000", SessionPolicy{Refuse: true}, Session{}, false},
		{"", SessionPolicy{Originate: true, Expires: 600 * time.Second, Min: 90 * time.Second, ByUAC: true}, Session{600 * time.Second, false}, false},
		{"Session-Expires: 200\nMin-SE: 300", policy, Session{300 * time.Second, true}, false},
	} {
		text := strings.TrimSuffix(invite, "\n") + "\n"
		if c.headers != "" {
			text += c.headers + "\n"
		}
		got, tooSmall := c.policy.Answer(parse(t, text))
		if got != c.want || tooSmall != c.tooSmall {
			t.Errorf("%q: %+v %v", c.headers, got, tooSmall)
		}
	}
	s := Session{Interval: 1800 * time.Second, We: true}
	if s.Refresh() != 900*time.Second || s.Deadline() != 1768*time.Second || s.Refresher(true) != "uas" || s.Refresher(false) != "uac" {
		t.Errorf("%v %v %s", s.Refresh(), s.Deadline(), s.Refresher(true))
	}
}

func TestSettle(t *testing.T) {
	resp := func(extra string) *sip.Message {
		return parse(t, "SIP/2.0 200 OK\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:c@d>;tag=2\nCall-ID: c\nCSeq: 1 INVITE\n"+extra)
	}
	p := SessionPolicy{}
	if got := p.Settle(resp("Session-Expires: 600;refresher=uas\n"), 600*time.Second); got != (Session{600 * time.Second, false}) {
		t.Errorf("they refresh: %+v", got)
	}
	if got := p.Settle(resp(""), 600*time.Second); got != (Session{600 * time.Second, true}) {
		t.Errorf("they know no timers: %+v", got)
	}
	if got := p.Settle(resp(""), 0); got != (Session{}) {
		t.Errorf("nobody asked: %+v", got)
	}
}
