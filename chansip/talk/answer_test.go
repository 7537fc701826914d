package talk

import (
	"slices"
	"testing"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/sip/sdp"
)

// names of what is agreed on.
func agreed(k *Talk) string {
	var out string
	for _, f := range k.Agreed() {
		out += f.String() + " "
	}
	return out
}

func TestTakeAnswer(t *testing.T) {
	video := and(allow(media.Opus, media.Ulaw, media.Alaw, media.H264, media.VP8), pictures)
	tests := []struct {
		name   string
		answer string // "" where it can't be used
		agreed string
		again  string // what we describe next
	}{
		{"all of it", "m=audio 4000 RTP/AVP 107 0 8 101 96\na=rtpmap:107 opus/48000/2\na=rtpmap:96 telephone-event/48000\nm=video 4002 RTP/AVP 99\na=rtpmap:99 H264/90000\n", "opus ulaw alaw h264 ",
			"b=CT:384\nm=audio PORT RTP/AVP 107 0 8 101 96\na=rtpmap:107 opus/48000/2\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=rtpmap:96 telephone-event/48000\na=fmtp:96 0-16\na=maxptime:60\na=sendrecv\n" +
				"m=video PORT RTP/AVP 99\na=rtpmap:99 H264/90000\na=sendrecv"},
		{"who answers chooses the order", "m=audio 4000 RTP/AVP 8 0\nm=video 0 RTP/AVP 99\n", "alaw ulaw ",
			"m=audio PORT RTP/AVP 0 8\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=maxptime:140\na=sendrecv\nm=video 0 RTP/AVP 99 108"},
		{"numbers of their own", "m=audio 4000 RTP/AVP 120 110\na=rtpmap:120 opus/48000/2\na=rtpmap:110 telephone-event/48000\nm=video 4002 RTP/AVP 97\na=rtpmap:97 VP8/90000\n", "opus vp8 ",
			"b=CT:384\nm=audio PORT RTP/AVP 107 96\na=rtpmap:107 opus/48000/2\na=rtpmap:96 telephone-event/48000\na=fmtp:96 0-16\na=maxptime:60\na=sendrecv\nm=video PORT RTP/AVP 108\na=rtpmap:108 VP8/90000\na=sendrecv"},
		{"no word about the video", "m=audio 4000 RTP/AVP 0 101\n", "ulaw ",
			"m=audio PORT RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv\nm=video 0 RTP/AVP 99 108"},
		{"what was not offered is not taken", "m=audio 4000 RTP/AVP 3 0\nm=video 4002 RTP/AVP 34\n", "ulaw ",
			"m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv\nm=video 0 RTP/AVP 99 108"},
		{"no sound", "m=audio 0 RTP/AVP 0\nm=video 4002 RTP/AVP 108\na=rtpmap:108 VP8/90000\n", "", ""},
		{"nothing", "", "", ""},
		{"the lines in another order", "m=video 4002 RTP/AVP 99\nm=audio 4000 RTP/AVP 0\n", "", ""},
		{"keys alone", "m=audio 4000 RTP/AVP 101\n", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := open(t, video)
			if _, err := k.Offer(FarFormats([]media.Format{media.Opus, media.Ulaw, media.Alaw, media.H264, media.VP8})); err != nil {
				t.Fatal(err)
			}
			if ok := k.TakeAnswer(theirs(t, tt.answer)); ok != (tt.agreed != "") {
				t.Fatalf("taken: %t", ok)
			}
			if tt.agreed == "" {
				return
			}
			if got := agreed(k); got != tt.agreed {
				t.Errorf("agreed on %s, want %s", got, tt.agreed)
			}
			same(t, "next", shown(k.Describe(sdp.SendRecv)), tt.again)
			if !k.TakeAnswer(theirs(t, tt.answer)) || agreed(k) != tt.agreed {
				t.Errorf("the same again: agreed on %s", agreed(k))
			}
		})
	}
}

// TestForkedAnswers has two phones behind one offer answer it: the one who takes
// the call is not bound by what the other chose.
func TestForkedAnswers(t *testing.T) {
	k := open(t, and(allow(media.Ulaw, media.Alaw, media.H264), pictures))
	if _, err := k.Offer(Far{}); err != nil {
		t.Fatal(err)
	}
	if !k.TakeAnswer(theirs(t, "m=audio 4000 RTP/AVP 8\nm=video 0 RTP/AVP 99\n")) || agreed(k) != "alaw " {
		t.Errorf("the first: %s", agreed(k))
	}
	if !k.TakeAnswer(theirs(t, "m=audio 4000 RTP/AVP 0\nm=video 4002 RTP/AVP 99\na=rtpmap:99 H264/90000\n")) || agreed(k) != "ulaw h264 " {
		t.Errorf("the second: %s", agreed(k))
	}
}

// TestFurtherOffers has lines keep their places (RFC 3264 section 8), and what
// was declined stay so.
func TestFurtherOffers(t *testing.T) {
	k := open(t, and(allow(media.Ulaw, media.Alaw, media.VP8), pictures))
	if err := k.TakeOffer(theirs(t, "m=video 0 RTP/AVP 97\nm=image 0 udptl t38\nm=audio 4000 RTP/AVP 8\n")); err != nil {
		t.Fatal(err)
	}
	first := k.Answer()
	s, err := k.Offer(FarFormats([]media.Format{media.Ulaw}))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "offer", shown(s), "m=video 0 RTP/AVP 97\nm=image 0 udptl t38\nm=audio PORT RTP/AVP 0 8 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv")
	if s.Origin.SessionID != first.Origin.SessionID || s.Origin.Version <= first.Origin.Version {
		t.Errorf("o= was %+v and is %+v", first.Origin, s.Origin)
	}
	if !k.TakeAnswer(theirs(t, "m=video 0 RTP/AVP 97\nm=image 0 udptl t38\nm=audio 4000 RTP/AVP 0\n")) || agreed(k) != "ulaw " {
		t.Errorf("agreed on %s", agreed(k))
	}
}

// TestMeets has what a phone is answered go by the leg that it is connected to
// then, not by the one that it was connected to first.
func TestMeets(t *testing.T) {
	k := open(t, and(allow(media.G729, media.Ulaw, media.VP8), pictures))
	offer := "m=audio 4000 RTP/AVP 0 18\nm=video 4002 RTP/AVP 97\na=rtpmap:97 VP8/90000\n"
	for _, tt := range []struct {
		far    []media.Format
		agreed string
	}{
		{nil, "g729 ulaw vp8 "},
		{[]media.Format{media.G729}, "g729 "},
		{[]media.Format{media.GSM, media.VP8}, "ulaw vp8 "},
		{nil, "ulaw vp8 "}, // nobody new
	} {
		k.Meets(FarFormats(tt.far))
		if err := k.TakeOffer(theirs(t, offer)); err != nil {
			t.Fatal(err)
		}
		if got := agreed(k); got != tt.agreed {
			t.Errorf("connected to %v it agrees on %s, want %s", tt.far, got, tt.agreed)
		}
	}
}

// TestOnly is SIP_CODEC.
func TestOnly(t *testing.T) {
	tests := []struct {
		list, agreed string
		unused       []string
	}{
		{"alaw", "alaw h264 ", nil},
		{"gsm, alaw", "gsm alaw h264 ", nil},
		{"g729,ulaw,nonsense", "ulaw h264 ", []string{"g729", "nonsense"}},
		{"g729", "ulaw alaw gsm h264 ", []string{"g729"}},
		{",", "ulaw alaw gsm h264 ", nil},
		{"h264", "ulaw alaw gsm h264 ", nil},
	}
	for _, tt := range tests {
		k := open(t, and(allow(media.Ulaw, media.Alaw, media.GSM, media.H264), pictures))
		if err := k.TakeOffer(theirs(t, "m=audio 4000 RTP/AVP 0 8 3 101\nm=video 4002 RTP/AVP 99\na=rtpmap:99 H264/90000\n")); err != nil {
			t.Fatal(err)
		}
		if unused := k.Only(tt.list); !slices.Equal(unused, tt.unused) || agreed(k) != tt.agreed {
			t.Errorf("%q: agreed on %s, not used %q", tt.list, agreed(k), unused)
		}
	}
}

// TestHold follows who holds whom.
func TestHold(t *testing.T) {
	k := open(t, nil)
	for _, tt := range []struct {
		lines string
		held  bool
		want  string
	}{
		{"m=audio 4000 RTP/AVP 0\n", false, "a=sendrecv"},
		{"m=audio 4000 RTP/AVP 0\na=sendonly\n", true, "a=recvonly"},
		{"m=audio 4000 RTP/AVP 0\na=inactive\n", true, "a=inactive"},
		{"m=audio 4000 RTP/AVP 0\nc=IN IP4 0.0.0.0\n", true, "a=sendrecv"},
		{"m=audio 4000 RTP/AVP 0\na=recvonly\n", false, "a=sendonly"},
	} {
		if err := k.TakeOffer(theirs(t, tt.lines)); err != nil {
			t.Fatal(err)
		}
		got := shown(k.Answer())
		if k.Held() != tt.held || got[len(got)-len(tt.want):] != tt.want {
			t.Errorf("%q: held %t, answer\n%s", tt.lines, k.Held(), got)
		}
	}
}

// fuzzed is an account that takes everything.
func fuzzed(t testing.TB) *Talk {
	return open(t, and(allow(media.All()...), pictures, func(p *sipconf.Peer) { p.Text, p.AutoFraming, p.T38.On = true, true, true }))
}

func seeds(f *testing.F) {
	for _, s := range []string{
		"m=audio 4000 RTP/AVP 0 8 101\n", "m=audio 4000 RTP/AVP 96\na=rtpmap:96 opus/48000/2\na=fmtp:96 useinbandfec=1\na=ptime:20\n",
		"m=video 4000 RTP/AVPF 99 100\na=rtpmap:99 H264/90000\na=rtpmap:100 VP8/90000\na=rtcp-fb:* nack pli\na=rtcp-fb:99 ccm fir\nm=audio 4002 RTP/AVP 3\na=sendonly\n",
		"m=audio 4000 RTP/AVP 0\nm=text 4004 RTP/AVP 98 99\na=rtpmap:98 t140/1000\na=rtpmap:99 red/1000\na=fmtp:99 98/98/98\n",
		"m=audio 0 RTP/AVP 0\nm=image 4000 udptl t38\na=T38FaxVersion:0\n",
		"m=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4\n",
	} {
		f.Add([]byte(s))
	}
}

// FuzzTakeOffer has any offer be answered line by line, with nothing that was
// not in it.
func FuzzTakeOffer(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		offer, err := sdp.Parse(append([]byte("v=0\nc=IN IP4 10.99.0.2\n"), body...))
		if err != nil {
			return
		}
		k := fuzzed(t)
		if params, asks := k.AsksFax(offer); asks {
			if err := k.TakeFaxOffer(offer); err != nil {
				t.Fatal(err)
			}
			answer, err := sdp.Parse(k.AnswerFax(offer, params).Append(nil))
			if err != nil || len(answer.Media) != len(offer.Media) {
				t.Fatalf("the answer to a fax: %v, %v", answer, err)
			}
			if _, ok := answer.First("image"); !ok {
				t.Error("a fax is answered without one")
			}
			return
		}
		if k.TakeOffer(offer) != nil {
			return
		}
		k.Narrow(k.Seen())
		answer, err := sdp.Parse(k.Answer().Append(nil))
		if err != nil {
			t.Fatalf("the answer can't be read: %v", err)
		}
		if len(answer.Media) != len(offer.Media) {
			t.Fatalf("%d lines for %d", len(answer.Media), len(offer.Media))
		}
		sound := false
		for i := range answer.Media {
			m := &answer.Media[i]
			sound = sound || m.Is("audio") && !m.Rejected()
			was := offer.Media[i].Codecs()
			for _, c := range m.Codecs() {
				if !m.Rejected() && !slices.ContainsFunc(was, func(o sdp.Codec) bool { return o.Payload == c.Payload && o.Clock == c.Clock }) {
					t.Errorf("line %d: %v is answered and was not offered", i, c)
				}
			}
		}
		if !sound {
			t.Error("no sound is answered")
		}
	})
}

// FuzzTakeAnswer has any answer be taken or refused, and the talk stay one that
// can be described.
func FuzzTakeAnswer(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		answer, err := sdp.Parse(append([]byte("v=0\nc=IN IP4 10.99.0.2\n"), body...))
		if err != nil {
			return
		}
		k := fuzzed(t)
		offer, err := k.Offer(Far{})
		if err != nil {
			t.Fatal(err)
		}
		taken := k.TakeAnswer(answer)
		again, err := sdp.Parse(k.Describe(sdp.SendRecv).Append(nil))
		if err != nil {
			t.Fatalf("what is described can't be read: %v", err)
		}
		if len(again.Media) != len(offer.Media) {
			t.Errorf("%d lines after %d", len(again.Media), len(offer.Media))
		}
		if _, ok := again.First("audio"); ok != taken {
			t.Errorf("sound: %t, taken: %t", ok, taken)
		}
	})
}
