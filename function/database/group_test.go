package database

import (
	"testing"

	"obelus/call"
	"obelus/function/functiontest"
)

func TestBlacklist(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(shelf{"blacklist/100": "1", "blacklist/Pest": "1"}))
	for _, c := range []struct {
		caller call.Party
		want   string
	}{{call.Party{}, "0"}, {call.Party{Number: "100"}, "1"}, {call.Party{Number: "1", Name: "Pest"}, "1"}, {call.Party{Number: "1"}, "0"}} {
		x.Channel().ChangeIdentity(func(id *call.Identity) { id.Caller = c.caller })
		functiontest.Cases{{"${BLACKLIST()}", c.want, ""}}.Run(t, x, w)
	}
}

func TestDialGroup(t *testing.T) {
	db := newShelf()
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(db))
	functiontest.Must(t, x, "DIALGROUP(a)=SIP/1&SIP/2&SIP/1", "DIALGROUP(a,add)=SIP/3", "DIALGROUP(a,add)=SIP/2", "DIALGROUP(a,del)=SIP/1")
	functiontest.Cases{{"${DIALGROUP(a)}|${DIALGROUP(none)}|${DB(dialgroup/a)}", "SIP/2&SIP/3||SIP/2&SIP/3", ""}}.Run(t, x, w)
	for bad, want := range map[string]string{"DIALGROUP()": "DIALGROUP requires the name of a group: DIALGROUP(<group>[,<op>])", "DIALGROUP(a,swap)": "Unrecognized operation to DIALGROUP: swap"} {
		if err := x.Assign(bad, "SIP/1"); err == nil || err.Error() != want {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if err := x.Assign("DIALGROUP(a,add)", "1001"); err == nil || err.Error() != "'1001' is no interface: Technology/Resource" {
		t.Errorf("%v", err)
	}
	functiontest.Must(t, x, "DIALGROUP(a)=")
	if len(db) != 0 {
		t.Errorf("left: %v", db)
	}
}
