package sound

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"obelus/media"
	"obelus/media/codec"
)

// readAll reads a source in frames of an odd length.
func readAll(t *testing.T, src media.Source) []int16 {
	t.Helper()
	var out []int16
	frame := make([]int16, 77)
	for {
		n, err := src.Read(frame)
		out = append(out, frame[:n]...)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(out) > 1<<20 {
			t.Fatal("no end")
		}
	}
}

// level is how loud a frequency is in samples, as its amplitude.
func level(pcm []int16, freq, rate int) float64 {
	var s, c float64
	for i, v := range pcm {
		a := 2 * math.Pi * float64(freq) * float64(i) / float64(rate)
		s += float64(v) * math.Sin(a)
		c += float64(v) * math.Cos(a)
	}
	return 2 * math.Hypot(s, c) / float64(len(pcm))
}

var library = Library{Dirs: []string{"testdata"}}

// Every file is 0.2 s of 440 Hz at half of full scale, made by sox (the G.722 one
// coded by libspandsp).
func TestFiles(t *testing.T) {
	for _, c := range []struct {
		name   string
		rate   int
		format media.Format // as it can be handed on, None for not
	}{
		{"tone", 8000, media.None},
		{"digits/1", 8000, media.Ulaw},
		{"custom/stereo16", 16000, media.None},
		{"custom/ulawwav", 8000, media.Ulaw},
		{"custom/alawstereo", 8000, media.None},
		{"custom/eight", 8000, media.None},
		{"custom/cd", 44100, media.None},
		{"custom/law", 8000, media.Alaw},
		{"custom/lin", 8000, media.None},
		{"custom/lin16", 16000, media.None},
		{"custom/wide", 16000, media.G722},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, err := library.Open(c.name, "en")
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			if src.Rate() != c.rate {
				t.Errorf("rate %d, want %d", src.Rate(), c.rate)
			}
			e, ok := src.(media.Encoded)
			if ok != (c.format != media.None) || ok && e.Format() != c.format {
				t.Errorf("handed on coded: %v, want %v", ok, c.format)
			}
			pcm := readAll(t, src)
			if want := c.rate / 5; len(pcm) != want {
				t.Errorf("%d samples, want %d", len(pcm), want)
			}
			if got := level(pcm[c.rate/100:], 440, c.rate); math.Abs(got-16422) > 250 {
				t.Errorf("440 Hz has the amplitude %.0f, want 16422", got)
			}
		})
	}
}

func TestReadEncoded(t *testing.T) {
	for _, c := range []struct {
		format media.Format
		file   string
		skip   int
	}{{media.Ulaw, "en/tone.ulaw", 0}, {media.GSM, "en/tone.gsm", 0}, {media.Ulaw, "custom/ulawwav.wav", 58}, {media.G722, "custom/wide.g722", 0}} {
		want, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		src, err := library.Open(c.file[:len(c.file)-len(filepath.Ext(c.file))], "", c.format)
		if err != nil {
			t.Fatal(err)
		}
		e, ok := src.(media.Encoded)
		if !ok {
			t.Fatalf("%s is not handed on coded", c.file)
		}
		var got []byte
		frame := make([]byte, codec.Bytes(c.format, media.Frame))
		for err == nil {
			var n int
			n, err = e.ReadEncoded(frame)
			got = append(got, frame[:n]...)
		}
		if !bytes.Equal(got, want[c.skip:]) || !errors.Is(err, io.EOF) {
			t.Errorf("%s: %d bytes, %v; want %d", c.file, len(got), err, len(want)-c.skip)
		}
		src.Close()
	}
}

func TestLibraryPicks(t *testing.T) {
	for _, c := range []struct {
		name, language string
		phone          []media.Format
		coded          media.Format // None: not coded
		missing        bool
	}{
		{"tone", "en", nil, media.None, false},
		{"tone", "en", []media.Format{media.GSM, media.Ulaw}, media.GSM, false},
		{"tone", "en", []media.Format{media.Alaw, media.Ulaw}, media.Ulaw, false},
		{"tone", "en_GB", []media.Format{media.Ulaw}, media.Ulaw, false},
		{"tone", "fr", nil, media.None, true},
		{"tone", "", nil, media.None, true},
		{"en/tone", "", []media.Format{media.Ulaw}, media.Ulaw, false},
		{"hallo", "de", nil, media.Ulaw, false}, // in de_f_Anna
		{"hallo", "d", nil, media.None, true},
		{"hallo", "*", nil, media.None, true},
		{"beep", "en", nil, media.None, false}, // built in
		{"silence/3", "en", nil, media.None, false},
		{"", "en", nil, media.None, true},
		{"to\x00ne", "en", nil, media.None, true},
	} {
		src, err := library.Open(c.name, c.language, c.phone...)
		if c.missing {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%q in %q: %v, want none", c.name, c.language, err)
			}
			continue
		}
		if err != nil {
			t.Error(err)
			continue
		}
		e, ok := src.(media.Encoded)
		if ok != (c.coded != media.None) || ok && e.Format() != c.coded {
			t.Errorf("%q for %v: coded %v, want %v", c.name, c.phone, ok, c.coded)
		}
		src.Close()
	}
}

// Class 36: a name may not lead out of the library.
func TestClass36PathTraversal(t *testing.T) {
	inner := Library{Dirs: []string{"testdata/custom"}}
	for _, c := range []struct{ name, language string }{
		{"../en/tone", ""}, {"x/../../en/tone", ""}, {"./../en/tone", "en"}, {"..", ""}, {"tone", "../en"}, {"tone", ".."},
		{"tone", "x/../../en"}, {"tone", `..\en`},
	} {
		if s, err := inner.Open(c.name, c.language); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q in %q: %v", c.name, c.language, err)
			if err == nil {
				s.Close()
			}
		}
	}
	s, err := inner.Open("x/../law", "")
	if err != nil {
		t.Errorf("a detour within the library: %v", err)
	} else {
		s.Close()
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"text.wav":  "this is no sound",
		"empty.wav": "",
		"cut.wav":   "RIFF\x00\x00\x00\x00WAVEfmt ",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Library{Dirs: []string{dir}}.Open(name[:len(name)-4], "")
		if !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				s.Close()
			}
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.wav"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := (Library{Dirs: []string{dir}}).Open("folder", ""); err == nil {
		t.Error("a folder was opened")
	}
}

func wav(format string, data string) []byte {
	return []byte("RIFF\x00\x00\x00\x00WAVEfmt " + format + "data" + data)
}

const pcm8000 = "\x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"

func TestWAVHeads(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		want int // samples; -1: refused
	}{
		{"plain", wav(pcm8000, "\x04\x00\x00\x00\x01\x00\x02\x00"), 2},
		{"more said than there is", wav(pcm8000, "\xf0\x00\x00\x00\x01\x00\x02\x00"), 2},
		{"less said than there is", wav(pcm8000, "\x02\x00\x00\x00\x01\x00\x02\x00"), 1},
		{"half a sample", wav(pcm8000, "\x03\x00\x00\x00\x01\x00\x02"), 1},
		{"length not known", wav(pcm8000, "\x00\x00\x00\x00\x01\x00\x02\x00"), 2},
		{"length not known, of a pipe", wav(pcm8000, "\xff\xff\xff\xff\x01\x00\x02\x00"), 2},
		{"a chunk between", wav(pcm8000+"LIST\x03\x00\x00\x00abc\x00", "\x04\x00\x00\x00\x01\x00\x02\x00"), 2},
		{"a chunk without end", wav(pcm8000+"LIST\xff\xff\xff\xffabc\x00", "\x04\x00\x00\x00\x01\x00\x02\x00"), -1},
		{"no format", []byte("RIFF\x00\x00\x00\x00WAVEdata\x04\x00\x00\x00\x01\x00\x02\x00"), -1},
		{"three channels", wav("\x10\x00\x00\x00\x01\x00\x03\x00"+pcm8000[8:], "\x04\x00\x00\x00abcd"), -1},
		{"no channel", wav("\x10\x00\x00\x00\x01\x00\x00\x00"+pcm8000[8:], "\x04\x00\x00\x00abcd"), -1},
		{"rate 0", wav("\x10\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00"+pcm8000[12:], "\x04\x00\x00\x00abcd"), -1},
		{"24 bits", wav(pcm8000[:18]+"\x18\x00", "\x04\x00\x00\x00abcd"), -1},
		{"MP3 inside", wav("\x10\x00\x00\x00\x55\x00"+pcm8000[6:], "\x04\x00\x00\x00abcd"), -1},
		{"a format of 4 bytes", wav("\x04\x00\x00\x00\x01\x00\x01\x00", "\x04\x00\x00\x00abcd"), -1},
		{"a format of 4 GB", wav("\xff\xff\xff\xff\x01\x00\x01\x00", ""), -1},
		{"extensible", wav("\x28\x00\x00\x00\xfe\xff"+pcm8000[6:]+"\x16\x00\x10\x00\x04\x00\x00\x00\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71", "\x04\x00\x00\x00\x01\x00\x02\x00"), 2},
	} {
		src, err := newWAV(bytes.NewReader(c.b), func() error { return nil })
		switch {
		case c.want < 0 && !errors.Is(err, ErrFormat):
			t.Errorf("%s: %v, want ErrFormat", c.name, err)
		case c.want >= 0 && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want >= 0:
			if n := len(readAll(t, src)); n != c.want {
				t.Errorf("%s: %d samples, want %d", c.name, n, c.want)
			}
		}
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(wav(pcm8000, "\x04\x00\x00\x00\x01\x00\x02\x00"))
	for _, name := range []string{"custom/stereo16.wav", "custom/ulawwav.wav", "custom/alawstereo.wav"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:200])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		src, err := newWAV(bytes.NewReader(b), func() error { return nil })
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("err = %v", err)
			}
			return
		}
		if n := len(readAll(t, src)); n > len(b) {
			t.Errorf("%d samples out of %d bytes", n, len(b))
		}
	})
}

// take reads n samples.
func take(t *testing.T, src media.Source, n int) []int16 {
	t.Helper()
	out := make([]int16, n)
	for at := 0; at < n; {
		k, err := src.Read(out[at:])
		if err != nil {
			t.Fatalf("after %d samples: %v", at+k, err)
		}
		at += k
	}
	return out
}

func TestTones(t *testing.T) {
	for _, c := range []struct {
		name     string
		one, two int
		on, off  int // ms
	}{{"dial", 350, 440, 10000, 0}, {"busy", 480, 620, 500, 500}, {"ring", 440, 480, 2000, 4000}, {"congestion", 480, 620, 250, 250}} {
		src, ok := Tone(c.name)
		if !ok {
			t.Fatalf("no tone %s", c.name)
		}
		for round := range 2 {
			on, off := take(t, src, 8*c.on), take(t, src, 8*c.off)
			if a, b := level(on, c.one, 8000), level(on, c.two, 8000); math.Abs(a-loudness) > 20 || math.Abs(b-loudness) > 20 {
				t.Errorf("%s, round %d: levels %.0f and %.0f, want %d", c.name, round, a, b, loudness)
			}
			for i, v := range off {
				if v != 0 {
					t.Fatalf("%s, round %d: sample %d of the pause is %d", c.name, round, i, v)
				}
			}
		}
	}
	if _, ok := Tone("foghorn"); ok {
		t.Error("a foghorn was found")
	}
}

func TestBeepEnds(t *testing.T) {
	pcm := readAll(t, Beep())
	if len(pcm) != 2640 || math.Abs(level(pcm, 1000, 8000)-loudness) > 5 {
		t.Errorf("%d samples at %.0f", len(pcm), level(pcm, 1000, 8000))
	}
}

func TestNewTone(t *testing.T) {
	src, err := NewTone("!950/330,!1400/330, 425*20/200 ,0/200")
	if err != nil {
		t.Fatal(err)
	}
	for _, freq := range []int{950, 1400} {
		if got := level(take(t, src, 2640), freq, 8000); math.Abs(got-loudness) > 10 {
			t.Errorf("%d Hz at %.0f", freq, got)
		}
	}
	for range 3 {
		if got := level(take(t, src, 1600), 425, 8000); math.Abs(got-loudness/2) > 10 {
			t.Errorf("425 Hz beaten by 20 at %.0f, want %d", got, loudness/2)
		}
		if got := level(take(t, src, 1600), 425, 8000); got != 0 {
			t.Errorf("the pause sounds: %.0f", got)
		}
	}
	for _, bad := range []string{"", "x", "440/", "440/x", "440/-5", "440/0", "-1", "20001", "440+", "440*x", "440,,", "1/99999999999"} {
		if _, err := NewTone(bad); !errors.Is(err, ErrTone) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzTone(f *testing.F) {
	for _, s := range []string{DialTone, BusyTone, RingTone, beepTone, "!950/330,!1400/330,!1800/330,0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if src, err := NewTone(s); err == nil {
			if _, err := src.Read(make([]int16, 200)); err != nil && !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		}
	})
}

func TestResampleSource(t *testing.T) {
	for _, c := range []struct {
		name string
		to   int
	}{{"custom/cd", 8000}, {"tone", 16000}, {"custom/stereo16", 8000}, {"tone", 8000}} {
		src, err := library.Open(c.name, "en")
		if err != nil {
			t.Fatal(err)
		}
		out, err := Resample(src, c.to)
		if err != nil {
			t.Fatal(err)
		}
		pcm := readAll(t, out)
		if want := c.to / 5; out.Rate() != c.to || len(pcm) < want || len(pcm) > want+c.to/200 {
			t.Errorf("%s: %d samples, want %d and a little", c.name, len(pcm), want)
		}
		if got := level(pcm[c.to/50:c.to/50+c.to/10], 440, c.to); math.Abs(got-16422) > 250 {
			t.Errorf("%s at %d: level %.0f", c.name, c.to, got)
		}
		src.Close()
	}
	if _, err := Resample(odd{}, 8000); err == nil {
		t.Error("44101 to 8000 was taken")
	}
}

type odd struct{}

func (odd) Rate() int                 { return 44101 }
func (odd) Read([]int16) (int, error) { return 0, io.EOF }
