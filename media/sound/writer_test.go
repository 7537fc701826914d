package sound

import (
	"bytes"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obelus/media"
)

// tone440 is so much of 440 Hz.
func tone440(rate int, d time.Duration) []int16 {
	pcm := make([]int16, int(d*time.Duration(rate)/time.Second))
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(i)/float64(rate)))
	}
	return pcm
}

func kind(t *testing.T, name string) Kind {
	t.Helper()
	k, ok := KindOf(name)
	if !ok {
		t.Fatalf("no kind %s", name)
	}
	return k
}

// inFrames writes samples in pieces of 20 ms.
func inFrames(t *testing.T, w *Writer, pcm []int16) {
	t.Helper()
	for n := w.Rate() / 50; len(pcm) > 0; pcm = pcm[min(n, len(pcm)):] {
		if err := w.Write(pcm[:min(n, len(pcm))]); err != nil {
			t.Fatal(err)
		}
	}
}

func near(a, b, by time.Duration) bool { return a-b <= by && b-a <= by }

var kinds = []string{"wav", "WAV", "wav49", "gsm", "ulaw", "pcm", "ul", "alaw", "al", "sln", "raw", "sln12", "sln16", "sln24", "sln32", "sln44", "sln48", "sln96", "sln192", "wav16", "g722"}

// Every kind: written, read while it is open, appended to, cut, measured, wound.
func TestWriter(t *testing.T) {
	for _, name := range kinds {
		t.Run(name, func(t *testing.T) {
			k := kind(t, name)
			path := filepath.Join(t.TempDir(), "out."+k.Ending)
			w, err := Create(path, k)
			if err != nil {
				t.Fatal(err)
			}
			inFrames(t, w, tone440(k.Rate(), time.Second))
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			// This is what a crash leaves.
			if d, err := Duration(path); err != nil || !near(d, time.Second, 40*time.Millisecond) {
				t.Errorf("%v while it is open (%v)", d, err)
			}
			inFrames(t, w, tone440(k.Rate(), time.Second))
			if d := w.Length(); !near(d, 2*time.Second, time.Millisecond) {
				t.Errorf("the writer counts %v", d)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if w, err = Append(path, k); err != nil {
				t.Fatal(err)
			}
			inFrames(t, w, tone440(k.Rate(), time.Second))
			if err := errors.Join(w.Cut(500*time.Millisecond), w.Close()); err != nil {
				t.Fatal(err)
			}
			checkFile(t, path, 2500*time.Millisecond)
		})
	}
}

// checkFile checks that a file is a tone of 440 Hz for so long, and can be wound.
func checkFile(t *testing.T, path string, want time.Duration) {
	t.Helper()
	if d, err := Duration(path); err != nil || !near(d, want, 60*time.Millisecond) {
		t.Errorf("its length is %v, want %v (%v)", d, want, err)
	}
	s, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	pcm := readAll(t, s)
	if d := samplesTime(int64(len(pcm)), s.Rate()); !near(d, want, 60*time.Millisecond) {
		t.Errorf("%v of sound, want %v", d, want)
	}
	for at := s.Rate() / 5; at+s.Rate()/10 < len(pcm)-s.Rate()/5; at += s.Rate() / 10 {
		if at > s.Rate()*18/10 && at < s.Rate()*22/10 {
			continue // the seam, which codings that look back take a moment to get over
		}
		if got := level(pcm[at:at+s.Rate()/10], 440, s.Rate()); math.Abs(got-8000) > 900 {
			t.Errorf("at %d: level %.0f, want 8000", at, got)
		}
	}
	wind := s.(media.Seeker)
	for _, c := range []struct{ to, at time.Duration }{{time.Second, time.Second}, {-time.Second, 0}, {time.Hour, want}, {want - 300*time.Millisecond, want - 300*time.Millisecond}} {
		if err := wind.Seek(c.to); err != nil {
			t.Fatal(err)
		}
		if got := wind.Position(); !near(got, c.at, 60*time.Millisecond) {
			t.Errorf("wound to %v, is at %v", c.to, got)
		}
	}
	frame := take(t, s, s.Rate()/10)
	if got := level(frame, 440, s.Rate()); math.Abs(got-8000) > 1500 {
		t.Errorf("level %.0f behind winding", got)
	}
	if got := wind.Position(); !near(got, want-200*time.Millisecond, 60*time.Millisecond) {
		t.Errorf("100 ms later it is at %v", got)
	}
	if rest := len(readAll(t, s)); !near(samplesTime(int64(rest), s.Rate()), 200*time.Millisecond, 60*time.Millisecond) {
		t.Errorf("%d samples are left", rest)
	}
}

// TestSoxReads has sox read what it knows, where it is installed.
func TestSoxReads(t *testing.T) {
	sox, err := exec.LookPath("sox")
	if err != nil {
		t.Log("no sox here: TestWriter has read the files with our own readers")
		return
	}
	raw := func(rate string) []string {
		return []string{"-t", "raw", "-r", rate, "-e", "signed", "-b", "16", "-c", "1"}
	}
	for name, how := range map[string][]string{
		"wav": nil, "WAV": nil, "wav16": {"-t", "wav"}, "gsm": {"-t", "gsm", "-r", "8000"}, "ulaw": {"-t", "ul", "-r", "8000", "-c", "1"}, "alaw": {"-t", "al", "-r", "8000", "-c", "1"},
		"sln": raw("8000"), "sln12": raw("12000"), "sln16": raw("16000"), "sln24": raw("24000"), "sln32": raw("32000"), "sln44": raw("44100"), "sln48": raw("48000"), "sln96": raw("96000"), "sln192": raw("192000"),
	} {
		t.Run(name, func(t *testing.T) {
			k := kind(t, name)
			path := filepath.Join(t.TempDir(), "out."+k.Ending)
			w, err := Create(path, k)
			if err != nil {
				t.Fatal(err)
			}
			inFrames(t, w, tone440(k.Rate(), time.Second))
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			cmd := exec.Command(sox, append(append([]string{}, how...), path, "-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1", "-")...)
			cmd.Stderr = &said
			b, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, said.String())
			}
			if strings.Contains(said.String(), "WARN") && strings.Contains(said.String(), "wav") {
				t.Errorf("sox complains: %s", said.String())
			}
			pcm := little{}.Decode(nil, b)
			if len(pcm) < 7900 || len(pcm) > 8400 {
				t.Fatalf("%d samples", len(pcm))
			}
			if got := level(pcm[1600:6400], 440, 8000); math.Abs(got-8000) > 500 {
				t.Errorf("level %.0f, want 8000", got)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	for name, want := range map[string]string{"wav49": "WAV", "WAV": "WAV", "WAV49": "WAV", "wav": "wav", "Gsm": "gsm", "pcm": "pcm", "ogg": "", "": "", "g729": ""} {
		k, ok := KindOf(name)
		if k.Ending != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", name, k.Ending, ok)
		}
	}
}

func TestAppendToOthers(t *testing.T) {
	dir := t.TempDir()
	for name, b := range map[string][]byte{"text.wav": []byte("this is no sound at all"), "stereo.wav": nil, "ulaw.wav": nil} {
		path := filepath.Join(dir, name)
		if b == nil {
			var err error
			from := map[string]string{"stereo.wav": "stereo16.wav", "ulaw.wav": "ulawwav.wav"}[name]
			if b, err = os.ReadFile(filepath.Join("testdata", "custom", from)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Append(path, kind(t, "wav")); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, b) {
			t.Errorf("%s has changed (%v)", name, err)
		}
	}
	for _, name := range []string{"nofolder/x.wav", "."} {
		if _, err := Create(filepath.Join(dir, name), kind(t, "wav")); err == nil {
			t.Errorf("%s was made", name)
		}
	}
	if _, err := OpenFile(filepath.Join(dir, "x.ogg")); err == nil {
		t.Error("x.ogg was opened")
	}
	if _, err := Duration(filepath.Join(dir, "x.wav")); err == nil {
		t.Error("what is not there has a length")
	}
}

// FuzzMSGSM decodes anything.
func FuzzMSGSM(f *testing.F) {
	f.Add(newMSEncoder().Encode(nil, tone440(8000, 80*time.Millisecond)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n := len(newMSDecoder().Decode(nil, b)); n != len(b)/msBlock*msSamples {
			t.Errorf("%d samples out of %d bytes", n, len(b))
		}
	})
}
