package sipconf

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestLint names what is dangerous, where it stands, and nothing else.
func TestLint(t *testing.T) {
	const safe = "[general]\nallowguest=no\n"
	const good = "secret=correct-horse-battery\n"
	for _, c := range []struct{ name, text, want string }{
		{"nothing", safe, ""},
		{"good", safe + "[a]\ntype=friend\nhost=dynamic\n" + good, ""},
		{"hash", safe + "[a]\ntype=friend\nhost=dynamic\nmd5secret=0123456789abcdef\n", ""},
		{"guests", "[general]\ncontext=in\n", "sip.conf:2: note: anybody may call and text into context 'in' without an account"},
		{"guests by default", "[a]\ntype=peer\nhost=10.0.0.1\n", "sip.conf: note: anybody may call and text into context 'default'"},
		{"guests asked for", "[general]\ncontext=in\nallowguest=yes\n", "sip.conf:3: note: anybody may call and text into context 'in'"},
		{"autocreate", safe + "autocreatepeer=yes\n", "sip.conf:3: warning: autocreatepeer: anybody may register"},
		{"telling", safe + "alwaysauthreject=no\n", "sip.conf:3: warning: alwaysauthreject=no"},
		{"no secret", safe + "[a]\ntype=friend\nhost=dynamic\n", "sip.conf:3: warning: account 'a' has no secret: anybody may register and call as it"},
		{"no secret, known networks", safe + "[a]\ntype=friend\nhost=dynamic\npermit=10.0.0.0/8\n", "sip.conf:3: note: account 'a' has no secret"},
		{"user without secret", safe + "[a]\ntype=user\n", "sip.conf:3: warning: account 'a' has no secret: anybody who puts that name in From"},
		{"friend of fixed host", safe + "[a]\ntype=friend\nhost=10.0.0.1\n", "sip.conf:3: warning: account 'a' has no secret: anybody who puts that name in From"},
		{"peer of fixed host", safe + "[a]\ntype=peer\nhost=10.0.0.1\ninsecure=invite\n", ""},
		{"insecure", safe + "[a]\ntype=friend\nhost=dynamic\ninsecure=invite\n" + good, "sip.conf:3: warning: account 'a' has insecure=invite and no fixed host"},
		{"weak", safe + "[a]\ntype=friend\nhost=dynamic\nsecret=1234\n", "sip.conf:3: warning: account 'a' has a weak secret"},
		{"nat", safe + "[a]\ntype=friend\nhost=dynamic\nnat=force_rport\n" + good, "sip.conf:3: note: nat= of account 'a' differs from that of [general]"},
		{"nat of all", safe + "nat=force_rport\n[a]\ntype=friend\nhost=dynamic\n" + good, ""},
		{"externip alone", safe + "externip=192.0.2.1\n", "sip.conf:3: warning: externip has no effect without localnet"},
		{"stunaddr alone", safe + "stunaddr=stun.example\n", "sip.conf:3: warning: stunaddr has no effect without localnet"},
		{"externip and localnet", safe + "externip=192.0.2.1\nlocalnet=10.0.0.0/8\n", ""},
		{"old way", safe + "nat=yes\n", "sip.conf:3: note: nat=yes: this is the old way to write nat=force_rport,comedia (it works; write nat=force_rport,comedia)"},
	} {
		set, _ := read(t, c.text)
		got := set.Lint()
		switch {
		case c.want == "" && len(got) != 0:
			t.Errorf("%s: got %v", c.name, got)
		case c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0].String(), c.want) || got[0].Hint == ""):
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

func TestWeak(t *testing.T) {
	for secret, want := range map[string]bool{
		"1001": true, "1234": true, "12345678": true, "secret": true, "Password": true, "anna": true, "anna1": true, "ANNA12": true, "abc12": true,
		"aaaaaaaaaaaa": true, "changeme": true,
		"482915036174": false, "annas-blue-bicycle": false, "Zq81kk2w": false, "correct-horse": false,
	} {
		if got := weak(secret, "anna"); got != want {
			t.Errorf("%s: weak is %v", secret, got)
		}
	}
}

// TestTellingNAT has one finding for however many accounts.
func TestTellingNAT(t *testing.T) {
	text := "[general]\nallowguest=no\n"
	for i := range 20 {
		text += fmt.Sprintf("[%d]\ntype=friend\nhost=dynamic\nsecret=Zq81kk2w%dq\nnat=force_rport,comedia\n", i, i)
	}
	set, found := read(t, text)
	if len(found) != 0 {
		t.Errorf("found %q", found)
	}
	var got []string
	for _, d := range set.Lint() {
		got = append(got, d.Message)
	}
	if !slices.Equal(got, []string{"nat= of account '0' and 19 more differs from that of [general]: answers to them go to another port than answers to strangers, which tells what names there are"}) {
		t.Errorf("got %q", got)
	}
}
