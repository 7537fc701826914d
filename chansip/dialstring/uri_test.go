package dialstring

import (
	"testing"

	"obelus/chansip/sipconf"
)

// TestURI has a call go where it is to go, with what is said of it.
func TestURI(t *testing.T) {
	plain, phone := &sipconf.Peer{Common: new(sipconf.Common)}, &sipconf.Peer{Common: &sipconf.Common{UserEqPhone: true}}
	for _, c := range []struct {
		p                 *sipconf.Peer
		way, number, want string
	}{
		{plain, "sip:me@10.0.0.1:5070", "", "sip:me@10.0.0.1:5070"},
		{plain, "sip:me@10.0.0.1:5070", "+49 1", "sip:+49%201@10.0.0.1:5070"},
		{plain, "sip:10.0.0.1", "100", "sip:100@10.0.0.1"},
		{phone, "sip:10.0.0.1;transport=tcp", "100", "sip:100@10.0.0.1;transport=tcp;user=phone"},
		{phone, "sip:100@10.0.0.1;user=phone", "", "sip:100@10.0.0.1;user=phone"},
		{phone, "sip:anna@10.0.0.1", "", "sip:anna@10.0.0.1"},
		{phone, "tel:1", "", "tel:1"},
	} {
		if got := URI(c.p, c.way, c.number); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.way, c.number, got, c.want)
		}
	}
	for said, want := range map[string]string{"": "<sip:1@x>", "2": "<sip:2@x>", "2@y": "<sip:2@y>"} {
		if got := To(said, "sip:1@x"); got != want {
			t.Errorf("To %q is %s, want %s", said, got, want)
		}
	}
}

// TestAccount has a dial string change a copy of the account, and nothing without need.
func TestAccount(t *testing.T) {
	p := &sipconf.Peer{Name: "trunk", Secret: "theirs", Username: "us", Common: &sipconf.Common{FromUser: "4930", RemoteSecret: "r"}}
	for _, c := range []struct{ dial, user, secret, md5, from, domain string }{
		{"1@trunk", "us", "theirs", "", "4930", ""},
		{"1:s@trunk", "1", "s", "", "4930", ""},
		{"1::h:boss@trunk", "boss", "", "h", "4930", ""},
		{"trunk/1!2!3@d", "us", "theirs", "", "3", "d"},
	} {
		d := Parse(c.dial)
		got := d.Account(p)
		if got.Username != c.user || got.Secret != c.secret || got.MD5Secret != c.md5 || got.FromUser != c.from || got.FromDomain != c.domain {
			t.Errorf("%s: %+v %+v", c.dial, got, got.Common)
		}
	}
	if p.Secret != "theirs" || p.FromUser != "4930" || p.RemoteSecret != "r" {
		t.Error("the account itself was changed")
	}
}
