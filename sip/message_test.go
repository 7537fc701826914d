package sip

import (
	"net/netip"
	"strings"
	"testing"
)

// crlf turns a readable text into a message.
func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// registerText is the REGISTER of a Linphone 5.1, with its credentials.
const registerText = `REGISTER sip:10.99.0.1 SIP/2.0
Via: SIP/2.0/UDP 10.99.0.2:5070;branch=z9hG4bK.Exxw0yNou;rport
From: <sip:1001@10.99.0.1>;tag=n83YvxVRn
To: sip:1001@10.99.0.1
CSeq: 21 REGISTER
Call-ID: nnTZNl1Ml6
Max-Forwards: 70
Supported: replaces, outbound, gruu
Accept: application/sdp
Accept: text/plain
Accept: application/vnd.gsma.rcs-ft-http+xml
Contact: <sip:1001@10.99.0.2:5070;transport=udp>;+sip.instance="<urn:uuid:71b967c7-60a1-004c-bfad-2915bd1cd468>"
Expires: 120
User-Agent: Linphonec/5.1.65
Authorization:  Digest realm="asterisk", nonce="3ca4c506", algorithm=MD5, username="1001",  uri="sip:10.99.0.1", response="0faf060bc3532f2d039a7f833143b36d"

`

// registerOK is what Asterisk answered to it.
const registerOK = `SIP/2.0 200 OK
Via: SIP/2.0/UDP 10.99.0.2:5070;branch=z9hG4bK.Exxw0yNou;received=10.99.0.2;rport=5070
From: <sip:1001@10.99.0.1>;tag=n83YvxVRn
To: sip:1001@10.99.0.1;tag=as6fe7e8df
Call-ID: nnTZNl1Ml6
CSeq: 21 REGISTER
Server: Asterisk PBX 20.20.1
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH, MESSAGE
Supported: replaces, timer
Expires: 120
Contact: <sip:1001@10.99.0.2:5070;transport=udp>;expires=120
Date: Sun, 22 Nov 2026 05:36:28 GMT
Content-Length: 0

`

// answerRegister writes registerOK with the Builder.
func answerRegister(b *Builder, req *Message) []byte {
	b.Reset()
	b.Response(req, 200, "", Return{netip.MustParseAddr("10.99.0.2"), 5070}, "as6fe7e8df")
	b.Add(HeaderServer, "Asterisk PBX 20.20.1")
	b.Add(HeaderAllow, "INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH, MESSAGE")
	b.Add(HeaderSupported, "replaces, timer")
	b.Number(HeaderExpires, 120)
	b.Add(HeaderContact, "<sip:1001@10.99.0.2:5070;transport=udp>;expires=120")
	b.Add(HeaderDate, "Sun, 22 Nov 2026 05:36:28 GMT")
	return b.End("", nil)
}

func TestAnswerIsAsAsteriskWritesIt(t *testing.T) {
	req, err := Parse(crlf(registerText))
	if err != nil {
		t.Fatal(err)
	}
	if status, reason := Validate(req); status != 0 {
		t.Fatalf("Validate: %d %s", status, reason)
	}
	var b Builder
	if got, want := string(answerRegister(&b, req)), string(crlf(registerOK)); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestRegisterAllocatesNothing(t *testing.T) {
	data := crlf(registerText)
	var m Message
	var b Builder
	work := func() {
		if err := ParseInto(&m, data); err != nil {
			t.Fatal(err)
		}
		if status, _ := Validate(&m); status != 0 {
			t.Fatal(status)
		}
		contact, _ := m.Contact()
		if _, err := contact.URI(); err != nil {
			t.Fatal(err)
		}
		for a := range m.Auths(HeaderAuthorization) {
			if a.Get("nonce") != "3ca4c506" {
				t.Fatal("nonce")
			}
		}
		answerRegister(&b, &m)
	}
	work()
	if n := testing.AllocsPerRun(100, work); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkParseRegister(b *testing.B) {
	data := crlf(registerText)
	var m Message
	b.ReportAllocs()
	for b.Loop() {
		if err := ParseInto(&m, data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseValidateRespond(b *testing.B) {
	data := crlf(registerText)
	var m Message
	var out Builder
	b.ReportAllocs()
	for b.Loop() {
		if err := ParseInto(&m, data); err != nil {
			b.Fatal(err)
		}
		if status, _ := Validate(&m); status != 0 {
			b.Fatal(status)
		}
		answerRegister(&out, &m)
	}
}
