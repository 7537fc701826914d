package sdp_test

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"obelus/sip/sdp"
)

func file(t *testing.T, name string) *sdp.Session {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name + ".sdp")
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(body))
}

// codecs writes codecs as "payload name/clock/channels(fmtp)".
func codecs(m *sdp.Media) string {
	var b strings.Builder
	for _, c := range m.Codecs() {
		x := sdp.Media{}
		x.AddCodec(c)
		b.WriteString(strings.ReplaceAll(x.Attributes[0].Value, " ", "=") + "(" + c.Fmtp + ") ")
	}
	return strings.TrimSpace(b.String())
}

func TestCodecs(t *testing.T) {
	tests := []struct{ name, media, want string }{
		{"names from rtpmap", lines("m=audio 1 RTP/AVP 8 96", "a=rtpmap:8 PCMA/8000", "a=rtpmap:96 opus/48000/2", "a=fmtp:96 useinbandfec=1"),
			"8=PCMA/8000() 96=opus/48000/2(useinbandfec=1)"},
		{"no rtpmap", lines("m=audio 1 RTP/AVP 0 8 3 18 9 101 13 19 10"),
			"0=PCMU/8000() 8=PCMA/8000() 3=GSM/8000() 18=G729/8000() 9=G722/8000() 101=telephone-event/8000() 13=CN/8000() 19=CN/8000() 10=L16/44100/2()"},
		{"order of the m= line", lines("m=audio 1 RTP/AVP 8 0", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000"), "8=PCMA/8000() 0=PCMU/8000()"},
		{"dynamic without a name", lines("m=audio 1 RTP/AVP 96 0"), "0=PCMU/8000()"},
		{"named, not offered", lines("m=audio 1 RTP/AVP 0", "a=rtpmap:8 PCMA/8000"), "0=PCMU/8000()"},
		{"twice", lines("m=audio 1 RTP/AVP 0 0 96 96", "a=rtpmap:96 a/8000", "a=rtpmap:96 b/8000"), "0=PCMU/8000() 96=a/8000()"},
		{"a number with another name", lines("m=audio 1 RTP/AVP 0", "a=rtpmap:0 PCMA/8000"), "0=PCMA/8000()"},
		{"odd rtpmap", lines("m=audio 1 RTP/AVP 96 97 98 99 100", "a=rtpmap:96", "a=rtpmap:97 speex", "a=rtpmap:98  iLBC / 8000", "a=rtpmap:x y/1", "a=rtpmap:99 a/0/0", "a=rtpmap:100 /8000"),
			"97=speex/8000() 98=iLBC/8000() 99=a/8000()"},
		{"odd formats", lines("m=audio 1 RTP/AVP * -1 128 999999999999 0x8 8"), "8=PCMA/8000()"},
		{"odd fmtp", lines("m=audio 1 RTP/AVP 18 101", "a=fmtp:18  annexb=no ", "a=fmtp:101", "a=fmtp:x y", "A=FMTP:101 0-15"), "18=G729/8000(annexb=no) 101=telephone-event/8000()"},
		{"case", lines("m=audio 1 rtp/avp 96", "a=RTPMAP:96 OPUS/48000/2", "a=Fmtp:96 x"), "96=OPUS/48000/2(x)"},
		{"fax", lines("m=image 1 udptl t38"), ""},
	}
	for _, tt := range tests {
		s := parse(t, tt.media)
		if got := codecs(&s.Media[0]); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestSameCodec(t *testing.T) {
	pcmu := sdp.Codec{Payload: 0, Name: "PCMU", Clock: 8000}
	tests := []struct {
		c    sdp.Codec
		want bool
	}{
		{sdp.Codec{Payload: 99, Name: "pcmu", Clock: 8000, Channels: 1, Fmtp: "x"}, true},
		{sdp.Codec{Name: "PCMA", Clock: 8000}, false},
		{sdp.Codec{Name: "PCMU", Clock: 16000}, false},
		{sdp.Codec{Name: "PCMU", Clock: 8000, Channels: 2}, false},
	}
	for _, tt := range tests {
		if got := pcmu.Is(tt.c); got != tt.want {
			t.Errorf("%+v is %+v: %v", pcmu, tt.c, got)
		}
		if got, ok := sdp.Find([]sdp.Codec{{Name: "GSM", Clock: 8000}, tt.c}, pcmu); ok != tt.want || ok && got != tt.c {
			t.Errorf("find %+v: %+v, %v", tt.c, got, ok)
		}
	}
}

func TestEveryStaticPayloadIsFoundAgain(t *testing.T) {
	known := 0
	for pt := range uint8(128) {
		m := sdp.Media{Kind: "audio", Proto: "RTP/AVP"}
		m.AddCodec(sdp.Codec{Payload: pt, Name: "x", Clock: 1})
		m.Attributes = nil
		for _, c := range m.Codecs() {
			known++
			if c.Payload != pt {
				t.Errorf("payload %d is %+v", pt, c)
			}
		}
	}
	if known != 26 {
		t.Errorf("%d payload types need no rtpmap, want 26", known)
	}
}

func TestMediaKinds(t *testing.T) {
	tests := []struct {
		line                string
		rtp, secure, t38    bool
		rejected, bundleOne bool
	}{
		{"m=audio 4000 RTP/AVP 0", true, false, false, false, false},
		{"m=audio 4000 RTP/SAVP 0", true, true, false, false, false},
		{"m=audio 4000 UDP/TLS/RTP/SAVPF 0", true, true, false, false, false},
		{"m=audio 4000 rtp/avpf 0", true, false, false, false, false},
		{"m=image 4000 udptl t38", false, false, true, false, false},
		{"m=image 4000 UDPTL T38", false, false, true, false, false},
		{"m=image 4000 udptl", false, false, false, false, false},
		{"m=audio 0 RTP/AVP 0", true, false, false, true, false},
		{"m=audio 0 RTP/AVP 0", true, false, false, false, true},
		{"m=message 2855 TCP/MSRP *", false, false, false, false, false},
	}
	for _, tt := range tests {
		l := []string{tt.line}
		if tt.bundleOne {
			l = append(l, "a=bundle-only")
		}
		m := &parse(t, lines(l...)).Media[0]
		if m.IsRTP() != tt.rtp || m.Secure() != tt.secure || m.IsT38() != tt.t38 || m.Rejected() != tt.rejected {
			t.Errorf("%v: RTP %v, secure %v, T.38 %v, rejected %v", l, m.IsRTP(), m.Secure(), m.IsT38(), m.Rejected())
		}
	}
}

func TestPtime(t *testing.T) {
	for v, want := range map[string]time.Duration{"20": 20 * time.Millisecond, "": 0, "x": 0, "-20": 0, "99999999": 0} {
		m := &parse(t, lines("m=audio 1 RTP/AVP 0", "a=ptime:"+v, "a=maxptime:140")).Media[0]
		if m.Ptime() != want || m.MaxPtime() != 140*time.Millisecond {
			t.Errorf("ptime:%s is %v, maxptime %v", v, m.Ptime(), m.MaxPtime())
		}
	}
}

func TestCryptos(t *testing.T) {
	m := &parse(t, lines("m=audio 1 RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc|2^20", "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:def UNENCRYPTED_SRTCP KDR=1",
		"a=crypto:3", "a=crypto:4 X", "a=crypto:")).Media[0]
	want := []sdp.Crypto{{Tag: "1", Suite: "AES_CM_128_HMAC_SHA1_80", KeyParams: "inline:abc|2^20"},
		{Tag: "2", Suite: "AES_CM_128_HMAC_SHA1_32", KeyParams: "inline:def", SessionParams: "UNENCRYPTED_SRTCP KDR=1"}}
	if got := m.Cryptos(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	var built sdp.Media
	for _, c := range want {
		built.AddCrypto(c)
	}
	if got := built.Cryptos(); !reflect.DeepEqual(got, want) {
		t.Errorf("built: %+v, want %+v", got, want)
	}
}
