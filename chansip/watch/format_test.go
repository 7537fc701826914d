package watch

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"obelus/chansip/sipconf"
	"obelus/device"
	"obelus/sip"
	"obelus/sip/dialog"
)

func request(t testing.TB, headers string) *sip.Message {
	t.Helper()
	m, err := sip.Parse([]byte(strings.ReplaceAll("SUBSCRIBE sip:8@house SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\nFrom: <sip:1@house>;tag=1\nTo: <sip:8@house>\nCall-ID: c\nCSeq: 1 SUBSCRIBE\n"+
		headers+"\n", "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFormatOf(t *testing.T) {
	for _, c := range []struct {
		event, headers string
		want           *format
		why            string
	}{
		{"presence", "Accept: application/pidf+xml\n", pidf, ""},
		{"presence", "Accept: application/pidf+xml\nUser-Agent: PolycomSoundPoint\n", xpidf, ""},
		{"presence", "Accept: application/xpidf+xml, application/cpim-pidf+xml\n", cpimPIDF, ""},
		{"presence", "Accept: application/xpidf+xml;q=0.2\n", xpidf, ""},
		{"dialog", "Accept: application/xpidf+xml\nAccept: Application/Dialog-Info+xml\n", dialogInfo, ""},
		{"presence", "Accept: application/dialog-info+xml\n", dialogInfo, ""},
		{"presence", "", pidf, ""},
		{"DIALOG", "", dialogInfo, ""},
		{"dialog", "Accept: text/xml\n", nil, "Bad Event (format text/xml)"},
		{"dialog", "Accept: application/pidf\n", nil, "Bad Event (format application/pidf)"},
	} {
		if got, why := formatOf(request(t, c.headers), c.event); got != c.want || why != c.why {
			t.Errorf("%s %q: %v %q", c.event, c.headers, got, why)
		}
	}
}

// wellFormed fails the test unless a body is XML.
func wellFormed(t *testing.T, body []byte) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(body)))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, body)
		}
	}
}

func lampOf(from, to, callID, exten string, state device.Extension) *subscription {
	return &subscription{
		exten: exten, context: "c", dlg: &dialog.Dialog{ID: dialog.ID{CallID: callID, Local: "as1", Remote: "2"}, Local: to, Remote: from},
		latest: device.Status{Exten: exten, State: state, Presence: device.Presence{State: device.PresenceAway, Subtype: exten, Message: from}},
	}
}

// FuzzBodies writes what a phone's SUBSCRIBE and the dialplan say into every form: what comes
// out is XML (security class 10).
func FuzzBodies(f *testing.F) {
	f.Add(`"A & <B>" <sip:1@house;x="y">`, "<sip:8@house>", "c", "8", 8)
	f.Add("sip:1@house", "\"\x00\x1b[1m\" <sip:'8'@h>", "a\"b", "<8>&\xff\xfe", 16)
	f.Add("", "]]>", "--", "\ufffe\uffff", -2)
	set := &sipconf.Settings{}
	f.Fuzz(func(t *testing.T, from, to, callID, exten string, state int) {
		s := lampOf(from, to, callID, exten, device.Extension(state))
		for _, form := range []*format{pidf, xpidf, dialogInfo} {
			wellFormed(t, form.write(s, set))
		}
	})
}

func TestLost(t *testing.T) {
	for status, want := range map[int]bool{200: false, 302: false, 403: false, 404: true, 408: true, 481: true, 489: true, 491: false, 500: false, 503: false, 604: true} {
		if lost(status) != want {
			t.Errorf("%d: %v", status, !want)
		}
	}
}

func TestShown(t *testing.T) {
	const both = device.ExtensionRinging | device.ExtensionInUse
	for _, c := range []struct {
		state device.Extension
		n     sipconf.NotifyRinging
		want  device.Extension
	}{
		{both, sipconf.RingingShown, both}, {both, sipconf.RingingNotInUse, device.ExtensionInUse}, {both, sipconf.RingingHidden, device.ExtensionInUse},
		{device.ExtensionRinging, sipconf.RingingNotInUse, device.ExtensionRinging}, {device.ExtensionRinging, sipconf.RingingHidden, device.ExtensionIdle},
		{device.ExtensionHold, sipconf.RingingHidden, device.ExtensionHold}, {device.ExtensionRemoved, sipconf.RingingHidden, device.ExtensionRemoved},
	} {
		if got := shown(c.state, c.n); got != c.want {
			t.Errorf("%v, %v: %v", c.state, c.n, got)
		}
	}
}

func TestMailboxes(t *testing.T) {
	for in, want := range map[string][2]string{"1": {"1", "default"}, "1@": {"1", "default"}, "1@office": {"1", "office"}} {
		if box, context := cutMailbox(in); box != want[0] || context != want[1] {
			t.Errorf("%s: %s, %s", in, box, context)
		}
	}
}
