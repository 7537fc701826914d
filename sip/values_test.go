package sip

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCSeqAndRAck(t *testing.T) {
	for in, want := range map[string]CSeq{
		"1 INVITE": {1, INVITE}, "0009\tBYE": {9, BYE}, "4294967295  x": {4294967295, "x"},
	} {
		m := mustParse(t, request("CSeq: "+in))
		if got, err := m.CSeq(); got != want || err != nil {
			t.Errorf("%s: %v, %v", in, got, err)
		}
		m = mustParse(t, request("RAck: 7 "+in))
		if got, err := m.RAck(); got != (RAck{7, want}) || err != nil {
			t.Errorf("RAck 7 %s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "1", "INVITE", "-1 INVITE", "1 IN VITE", "4294967296 INVITE", "1INVITE", "1 ", "0x1 INVITE"} {
		m := mustParse(t, request("CSeq: "+in))
		if got, err := m.CSeq(); !errors.Is(err, ErrValue) && !errors.Is(err, ErrMissing) {
			t.Errorf("%s: %v, %v", in, got, err)
		}
		if got, err := mustParse(t, request("RAck: 1 "+in)).RAck(); !errors.Is(err, ErrValue) {
			t.Errorf("RAck 1 %s: %v, %v", in, got, err)
		}
	}
}

func TestNumber(t *testing.T) {
	tests := []struct {
		in   string
		want uint32
		ok   bool
	}{
		{"3600", 3600, true}, {"0", 0, true}, {"18 ;duration=3", 18, true}, {"120 (I'm in a meeting)", 120, true},
		{"99999999999", ^uint32(0), true}, {"", 0, false}, {"-1", 0, false}, {"1x", 0, false}, {"Sat, 01 Dec 2040 16:00:00 GMT", 0, false},
	}
	for _, test := range tests {
		if n, ok := mustParse(t, request("Expires: "+test.in)).Expires(); n != test.want || ok != test.ok {
			t.Errorf("%q: %d, %v", test.in, n, ok)
		}
	}
	if _, ok := mustParse(t, request("")).Expires(); ok {
		t.Error("a number from no header")
	}
}

func TestSessionExpires(t *testing.T) {
	tests := []struct {
		in   string
		want SessionExpires
		ok   bool
	}{
		{"Session-Expires: 1800;refresher=uac", SessionExpires{1800, "uac"}, true},
		{"x: 90 ; a=b; Refresher = UAS", SessionExpires{90, "uas"}, true},
		{"Session-Expires: 1800;refresher=me", SessionExpires{1800, ""}, true},
		{"Session-Expires: soon", SessionExpires{}, false},
	}
	for _, test := range tests {
		if got, ok := mustParse(t, request(test.in)).SessionExpires(); got != test.want || ok != test.ok {
			t.Errorf("%s: %v, %v", test.in, got, ok)
		}
	}
}

func TestValued(t *testing.T) {
	m := mustParse(t, request("o: message-summary ; id=7"))
	event := m.Valued(HeaderEvent)
	id, _ := event.Params.Get("ID")
	expect(t, event.Value, "message-summary", id, "7")
	m = mustParse(t, request("Reason: Q.850;cause=16;text=\"Normal; call \\\"clearing\\\"\""))
	text, _ := m.Valued(HeaderReason).Params.Get("text")
	expect(t, text, `Normal; call "clearing"`)
	m = mustParse(t, request("c: Application/SDP;charset=utf-8"))
	expect(t, m.ContentType(), "Application/SDP")
}

func TestLists(t *testing.T) {
	m := mustParse(t, request("Supported: replaces, 100rel ,\r\nk:,timer\r\nSupported:"))
	got := slices.Collect(m.List(HeaderSupported))
	if !slices.Equal(got, []string{"replaces", "100rel", "timer"}) {
		t.Errorf("%q", got)
	}
	expect(t, m.HasToken(HeaderSupported, "Timer"), true, m.HasToken(HeaderSupported, "time"), false, m.HasToken(HeaderRequire, "timer"), false)
	m = mustParse(t, request(`Contact: "Smith, J\", <x>" <sip:a,b@c>;q=1, <sip:d@e>;x="1,2", sip:f@g`))
	var names []string
	for a, err := range m.Contacts() {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, a.Display+"|"+a.Addr+"|"+string(a.Params))
	}
	want := []string{`Smith, J", <x>|sip:a,b@c|;q=1`, `|sip:d@e|;x="1,2"`, "|sip:f@g|"}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

func TestAuths(t *testing.T) {
	m := mustParse(t, request("Authorization: Digest username=\"a\\\"b\", realm=\"x, y\" ,nonce=abc , uri = \"sip:a;b=c\",,\r\nAuthorization: Basic Zm9v"))
	var digests, others int
	for a := range m.Auths(HeaderAuthorization) {
		if !a.IsDigest() {
			others++
			continue
		}
		digests++
		expect(t, a.Get("USERNAME"), `a"b`, a.Get("realm"), "x, y", a.Get("nonce"), "abc", a.Get("uri"), "sip:a;b=c", a.Get("opaque"), "")
	}
	expect(t, digests, 1, others, 1)
}

func TestVia(t *testing.T) {
	tests := []struct {
		in   string
		want Via
	}{
		{"SIP/2.0/UDP h", Via{"SIP", "2.0", "UDP", "h", 0, ""}},
		{"SIP / 2.0 / UDP first.example.com: 4000;ttl=16\t;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1",
			Via{"SIP", "2.0", "UDP", "first.example.com", 4000, ";ttl=16\t;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1"}},
		{"SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK1", Via{"SIP", "2.0", "WSS", "df7jal23ls0d.invalid", 0, ";branch=z9hG4bK1"}},
		{"SIP/2.0/TLS [2001:db8::9]:5061 ; rport", Via{"SIP", "2.0", "TLS", "2001:db8::9", 5061, "; rport"}},
	}
	for _, test := range tests {
		got, err := ParseVia(test.in)
		if err != nil || got != test.want {
			t.Errorf("%s: %+v, %v", test.in, got, err)
		}
		if again, err := ParseVia(string(got.Append(nil))); err != nil || again != got {
			t.Errorf("%s: printed %s: %+v, %v", test.in, got.Append(nil), again, err)
		}
	}
	v, _ := ParseVia(tests[1].in)
	expect(t, v.Branch(), "z9hG4bKa7c6a8dlze.1", v.MAddr(), "224.2.0.1")
	for in, want := range map[string]uint16{"x": 0, "rport": 0, "rport=5070": 5070, "rport=99999": 0} {
		v, _ := ParseVia("SIP/2.0/UDP h;" + in)
		if port, ok := v.RPort(); port != want || ok != strings.HasPrefix(in, "rport") {
			t.Errorf("%s: %d, %v", in, port, ok)
		}
	}
}

func TestNameAddr(t *testing.T) {
	tests := []struct {
		in   string
		want NameAddr
	}{
		{"sip:1001@10.99.0.1;tag=1", NameAddr{"", "sip:1001@10.99.0.1", ";tag=1", false}},
		{"<sip:a@b;lr>", NameAddr{"", "sip:a@b;lr", "", true}},
		{"Bob Smith <sip:a@b> ; tag=1", NameAddr{"Bob Smith", "sip:a@b", "; tag=1", true}},
		{`"<sip:x@y>" <sip:a@b>`, NameAddr{"<sip:x@y>", "sip:a@b", "", true}},
		{`"" <sip:a@b>`, NameAddr{"", "sip:a@b", "", true}},
		{`"Jürgen"<sip:a@b>`, NameAddr{"Jürgen", "sip:a@b", "", true}},
		{"*", NameAddr{"", "*", "", false}},
		{"*;expires=0", NameAddr{"", "*", ";expires=0", false}},
	}
	for _, test := range tests {
		if got, err := ParseNameAddr(test.in); err != nil || got != test.want {
			t.Errorf("%s: %+v, %v", test.in, got, err)
		}
	}
	for in, want := range map[string]string{"<sip:a@b>;tag=1": "1", "<sip:a@b>;tag": "", "<sip:a@b>;tag=;tag=2": "2", "<sip:a@b;tag=1>": ""} {
		if a, err := ParseNameAddr(in); err != nil || a.Tag() != want {
			t.Errorf("%s: tag %q, %v", in, a.Tag(), err)
		}
	}
}

func TestParams(t *testing.T) {
	p := Params(` ; a = 1 ;b;;c="x;\"y\"" ;D=; a=2`)
	for name, want := range map[string]string{"a": "1", "A": "1", "b": "", "c": `x;"y"`, "d": ""} {
		if got, ok := p.Get(name); got != want || !ok {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	if p.Has("x") || p.Has("") || Params("").Has("a") {
		t.Error("found what is not there")
	}
	out := AppendParam(nil, "a", "token")
	out = AppendParam(out, "b", "")
	out = AppendParam(out, "c", `two words; "quoted"`)
	out = AppendParam(out, "d", "[2001:db8::1]")
	if got, want := string(out), `;a=token;b;c="two words; \"quoted\"";d=[2001:db8::1]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, _ := Params(out).Get("c"); got != `two words; "quoted"` {
		t.Errorf("came back as %s", got)
	}
}

func TestLeniencies(t *testing.T) {
	tests := []struct {
		in   string
		want Leniency
	}{
		{request("Max-Forwards: 70"), 0},
		{request(""), LenientNoMaxForwards},
		{strings.ReplaceAll(request("Max-Forwards: 70"), "\r\n", "\n"), LenientLineEnd},
		{strings.Replace(request("Max-Forwards: 70"), "Content-Length: 0\r\n", "", 1), LenientNoContentLength},
		{strings.TrimSuffix(request("Max-Forwards: 70"), "\r\n"), LenientNoEmptyLine},
		{request("Max-Forwards:\r\n 70"), FoldedHeader},
	}
	for _, test := range tests {
		m := mustParse(t, test.in)
		if got := m.Leniencies(); got != test.want {
			t.Errorf("%q: %s, want %s", test.in, got, test.want)
		}
		if status, reason := Validate(m); status != 0 {
			t.Errorf("%q: %d %s", test.in, status, reason)
		}
	}
	if got := (LenientLineEnd | FoldedHeader).String(); got != "line ends with LF alone, folded header" {
		t.Error(got)
	}
}

func TestStatusText(t *testing.T) {
	for status, want := range map[int]string{100: "Trying", 200: "OK", 401: "Unauthorized", 481: "Call/Transaction Does Not Exist",
		488: "Not Acceptable Here", 505: "Version Not Supported", 606: "Not Acceptable", 409: "", 499: "", 99: "", 700: ""} {
		if got := StatusText(status); got != want {
			t.Errorf("%d: %q, want %q", status, got, want)
		}
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]uint64{-time.Second: 0, 0: 0, 1: 1, time.Second: 1, time.Second + 1: 2, time.Hour: 3600} {
		if got := Seconds(d); got != want {
			t.Errorf("%v is %d seconds, want %d", d, got, want)
		}
	}
	if got := Date(time.Date(2026, 2, 3, 4, 5, 6, 0, time.FixedZone("", 3600))); got != "Tue, 03 Feb 2026 03:05:06 GMT" {
		t.Errorf("date %s", got)
	}
}

func TestWho(t *testing.T) {
	for text, want := range map[string]string{
		"sip:1001@x": "1001", "sip:a%20b@x": "a b", "sip:1001;phone-context=x@y": "1001", "tel:+4930123": "+4930123", "sip:x": "",
	} {
		u, err := ParseURI(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := u.Who(); got != want {
			t.Errorf("%s names %q, want %q", text, got, want)
		}
	}
}
