package dialog

import (
	"testing"
	"time"

	"obelus/sip"
)

// okWith is a 2xx to an INVITE of ours with one more header.
func okWith(t testing.TB, header string) *sip.Message {
	t.Helper()
	return parse(t, "SIP/2.0 200 OK\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:c@d>;tag=2\nCall-ID: c\nCSeq: 1 INVITE\n"+header+"\n")
}

// RFC 4028 section 7.2: what the other side answers, and who refreshes then. It can't
// have us refresh without pause, nor ever.
func TestSettleWhatTheyAnswer(t *testing.T) {
	for _, c := range []struct {
		header string
		policy SessionPolicy
		asked  time.Duration
		want   Session
	}{
		{"Session-Expires: 1800;refresher=uac", SessionPolicy{}, 0, Session{1800 * time.Second, true}},
		{"Session-Expires: 1800", SessionPolicy{}, 600 * time.Second, Session{1800 * time.Second, true}},
		{"x: 1800;refresher=uas", SessionPolicy{}, 0, Session{1800 * time.Second, false}},
		{"Session-Expires: 1;refresher=uac", SessionPolicy{}, 0, Session{90 * time.Second, true}},
		{"Session-Expires: 1;refresher=uas", SessionPolicy{Min: 90 * time.Second}, 0, Session{90 * time.Second, false}},
		{"Session-Expires: 1", SessionPolicy{Min: 30 * time.Second}, 0, Session{30 * time.Second, true}},
		{"Session-Expires: 0", SessionPolicy{}, 600 * time.Second, Session{}},
		{"Session-Expires: 4294967295", SessionPolicy{}, 0, Session{4294967295 * time.Second, true}},
		{"Session-Expires: 99999999999999999999", SessionPolicy{}, 0, Session{4294967295 * time.Second, true}},
		{"Session-Expires: soon", SessionPolicy{}, 0, Session{}},
		{"Session-Expires: 600", SessionPolicy{Refuse: true}, 600 * time.Second, Session{}},
	} {
		got := c.policy.Settle(okWith(t, c.header), c.asked)
		if got != c.want {
			t.Errorf("%q with %+v: %+v, want %+v", c.header, c.policy, got, c.want)
		}
		if got.Interval != 0 && (got.Refresh() <= 0 || got.Deadline() <= got.Refresh()) {
			t.Errorf("%q: refreshed after %v, given up after %v", c.header, got.Refresh(), got.Deadline())
		}
	}
}

// Both sides of one call must agree on who refreshes, whatever either asks for.
func TestBothSidesAgree(t *testing.T) {
	for _, asked := range []string{"", "Session-Expires: 600", "Session-Expires: 600;refresher=uac", "Session-Expires: 600;refresher=uas"} {
		for _, byUAC := range []bool{false, true} {
			answerer := SessionPolicy{Originate: true, Expires: 900 * time.Second, Min: 90 * time.Second, ByUAC: byUAC}
			text := invite
			if asked != "" {
				text += asked + "\n"
			}
			theirs, tooSmall := answerer.Answer(parse(t, text))
			if tooSmall {
				t.Fatalf("%q is too small", asked)
			}
			header := "Session-Expires: 600;refresher=" + theirs.Refresher(true)
			ours := SessionPolicy{}.Settle(okWith(t, header), 600*time.Second)
			if ours.We == theirs.We {
				t.Errorf("%q, by the caller %v: both or none refresh: %+v %+v", asked, byUAC, ours, theirs)
			}
		}
	}
}
