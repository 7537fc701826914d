package talk

import (
	"strings"
	"testing"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/sip/sdp"
)

// at is a description of a phone at an address.
func at(t testing.TB, addr, lines string) *sdp.Session {
	t.Helper()
	kind := "IP4"
	if strings.Contains(addr, ":") {
		kind = "IP6"
	}
	s, err := sdp.Parse([]byte("v=0\no=- 7 7 IN " + kind + " " + addr + "\ns=-\nc=IN " + kind + " " + addr + "\nt=0 0\n" + lines))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// two are the legs of a call whose phones have described themselves so.
func two(t *testing.T, set func(p *sipconf.Peer), callerAt, caller, calleeAt, callee string) (a, b *Talk) {
	t.Helper()
	a, b = open(t, set), open(t, set)
	if err := a.TakeOffer(at(t, callerAt, caller)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Offer(a.Seen()); err != nil {
		t.Fatal(err)
	}
	if !b.TakeAnswer(at(t, calleeAt, callee)) {
		t.Fatal("the answer is not taken")
	}
	return a, b
}

const keys = "a=rtpmap:101 telephone-event/8000\n"

// TestMeet has each of two phones be told of the other as the original's
// re-INVITE does it (baresip-call.txt of the reference).
func TestMeet(t *testing.T) {
	a, b := two(t, nil, "10.99.0.2", "m=audio 10012 RTP/AVP 0 8 101\n"+keys, "10.99.0.3", "m=audio 10006 RTP/AVP 0 8 101\n"+keys)
	first := a.Answer()
	towardA, towardB, why := Meet(a.Phone(), b.Phone())
	if why != "" || !a.Knows(towardA) || !b.Knows(towardB) || towardA.Equal(towardB) || !towardA.Equal(towardA) {
		t.Fatalf("they can't meet: %s", why)
	}
	const sound = " RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=maxptime:140\r\na=sendrecv\r\n"
	for who, c := range map[string]struct{ got, want string }{
		"the caller": {a.Toward(towardA).String(), "c=IN IP4 10.99.0.3\r\nt=0 0\r\nm=audio 10006" + sound},
		"the called": {b.Toward(towardB).String(), "c=IN IP4 10.99.0.2\r\nt=0 0\r\nm=audio 10012" + sound},
	} {
		if !strings.HasSuffix(c.got, c.want) {
			t.Errorf("%s is told\n%s\nwant\n%s", who, c.got, c.want)
		}
	}
	if !a.TakeDirect(at(t, "10.99.0.2", "m=audio 10012 RTP/AVP 0 101\n"+keys)) || agreed(a) != "ulaw " {
		t.Errorf("after it the caller has %s", agreed(a))
	}
	if a.TakeDirect(at(t, "10.99.0.2", "m=audio 0 RTP/AVP 0\n")) {
		t.Error("an answer without sound is taken")
	}
	if got := names(a.Seen().Formats()); got != "ulaw|alaw" {
		t.Errorf("seen as %s: what it was last told is not what it can do", got)
	}
	a.Home()
	if same(t, "home", shown(a.Answer()), shown(first)); agreed(a) != "ulaw alaw " {
		t.Errorf("home it has %s", agreed(a))
	}
}

// TestMeetPictures has pictures go the same way, with the parameters of the phone
// that they go to, and stay with us where one has none.
func TestMeetPictures(t *testing.T) {
	set := and(allow(media.Ulaw, media.H264, media.VP8), pictures)
	video := "m=video 10014 RTP/AVP 99\na=rtpmap:99 H264/90000\na=fmtp:99 profile-level-id=42e01f\na=rtcp-fb:99 nack pli\na=rtcp:10099\n"
	a, b := two(t, set, "10.99.0.2", "m=audio 10012 RTP/AVP 0\n"+video, "10.99.0.3", "m=audio 10006 RTP/AVP 0\nm=video 10008 RTP/AVP 99\na=rtpmap:99 H264/90000\na=fmtp:99 profile-level-id=640028\na=sendonly\n")
	towardA, towardB, why := Meet(a.Phone(), b.Phone())
	if why != "" {
		t.Fatal(why)
	}
	if got, want := b.Toward(towardB).String(), "m=video 10014 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\na=fmtp:99 profile-level-id=42e01f\r\na=rtcp-fb:99 nack pli\r\na=rtcp:10099\r\na=sendrecv\r\n"; !strings.HasSuffix(got, want) {
		t.Errorf("the called is told\n%s\nwant\n%s", got, want)
	}
	if got, want := a.Toward(towardA).String(), "m=video 10008 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\na=fmtp:99 profile-level-id=640028\r\na=sendonly\r\n"; !strings.HasSuffix(got, want) {
		t.Errorf("the caller is told\n%s\nwant\n%s", got, want)
	}
	_, b = two(t, set, "10.99.0.2", "m=audio 10012 RTP/AVP 0\n", "10.99.0.3", "m=audio 10006 RTP/AVP 0\n")
	towardA, _, why = Meet(a.Phone(), b.Phone())
	if why != "" {
		t.Fatal(why)
	}
	got := a.Toward(towardA).String()
	if _, video, ok := strings.Cut(got, "m=video "); !ok || !strings.Contains(video, "\r\nc=IN IP4 10.99.0.1\r\n") {
		t.Errorf("pictures that stay with us are told as\n%s", got)
	}
}

func TestCannotMeet(t *testing.T) {
	set := allow(media.Ulaw, media.Alaw)
	tests := []struct{ name, callerAt, caller, calleeAt, callee, why string }{
		{"codecs", "10.99.0.2", "m=audio 4000 RTP/AVP 0\n", "10.99.0.3", "m=audio 4000 RTP/AVP 8\n", "their codecs differ"},
		{"families", "10.99.0.2", "m=audio 4000 RTP/AVP 0\n", "2001:db8::3", "m=audio 4000 RTP/AVP 0\n", "one speaks IPv4, the other IPv6"},
	}
	for _, tt := range tests {
		a, b := two(t, set, tt.callerAt, tt.caller, tt.calleeAt, tt.callee)
		if _, _, why := Meet(a.Phone(), b.Phone()); why != tt.why {
			t.Errorf("%s: %q, want %q", tt.name, why, tt.why)
		}
	}
	if k := open(t, set); k.Phone() != nil {
		t.Error("a phone that has said nothing is known")
	}
	var nobody *Phone
	if nobody.Stream(media.Audio) != nil || !nobody.Equal(nil) || nobody.Equal(&Phone{}) {
		t.Error("nobody is somebody")
	}
}
