package music

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
	"obelus/conf"
	"obelus/media"
	"obelus/prompt"
)

// TestRead reads musiconhold.conf.
func TestRead(t *testing.T) {
	for text, want := range map[string]string{
		"[general]\npreferchannelclass=no\n[default]\nmode=files\ndirectory=moh\n":    "default files moh 0",
		"[jazz]\nmode=files\ndirectory=/srv/jazz\nsort=random\nannouncement=thanks\n": "jazz files /srv/jazz 1 thanks",
		"[old]\ndirectory=moh\nrandom=yes\n":                                          "old files moh 1",
		"[list]\nmode=playlist\nentry=/a.wav\nentry=b\nsort=randstart\n":              "list files  2 [/a.wav b]",
		"[radio]\nmode=custom\napplication=/usr/bin/mpg123 -q 'a b'\nformat=ulaw\n":   "radio [/usr/bin/mpg123 -q a b] ulaw",
		"[q]\nmode=quietmp3\ndirectory=mohmp3\n":                                      "q [mpg123 -q -s --mono -r 8000 -f 8192 --loop -1] slin",
		"[none]\nmode=files\n":                                                        "! names no directory",
		"[none]\nmode=custom\n":                                                       "! names no application",
		"[none]\nmode=juke\n":                                                         "! mode=juke is not known",
		"[none]\nmode=custom\napplication=a 'b\n":                                     "! is not closed",
		"[none]\nmode=files\ndirectory=x\nsort=best\n":                                "! sort=best is not known",
		"[none]\nmode=files\ndirectory=x\ndirectroy=y\n":                              "! did you mean directory?",
		"[none]\nmode=playlist\nentry=http://x/y\n":                                   "! is a URL",
		"[none]\nmode=files\ndirectory=x\ndigit=1\n":                                  "! digit is not supported",
		"[classes]\ndefault => quietmp3:/x\n":                                         "! is not read",
	} {
		f, _, err := new(conf.Loader).Parse("musiconhold.conf", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c, found := Read(f)
		if rest, bad := strings.CutPrefix(want, "! "); bad {
			if len(found) == 0 || !strings.Contains(found[0].String()+found[len(found)-1].String(), rest) || found[0].Line == 0 {
				t.Errorf("%q: %v; want %q", text, found, rest)
			}
			continue
		}
		if got := describe(&c); got != want || len(found) != 0 {
			t.Errorf("%q is %q, %v; want %q", text, got, found, want)
		}
	}
	if c, found := Read(nil); describe(&c) != "default files moh 0" || found != nil {
		t.Errorf("without a file: %s, %v", describe(&c), found)
	}
}

func describe(c *Config) string {
	var out []string
	for _, n := range c.Names() {
		x := c.Classes[n]
		switch {
		case len(x.Entries) > 0:
			out = append(out, n, "files", x.Directory, string('0'+rune(x.Order)), "["+strings.Join(x.Entries, " ")+"]")
		case x.Files:
			out = append(out, n, "files", x.Directory, string('0'+rune(x.Order)))
		default:
			out = append(out, n, "["+strings.Join(x.Command, " ")+"]", x.Format.String())
		}
		if x.Announcement != "" {
			out = append(out, x.Announcement)
		}
	}
	return strings.Join(out, " ")
}

// hall is a phone and a library that note what is played.
type hall struct {
	mu     sync.Mutex
	played []string // "name@second" it was begun at, of its own beginning
	lacks  string
}

func (h *hall) Open(name, _ string, _ []media.Format) (prompt.Sound, error) {
	if h.lacks != "" && strings.Contains(name, h.lacks) {
		return nil, os.ErrNotExist
	}
	if filepath.Base(name) == "empty" {
		return &piece{h: h, name: "empty"}, nil
	}
	return &piece{h: h, name: filepath.Base(name), left: 10 * 8000}, nil
}

func (h *hall) Exists(name, _ string) bool { return filepath.Base(name) != "LICENSE" }

// piece is ten seconds of silence.
type piece struct {
	h    *hall
	name string
	left int
}

func (p *piece) Rate() int    { return 8000 }
func (p *piece) Close() error { return nil }

func (p *piece) Read(b []int16) (int, error) {
	n := min(len(b), p.left)
	if p.left -= n; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (h *hall) Ring() error                    { return nil }
func (h *hall) Progress([]media.Format) error  { return nil }
func (h *hall) Answer([]media.Format) error    { return nil }
func (h *hall) Indicate(call.Indication) error { return nil }
func (h *hall) Hangup(call.Cause)              {}
func (h *hall) Formats() []media.Format        { return []media.Format{media.Ulaw} }
func (h *hall) Media() call.Media              { return h }
func (h *hall) Join(call.Media) error          { return nil }
func (h *hall) Part()                          {}
func (h *hall) Echo(bool)                      {}
func (h *hall) Digit(call.Digit) error         { return nil }

// Play plays in real time.
func (h *hall) Play(ctx context.Context, src media.Source) error {
	if p, ok := src.(*piece); ok {
		at := time.Duration(10*8000-p.left) * time.Second / 8000
		h.mu.Lock()
		h.played = append(h.played, p.name+"@"+at.Round(time.Millisecond).String())
		h.mu.Unlock()
	}
	return media.Discard(ctx, src)
}

func channel(h *hall, class string) *call.Channel {
	r := call.NewRegistry(slog.New(slog.DiscardHandler), nil)
	return r.New(call.Spec{Name: "SIP/a-1", Leg: h, State: call.StateUp, Music: class})
}

// folder makes a directory with three pieces in several formats.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"b.wav", "b.gsm", "a.wav", "c.ulaw", ".hidden.wav", "README", "LICENSE.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestFiles plays the pieces in turn, and goes on where a listener left off.
func TestFiles(t *testing.T) {
	dir := folder(t)
	synctest.Test(t, func(t *testing.T) {
		h := &hall{}
		m := New(Config{Classes: map[string]*Class{"default": {Name: "default", Files: true, Directory: dir}}}, nil, &prompt.Voice{Sounds: h}, slog.New(slog.DiscardHandler))
		ch := channel(h, "")
		for _, d := range []time.Duration{13 * time.Second, 5 * time.Second, 4 * time.Second} {
			ctx, cancel := context.WithTimeout(context.Background(), d)
			if err := m.Play(ctx, ch, ""); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
			cancel()
		}
		want := []string{"a@0s", "b@0s", "b@3s", "b@8s", "c@0s"}
		if got := h.played; len(got) != len(want) || slices.ContainsFunc(got, func(s string) bool { return !near(s, want[slices.Index(got, s)]) }) {
			t.Errorf("played %v, want about %v", got, want)
		}
		if len(m.places) != 1 {
			t.Errorf("%d places are kept", len(m.places))
		}
	})
}

// near says whether two entries name the same piece within 100 ms.
func near(got, want string) bool {
	g, at, _ := strings.Cut(got, "@")
	w, at2, _ := strings.Cut(want, "@")
	x, err := time.ParseDuration(at)
	y, err2 := time.ParseDuration(at2)
	return g == w && err == nil && err2 == nil && (x-y).Abs() <= 100*time.Millisecond
}

// TestClass: whose wish counts.
func TestClass(t *testing.T) {
	classes := map[string]*Class{"default": {Name: "default"}, "jazz": {Name: "jazz"}, "rock": {Name: "rock"}}
	for _, c := range []struct {
		prefer    bool
		own, wish string
		want      string
	}{
		{true, "", "", "default"}, {true, "jazz", "", "jazz"}, {true, "jazz", "rock", "jazz"}, {false, "jazz", "rock", "rock"}, {false, "JAZZ", "", "jazz"},
		{true, "nosuch", "rock", "rock"}, {true, "", "nosuch", "default"},
	} {
		m := New(Config{PreferChannelClass: c.prefer, Classes: classes}, nil, nil, slog.New(slog.DiscardHandler))
		if got, err := m.Class(channel(&hall{}, c.own), c.wish); err != nil || got.Name != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	if _, err := New(Config{}, nil, nil, slog.New(slog.DiscardHandler)).Class(channel(&hall{}, ""), "x"); !errors.Is(err, ErrNone) {
		t.Errorf("without classes: %v", err)
	}
}

// TestNoMusic: what can't be played is an error at once, and no endless loop.
func TestNoMusic(t *testing.T) {
	dir := folder(t)
	h := &hall{lacks: "/"}
	var log bytes.Buffer
	for name, c := range map[string]*Class{
		"unreadable":    {Name: "x", Files: true, Directory: dir},
		"no directory":  {Name: "x", Files: true, Directory: filepath.Join(dir, "nosuch")},
		"empty":         {Name: "x", Files: true, Directory: t.TempDir()},
		"no program":    {Name: "x", Command: []string{filepath.Join(dir, "nosuch")}, Format: media.Slin},
		"answered only": {Name: "x", Files: true, Directory: dir, AnsweredOnly: true},
	} {
		m := New(Config{Classes: map[string]*Class{"default": c}}, nil, &prompt.Voice{Sounds: h}, slog.New(slog.NewTextHandler(&log, nil)))
		ch := channel(h, "")
		ch.SetState(call.StateRing)
		if err := m.Play(context.Background(), ch, ""); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEmptyFile: a file without sound is not played round and round.
func TestEmptyFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "empty.wav"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		h := &hall{}
		m := New(Config{Classes: map[string]*Class{"default": {Name: "default", Files: true, Directory: dir}}}, nil, &prompt.Voice{Sounds: h}, slog.New(slog.DiscardHandler))
		if err := m.Play(context.Background(), channel(h, ""), ""); !errors.Is(err, ErrNone) {
			t.Errorf("%v", err)
		}
	})
}

// TestProgram is what a class of mode custom runs: the test itself, which writes sound.
func TestProgram(t *testing.T) {
	if os.Getenv("OBELUS_MUSIC") != "" {
		for range 50 { // a second
			os.Stdout.Write(bytes.Repeat([]byte{0x10, 0x27}, 160)) // 10,000
		}
		os.Exit(0)
	}
	t.Setenv("OBELUS_MUSIC", "1")
	c := &Class{Name: "x", Command: []string{os.Args[0], "-test.run=TestProgram"}, Format: media.Slin}
	m := New(Config{Classes: map[string]*Class{"default": c}}, nil, nil, slog.New(slog.DiscardHandler))
	one, err := m.listen(c)
	if err != nil {
		t.Fatal(err)
	}
	two, err := m.listen(c)
	if err != nil || one.p != two.p {
		t.Fatalf("the program runs twice: %v", err)
	}
	for _, l := range []*listener{one, two} {
		frame := <-l.frames
		if len(frame) != 160 || frame[0] != 10000 || frame[159] != 10000 {
			t.Errorf("a frame of %d samples, the first %d", len(frame), frame[0])
		}
		l.rest = frame
		if n, err := l.Read(make([]int16, 100)); n != 100 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	m.leave(c, one)
	<-two.over // the program has ended, and its listeners are told
	for {
		if n, err := two.Read(make([]int16, 160)); err == io.EOF {
			break
		} else if n == 0 {
			t.Fatal("a listener reads nothing, and no end")
		}
	}
	m.leave(c, two)
	again, err := m.listen(c)
	if err != nil || again.p == two.p {
		t.Fatalf("the program that has ended is listened to: %v", err)
	}
	m.leave(c, again)
	if len(m.programs) != 0 {
		t.Error("the program outlives its last listener")
	}
}
