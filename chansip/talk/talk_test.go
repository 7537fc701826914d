package talk

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/chansip/sipconf"
	"obelus/internal/simnet"
	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

var (
	ours  = netip.MustParseAddr("10.99.0.1")
	phone = netip.MustParseAddr("10.99.0.2")
)

// open is a talk of an account: the original's defaults, changed by set.
func open(t testing.TB, set func(p *sipconf.Peer)) *Talk {
	t.Helper()
	all, _ := sipconf.ReadSettings(nil, nil, "obelus")
	p := all.General.Default.Clone()
	if set != nil {
		set(&p)
	}
	host := simnet.New(1).Host("house", ours)
	plane, err := rtp.New(rtp.Options{Listen: host.ListenPacket})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { plane.Close() })
	k, err := Open(Config{Plane: plane, General: &all.General, Peer: &p, Addr: ours, Signal: phone})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// allow has an account take these formats alone.
func allow(list ...media.Format) func(p *sipconf.Peer) {
	return func(p *sipconf.Peer) { p.Formats = list }
}

// and joins settings.
func and(sets ...func(p *sipconf.Peer)) func(p *sipconf.Peer) {
	return func(p *sipconf.Peer) {
		for _, set := range sets {
			set(p)
		}
	}
}

func pictures(p *sipconf.Peer) { p.Video = true }

// theirs is a description of a phone: what follows t=.
func theirs(t testing.TB, media string) *sdp.Session {
	t.Helper()
	s, err := sdp.Parse([]byte("v=0\no=- 7 7 IN IP4 10.99.0.2\ns=-\nc=IN IP4 10.99.0.2\nt=0 0\n" + media))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shown is what a description of ours says from b= on, with ports written as PORT
// and without t=.
func shown(s *sdp.Session) string {
	var out []string
	for line := range strings.Lines(s.String()) {
		line = strings.TrimSpace(line)
		switch line[0] {
		case 'v', 'o', 's', 'c', 't':
			continue
		case 'm':
			f := strings.SplitN(line, " ", 3)
			if f[1] != "0" {
				f[1] = "PORT"
			}
			line = strings.Join(f, " ")
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// same compares descriptions; want may be indented.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if want = strings.Join(lines, "\n"); got != want {
		t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
	}
}

// seenOf is a leg whose phone made that offer.
func seenOf(t testing.TB, set func(p *sipconf.Peer), offer string) Far {
	t.Helper()
	k := open(t, set)
	if err := k.TakeOffer(theirs(t, offer)); err != nil {
		t.Fatal(err)
	}
	return k.Seen()
}

func TestAnswers(t *testing.T) {
	all := allow(media.All()...)
	tests := []struct {
		name  string
		set   func(p *sipconf.Peer)
		far   Far
		offer string
		want  string
	}{
		{
			// baresip-call.txt of the reference
			name:  "baresip",
			offer: "m=audio 10012 RTP/AVP 0 8 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=sendrecv\na=minptime:20\na=ptime:20\n",
			want:  "m=audio PORT RTP/AVP 0 8 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv",
		}, {
			// linphone-call.txt of the reference
			name: "linphone",
			offer: "m=audio 17076 RTP/AVP 96 97 98 0 8 18 99 100 101\na=rtpmap:96 opus/48000/2\na=fmtp:96 useinbandfec=1\na=rtpmap:97 speex/16000\na=fmtp:97 vbr=on\na=rtpmap:98 speex/8000\na=fmtp:98 vbr=on\n" +
				"a=fmtp:18 annexb=yes\na=rtpmap:99 telephone-event/48000\na=rtpmap:100 telephone-event/16000\na=rtpmap:101 telephone-event/8000\na=rtcp-fb:* trr-int 1000\na=rtcp-fb:* ccm tmmbr\n",
			want: "m=audio PORT RTP/AVP 0 8 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv",
		}, {
			name:  "the account's order",
			set:   allow(media.Alaw, media.GSM, media.Ulaw),
			offer: "m=audio 4000 RTP/AVP 0 3 8\n",
			want:  "m=audio PORT RTP/AVP 8 3 0\na=rtpmap:8 PCMA/8000\na=rtpmap:3 GSM/8000\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv",
		}, {
			name:  "preferred_codec_only",
			set:   and(allow(media.Alaw, media.Ulaw), func(p *sipconf.Peer) { p.PreferredOnly = true }),
			offer: "m=audio 4000 RTP/AVP 0 8 101\n",
			want:  "m=audio PORT RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv",
		}, {
			name: "framing of allow=, which is stronger than autoframing",
			set: and(allow(media.Ulaw, media.GSM), func(p *sipconf.Peer) {
				p.Ptime = map[media.Format]time.Duration{media.Ulaw: 30 * time.Millisecond}
				p.AutoFraming = true
			}),
			offer: "m=audio 4000 RTP/AVP 0 101\na=ptime:40\n",
			want:  "m=audio PORT RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=ptime:30\na=maxptime:140\na=sendrecv",
		}, {
			name:  "autoframing",
			set:   and(allow(media.GSM), func(p *sipconf.Peer) { p.AutoFraming = true }),
			offer: "m=audio 4000 RTP/AVP 3\na=ptime:40\n",
			want:  "m=audio PORT RTP/AVP 3\na=rtpmap:3 GSM/8000\na=ptime:40\na=maxptime:300\na=sendrecv",
		}, {
			name:  "no autoframing",
			set:   allow(media.GSM),
			offer: "m=audio 4000 RTP/AVP 3\na=ptime:40\n",
			want:  "m=audio PORT RTP/AVP 3\na=rtpmap:3 GSM/8000\na=maxptime:300\na=sendrecv",
		}, {
			name:  "opus, events of both clocks, the phone's parameters",
			set:   allow(media.Opus, media.Ulaw),
			offer: "m=audio 4000 RTP/AVP 96 0 97 101 98\na=rtpmap:96 opus/48000/2\na=fmtp:96 useinbandfec=1;stereo=1\na=rtpmap:97 telephone-event/48000\na=rtpmap:101 telephone-event/8000\na=rtpmap:98 telephone-event/16000\n",
			want: "m=audio PORT RTP/AVP 96 0 97 101\na=rtpmap:96 opus/48000/2\na=fmtp:96 useinbandfec=1;stereo=1\na=rtpmap:0 PCMU/8000\na=rtpmap:97 telephone-event/48000\na=fmtp:97 0-16\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\n" +
				"a=maxptime:60\na=sendrecv",
		}, {
			name:  "dtmfmode=info has no events",
			set:   and(allow(media.Ulaw), func(p *sipconf.Peer) { p.DTMF = sipconf.DTMFInfo }),
			offer: "m=audio 4000 RTP/AVP 0 101\n",
			want:  "m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv",
		}, {
			name:  "video declined by the phone: the notes' question",
			set:   pictures,
			offer: "m=audio 4000 RTP/AVP 0\nm=video 0 RTP/AVP 34\n",
			want:  "m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv\nm=video 0 RTP/AVP 34",
		}, {
			name:  "video first, which the account has not",
			offer: "m=video 4002 RTP/AVP 99\na=rtpmap:99 H264/90000\nm=audio 4000 RTP/AVP 0\n",
			want:  "m=video 0 RTP/AVP 99\nm=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv",
		}, {
			name:  "video first, and both",
			set:   and(allow(media.H264, media.Ulaw), pictures),
			offer: "m=video 4002 RTP/AVP 99 100\na=rtpmap:99 H264/90000\na=fmtp:99 profile-level-id=42e01f\na=rtpmap:100 H264/90000\na=fmtp:100 profile-level-id=640028\na=sendonly\nm=audio 4000 RTP/AVP 0\n",
			want: "b=CT:384\nm=video PORT RTP/AVP 99 100\na=rtpmap:99 H264/90000\na=fmtp:99 profile-level-id=42e01f\na=rtpmap:100 H264/90000\na=fmtp:100 profile-level-id=640028\na=recvonly\n" +
				"m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv",
		}, {
			name: "video of the other phone: its parameters and its feedback",
			set:  and(allow(media.Ulaw, media.H264, media.VP8), pictures, func(p *sipconf.Peer) { p.MaxBitrate = 512 }),
			far: seenOf(t, and(allow(media.Ulaw, media.H264), pictures),
				"m=audio 4000 RTP/AVP 0\nm=video 4002 RTP/AVPF 100\na=rtpmap:100 H264/90000\na=fmtp:100 profile-level-id=640028;packetization-mode=1\na=rtcp-fb:100 nack pli\na=rtcp-fb:* ccm fir\na=rtcp-fb:100 transport-cc\n"),
			offer: "m=audio 4000 RTP/AVP 0\nm=video 4002 RTP/AVPF 100 97\na=rtpmap:100 H264/90000\na=fmtp:100 profile-level-id=640028\na=rtpmap:97 VP8/90000\n",
			want: "b=CT:512\nm=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv\n" +
				"m=video PORT RTP/AVPF 100\na=rtpmap:100 H264/90000\na=fmtp:100 profile-level-id=640028;packetization-mode=1\na=rtcp-fb:100 nack pli\na=rtcp-fb:* ccm fir\na=sendrecv",
		}, {
			name:  "video that the other phone has not",
			set:   and(allow(media.Ulaw, media.VP8), pictures),
			far:   FarFormats([]media.Format{media.Ulaw}),
			offer: "m=audio 4000 RTP/AVP 0\nm=video 4002 RTP/AVP 97\na=rtpmap:97 VP8/90000\n",
			want:  "m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv\nm=video 0 RTP/AVP 97",
		}, {
			name:  "several audio lines",
			offer: "m=audio 4000 RTP/AVP 18\nm=audio 4002 RTP/AVP 0\nm=audio 4004 RTP/AVP 8\n",
			want:  "m=audio 0 RTP/AVP 18\nm=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv\nm=audio 0 RTP/AVP 8",
		}, {
			name:  "a bundle is not made",
			set:   and(allow(media.Ulaw, media.VP8), pictures),
			offer: "a=group:BUNDLE 0 1\nm=audio 4000 RTP/AVP 0\na=mid:0\nm=video 4000 RTP/AVP 97\na=mid:1\na=rtpmap:97 VP8/90000\n",
			want:  "b=CT:384\nm=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv\nm=video PORT RTP/AVP 97\na=rtpmap:97 VP8/90000\na=sendrecv",
		}, {
			name:  "a line that comes only in a bundle",
			set:   and(allow(media.Ulaw, media.VP8), pictures),
			offer: "m=audio 4000 RTP/AVP 0\nm=video 0 RTP/AVP 97\na=rtpmap:97 VP8/90000\na=bundle-only\n",
			want:  "m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv\nm=video 0 RTP/AVP 97",
		}, {
			name:  "rtcp_mux",
			set:   and(allow(media.Ulaw), func(p *sipconf.Peer) { p.RTCPMux = true }),
			offer: "m=audio 4000 RTP/AVP 0\na=rtcp-mux\n",
			want:  "m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=rtcp-mux\na=sendrecv",
		}, {
			name:  "rtcp_mux, and a phone that has not",
			set:   and(allow(media.Ulaw), func(p *sipconf.Peer) { p.RTCPMux = true }),
			offer: "m=audio 4000 RTP/AVP 0\n",
			want:  "m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv",
		}, {
			name:  "no rtcp_mux",
			set:   allow(media.Ulaw),
			offer: "m=audio 4000 RTP/AVP 0\na=rtcp-mux\n",
			want:  "m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv",
		}, {
			name:  "what else there may be",
			offer: "m=application 4008 RTP/AVP 100\na=rtpmap:100 H224/4800\nm=image 4006 udptl t38\nm=audio 4000 RTP/AVP 0\nm=message 9 TCP/MSRP *\n",
			want:  "m=application 0 RTP/AVP 100\nm=image 0 udptl t38\nm=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv\nm=message 0 TCP/MSRP *",
		}, {
			name:  "text",
			set:   and(allow(media.Ulaw, media.Red, media.T140), func(p *sipconf.Peer) { p.Text = true }),
			offer: "m=audio 4000 RTP/AVP 0\nm=text 4004 RTP/AVP 98 99\na=rtpmap:98 t140/1000\na=rtpmap:99 red/1000\na=fmtp:99 98/98/98\n",
			want:  "m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv\nm=text PORT RTP/AVP 99 98\na=rtpmap:99 RED/1000\na=fmtp:99 98/98/98\na=rtpmap:98 T140/1000\na=sendrecv",
		}, {
			name:  "g726nonstandard",
			set:   and(allow(media.G726), func(p *sipconf.Peer) { p.G726NonStandard = true }),
			offer: "m=audio 4000 RTP/AVP 2 111\na=rtpmap:111 G726-32/8000\n",
			want:  "m=audio PORT RTP/AVP 111\na=rtpmap:111 G726-32/8000\na=maxptime:300\na=sendrecv",
		}, {
			name:  "the feedback profile stays",
			set:   allow(media.Ulaw),
			offer: "m=audio 4000 RTP/AVPF 0\n",
			want:  "m=audio PORT RTP/AVPF 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv",
		}, {
			name:  "held",
			set:   allow(media.Ulaw),
			offer: "m=audio 4000 RTP/AVP 0\na=sendonly\n",
			want:  "m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=recvonly",
		}, {
			name:  "what the other leg has comes first",
			far:   FarFormats([]media.Format{media.Alaw}),
			offer: "m=audio 4000 RTP/AVP 0 8\n",
			want:  "m=audio PORT RTP/AVP 8 0\na=rtpmap:8 PCMA/8000\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv",
		}, {
			name:  "what can't be made of what the other leg has is left out",
			set:   allow(media.G729, media.Ulaw),
			far:   FarFormats([]media.Format{media.GSM}),
			offer: "m=audio 4000 RTP/AVP 18 0\n",
			want:  "m=audio PORT RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=maxptime:140\na=sendrecv",
		}, {
			name:  "everything allowed",
			set:   all,
			offer: "m=audio 4000 RTP/AVP 18 97 9 120\na=rtpmap:97 iLBC/8000\na=fmtp:97 mode=20\na=rtpmap:120 G7221/16000\na=fmtp:120 bitrate=24000\na=fmtp:18 annexb=no\n",
			want: "m=audio PORT RTP/AVP 18 97 9 120\na=rtpmap:18 G729/8000\na=fmtp:18 annexb=no\na=rtpmap:97 iLBC/8000\na=fmtp:97 mode=20\na=rtpmap:9 G722/8000\n" +
				"a=rtpmap:120 G7221/16000\na=fmtp:120 bitrate=24000\na=maxptime:80\na=sendrecv",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := open(t, tt.set)
			if err := k.TakeOffer(theirs(t, tt.offer)); err != nil {
				t.Fatal(err)
			}
			k.Narrow(tt.far)
			same(t, "answer", shown(k.Answer()), tt.want)
		})
	}
}

func TestOffersThatShareNothing(t *testing.T) {
	tests := map[string]string{
		"m=audio 4000 RTP/AVP 9\n":                       "the account takes ulaw|alaw|gsm, the offer g722: no codec in common, and none can be translated",
		"m=audio 0 RTP/AVP 0\n":                          "the account takes ulaw|alaw|gsm, the offer ulaw: no codec in common, and none can be translated",
		"m=video 4000 RTP/AVP 34\n":                      "the account takes ulaw|alaw|gsm, the offer none: no codec in common, and none can be translated",
		"m=audio 4000 RTP/SAVP 0\n":                      errNoSuite.Error(),
		"m=audio 4000 RTP/AVP 0\na=rtpmap:0 PCMU/8000/2": "the account takes ulaw|alaw|gsm, the offer none: no codec in common, and none can be translated",
		"m=audio 4000 RTP/AVP 73\na=rtpmap:73 PCMU/8000": "the account takes ulaw|alaw|gsm, the offer none: no codec in common, and none can be translated",
		"": "the account takes ulaw|alaw|gsm, the offer none: no codec in common, and none can be translated",
	}
	for offer, want := range tests {
		k := open(t, nil)
		if err := k.TakeOffer(theirs(t, "m=audio 4000 RTP/AVP 0\n")); err != nil {
			t.Fatal(err)
		}
		if err := k.TakeOffer(theirs(t, offer)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", offer, err, want)
		}
		if got := shown(k.Answer()); !strings.HasPrefix(got, "m=audio PORT RTP/AVP 0\n") {
			t.Errorf("%q: the talk has become\n%s", offer, got)
		}
	}
}

func TestOffers(t *testing.T) {
	linphone := "m=audio 17076 RTP/AVP 96 0 8 99 101\na=rtpmap:96 opus/48000/2\na=fmtp:96 useinbandfec=1\na=rtpmap:99 telephone-event/48000\na=rtpmap:101 telephone-event/8000\n"
	tests := []struct {
		name string
		set  func(p *sipconf.Peer)
		far  Far
		want string
	}{
		{
			name: "for nobody: all that the account allows",
			want: "m=audio PORT RTP/AVP 0 8 3 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=rtpmap:3 GSM/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv",
		}, {
			// baresip-call.txt and linphone-call.txt of the reference
			name: "the caller's formats, then the rest",
			far:  FarFormats([]media.Format{media.Ulaw, media.Alaw}),
			want: "m=audio PORT RTP/AVP 0 8 3 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=rtpmap:3 GSM/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv",
		}, {
			name: "the caller's order",
			set:  allow(media.Ulaw, media.GSM, media.G722, media.Alaw),
			far:  FarFormats([]media.Format{media.Alaw, media.G729, media.GSM}),
			want: "m=audio PORT RTP/AVP 8 3 0 9 101\na=rtpmap:8 PCMA/8000\na=rtpmap:3 GSM/8000\na=rtpmap:0 PCMU/8000\na=rtpmap:9 G722/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv",
		}, {
			name: "what can't be made of the caller's is left out",
			set:  allow(media.G729, media.ILBC, media.Alaw, media.GSM),
			far:  FarFormats([]media.Format{media.Ulaw}),
			want: "m=audio PORT RTP/AVP 8 3 101\na=rtpmap:8 PCMA/8000\na=rtpmap:3 GSM/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv",
		}, {
			name: "what passes through keeps its number and parameters",
			set:  allow(media.Opus, media.Ulaw),
			far:  seenOf(t, allow(media.Opus, media.Ulaw), linphone),
			want: "m=audio PORT RTP/AVP 96 0 101 97\na=rtpmap:96 opus/48000/2\na=fmtp:96 useinbandfec=1\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\n" +
				"a=rtpmap:97 telephone-event/48000\na=fmtp:97 0-16\na=maxptime:60\na=sendrecv",
		}, {
			name: "a number that another format has",
			set:  allow(media.ILBC, media.Speex, media.G729),
			far:  seenOf(t, allow(media.Speex, media.G729), "m=audio 4000 RTP/AVP 97 18\na=rtpmap:97 speex/8000\na=fmtp:97 vbr=on\n"),
			want: "m=audio PORT RTP/AVP 97 18 101\na=rtpmap:97 speex/8000\na=fmtp:97 vbr=on\na=rtpmap:18 G729/8000\na=fmtp:18 annexb=no\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:60\na=sendrecv",
		}, {
			name: "a codec under the number of keys",
			set:  allow(media.Speex),
			far:  seenOf(t, allow(media.Speex), "m=audio 4000 RTP/AVP 101\na=rtpmap:101 speex/8000\n"),
			want: "m=audio PORT RTP/AVP 101 96\na=rtpmap:101 speex/8000\na=rtpmap:96 telephone-event/8000\na=fmtp:96 0-16\na=maxptime:60\na=sendrecv",
		}, {
			name: "two profiles of H.264",
			set:  and(allow(media.Ulaw, media.VP8, media.H264), pictures),
			far: seenOf(t, and(allow(media.Ulaw, media.H264), pictures),
				"m=audio 4000 RTP/AVP 0\nm=video 4002 RTP/AVP 98 99\na=rtpmap:98 H264/90000\na=fmtp:98 profile-level-id=42e01f\na=rtpmap:99 H264/90000\na=fmtp:99 profile-level-id=640028\na=rtcp-fb:99 nack pli\n"),
			want: "b=CT:384\nm=audio PORT RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv\n" +
				"m=video PORT RTP/AVP 98 99\na=rtpmap:98 H264/90000\na=fmtp:98 profile-level-id=42e01f\na=rtpmap:99 H264/90000\na=fmtp:99 profile-level-id=640028\na=rtcp-fb:99 nack pli\na=sendrecv",
		}, {
			name: "no pictures where the caller has none",
			set:  and(allow(media.Ulaw, media.VP8), pictures),
			far:  FarFormats([]media.Format{media.Ulaw}),
			want: "m=audio PORT RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv",
		}, {
			name: "videosupport=always",
			set:  and(allow(media.Ulaw, media.VP8, media.H263P), pictures, func(p *sipconf.Peer) { p.VideoAlways = true }),
			far:  FarFormats([]media.Format{media.Ulaw}),
			want: "b=CT:384\nm=audio PORT RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv\n" +
				"m=video PORT RTP/AVP 108 98\na=rtpmap:108 VP8/90000\na=rtpmap:98 H263-1998/90000\na=sendrecv",
		}, {
			name: "avpf",
			set:  and(allow(media.Ulaw, media.VP8), pictures, func(p *sipconf.Peer) { p.AVPF, p.MaxBitrate = true, 0 }),
			far:  FarFormats([]media.Format{media.Ulaw, media.VP8}),
			want: "m=audio PORT RTP/AVPF 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv\n" +
				"m=video PORT RTP/AVPF 108\na=rtpmap:108 VP8/90000\na=rtcp-fb:* ccm fir\na=sendrecv",
		}, {
			name: "text",
			set:  and(allow(media.Ulaw, media.T140, media.Red), func(p *sipconf.Peer) { p.Text = true }),
			far:  FarFormats([]media.Format{media.Ulaw, media.Red, media.T140}),
			want: "m=audio PORT RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=sendrecv\n" +
				"m=text PORT RTP/AVP 105 106\na=rtpmap:105 RED/1000\na=fmtp:105 106/106/106\na=rtpmap:106 T140/1000\na=sendrecv",
		}, {
			name: "framing",
			set: and(allow(media.Ulaw, media.G729), func(p *sipconf.Peer) {
				p.Ptime = map[media.Format]time.Duration{media.Ulaw: 30 * time.Millisecond, media.G729: 40 * time.Millisecond}
			}),
			want: "m=audio PORT RTP/AVP 0 18 101\na=rtpmap:0 PCMU/8000\na=rtpmap:18 G729/8000\na=fmtp:18 annexb=no\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=ptime:30\na=maxptime:140\na=sendrecv",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := open(t, tt.set)
			s, err := k.Offer(tt.far)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "offer", shown(s), tt.want)
		})
	}
}

// TestOfferOfEverything has allow=all be offered: each payload type once, and
// none that means something else.
func TestOfferOfEverything(t *testing.T) {
	k := open(t, and(allow(media.All()...), pictures, func(p *sipconf.Peer) { p.Text = true }))
	s, err := k.Offer(Far{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Media {
		m := &s.Media[i]
		seen := make(map[uint8]bool)
		for _, c := range m.Codecs() {
			f, ok := k.formatOf(c)
			switch {
			case seen[c.Payload]:
				t.Errorf("%s: payload type %d is there twice", m.Kind, c.Payload)
			case !ok:
				t.Errorf("%s: %v is no format", m.Kind, c)
			case f.IsCodec() && f.Kind().String() != m.Kind:
				t.Errorf("%s offers %s", m.Kind, f)
			}
			if static, ok := media.ByPayload(c.Payload); ok && static != f {
				t.Errorf("%s: payload type %d is %s and means %s", m.Kind, c.Payload, f, static)
			}
			seen[c.Payload] = true
		}
		if len(seen) != len(m.Formats) {
			t.Errorf("%s: %d of %d payload types are named", m.Kind, len(seen), len(m.Formats))
		}
	}
	if len(s.Media) != 3 {
		t.Errorf("%d lines", len(s.Media))
	}
}

func TestNothingToOffer(t *testing.T) {
	k := open(t, allow(media.GSM))
	_, err := k.Offer(FarFormats([]media.Format{media.G729}))
	if want := "the account takes gsm, the other phone g729: no codec in common, and none can be translated"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if got := k.Agreed(); got != nil {
		t.Errorf("agreed on %v", got)
	}
}
