package sdp_test

import (
	"net/netip"
	"os"
	"testing"

	"obelus/sip/sdp"
)

// TestAsteriskStyle builds the original's offer, byte for byte.
func TestAsteriskStyle(t *testing.T) {
	want, err := os.ReadFile("testdata/asterisk-offer.sdp")
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.MustParseAddr("10.99.0.1")
	audio := sdp.Media{Kind: "audio", Port: parse(t, string(want)).Media[0].Port, Proto: "RTP/AVP"}
	audio.AddCodec(sdp.Codec{Payload: 0, Name: "PCMU", Clock: 8000})
	audio.AddCodec(sdp.Codec{Payload: 8, Name: "PCMA", Clock: 8000, Channels: 1})
	audio.AddCodec(sdp.Codec{Payload: 3, Name: "GSM", Clock: 8000})
	audio.AddCodec(sdp.Codec{Payload: 101, Name: "telephone-event", Clock: 8000, Fmtp: "0-16"})
	audio.Add("maxptime", "140")
	audio.SetDirection(sdp.SendRecv)
	s := sdp.Session{Origin: sdp.NewOrigin("root", 863644101, 863644101, addr), Name: "Asterisk PBX 20.20.1",
		Connection: sdp.ConnectionTo(addr), Media: []sdp.Media{audio}}
	if got := s.String(); got != string(want) {
		t.Errorf("built\n%s, want\n%s", got, want)
	}
	s.Media[0].SetDirection(sdp.RecvOnly)
	if got := s.Media[0].Attributes; got[len(got)-1].Name != "recvonly" || got[len(got)-2].Name != "maxptime" {
		t.Errorf("held: %+v", got)
	}
}

func TestDirections(t *testing.T) {
	tests := []struct {
		session, media string
		want           sdp.Direction
	}{
		{"", "", sdp.SendRecv},
		{"a=sendonly", "", sdp.SendOnly},
		{"a=sendonly", "a=recvonly", sdp.RecvOnly},
		{"", "a=inactive", sdp.Inactive},
		{"", "a=SendOnly", sdp.SendOnly},
		{"a=inactive", "a=sendrecv", sdp.SendRecv},
		{"", "a=sendrecv\r\na=sendonly", sdp.SendOnly}, // the last counts, as in the original
	}
	for _, tt := range tests {
		s := parse(t, lines("v=0", tt.session, "m=audio 1 RTP/AVP 0", tt.media))
		if got := s.Direction(&s.Media[0]); got != tt.want {
			t.Errorf("%q, %q: %v, want %v", tt.session, tt.media, got, tt.want)
		}
	}
}

// TestAnswerDirection is the table of RFC 3264 §6.1.
func TestAnswerDirection(t *testing.T) {
	tests := []struct{ offered, want, answer sdp.Direction }{
		{sdp.SendRecv, sdp.SendRecv, sdp.SendRecv},
		{sdp.SendRecv, sdp.SendOnly, sdp.SendOnly},
		{sdp.SendRecv, sdp.RecvOnly, sdp.RecvOnly},
		{sdp.SendRecv, sdp.Inactive, sdp.Inactive},
		{sdp.SendOnly, sdp.SendRecv, sdp.RecvOnly},
		{sdp.SendOnly, sdp.SendOnly, sdp.Inactive},
		{sdp.RecvOnly, sdp.SendRecv, sdp.SendOnly},
		{sdp.RecvOnly, sdp.RecvOnly, sdp.Inactive},
		{sdp.Inactive, sdp.SendRecv, sdp.Inactive},
	}
	for _, tt := range tests {
		if got := tt.offered.Answer(tt.want); got != tt.answer {
			t.Errorf("offered %v, wanted %v: %v, want %v", tt.offered, tt.want, got, tt.answer)
		}
	}
	if !sdp.SendOnly.Sends() || sdp.SendOnly.Receives() || sdp.RecvOnly.Sends() || !sdp.RecvOnly.Receives() || sdp.SendOnly.Reverse() != sdp.RecvOnly {
		t.Error("sendonly and recvonly are mixed up")
	}
}

func TestAddresses(t *testing.T) {
	tests := []struct {
		name, session, media string
		rtp, rtcp            string // "" when there is none
	}{
		{"session", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0", "192.0.2.1:4000", "192.0.2.1:4001"},
		{"media over session", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.2", "192.0.2.2:4000", "192.0.2.2:4001"},
		{"origin", "o=- 1 1 IN IP6 2001:db8::1", "m=audio 4000 RTP/AVP 0", "[2001:db8::1]:4000", "[2001:db8::1]:4001"},
		{"mapped", "c=IN IP6 ::ffff:192.0.2.1", "m=audio 4000 RTP/AVP 0", "192.0.2.1:4000", "192.0.2.1:4001"},
		{"multicast", "c=IN IP4 233.252.0.1/127", "m=audio 4000 RTP/AVP 0", "233.252.0.1:4000", "233.252.0.1:4001"},
		{"wrong type", "c=IN IP4 2001:db8::1", "m=audio 4000 RTP/AVP 0", "[2001:db8::1]:4000", "[2001:db8::1]:4001"},
		{"host name", "c=IN IP4 phone.example.com", "m=audio 4000 RTP/AVP 0", "", ""},
		{"none", "s=-", "m=audio 4000 RTP/AVP 0", "", ""},
		{"rejected", "c=IN IP4 192.0.2.1", "m=audio 0 RTP/AVP 0", "", ""},
		{"rtcp attribute", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0\r\na=rtcp:5000", "192.0.2.1:4000", "192.0.2.1:5000"},
		{"rtcp elsewhere", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0\r\na=rtcp:5000 IN IP4 192.0.2.9", "192.0.2.1:4000", "192.0.2.9:5000"},
		{"rtcp odd", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0\r\na=rtcp:x", "192.0.2.1:4000", "192.0.2.1:4001"},
		{"rtcp-mux", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0\r\na=rtcp:5000\r\na=rtcp-mux", "192.0.2.1:4000", "192.0.2.1:5000"},
		{"last port", "c=IN IP4 192.0.2.1", "m=audio 65535 RTP/AVP 0", "192.0.2.1:65535", ""},
	}
	text := func(a netip.AddrPort, ok bool) string {
		if !ok {
			return ""
		}
		return a.String()
	}
	for _, tt := range tests {
		s := parse(t, lines("v=0", tt.session, tt.media))
		m := &s.Media[0]
		if rtp, rtcp := text(s.RTPAddr(m)), text(s.RTCPAddr(m)); rtp != tt.rtp || rtcp != tt.rtcp {
			t.Errorf("%s: RTP %s, RTCP %s; want %s, %s", tt.name, rtp, rtcp, tt.rtp, tt.rtcp)
		}
	}
}

func TestOnHold(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  bool
	}{
		{"talking", []string{"c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0"}, false},
		{"sendonly", []string{"c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0", "a=sendonly"}, true},
		{"inactive", []string{"c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0", "a=inactive"}, true},
		{"recvonly", []string{"c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0", "a=recvonly"}, false},
		{"session says sendonly", []string{"c=IN IP4 192.0.2.1", "a=sendonly", "m=audio 4000 RTP/AVP 0"}, true},
		{"0.0.0.0 in the session", []string{"c=IN IP4 0.0.0.0", "m=audio 4000 RTP/AVP 0"}, true},
		{"0.0.0.0 in the stream", []string{"c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=sendrecv"}, true},
		{"::", []string{"c=IN IP6 ::", "m=audio 4000 RTP/AVP 0"}, true},
		{"host name", []string{"c=IN IP4 phone.example.com", "m=audio 4000 RTP/AVP 0"}, false},
		{"off, not held", []string{"c=IN IP4 0.0.0.0", "m=audio 0 RTP/AVP 0", "a=inactive"}, false},
	}
	for _, tt := range tests {
		s := parse(t, lines(append([]string{"v=0"}, tt.lines...)...))
		if got := s.OnHold(&s.Media[0]); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	for name, want := range map[string]bool{"baresip-hold": true, "asterisk-held": false, "baresip-offer": false} {
		s := file(t, name)
		if got := s.OnHold(&s.Media[0]); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestFirstAndDecline: an answer has the offer's lines in the offer's order.
func TestFirstAndDecline(t *testing.T) {
	s := parse(t, lines("v=0", "m=video 5000 RTP/AVP 99", "a=rtpmap:99 H264/90000", "m=audio 0 RTP/AVP 0", "m=AUDIO 4000 RTP/AVP 8", "m=image 6000 udptl t38"))
	if m, ok := s.First("audio"); !ok || m != &s.Media[2] {
		t.Errorf("first audio stream: %+v, %v", m, ok)
	}
	if m, ok := s.First("application"); ok {
		t.Errorf("found %+v", m)
	}
	var answer sdp.Session
	for i := range s.Media {
		answer.Media = append(answer.Media, s.Media[i].Decline())
	}
	want := lines("v=0", "s=-", "t=0 0", "m=video 0 RTP/AVP 99", "m=audio 0 RTP/AVP 0", "m=AUDIO 0 RTP/AVP 8", "m=image 0 udptl t38")
	if got := answer.String(); got != want {
		t.Errorf("declined\n%s, want\n%s", got, want)
	}
	if s.Media[0].Formats[0] != "99" {
		t.Error("the offer was changed")
	}
}
