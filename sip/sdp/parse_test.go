package sdp_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"obelus/sip/sdp"
)

func parse(t *testing.T, body string) *sdp.Session {
	t.Helper()
	s, err := sdp.Parse([]byte(body))
	if err != nil {
		t.Fatalf("parse %q: %v", body, err)
	}
	return s
}

// lines joins lines as they stand in a message.
func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n" }

// TestPrintedAsRead reads descriptions of real phones, and prints them byte for byte as they were.
func TestPrintedAsRead(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sdp")
	if err != nil || len(files) < 9 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(string(body), "semantic: WMS", "semantic:WMS")
		if got := parse(t, string(body)).String(); got != want {
			t.Errorf("%s is printed\n%s, want\n%s", f, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	head := sdp.Session{Origin: sdp.Origin{User: "-", SessionID: "1", Version: "2", AddrType: "IP4", Address: "192.0.2.1"},
		Connection: sdp.Connection{AddrType: "IP4", Address: "192.0.2.1"}}
	audio := sdp.Media{Kind: "audio", Port: 4000, Proto: "RTP/AVP", Formats: []string{"0", "8"}}
	with := func(change func(s *sdp.Session)) sdp.Session {
		s := head
		s.Media = []sdp.Media{audio}
		change(&s)
		return s
	}
	tests := []struct {
		name string
		body string
		want sdp.Session
	}{
		{"usual", lines("v=0", "o=- 1 2 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", "m=audio 4000 RTP/AVP 0 8"),
			with(func(*sdp.Session) {})},
		{"LF only", "v=0\no=- 1 2 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 4000 RTP/AVP 0 8\n", with(func(*sdp.Session) {})},
		{"CR only", "v=0\ro=- 1 2 IN IP4 192.0.2.1\rs=-\rc=IN IP4 192.0.2.1\rt=0 0\rm=audio 4000 RTP/AVP 0 8\r", with(func(*sdp.Session) {})},
		{"no trailing LF", "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8",
			with(func(*sdp.Session) {})},
		{"t= before c=, s= last", lines("v=0", "o=- 1 2 IN IP4 192.0.2.1", "t=0 0", "c=IN IP4 192.0.2.1", "s=-", "m=audio 4000 RTP/AVP 0 8"),
			with(func(*sdp.Session) {})},
		{"no s=, no t=", lines("v=0", "o=- 1 2 IN IP4 192.0.2.1", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0 8"), with(func(*sdp.Session) {})},
		{"nothing but a stream", lines("m=audio 4000 RTP/AVP 0 8"), sdp.Session{Media: []sdp.Media{audio}}},
		{"spaces", lines("v=0 ", "", "o=-  1 2  IN IP4 192.0.2.1 ", "s= ", "c= IN  IP4 192.0.2.1", "t=0 0", "m= audio  4000 RTP/AVP 0   8 "),
			with(func(*sdp.Session) {})},
		{"bare address in c=", lines("v=0", "o=- 1 2 IN IP4 192.0.2.1", "c=192.0.2.1", "m=audio 4000 RTP/AVP 0 8"), with(func(*sdp.Session) {})},
		{"broken c= is kept", lines("v=0", "o=- 1 2 IN IP4 192.0.2.1", "c=IN IP4", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 0 8", "c=host"),
			with(func(s *sdp.Session) { s.Other = []string{"c=IN IP4"}; s.Media[0].Other = []string{"c=host"} })},
		{"second c= is kept", lines("v=0", "o=- 1 2 IN IP4 192.0.2.1", "c=IN IP4 192.0.2.1", "c=IN IP4 192.0.2.9", "m=audio 4000 RTP/AVP 0 8"),
			with(func(s *sdp.Session) { s.Other = []string{"c=IN IP4 192.0.2.9"} })},
		{"short o=", lines("v=0", "o=root", "m=audio 4000 RTP/AVP 0 8"), sdp.Session{Media: []sdp.Media{audio},
			Origin: sdp.Origin{User: "root", SessionID: "0", Version: "0", AddrType: "IP4", Address: "0.0.0.0"}}},
		{"unknown lines", lines("v=0", "o=- 1 2 IN IP4 192.0.2.1", "i=info", "c=IN IP4 192.0.2.1", "x=new", "rubbish", "m=audio 4000 RTP/AVP 0 8", "k=prompt", "s=late"),
			with(func(s *sdp.Session) {
				s.Other = []string{"i=info", "x=new", "rubbish"}
				s.Media[0].Other = []string{"k=prompt", "s=late"}
			})},
		{"bandwidth", lines("v=0", "o=- 1 2 IN IP4 192.0.2.1", "c=IN IP4 192.0.2.1", "b=AS:64", "b=CT", "m=audio 4000 RTP/AVP 0 8", "b=", "b=TIAS:64000", "b=AS:-1"),
			with(func(s *sdp.Session) {
				s.Bandwidth, s.Other = []sdp.Bandwidth{{Type: "AS", Value: 64}}, []string{"b=CT"}
				s.Media[0].Bandwidth, s.Media[0].Other = []sdp.Bandwidth{{Type: "TIAS", Value: 64000}}, []string{"b=", "b=AS:-1"}
			})},
		{"attributes", lines("v=0", "o=- 1 2 IN IP4 192.0.2.1", "c=IN IP4 192.0.2.1", "a=sendonly", "m=audio 4000 RTP/AVP 0 8", "a=rtpmap:0 PCMU/8000", "a=x:y:z", "a=", "a=:v", "a"),
			with(func(s *sdp.Session) {
				s.Attributes = []sdp.Attribute{{Name: "sendonly"}}
				s.Media[0].Attributes = []sdp.Attribute{{Name: "rtpmap", Value: "0 PCMU/8000"}, {Name: "x", Value: "y:z"}}
				s.Media[0].Other = []string{"a=", "a=:v", "a"}
			})},
		{"odd m=", lines("v=0", "m=", "m=audio", "m=audio 4000", "m=audio x RTP/AVP 0", "m=audio 70000 RTP/AVP 0", "m=audio -1 RTP/AVP 0", "m=audio 5000/2 RTP/AVP 0", "m=audio 5000/x RTP/AVP"),
			sdp.Session{Other: []string{"m="}, Media: []sdp.Media{{Kind: "audio", Proto: "RTP/AVP"}, {Kind: "audio", Port: 4000, Proto: "RTP/AVP"},
				{Kind: "audio", Proto: "RTP/AVP", Formats: []string{"0"}}, {Kind: "audio", Proto: "RTP/AVP", Formats: []string{"0"}},
				{Kind: "audio", Proto: "RTP/AVP", Formats: []string{"0"}}, {Kind: "audio", Port: 5000, PortCount: 2, Proto: "RTP/AVP", Formats: []string{"0"}},
				{Kind: "audio", Port: 5000, Proto: "RTP/AVP"}}}},
		{"several times", lines("v=0", "s=a", "s=b", "t=1 2", "r=7d 1h 0 25h", "t=3 4", "z=0 0", "o=- 1 2 IN IP4 192.0.2.1", "o=- 9 9 IN IP4 192.0.2.1"),
			sdp.Session{Origin: head.Origin, Name: "a", Timing: "1 2", Other: []string{"s=b", "r=7d 1h 0 25h", "t=3 4", "z=0 0", "o=- 9 9 IN IP4 192.0.2.1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := parse(t, tt.body)
			if !reflect.DeepEqual(*got, tt.want) {
				t.Errorf("read as\n%+v, want\n%+v", *got, tt.want)
			}
			again := parse(t, got.String())
			if !reflect.DeepEqual(got, again) {
				t.Errorf("printed and read again\n%+v, first\n%+v", *again, *got)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		name, body string
		want       error
	}{
		{"nothing", "", sdp.ErrNotSDP},
		{"empty lines", "\r\n\r\n", sdp.ErrNotSDP},
		{"text", "Hello, how are you?", sdp.ErrNotSDP},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", sdp.ErrNotSDP},
		{"too many formats", "m=audio 1 RTP/AVP" + strings.Repeat(" 0", sdp.MaxFormats+1), sdp.ErrTooManyFormats},
	}
	for _, tt := range tests {
		if s, err := sdp.Parse([]byte(tt.body)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, %v; want %v", tt.name, s, err, tt.want)
		}
	}
}

// TestSecurityThousandsOfMediaLines: security class 2. Work and memory are bounded, and the error says where.
func TestSecurityThousandsOfMediaLines(t *testing.T) {
	body := "v=0\r\n" + strings.Repeat("m=audio 4000 RTP/AVP 0\r\n", 2500)
	if _, err := sdp.Parse([]byte(body)); !errors.Is(err, sdp.ErrTooManyMedia) || !strings.Contains(err.Error(), "line 66") {
		t.Errorf("2,500 streams: %v", err)
	}
	body = "v=0\r\n" + strings.Repeat("m=audio 4000 RTP/AVP 0\r\n", sdp.MaxMedia)
	if s := parse(t, body); len(s.Media) != sdp.MaxMedia {
		t.Errorf("%d streams, want %d", len(s.Media), sdp.MaxMedia)
	}
	if _, err := sdp.Parse(bytes.Repeat([]byte("a=x\r\n"), 20000)); !errors.Is(err, sdp.ErrTooLarge) {
		t.Errorf("100,000 bytes: %v", err)
	}
}

// TestSecurityNoTrailingLF: security class 2 (CVE-2023-27600).
func TestSecurityNoTrailingLF(t *testing.T) {
	for _, l := range []string{"v=0", "o=", "o", "s", "c=", "c=IN", "t", "b", "b=", "a", "a=", "a=rtpmap", "a=rtpmap:", "a=fmtp:0", "m", "m=", "m=a"} {
		s, err := sdp.Parse([]byte("v=0\r\nm=audio 4000 RTP/AVP 0\r\n" + l))
		if err != nil {
			t.Errorf("last line %q: %v", l, err)
			continue
		}
		if s.Media[0].Port != 4000 || len(s.Media[0].Codecs()) != 1 {
			t.Errorf("last line %q: %+v", l, s.Media[0])
		}
	}
}

// TestSecurityBadBandwidth: security class 2 (CVE-2026-46334).
func TestSecurityBadBandwidth(t *testing.T) {
	for _, v := range []string{"", "AS", ":", ":64", "AS:", "AS:x", "AS:99999999999999999999", "AS:-5", "AS:1:2"} {
		s := parse(t, lines("v=0", "b="+v, "m=audio 4000 RTP/AVP 0", "b="+v))
		if len(s.Bandwidth) != 0 || !slices.Equal(s.Other, []string{"b=" + v}) || !slices.Equal(s.Media[0].Other, []string{"b=" + v}) {
			t.Errorf("b=%s: %+v", v, s)
		}
	}
}

// TestSecurityLineInjection: no value can add a line to what we print.
func TestSecurityLineInjection(t *testing.T) {
	evil := "x\r\na=sendrecv\nm=audio 1 RTP/AVP 0"
	s := sdp.Session{Name: evil, Origin: sdp.Origin{User: evil, SessionID: evil, Version: evil, AddrType: evil, Address: evil},
		Connection: sdp.Connection{AddrType: evil, Address: evil}, Bandwidth: []sdp.Bandwidth{{Type: evil}}, Timing: evil,
		Attributes: []sdp.Attribute{{Name: evil, Value: evil}}, Other: []string{evil},
		Media: []sdp.Media{{Kind: evil, Proto: evil, Formats: []string{evil}, Attributes: []sdp.Attribute{{Name: evil, Value: evil}}}}}
	if got := strings.Count(s.String(), "\n"); got != 10 {
		t.Errorf("%d lines, want 10:\n%s", got, s.String())
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.sdp")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte("v=0\no=x\nc=1.2.3.4\nb=\nb=AS:1\na=\nm=\nm=audio 1/2\na=rtcp:5 IN IP4 1.2.3.4\na=crypto:1 A inline:x"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := sdp.Parse(body)
		if err != nil || len(body) > sdp.MaxSize/3 {
			return
		}
		for i := range s.Media {
			m := &s.Media[i]
			for _, c := range m.Codecs() {
				if c.Name == "" || c.Clock < 1 || c.Channels < 1 || c.Payload > 127 {
					t.Errorf("codec %+v", c)
				}
			}
			_, _ = s.RTPAddr(m)
			_, _ = s.RTCPAddr(m)
			_, _, _ = m.Cryptos(), s.OnHold(m), m.Ptime()
		}
		again, err := sdp.Parse(s.Append(nil))
		if err != nil {
			t.Fatalf("what was printed can't be read: %v\n%q", err, s.String())
		}
		if !reflect.DeepEqual(s, again) {
			t.Errorf("printed and read again\n%+v, first\n%+v", again, s)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	body, err := os.ReadFile("testdata/baresip-offer.sdp")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sdp.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}
