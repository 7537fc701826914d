package identity

import (
	"strings"
	"testing"

	"obelus/call"
	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/sip"
)

// message is a request, or an answer, with these headers.
func message(t testing.TB, answer bool, headers ...string) *sip.Message {
	t.Helper()
	first := "INVITE sip:100@10.99.0.1 SIP/2.0"
	if answer {
		first = "SIP/2.0 200 OK"
	}
	text := first + "\nVia: SIP/2.0/UDP 10.99.0.2;branch=z9hG4bK1\nTo: <sip:100@10.99.0.1>;tag=b\nCall-ID: a\nCSeq: 1 INVITE\n" + strings.Join(headers, "\n") + "\nContent-Length: 0\n\n"
	m, err := sip.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// settings reads a sip.conf.
func settings(t testing.TB, text string) *sipconf.Settings {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("sip.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	set, _ := sipconf.ReadSettings(f, nil, "obelus test")
	return set
}

// TestAsserted reads who a message says it is from.
func TestAsserted(t *testing.T) {
	for _, c := range []struct {
		name    string
		answer  bool
		headers []string
		want    call.Party
		ok      bool
	}{
		{"nothing", false, nil, call.Party{}, false},
		{"asserted", false, []string{`P-Asserted-Identity: "Anna" <sip:4930123@provider.example>`}, call.Party{Name: "Anna", Number: "4930123"}, true},
		{"tel", false, []string{`P-Asserted-Identity: <tel:+4930123>`}, call.Party{Number: "+4930123"}, true},
		{"two", false, []string{`P-Asserted-Identity: <sip:provider.example>, "B" <tel:+49>`}, call.Party{Name: "B", Number: "+49"}, true},
		{"private", false, []string{`P-Asserted-Identity: <sip:1@x>`, "Privacy: critical; id"}, call.Party{Number: "1", NumPres: 0x20, NamePres: 0x20}, true},
		{"not private", false, []string{`P-Asserted-Identity: <sip:1@x>`, "Privacy: none"}, call.Party{Number: "1"}, true},
		{"remote party", false, []string{`Remote-Party-ID: "A" <sip:7@x>;party=calling;screen=yes;privacy=off`}, call.Party{Name: "A", Number: "7", NumPres: 1, NamePres: 1}, true},
		{"remote party, hidden", false, []string{`Remote-Party-ID: <sip:7@x>;privacy=full;screen=no`}, call.Party{Number: "7", NumPres: 0x20, NamePres: 0x20}, true},
		{"another party", false, []string{`Remote-Party-ID: <sip:7@x>;party=called`, `Remote-Party-ID: <sip:8@x>;party=calling`}, call.Party{Number: "8"}, true},
		{"in an answer", true, []string{`Remote-Party-ID: <sip:7@x>;party=called`}, call.Party{Number: "7"}, true},
		{"asserted wins", false, []string{`Remote-Party-ID: <sip:7@x>`, `P-Asserted-Identity: <sip:8@x>`}, call.Party{Number: "8"}, true},
		{"broken", false, []string{`P-Asserted-Identity: "A <sip:7@x`, `Remote-Party-ID: <>`}, call.Party{}, false},
	} {
		got, ok := Asserted(message(t, c.answer, c.headers...))
		if got != c.want || ok != c.ok {
			t.Errorf("%s: %+v %v, want %+v %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

// TestCaller has callers known by what they say and by what their account says.
func TestCaller(t *testing.T) {
	const pai = `P-Asserted-Identity: "Trunk" <sip:99@x>`
	for _, c := range []struct {
		name, conf string
		headers    []string
		want       call.Party
	}{
		{"From", "", []string{`From: "Phone" <sip:1001@10.99.0.1>;tag=a`}, call.Party{Name: "Phone", Number: "1001"}},
		{"shrunk", "", []string{`From: <sip:555-1234@10.99.0.1>;tag=a`}, call.Party{Number: "5551234"}},
		{"callerid", "callerid=\"Anna\" <100>\n", []string{`From: <sip:1001@x>;tag=a`}, call.Party{Name: "Anna", Number: "100"}},
		{"callerid of a number", "callerid=100\n", []string{`From: "Phone" <sip:1001@x>;tag=a`}, call.Party{Name: "Phone", Number: "100"}},
		{"callingpres", "callingpres=prohib\n", []string{`From: <sip:1001@x>;tag=a`}, call.Party{Number: "1001", NumPres: 0x23, NamePres: 0x23}},
		{"not trusted", "callerid=100\n", []string{`From: <sip:1001@x>;tag=a`, pai}, call.Party{Number: "100"}},
		{"trusted", "callerid=100\ncid_tag=k\ntrustrpid=yes\n", []string{`From: <sip:1001@x>;tag=a`, pai}, call.Party{Name: "Trunk", Number: "99", Tag: "k"}},
		{"trusted, and no more than From", "callerid=100\ntrustrpid=yes\n", []string{`From: "Trunk" <sip:99@x>;tag=a`, pai}, call.Party{Name: "Trunk", Number: "100"}},
	} {
		set := settings(t, "[trunk]\ntype=peer\nhost=10.0.0.1\n"+c.conf)
		if got := Caller(message(t, false, c.headers...), &set.General, set.Peer("trunk")); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	set := settings(t, "[general]\nshrinkcallerid=no\nlegacy_useroption_parsing=yes\n[trunk]\ntype=peer\n")
	m := message(t, false, `From: <sip:555-1234;x=y@10.99.0.1>;tag=a`)
	if got := Caller(m, &set.General, set.Peer("trunk")); got.Number != "555-1234" {
		t.Errorf("not shrunk is %+v", got)
	}
}

// TestAssert writes who a call is from, as the account wants it told.
func TestAssert(t *testing.T) {
	shown := call.Party{Name: "Anna", Number: "100"}
	hidden := call.Party{Name: "Anna", Number: "100", NumPres: 0x23}
	const anna = `"Anna" <sip:100@here>`
	for _, c := range []struct {
		conf string
		p    call.Party
		want string
	}{
		{"", shown, ""},
		{"sendrpid=no", shown, ""},
		{"sendrpid=pai", call.Party{Name: "Anna"}, ""},
		{"sendrpid=pai", call.Party{Number: "1"}, `P-Asserted-Identity: "1" <sip:1@here>`},
		{"sendrpid=pai", shown, "P-Asserted-Identity: " + anna},
		{"sendrpid=yes", shown, "Remote-Party-ID: " + anna + ";party=calling;privacy=off;screen=no"},
		{"sendrpid=rpid", call.Party{Name: "Anna", Number: "100", NumPres: 1}, "Remote-Party-ID: " + anna + ";party=calling;privacy=off;screen=yes"},
		{"sendrpid=rpid", call.Party{Name: "Anna", Number: "100", NumPres: call.PresUnavailable}, `Remote-Party-ID: "Anna" <sip:100@anonymous.invalid>;party=calling`},
		{"sendrpid=pai", hidden, `P-Asserted-Identity: "Anonymous" <sip:anonymous@anonymous.invalid>`},
		{"sendrpid=pai\ntrust_id_outbound=no", hidden, ""},
		{"sendrpid=pai\ntrust_id_outbound=yes", hidden, "P-Asserted-Identity: " + anna + "\r\nPrivacy: id"},
		{"sendrpid=rpid", hidden, `Remote-Party-ID: "Anna" <sip:100@anonymous.invalid>;party=calling;privacy=full;screen=yes`},
		{"sendrpid=rpid\ntrust_id_outbound=yes", hidden, "Remote-Party-ID: " + anna + ";party=calling;privacy=full;screen=yes"},
		{"sendrpid=rpid", call.Party{Name: `Dr. "Q" \ Ü` + "\r\nVia: evil", Number: "1 0\r\n@x"}, `Remote-Party-ID: "Dr. \"Q\" \\ Ü  Via: evil" <sip:1%200%0D%0A%40x@here>;party=calling;privacy=off;screen=no`},
		{"sendrpid=rpid\ntrust_id_outbound=no", hidden, ""},
	} {
		set := settings(t, "[trunk]\ntype=peer\n"+c.conf+"\n")
		var b sip.Builder
		Assert(&b, set.Peer("trunk"), c.p, "here", Calling)
		if got := strings.TrimSuffix(string(b.Bytes()), "\r\n"); got != c.want {
			t.Errorf("%q for %+v:\n%s\nwant\n%s", c.conf, c.p, got, c.want)
		}
	}
}

// TestFrom writes From.
func TestFrom(t *testing.T) {
	for _, c := range []struct {
		conf string
		p    call.Party
		want string
	}{
		{"", call.Party{Name: "Anna", Number: "100"}, `"Anna" <sip:100@here>`},
		{"", call.Party{}, `<sip:asterisk@here>`},
		{"fromuser=49301", call.Party{Name: "Anna", Number: "100"}, `"Anna" <sip:49301@here>`},
		{"", call.Party{Name: "Anna", Number: "100", NumPres: 0x20}, `"Anonymous" <sip:Anonymous@anonymous.invalid>`},
		{"fromuser=49301", call.Party{Name: "Anna", Number: "100", NumPres: 0x20}, `"Anonymous" <sip:49301@anonymous.invalid>`},
		{"sendrpid=rpid", call.Party{Name: "Anna", Number: "100", NumPres: 0x20}, `"Anna" <sip:100@here>`},
	} {
		set := settings(t, "[trunk]\ntype=peer\n"+c.conf+"\n")
		p := set.Peer("trunk")
		got := From(p, c.p, "sip:"+User(&set.General, p, c.p)+"@here").String()
		if got != c.want {
			t.Errorf("%q for %+v: %s, want %s", c.conf, c.p, got, c.want)
		}
	}
}

// TestDiversion has a call that was sent on say by whom.
func TestDiversion(t *testing.T) {
	m := message(t, false, `Diversion: "Ben" <sip:102@b.example>;reason=user-busy, <sip:101@a.example>;reason=no-answer`)
	by, reason, domain, ok := Diverted(m)
	if !ok || by != (call.Party{Name: "Ben", Number: "102"}) || reason != "user-busy" || domain != "b.example" {
		t.Errorf("%+v %q %q %v", by, reason, domain, ok)
	}
	if _, _, _, ok := Diverted(message(t, false, "Diversion: nobody")); ok {
		t.Error("nobody has sent it on")
	}
	var b sip.Builder
	Divert(&b, by, Reason(reason), "here")
	Divert(&b, call.Party{}, "cfu", "here")
	Divert(&b, call.Party{Number: "1", NumPres: 0x20}, "", "here")
	if got := string(b.Bytes()); got != "Diversion: \"Ben\" <sip:102@here>;reason=user-busy\r\n" {
		t.Errorf("written is %q", got)
	}
}

// TestShrunk has numbers lose what only parts their digits, and names nothing.
func TestShrunk(t *testing.T) {
	for in, want := range map[string]string{
		"+1 (555) 12-34": "+15551234", "1001": "1001", "": "", "anna-b": "anna-b", "1.2.3": "123", "-": "-", "*72#": "*72#",
	} {
		if got := Shrunk(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// FuzzIdentity has no header bring a reader down.
func FuzzIdentity(f *testing.F) {
	for _, s := range []string{`"A" <sip:1@x>;party=calling;privacy=full`, `<tel:+1>, <sip:2@y>`, `"A`, `<>`, `;;=`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\r\n") {
			return
		}
		for _, name := range []string{"P-Asserted-Identity", "Remote-Party-ID", "Diversion"} {
			text := "INVITE sip:1@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:1@x>;tag=a\r\nTo: <sip:1@x>\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n" + name + ": " + s + "\r\n\r\n"
			m, err := sip.Parse([]byte(text))
			if err != nil {
				continue
			}
			if p, ok := Asserted(m); ok && p.Number == "" {
				t.Errorf("nobody is asserted by %q", s)
			}
			if p, _, _, ok := Diverted(m); ok && p.Number == "" {
				t.Errorf("nobody has diverted by %q", s)
			}
		}
	})
}
