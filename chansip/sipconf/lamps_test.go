package sipconf

import (
	"strings"
	"testing"
	"time"

	"obelus/conf"
)

func TestLampSettings(t *testing.T) {
	const text = `[general]
notifyringing=notinuse
notifyhold=yes
notifycid=ignore-context
subminexpiry=30
submaxexpiry=7200
callcounter=yes
subscribecontext=lamps
vmexten=*97
mwi_from=voice
notifymimetype=text/x-mwi
[a]
type=friend
mailbox=1@office, 2
[b]
type=friend
hasvoicemail=yes
callcounter=no
subscribemwi=yes
buggymwi=yes
vmexten=98
allowsubscribe=no
[c]
type=friend
mailbox=7
hasvoicemail=yes
`
	f, _, err := new(conf.Loader).Parse("sip.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	set, found := ReadSettings(f, nil, "test")
	for _, d := range found {
		if d.Severity > conf.Note {
			t.Errorf("found: %s", d)
		}
	}
	want := Lamps{RingingNotInUse, true, CIDIgnoreContext, 30 * time.Second, 2 * time.Hour, "voice", "text/x-mwi"}
	if set.General.Lamps != want {
		t.Errorf("%+v", set.General.Lamps)
	}
	a, b, c := set.Peer("a"), set.Peer("b"), set.Peer("c")
	if strings.Join(a.Mailboxes, "|") != "1@office|2" || !a.CallCounter || a.SubscribeContext != "lamps" || a.VMExten != "*97" || !a.AllowSubscribe || a.SubscribeMWI {
		t.Errorf("a: %+v", a)
	}
	if strings.Join(b.Mailboxes, "|") != "b" || b.CallCounter || b.VMExten != "98" || b.AllowSubscribe || !b.SubscribeMWI || !b.BuggyMWI {
		t.Errorf("b: %+v", b)
	}
	if strings.Join(c.Mailboxes, "|") != "7" {
		t.Errorf("c: %v", c.Mailboxes)
	}
	for line, says := range map[string]string{"notifyringing=perhaps": "notifyringing", "notifycid=x": "notifycid", "notifymimetype=x": "no type", "subminexpiry=x": "subminexpiry"} {
		f, _, err := new(conf.Loader).Parse("sip.conf", []byte("[general]\n"+line+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		set, found := ReadSettings(f, nil, "test")
		if len(found) == 0 || !strings.Contains(found[0].String(), says) {
			t.Errorf("%s: %v", line, found)
		}
		if set.General.Lamps.MWIType != "application/simple-message-summary" || set.General.Lamps.MinExpiry != time.Minute {
			t.Errorf("%s: %+v", line, set.General.Lamps)
		}
	}
}
