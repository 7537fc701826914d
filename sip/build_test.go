package sip

import (
	"net/netip"
	"strings"
	"testing"
)

// The INVITE that Asterisk sent to a Linphone, less its Date and Allow.
const inviteText = `INVITE sip:1002@10.99.0.3:5070;transport=udp SIP/2.0
Via: SIP/2.0/UDP 10.99.0.1:5060;branch=z9hG4bK5705bc45;rport
Max-Forwards: 70
From: "Alice \"A\"" <sip:1001@10.99.0.1>;tag=as3cf3658a
To: <sip:1002@10.99.0.3:5070;transport=udp>
Contact: <sip:1001@10.99.0.1:5060>
Call-ID: 3560830957f2e6480cc9a490179ab684@10.99.0.1:5060
CSeq: 102 INVITE
User-Agent: Asterisk PBX 20.20.1
Content-Type: application/sdp
Content-Length: 5

v=0
`

func TestBuildRequest(t *testing.T) {
	b := NewBuilder(make([]byte, 0, 1500))
	b.Request(INVITE, "sip:1002@10.99.0.3:5070;transport=udp")
	b.Via("UDP", "10.99.0.1", 5060, "z9hG4bK5705bc45", true)
	b.Number(HeaderMaxForwards, 70)
	b.Addr(HeaderFrom, NameAddr{Display: `Alice "A"`, Addr: "sip:1001@10.99.0.1"}, "as3cf3658a")
	b.Addr(HeaderTo, NameAddr{Addr: "sip:1002@10.99.0.3:5070;transport=udp"}, "")
	b.Add(HeaderContact, "<sip:1001@10.99.0.1:5060>")
	b.Add(HeaderCallID, "3560830957f2e6480cc9a490179ab684@10.99.0.1:5060")
	b.CSeq(102, INVITE)
	b.Header("User-Agent", "Asterisk PBX 20.20.1")
	got := string(b.End("application/sdp", []byte("v=0\r\n")))
	if want := string(crlf(inviteText)); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if status, reason := Validate(mustParse(t, got)); status != 0 {
		t.Errorf("Validate: %d %s", status, reason)
	}
}

func TestBuildResponse(t *testing.T) {
	req := mustParse(t, strings.NewReplacer("Max-Forwards: 70", "Via: SIP/2.0/TCP a;received=1.2.3.4, SIP/2.0/TLS b\r\nRecord-Route: <sip:p1;lr>, <sip:p2;lr>\r\nf:x").
		Replace(request("Max-Forwards: 70")))
	vias := "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"
	rest := "\r\nVia: SIP/2.0/TCP a;received=1.2.3.4, SIP/2.0/TLS b\r\n"
	tail := "From: <sip:1001@example.com>;tag=1\r\nTo: <sip:1002@example.com>"
	end := "\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
	tests := []struct {
		status int
		reason string
		ret    Return
		tag    string
		want   string
	}{
		{180, "", Return{}, "t", "SIP/2.0 180 Ringing\r\n" + vias + rest + "Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n" + tail + ";tag=t" + end},
		{481, "Call leg/transaction does not exist", Return{Received: netip.MustParseAddr("2001:db8::1")}, "t",
			"SIP/2.0 481 Call leg/transaction does not exist\r\n" + vias + ";received=2001:db8::1" + rest + tail + ";tag=t" + end},
		{100, "", Return{RPort: 9}, "", "SIP/2.0 100 Trying\r\n" + vias + ";rport=9" + rest + "Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n" + tail + end},
	}
	for _, test := range tests {
		var b Builder
		b.Response(req, test.status, test.reason, test.ret, test.tag)
		if got := string(b.Bytes()); got != test.want {
			t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
		}
	}
	tagged := mustParse(t, request("To: <sip:1002@example.com>;Tag=theirs"))
	var b Builder
	b.Response(tagged, 200, "", Return{}, "ours")
	if resp := mustParse(t, string(b.End("", nil))); resp.Value(HeaderTo) != "<sip:1002@example.com>;Tag=theirs" {
		t.Errorf("To: %s", resp.Value(HeaderTo))
	}
}

// A list of Via on one line keeps its rest when the top one changes.
func TestBuildResponseTopViaOfAList(t *testing.T) {
	req := mustParse(t, request("Via: SIP/2.0/UDP h;branch=z9hG4bK1;rport,SIP/2.0/TCP a,SIP/2.0/TLS b"))
	var b Builder
	b.Response(req, 200, "", Return{netip.MustParseAddr("192.0.2.7"), 7}, "t")
	got := mustParse(t, string(b.End("", nil))).Value(HeaderVia)
	if want := "SIP/2.0/UDP h;branch=z9hG4bK1;received=192.0.2.7;rport=7,SIP/2.0/TCP a,SIP/2.0/TLS b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseKeepsACopy(t *testing.T) {
	data := crlf(registerText)
	m, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	var reused Message
	if err := ParseInto(&reused, data); err != nil {
		t.Fatal(err)
	}
	kept := reused.Clone()
	clear(data)
	for _, m := range []*Message{m, kept} {
		if m.CallID() != "nnTZNl1Ml6" || m.Method() != REGISTER || string(m.Bytes()) != string(crlf(registerText)) {
			t.Errorf("changed with the buffer: %q", m.Bytes())
		}
	}
	// A reused message shows nothing of the one before.
	if err := ParseInto(&reused, crlf("SIP/2.0 200 OK\nCSeq: 1 BYE\n\n")); err != nil {
		t.Fatal(err)
	}
	expect(t, reused.CallID(), "", reused.Has(HeaderContact), false, reused.RawURI(), "", reused.Method(), BYE, len(reused.Body()), 0)
}

func BenchmarkParseKept(b *testing.B) {
	data := crlf(registerText)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
