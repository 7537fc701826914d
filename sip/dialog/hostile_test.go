package dialog

import (
	"errors"
	"strings"
	"testing"

	"obelus/sip"
)

// What a dialog can't do without is missed with an error, never a panic (security
// class 7).
func TestAcceptHalfMessages(t *testing.T) {
	for _, missing := range []string{"From", "To", "CSeq"} {
		var lines []string
		for line := range strings.Lines(invite) {
			if !strings.HasPrefix(line, missing+":") {
				lines = append(lines, line)
			}
		}
		if _, err := Accept(parse(t, strings.Join(lines, "")), "ours"); !errors.Is(err, sip.ErrMissing) || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
	noContact := strings.Replace(invite, "Contact: <sip:1001@192.0.2.1:5070;transport=udp>;expires=60\n", "", 1)
	if d, err := Accept(parse(t, noContact), "ours"); err != nil || d.Target != "" {
		t.Errorf("without Contact: %+v %v", d, err)
	}
	noTag := strings.Replace(invite, ";tag=theirs", "", 1)
	if d, err := Accept(parse(t, noTag), "ours"); err != nil || d.ID.Remote != "" { // a phone of RFC 2543
		t.Errorf("without a tag: %+v %v", d, err)
	}
}

// A request belongs to a dialog by all three parts of its name (security class 16).
func TestAllThreePartsCount(t *testing.T) {
	d, err := Accept(parse(t, invite), "ours")
	if err != nil {
		t.Fatal(err)
	}
	table := map[ID]*Dialog{d.ID: d}
	for _, id := range []ID{{"c1", "ours", "other"}, {"c1", "other", "theirs"}, {"c2", "ours", "theirs"}, {"c1", "theirs", "ours"}, {"c1", "", ""}} {
		if table[id] != nil {
			t.Errorf("%+v finds the dialog", id)
		}
	}
	if table[ID{"c1", "ours", "theirs"}] != d {
		t.Error("its own name does not find it")
	}
}

// The target moves with each Contact that may move it, and with nothing else.
func TestRefresh(t *testing.T) {
	d := Begin("c", "l", "<sip:a@x>", "<sip:b@y>", "sip:b@first")
	for _, c := range []struct{ contact, want string }{
		{"Contact: <sip:b@second:5080>", "sip:b@second:5080"},
		{"Subject: no contact", "sip:b@second:5080"},
		{"Contact: *", "sip:b@second:5080"},
		{"Contact: <>", "sip:b@second:5080"},
		{"m: sip:b@third", "sip:b@third"},
	} {
		d.Refresh(okWith(t, c.contact))
		if d.Target != c.want {
			t.Errorf("after %q it is %s, want %s", c.contact, d.Target, c.want)
		}
	}
}

func TestNextHop(t *testing.T) {
	for _, c := range []struct {
		routes    []string
		hop, line string
		left      int
	}{
		{nil, "sip:b@phone", "sip:b@phone", 0},
		{[]string{"<sip:p1;lr>", "<sip:p2;lr>"}, "sip:p1;lr", "sip:b@phone", 2},
		{[]string{"<sip:strict>"}, "sip:strict", "sip:strict", 1},
		{[]string{"\"<", "<sip:p2;lr>"}, "sip:b@phone", "sip:b@phone", 2},
		{[]string{"<tel:1;lr>"}, "tel:1;lr", "sip:b@phone", 1},
	} {
		d := Begin("c", "l", "<sip:a@x>", "<sip:b@y>", "sip:b@phone")
		d.Routes = c.routes
		line, routes := d.RequestURI()
		if d.NextHop() != c.hop || line != c.line || len(routes) != c.left {
			t.Errorf("%q: hop %s, first line %s, %d routes", c.routes, d.NextHop(), line, len(routes))
		}
	}
}

func TestSequence(t *testing.T) {
	d := Begin("c", "l", "<sip:a@x>", "<sip:b@y>", "sip:b@phone")
	if d.Next() != firstSeq || d.LocalSeq() != firstSeq {
		t.Error("our first number")
	}
	// The other side's first request may have any number, 0 too (RFC 3261 section 12.2.2).
	for _, c := range []struct {
		seq uint32
		ok  bool
	}{{0, true}, {0, false}, {5, true}, {4, false}, {5, false}, {1 << 31, true}, {6, false}, {1<<32 - 1, true}, {1<<32 - 1, false}} {
		if got := d.InOrder(c.seq); got != c.ok {
			t.Errorf("%d after %d: %v", c.seq, d.RemoteSeq(), got)
		}
	}
}

// FuzzDialog takes dialogs through whatever the other side sends: no panic, the name
// stays, and what we send next can be read back.
func FuzzDialog(f *testing.F) {
	crlf := func(s string) []byte {
		return []byte(strings.ReplaceAll(strings.TrimLeft(s, "\n"), "\n", "\r\n") + "\r\n")
	}
	f.Add(crlf(invite))
	f.Add(crlf(strings.Replace(invite, "Supported: timer", "Session-Expires: 1;refresher=x\nMin-SE: 9999999999", 1)))
	f.Add(crlf("SIP/2.0 200 OK\nRecord-Route: <sip:p;lr>,,<sip:q\nFrom: a;tag=1\nTo: \"x;tag=y\" <b>;tag=2;tag=3\nCall-ID: c\nCSeq: 1 INVITE\nContact: *\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := sip.Parse(data)
		if err != nil {
			return
		}
		SessionPolicy{}.Settle(m, 0)
		if s, _ := (SessionPolicy{Originate: true}).Answer(m); s.Interval < 0 {
			t.Errorf("a session of %v", s.Interval)
		}
		half := Begin("c", "ours", "<sip:a@x>", "<sip:b@y>", "sip:b@phone")
		dialogs := []*Dialog{half}
		if d, err := half.Answered(m); err == nil {
			dialogs = append(dialogs, d)
		}
		if d, err := Accept(m, "ours"); err == nil {
			dialogs = append(dialogs, d)
		}
		for _, d := range dialogs {
			name := d.ID
			d.Refresh(m)
			d.Confirm(m)
			if d.ID != name {
				t.Errorf("the name changed from %+v to %+v", name, d.ID)
			}
			sendable(t, d)
		}
	})
}

// sendable checks that a request of the dialog can be read back.
func sendable(t *testing.T, d *Dialog) {
	t.Helper()
	uri, routes := d.RequestURI()
	from, to := d.Names()
	var b sip.Builder
	b.Request(sip.BYE, uri)
	for _, r := range routes {
		b.Add(sip.HeaderRoute, r)
	}
	b.Add(sip.HeaderFrom, from)
	b.Add(sip.HeaderTo, to)
	b.Add(sip.HeaderCallID, d.CallID)
	b.CSeq(d.Next(), sip.BYE)
	m, err := sip.Parse(b.End("", nil))
	if err != nil {
		if d.Target != "" && len(uri) < 4000 {
			t.Errorf("a request of the dialog can't be read: %v", err)
		}
		return
	}
	if m.Method() != sip.BYE {
		t.Errorf("the BYE reads as %s", m.Method())
	}
}
