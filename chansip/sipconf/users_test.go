package sipconf

import (
	"slices"
	"testing"

	"obelus/conf"
)

// TestUsers has the phones and registrations of users.conf beside those of sip.conf.
func TestUsers(t *testing.T) {
	const sip = "[general]\ncontext=public\n[1001]\ntype=friend\nhost=dynamic\nsecret=a\n"
	const users = `[general]
hassip=yes
hasvoicemail=no
callwaiting=yes
context=office
host=dynamic
[6000]
fullname=Anna
secret=s1
cid_number=6000
hasexten=yes
[6001]
hassip=no
[trunk]
hassip=no
registersip=yes
host=provider.example:5070
username=48221
secret=pw
contact=100
[broken]
hassip=no
registersip=yes
`
	f, _, err := new(conf.Loader).Parse("sip.conf", []byte(sip))
	if err != nil {
		t.Fatal(err)
	}
	u, _, err := new(conf.Loader).Parse("users.conf", []byte(users))
	if err != nil {
		t.Fatal(err)
	}
	set, problems := ReadAll(f, u, nil, "obelus test")
	if len(set.Peers) != 2 || set.Peer("6001") != nil {
		t.Errorf("%d accounts", len(set.Peers))
	}
	p := set.Peer("6000")
	if p == nil || p.Type != TypeFriend || !p.Dynamic || p.Context != "office" || p.CallerID.Name != "Anna" || p.CallerID.Number != "6000" || p.Secret != "s1" {
		t.Errorf("6000 is %+v", p)
	}
	if len(set.Registers) != 1 || set.Registers[0].User != "48221" || set.Registers[0].Host != "provider.example" || set.Registers[0].Port != 5070 || set.Registers[0].Exten != "100" {
		t.Errorf("registrations are %+v", set.Registers)
	}
	var found []string
	for _, d := range problems {
		found = append(found, d.String())
	}
	want := []string{
		"users.conf:7: warning: hasexten of '6000' makes no extension (write exten => 6000,1,Dial(SIP/6000) into extensions.conf)",
		"users.conf:21: warning: registersip of 'broken' can't be carried out (nothing is registered: it needs host= and username=)",
	}
	if !slices.Equal(found, want) {
		t.Errorf("found %q", found)
	}
}
