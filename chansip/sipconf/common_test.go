package sipconf

import (
	"reflect"
	"strings"
	"testing"

	"obelus/acl"
)

// TestOptionsTellWhatTheySet: what is shared is all that an option sets, or nothing
// of what it sets; otherwise an account would miss a line of its own, or be given
// one of another's.
func TestOptionsTellWhatTheySet(t *testing.T) {
	values := []string{"yes", "no", "1", "60", "300", "5070", "10.0.0.1", "ulaw", "alaw:30", "all", "x", "a=b", `"A" <1>`, "dynamic", "udp,tcp", "rfc2833", "pai", "never",
		"force_rport,comedia", "port,invite", "accept", "uac", "billing", "prohib", "nonat", "always", "fec", ""}
	all := 0
	for name, o := range options(acl.Named{}) {
		if o.account == nil {
			continue
		}
		all++
		for _, v := range values {
			before := defaults("obelus").Default
			before.CallerID.Name = "before"
			after := before.Clone()
			_ = o.account(&after, v)
			common, own := before.Common, after.Common
			before.Common, after.Common = nil, nil
			switch sets := !reflect.DeepEqual(before, after); {
			case o.common() && sets:
				t.Errorf("%s=%s sets something of one account, and is shared", name, v)
			case !o.common() && !reflect.DeepEqual(common, own):
				t.Errorf("%s=%s sets something that is shared, and is taken for an account's own", name, v)
			}
		}
	}
	if all < 80 {
		t.Errorf("%d options of accounts", all)
	}
}

// TestCommonIsShared has accounts that say the same share it, whether they say it
// themselves or by a template, and nobody change that of another.
func TestCommonIsShared(t *testing.T) {
	set, found := read(t, `
[general]
context=in
[phone](!)
type=friend
host=dynamic
disallow=all
allow=ulaw
[1001](phone)
secret=a
callerid="Anna" <1001>
setvar=x=1
[1002](phone)
secret=b
[1003]
secret=c
type=peer
host=192.0.2.3
disallow=all
allow=ulaw
[1004](phone)
allow=alaw
[1002](+)
type=friend
qualify=yes
allow=gsm
[1005](phone)
[odd](phone)
timert1=1
[odd2](phone)
timert1=1
[1006](phone)
context=other
`)
	at := func(name string) *Peer { return set.Peer(name) }
	if at("1001").Common != at("1003").Common || at("1001").Common != at("1005").Common {
		t.Error("accounts that say the same do not share it")
	}
	for _, name := range []string{"1002", "1004", "1006", "odd"} {
		if at(name).Common == at("1001").Common {
			t.Errorf("%s shares what it does not say", name)
		}
	}
	if at("odd").Common != at("odd2").Common || at("odd").T1.Milliseconds() != 100 {
		t.Error("lines that are warned of are not shared")
	}
	told := 0
	for _, d := range found {
		if strings.Contains(d, "] is below t1min") {
			told++
		}
	}
	p := at("1001")
	if told != 2 || p.Secret != "a" || p.CallerID.Name != "Anna" || len(p.Vars) != 1 || len(at("1005").Vars) != 0 || at("1005").Secret != "" || !at("1005").Dynamic ||
		p.Context != "in" || len(p.Formats) != 1 || p.Qualify != 0 || at("1002").Qualify == 0 || len(at("1002").Formats) != 2 || at("1006").Context != "other" {
		t.Errorf("told %d, %+v", told, found)
	}
}
