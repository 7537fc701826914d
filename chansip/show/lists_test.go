package show

import (
	"strings"
	"testing"
	"time"

	"obelus/chansip/sipconf"
	"obelus/conf"
)

// settings reads a sip.conf.
func settings(t *testing.T, text string) *sipconf.Settings {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("sip.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	set, _ := sipconf.ReadSettings(f, nil, "obelus test")
	return set
}

// squeezed are the lines of a text, with one blank for many.
func squeezed(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		out = append(out, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(out, "\n")
}

const shown = `[general]
domain=example.org
domain=example.com,shop
autodomain=yes
externaddr=203.0.113.7
localnet=10.0.0.0/8
[1001]
type=friend
host=dynamic
secret=geheim
accountcode=acc
context=my
call-limit=2
[trunk]
type=peer
host=10.0.0.9
deny=0.0.0.0/0
outboundproxy=proxy.example:5070,force
fromdomain=provider.example
fromuser=4930
auth=me:secret@there
setvar=A=1
setvar=B=2
amaflags=billing
callingpres=prohib_passed_screen
regexten=100
use_q850_reason=yes
sendrpid=pai
trust_id_outbound=no
supportpath=yes
busylevel=1
[user]
type=user
context=my
`

// TestLists prints users, domains and calls in use.
func TestLists(t *testing.T) {
	set := settings(t, shown)
	var b strings.Builder
	Users(&b, set)
	if want := "Username Secret Accountcode Def.Context ACL Forcerport\n1001 <Set> acc my No Auto (No)\nuser my No Auto (No)"; squeezed(b.String()) != want {
		t.Errorf("users:\n%s", b.String())
	}
	b.Reset()
	Domains(&b, &set.General)
	if want := "Our local SIP domains: Context Set by\nexample.org (default) [Configured]\nexample.com shop [Configured]\n203.0.113.7 (default) [Automatic]\n"; squeezed(b.String()) != want {
		t.Errorf("domains:\n%s", squeezed(b.String()))
	}
	b.Reset()
	Domains(&b, &settings(t, "").General)
	if b.String() != "SIP Domain support not enabled.\n\n" {
		t.Errorf("no domains:\n%s", b.String())
	}
	b.Reset()
	calls := func(string) (int, int, int) { return 2, 1, 0 }
	InUse(&b, set, false, calls)
	if want := "* Peer name In use Limit\n1001 2/1/0 2"; squeezed(b.String()) != want {
		t.Errorf("in use:\n%s", b.String())
	}
	b.Reset()
	InUse(&b, set, true, calls)
	if want := "* Peer name In use Limit\n1001 2/1/0 2\ntrunk 2/1/0 N/A\nuser 2/1/0 N/A"; squeezed(b.String()) != want {
		t.Errorf("all in use:\n%s", b.String())
	}
}

// TestPeerOptions has sip show peer say what sip.conf says.
func TestPeerOptions(t *testing.T) {
	set := settings(t, shown)
	var b strings.Builder
	Peer(&b, Account{Peer: set.Peer("trunk"), Status: []Status{{Text: "Unmonitored"}}}, time.Time{})
	for _, want := range []string{
		"  Realm-auth   : Realm there           User me         <Secret set>\n",
		"  AMA flags    : BILLING\n", "  CallingPres  : Presentation Prohibited, Passed Screen\n",
		"  FromUser     : 4930\n", "  FromDomain   : provider.example Port 5060\n",
		"  Busy level   : 1\n", "  ACL          : Yes\n", "  Send RPID    : pai\n", "  Path support : Yes\n", "  TrustIDOutbnd: No\n",
		"  Outb. proxy  : proxy.example:5070 (forced)\n", "  Reg. exten   : 100\n", "  Variables    : \n                 A = 1\n                 B = 2\n",
		"  Use Reason   : Yes\n", "  ToHost       : 10.0.0.9\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	b.Reset()
	Peer(&b, Account{Peer: set.Peer("1001"), Status: []Status{{Text: "Unmonitored"}}}, time.Time{})
	for _, none := range []string{"FromUser", "FromDomain", "Outb. proxy", "Reg. exten", "Variables", "Realm-auth", "Busy level"} {
		if strings.Contains(b.String(), none) {
			t.Errorf("%s is shown, and is not set:\n%s", none, b.String())
		}
	}
	if !strings.Contains(b.String(), "  Accountcode  : acc\n") {
		t.Errorf("shown is\n%s", b.String())
	}
}
